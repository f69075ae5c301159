"""The movie of a race: where every optimizer is on the landscape, and how high."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float, Int

from saddlescape.core import InvalidInputError
from saddlescape.report._figures import Axis, Figure, Layer, Lines, Movie, Number, Points, Trail
from saddlescape.report._numbers import number

_MOST_FRAMES = 100
_HEIGHT = 420
_FINEST = 1 / 600  # of the picture: a path that moves less than a pixel keeps one point
Limits = tuple[Number, Number]


@dataclass(frozen=True, eq=False)
class RacingPath:
    """The way of one optimizer over a landscape of one or two coordinates, as plain arrays.

    Args:
        name: of the optimizer.
        steps: after how many steps it was where, shape ``(r,)``, increasing.
        places: coordinates, shape ``(r, 2)``; on a landscape of one parameter that and the loss.
        losses: true losses, on the path, shape ``(r,)``.
        foot_losses: at the nearest points of the plane that is shown; None where the path lies in
            it.

    Raises:
        InvalidInputError: where the arrays are not of equally many points.
    """

    name: str
    steps: Int[np.ndarray, " r"]
    places: Float[np.ndarray, "r 2"]
    losses: Float[np.ndarray, " r"]
    foot_losses: Float[np.ndarray, " r"] | None = None

    def __post_init__(self):
        count = len(self.steps)
        feet = self.losses if self.foot_losses is None else self.foot_losses
        if not count or self.places.shape != (count, 2) or {len(self.losses), len(feet)} != {count}:
            msg = (
                f"a path of {count} steps has {self.places.shape} places, {len(self.losses)} and "
                f"{len(feet)} losses: give a place and a loss for every step"
            )
            raise InvalidInputError(msg)

    def at(self, step: int) -> int:
        """Return the number of the last record that is not after a step."""
        return max(0, int(np.searchsorted(self.steps, step, side="right")) - 1)


def race_movie(
    title: str,
    landscape: Figure,
    paths: Sequence[RacingPath],
    loss_axis: Axis,
    caption: str = "",
) -> Movie:
    """Return the movie of optimizers that run over one landscape from one start.

    Args:
        title: the finding, as a sentence.
        landscape: contours, or the curve of a landscape of one parameter; its axes have limits.
        paths: of up to six optimizers.
        loss_axis: of the losses in the second picture.
        caption: how to read the first picture.

    Returns:
        a movie of at most 100 frames, at steps in about equal ratios.

    Raises:
        InvalidInputError: where an axis of the landscape has no limits, or there are no paths.

    Example:
        >>> import numpy as np
        >>> axes = Axis("x", limits=(0, 2)), Axis("y", limits=(0, 2))
        >>> steps, losses = np.arange(3), np.array([4.0, 2.0, 1.0])
        >>> path = RacingPath("adam", steps, np.array([[2.0, 2.0], [1.0, 1.0], [0.0, 0.0]]), losses)
        >>> race_movie("Down", Figure("", *axes, ()), [path], Axis("loss")).captions[1]
        'after 1 step: adam 2'
    """
    axes = landscape.x_axis, landscape.y_axis
    if not paths or any(axis.limits is None for axis in axes):
        msg = "give at least one path, and axes with limits: Axis(..., limits=(low, high))"
        raise InvalidInputError(msg)
    chosen = _frames(paths)
    # Marks that are nowhere: the key of the moving ones.
    key = [Points([None], [None], path.name, tone) for tone, path in enumerate(paths)]
    x, y = paths[0].places[:1].T
    key.append(Points(x, y, "", -2, labels=["start"]))
    ground = replace(landscape, layers=(*landscape.layers, *key), height=_HEIGHT)
    box = [axis.limits or (0, 1) for axis in axes]
    return Movie(
        title=title,
        panels=(ground, _loss_panel(paths, loss_axis, chosen[-1])),
        frames=tuple(
            (tuple(_runners(paths, step, box)), tuple(_losses(paths, step))) for step in chosen
        ),
        captions=tuple(_caption(paths, step) for step in chosen),
        start=len(chosen) - 1,
        stills=tuple(sorted({len(chosen) // 3, 2 * len(chosen) // 3, len(chosen) - 1})),
        caption=_reading(caption, paths),
    )


def _reading(caption: str, paths: Sequence[RacingPath]) -> str:
    """Return how to read both pictures."""
    feet = (
        " Broken lines: the loss at the nearest point of the plane: what the contours show there."
        if any(path.foot_losses is not None for path in paths)
        else ""
    )
    return f"{caption} Right: the true loss on every path.{feet}".strip()


def _frames(paths: Sequence[RacingPath]) -> list[int]:
    """Return the steps that are shown: recorded ones, 0 first, in about equal ratios."""
    every = np.unique(np.concatenate([path.steps for path in paths]))
    last = int(every[-1])
    wanted = np.concatenate([[0], np.geomspace(1, max(last, 1), _MOST_FRAMES - 1)])
    nearest = np.searchsorted(every, wanted.round()).clip(max=len(every) - 1)
    return sorted({int(step) for step in every[np.unique(nearest)]})


def _runners(paths: Sequence[RacingPath], step: int, box: Sequence[Limits]) -> Iterator[Layer]:
    """Return the trails and, over them, the marks of all optimizers after a step."""
    for tone, path in enumerate(paths):
        kept = _thinned(path, box)
        upto = int(np.searchsorted(path.steps[kept], step, side="right"))
        x, y = (_finite(path.places[kept, side]) for side in (0, 1))
        yield Trail(x, y, max(upto, 1), path.name, tone)
    for tone, path in enumerate(paths):
        place = path.places[path.at(step)]
        inside = all(low <= v <= high for v, (low, high) in zip(place, box, strict=True))
        x, y = (float(place[0]), float(place[1])) if inside else (None, None)
        yield Points([x], [y], path.name, tone)


def _thinned(path: RacingPath, box: Sequence[Limits]) -> Int[np.ndarray, " k"]:
    """Return the numbers of the points without those less than a pixel from the one before."""
    sizes = np.array([high - low for low, high in box])
    scaled = path.places / sizes
    kept = [0]
    for i, place in enumerate(scaled):
        if not np.abs(place - scaled[kept[-1]]).max() < _FINEST:
            kept.append(i)
    return np.array(kept)


def _finite(values: Float[np.ndarray, " r"]) -> list[float | None]:
    """Return numbers, None for those that cannot be drawn."""
    return [float(value) if abs(value) < 1e100 else None for value in values]


def _loss_panel(paths: Sequence[RacingPath], loss_axis: Axis, last: int) -> Figure:
    """Return the picture of the losses: what the plane would have them be, where that differs."""
    feet = tuple(
        Lines(_segments(path), f"{path.name}, in the plane", tone, is_dashed=True)
        for tone, path in enumerate(paths)
        if path.foot_losses is not None
    )
    return Figure(
        title="",
        x_axis=Axis("steps", scale="log", limits=(1, max(last, 2))),
        y_axis=loss_axis,
        layers=feet,
        height=_HEIGHT,
    )


def _segments(path: RacingPath) -> list[tuple[Number | None, ...]]:
    """Return the losses at the feet as segments from record to record."""
    losses = _finite(path.losses if path.foot_losses is None else path.foot_losses)
    ends = list(zip(path.steps.tolist(), losses, strict=True))[1:]  # step 0 has no logarithm
    return [(*a, *b) for a, b in itertools.pairwise(ends)]


def _losses(paths: Sequence[RacingPath], step: int) -> Iterator[Layer]:
    """Return the losses so far and, over them, the present ones."""
    for tone, path in enumerate(paths):
        yield Trail(path.steps, _finite(path.losses), path.at(step) + 1, f"{path.name}, loss", tone)
    for tone, path in enumerate(paths):
        at = path.at(step)
        place = (int(path.steps[at]), *_finite(path.losses[at : at + 1])) if at else (None, None)
        yield Points(place[:1], place[1:], f"{path.name}, loss", tone)


def _caption(paths: Sequence[RacingPath], step: int) -> str:
    """Return what the slider says: the losses, the lowest first."""
    told = [(path.losses[path.at(step)], path.name) for path in paths]
    told.sort(key=lambda pair: (not np.isfinite(pair[0]), pair[0]))
    losses = ", ".join(f"{name} {number(float(loss), 3)}" for loss, name in told)
    return f"after {step:,} step{'s' * (step != 1)}: {losses}"
