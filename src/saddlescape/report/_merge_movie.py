"""The movie of two neurons that merge and change places: lines, weight vectors, loss."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float

from saddlescape.core import InvalidInputError
from saddlescape.report._clipping import clipped
from saddlescape.report._figures import (
    Arrows,
    Axis,
    Curve,
    Figure,
    Heatmap,
    Layer,
    Lines,
    Movie,
    Points,
)
from saddlescape.report._numbers import number

_MOST_FRAMES = 121
_HEIGHT = 290
_OUTSIDE = (None, None, None, None)
# Tone, broken or not, width: the second lies on the first where they meet, and both are seen.
_LOOKS = ((0, False, 5.5), (1, True, 2.5))
_GREY = -2


@dataclass(frozen=True)
class MergingPath:
    """A path on which two first-layer neurons of two inputs meet, as plain arrays, point by point.

    Args:
        weights: incoming weights, shape ``(f, h, 2)``.
        biases: shape ``(f, h)``, or None where there are none.
        outgoing: outgoing weights, shape ``(f, h)``; their norms where a neuron has several.
        positions: how far along the path a point is, shape ``(f,)``, increasing.
        distances: of the incoming weight vectors of the pair, shape ``(f,)``.
        losses: shape ``(f,)``.
        pair: the two neurons, counted from 0.

    Raises:
        InvalidInputError: where the arrays are not of equally many points and neurons.
    """

    weights: Float[np.ndarray, "f h 2"]
    biases: Float[np.ndarray, "f h"] | None
    outgoing: Float[np.ndarray, "f h"]
    positions: Float[np.ndarray, " f"]
    distances: Float[np.ndarray, " f"]
    losses: Float[np.ndarray, " f"]
    pair: tuple[int, int]

    def __post_init__(self):
        num_points, num_neurons = self.weights.shape[:2]
        wanted = (num_points, num_neurons)
        shapes = [self.outgoing.shape, *([] if self.biases is None else [self.biases.shape])]
        rows = [self.positions, self.distances, self.losses]
        is_whole = all(shape == wanted for shape in shapes)
        is_whole &= num_points > 0 and all(len(row) == num_points for row in rows)
        if not is_whole or not all(0 <= neuron < num_neurons for neuron in self.pair):
            msg = (
                f"a path of {num_points} points with {num_neurons} neurons and the pair "
                f"{self.pair} does not fit its other arrays: give one value per point, one row of "
                "neurons per point, and a pair of these neurons"
            )
            raise InvalidInputError(msg)

    @property
    def meeting(self) -> int:
        """The number of the point where the pair is closest."""
        return int(np.argmin(self.distances))


def merge_movie(path: MergingPath, axes: tuple[Axis, Axis], target: Heatmap | None = None) -> Movie:
    """Return the movie of a merging path: the neurons' lines, their weights, and the loss.

    Args:
        path: both halves, or the first alone.
        axes: of the two inputs, with limits: the box of the picture.
        target: shades to draw the lines on.

    Returns:
        a movie of at most 121 frames, equally spaced on the path; the ends, the meeting point and
        the highest point are among them.

    Raises:
        InvalidInputError: where an axis has no limits.

    Example:
        >>> import numpy as np
        >>> weights = np.array([[[1.0, 0.0], [0.0, 1.0]], [[0.5, 0.5], [0.5, 0.5]]])
        >>> rest = np.ones((2, 2)), np.array([0, 1.0]), np.array([1.4, 0]), np.array([0, 0.1])
        >>> path = MergingPath(weights, None, *rest, (0, 1))
        >>> axes = Axis("x1", limits=(-1, 1)), Axis("x2", limits=(-1, 1))
        >>> merge_movie(path, axes).captions[1]
        'distance 0, loss 0.1, outgoing weights 1 and 1: the pair is one neuron'
    """
    if any(axis.limits is None for axis in axes):
        msg = "an axis of the inputs has no limits: give Axis(..., limits=(low, high))"
        raise InvalidInputError(msg)
    chosen = _frames(path)
    lines, arrows = list(_lines(path, chosen, axes)), list(_arrows(path, chosen))
    marks = [_mark(path, i) for i in chosen]
    hidden = sum(s == _OUTSIDE for frame in lines for layer in frame for s in layer.segments)
    first, second = path.pair
    return Movie(
        title=_title(path),
        panels=(_input_panel(axes, target), _weight_panel(path, axes), _loss_panel(path)),
        frames=tuple(zip(lines, arrows, marks, strict=True)),
        captions=tuple(_caption(path, i) for i in chosen),
        stills=tuple(sorted({0, chosen.index(path.meeting), len(chosen) - 1})),
        caption=(
            f"Neuron {first} is the wide solid line, neuron {second} the broken one, grey lines "
            "are the others. A hyperplane is where the weighted sum of a neuron is zero; the thin "
            "dotted curve is the way of the pair's weights."
            + (" Some lines leave the picture on the way." if hidden else "")
        ),
    )


def _frames(path: MergingPath) -> list[int]:
    """Return the points to show: equally spaced, and those that matter."""
    if len(path.positions) <= _MOST_FRAMES:
        return list(range(len(path.positions)))
    every = np.linspace(path.positions[0], path.positions[-1], _MOST_FRAMES - 2)
    near = np.abs(path.positions[None, :] - every[:, None]).argmin(axis=1)
    return sorted({*near.tolist(), path.meeting, int(path.losses.argmax())})


def _title(path: MergingPath) -> str:
    """Return the finding."""
    first, second = path.pair
    at, highest = number(path.losses[path.meeting], 3), number(path.losses.max(), 3)
    if path.distances[path.meeting] > _touching(path):
        return (
            f"Neurons {first} and {second} come as close as "
            f"{number(path.distances[path.meeting], 3)}; the highest loss on the way is {highest}"
        )
    ends = path.weights[[0, -1]][:, [first, second]]
    # The pair has changed places when the end is nearer to the exchanged start than to the start.
    swapped = np.linalg.norm(ends[1] - ends[0][::-1]) < np.linalg.norm(ends[1] - ends[0])
    deed = "meet and change places" if swapped else "meet"
    peak = f" at loss {at}" if at == highest else f" at loss {at}, having passed {highest}"
    return f"Neurons {first} and {second} {deed}{peak}"


def _touching(path: MergingPath) -> float:
    """Return the distance below which two vectors are one: their rounding, grown along a solve."""
    return float(np.sqrt(np.finfo(float).eps) * max(1.0, path.distances.max()))


def _caption(path: MergingPath, i: int) -> str:
    """Return what the slider says at a point."""
    first, second = (number(float(path.outgoing[i, neuron]), 3) for neuron in path.pair)
    at = f"distance {number(float(path.distances[i]), 3)}, loss {number(float(path.losses[i]), 3)}"
    if path.distances[i] <= _touching(path):
        where = ": the pair is one neuron"
    else:
        where = ": on the way to the exchanged minimum" if i > path.meeting else ""
    return f"{at}, outgoing weights {first} and {second}{where}"


def _rest(path: MergingPath) -> list[int]:
    """Return the neurons that are not of the pair."""
    return [neuron for neuron in range(path.weights.shape[1]) if neuron not in path.pair]


def _lines(
    path: MergingPath, chosen: list[int], axes: tuple[Axis, Axis]
) -> Iterator[tuple[Lines, ...]]:
    """Return the hyperplanes, frame by frame; labels of the pair stand at opposite ends."""
    across, up = (axis.limits or (0, 1) for axis in axes)
    # Labels of the others stand apart from one another, clear of the pair's at the ends.
    spots = [0.85 - 0.1 * (k % 8) for k in range(len(_rest(path)))]
    box = (float(across[0]), float(across[1])), (float(up[0]), float(up[1]))
    for i in chosen:
        biases = np.zeros(path.weights.shape[1]) if path.biases is None else path.biases[i]
        segments = [
            clipped(weight, float(bias), box) or _OUTSIDE
            for weight, bias in zip(path.weights[i], biases, strict=True)
        ]
        rest = _rest(path)
        yield (
            Lines([segments[k] for k in rest], "neuron", _GREY, labels=rest, labels_at=spots),
            *(
                Lines([segments[k]], "neuron", tone, is_broken, [width], [k], [part])
                for k, (tone, is_broken, width), part in zip(
                    path.pair, _LOOKS, (0.93, 0.07), strict=True
                )
            ),
        )


def _arrows(path: MergingPath, chosen: list[int]) -> Iterator[tuple[Layer, ...]]:
    """Return the weight vectors, frame by frame; labels of the pair stand away from each other."""
    first, second = path.pair
    apart = np.array([1.0, 0.0])
    for i in chosen:
        weights = path.weights[i]
        between = weights[first] - weights[second]
        if np.linalg.norm(between) > _touching(path):
            apart = between / np.linalg.norm(between)
        rest = _rest(path)
        yield (
            Arrows([(0, 0, *weights[k]) for k in rest], "neuron", _GREY, labels=rest),
            *(
                Arrows([(0, 0, *weights[k])], "neuron", *look, [k], [sign * apart])
                for k, look, sign in zip(path.pair, _LOOKS, (1, -1), strict=True)
            ),
        )


def _mark(path: MergingPath, i: int) -> tuple[Layer, ...]:
    """Return where a point is on the curve of the loss: a stem and its head."""
    at, loss = float(path.positions[i]), float(path.losses[i])
    stem = Lines([(at, float(path.losses.min()), at, loss)], "here", 1, is_dashed=True)
    return (stem, Points([at], [loss], "here", tone=1))


def _input_panel(axes: tuple[Axis, Axis], target: Heatmap | None) -> Figure:
    """Return the inputs with the target in shades."""
    (low, high), (bottom, top) = (axis.limits or (0.0, 1.0) for axis in axes)
    backdrop = (replace(target, has_scale=False, is_backdrop=True),) if target else ()
    return Figure(
        "Hyperplanes on the target" if target else "Hyperplanes of the neurons",
        axes[0],
        axes[1],
        backdrop,
        height=_HEIGHT,
        is_equal=0.7 < (high - low) / (top - bottom) < 1.4,
        is_small=True,
    )


def _weight_panel(path: MergingPath, axes: tuple[Axis, Axis]) -> Figure:
    """Return the plane of incoming weights, with the places where the pair began."""
    every = np.concatenate([path.weights.reshape(-1, 2), np.zeros((1, 2))])
    low, high = every.min(axis=0), every.max(axis=0)
    middle, half = (low + high) / 2, 0.62 * max(*(high - low), np.finfo(float).tiny)
    limits = [(float(m - half), float(m + half)) for m in middle]
    across, up = (
        Axis(f"weight of {axis.label}", limits=limit)
        for axis, limit in zip(axes, limits, strict=True)
    )
    tracks = [Curve(*path.weights[:, neuron].T, tone=_GREY) for neuron in path.pair]
    return Figure(
        "Incoming weights",
        across,
        up,
        tuple(tracks),
        height=_HEIGHT,
        is_equal=True,
        is_small=True,
    )


def _loss_panel(path: MergingPath) -> Figure:
    """Return the loss along the path, with the meeting point marked."""
    at, is_met = path.positions[path.meeting], path.distances[path.meeting] <= _touching(path)
    label = "distance 0" if is_met else "closest"
    return Figure(
        "Loss along the path",
        Axis("position on the path (arclength)"),
        Axis("loss (mean over samples)"),
        (
            Curve(path.positions, path.losses),
            Points([at], [path.losses[path.meeting]], label, labels=[label]),
        ),
        height=_HEIGHT,
        is_small=True,
    )
