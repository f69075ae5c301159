"""Pictures of slices: losses on a line beside the model, in a plane, along a trajectory."""

import numpy as np
from jaxtyping import Float

from saddlescape.report._figures import Axis, Contours, Curve, Figure, Layer, Points
from saddlescape.report._numbers import number
from saddlescape.slices import QuadraticModel, RelaxedSlice, Slice, barrier
from saddlescape.views import View, Walk, worst_ratio

_LOSS = "loss (mean over samples)"
_FLAT = 0.05  # of the plain losses' spread: less is a flat line beside them
_DECADES = 30.0  # a spread that a linear axis hides


def line_figures(view: View, which: int) -> tuple[Figure, ...]:
    """Return the losses on a line: plain, relaxed, and the quadratic model where it is in sight."""
    cut, model = view.cuts[which], view.models[which]
    relaxed = view.relaxed[which] if view.relaxed else None
    along = cut.coordinates[0]
    layers: list[Layer] = [Curve(along, cut.losses, "loss", 0)]
    if relaxed is not None:
        layers.append(Curve(along, relaxed.losses, "relaxed", 1))
    if not view.settings.is_between:
        layers.append(_model_in_sight(cut, model))
    ends = (0.0, 1.0) if view.settings.is_between else (0.0,)
    values = [float(cut.losses[int(np.flatnonzero(along == end)[0])]) for end in ends]
    layers.append(Points(ends, values, "checkpoints" if len(ends) > 1 else "centre", 3))
    title = _between_title if view.settings.is_between else _line_title
    unit = "" if view.settings.is_between else "lengths of the direction"
    label = "way to the other checkpoint" if view.settings.is_between else "coordinate"
    axis = Axis(label, unit=unit)
    drawn = Figure(
        title=title(cut, relaxed), x_axis=axis, y_axis=Axis(_LOSS),
        layers=tuple(layers), caption=_line_caption(cut, relaxed),
    )  # fmt: skip
    return (drawn, *_enlarged(cut, relaxed, axis))


def _enlarged(cut: Slice, relaxed: RelaxedSlice | None, axis: Axis) -> tuple[Figure, ...]:
    """Return the relaxed losses alone, where beside the plain ones they are a flat line."""
    if relaxed is None or not np.isfinite(relaxed.losses).all():
        return ()
    spread, plain = np.ptp(relaxed.losses), np.ptp(cut.losses[np.isfinite(cut.losses)])
    if not 0 < spread < _FLAT * plain:
        return ()
    low, high = float(relaxed.losses.min()), float(relaxed.losses.max())
    scale = "log" if low > 0 and high > _DECADES * low else "linear"
    drawn = Figure(
        title=f"Enlarged: with all else relaxed the loss goes from {number(low, 3)} to "
        f"{number(high, 3)}",
        x_axis=axis,
        y_axis=Axis(_LOSS, scale=scale),
        layers=(Curve(cut.coordinates[0], relaxed.losses, "", 1),),
        caption="A jump is where one valley of the other directions ends and another is lower.",
        height=260,
    )
    return (drawn,)


def _model_in_sight(cut: Slice, model: QuadraticModel) -> Curve:
    """Return the quadratic model where the true losses are, and a little beyond."""
    finite = cut.losses[np.isfinite(cut.losses)]
    told = model.at(cut.places)
    if len(finite):
        room = 0.25 * float(np.ptp(finite))
        told = np.where((told >= finite.min() - room) & (told <= finite.max() + room), told, np.nan)
    return Curve(cut.coordinates[0], told, "quadratic model", 2)


def _line_title(cut: Slice, relaxed: RelaxedSlice | None) -> str:
    """Return how far the loss rises."""
    name = cut.directions.names[0]
    if cut.lowest != cut.centre:
        at = number(cut.at(cut.lowest)[0], 3)
        drop = number(cut.loss - float(cut.losses[cut.lowest]), 3)
        return f"Along the {name} the loss falls by {drop}, to {at}"
    if not np.isfinite(cut.losses[[0, -1]]).all():
        return f"Along the {name} {cut.num_not_finite:,} losses are not finite"
    told = f"Along the {name} the loss rises by {number(_rise(cut, cut.losses), 3)}"
    if relaxed is None:
        return told
    return f"{told}, with all else relaxed by {number(_rise(cut, relaxed.losses), 3)}"


def _rise(cut: Slice, losses: Float[np.ndarray, " _"]) -> float:
    """Return how far the higher end is above the centre."""
    return float(losses[[0, -1]].max()) - cut.loss


def _between_title(cut: Slice, relaxed: RelaxedSlice | None) -> str:
    """Return the barriers."""
    told = f"{cut.directions.names[0].capitalize()} the barrier is {number(barrier(cut).height, 3)}"
    if relaxed is None:
        return told
    return f"{told}, with all else relaxed {number(barrier(cut, relaxed.losses).height, 3)}"


def _line_caption(cut: Slice, relaxed: RelaxedSlice | None) -> str:
    """Return how to read a line."""
    told = []
    if cut.num_not_finite:
        told.append(f"{cut.num_not_finite:,} losses are not finite and leave gaps.")
    if relaxed is not None:
        told.append("Relaxed: the lowest loss found with the coordinate held.")
        told.append(f"It is up to {number(float(relaxed.distance.max()), 3)} from the line.")
        if relaxed.num_unreached:
            told.append(f"At {relaxed.num_unreached:,} points the search had not ended.")
    return " ".join(told)


def plane_figures(view: View, which: int) -> tuple[Figure, ...]:
    """Return the contours of a plane, plain and relaxed."""
    cut = view.cuts[which]
    drawn = [_contours(cut, cut.losses, _plane_title(cut, cut.losses, "The loss"))]
    if view.relaxed:
        losses = view.relaxed[which].losses
        title = _plane_title(cut, losses, "With all else relaxed the loss")
        drawn.append(_contours(cut, losses, title))
    return tuple(drawn)


def _plane_title(cut: Slice, losses: Float[np.ndarray, "a b"], what: str) -> str:
    """Return the range of the losses in a plane."""
    finite = losses[np.isfinite(losses)]
    if not len(finite):
        return f"{what} is nowhere finite"
    low, high = float(finite.min()), float(finite.max())
    told = f"{what} goes from {number(low, 3)} to {number(high, 3)}"
    if low < cut.loss - 1e-12 * abs(cut.loss):
        return f"{told}; the centre has {number(cut.loss, 3)}"
    return f"{told}, lowest at the centre"


def _contours(cut: Slice, losses: Float[np.ndarray, "a b"], title: str) -> Figure:
    """Return the contours of losses in a plane, with marks at the centre and the lowest point."""
    first, second = _axes(cut)
    layers: list[Layer] = [_ground(cut, losses)]
    layers.append(Points([0.0], [0.0], "centre", 3))
    finite = np.where(np.isfinite(losses), losses, np.inf)
    place = tuple(map(int, np.unravel_index(int(finite.argmin()), losses.shape)))
    if finite[place] < finite[cut.centre]:
        x, y = cut.at(place)
        layers.append(Points([x], [y], "lowest on the grid", 1))
    lost = int((~np.isfinite(losses)).sum())
    return Figure(
        title=title,
        x_axis=first,
        y_axis=second,
        layers=tuple(layers),
        caption=f"{lost:,} losses are not finite and leave gaps." if lost else "",
        height=520,
        is_equal=True,
    )


def _axes(cut: Slice) -> tuple[Axis, Axis]:
    """Return the axes of a plane."""
    first, second = (name[0].upper() + name[1:] for name in cut.directions.names)
    return Axis(first), Axis(second)


def _ground(cut: Slice, losses: Float[np.ndarray, "a b"]) -> Contours:
    """Return losses as contours: a painter wants a row for each y."""
    finite = losses[np.isfinite(losses)]
    scale = "log" if len(finite) and bool((finite >= 0).all()) else "linear"
    x, y = cut.coordinates
    return Contours(x, y, losses.T, "loss", scale=scale)


def walk_figures(view: View) -> tuple[Figure, ...]:
    """Return a trajectory over its plane, its distance from it, and the losses on both."""
    walk, cut = view.walk, view.cuts[0]
    if walk is None:
        return ()
    drawn = [_over_plane(walk, cut, cut.losses)]
    if view.relaxed:
        title = _plane_title(cut, view.relaxed[0].losses, "With all else relaxed the loss")
        drawn.append(_contours(cut, view.relaxed[0].losses, title))
    return (*drawn, _distance(walk), _true_losses(walk))


def _over_plane(walk: Walk, cut: Slice, losses: Float[np.ndarray, "a b"]) -> Figure:
    """Return the feet of a trajectory over the contours of its plane."""
    notes = [
        f"step {step:,}: true loss {number(float(loss), 4)}, {number(float(away), 3)} from the "
        f"plane, loss {number(float(foot), 4)} there"
        for step, (loss, away, foot) in enumerate(
            zip(walk.losses, walk.distances, walk.foot_losses, strict=True)
        )
    ]
    first, second = _axes(cut)
    shares = 100 * walk.plane.shares
    x, y = walk.coordinates.T
    return Figure(
        title=f"The plane holds {number(float(shares.sum()), 3)} % of the trajectory's variance",
        x_axis=first,
        y_axis=second,
        layers=(
            _ground(cut, losses),
            Curve(x, y, "", -2),
            Points(x, y, "trajectory", 0, notes=notes),
            Points(x[-1:], y[-1:], "end", 1),
        ),
        caption="Marks are the nearest points of the plane. Two directions hold most of the "
        "variance of any random walk, so a large share is no evidence that the landscape is flat.",
        height=520,
        is_equal=True,
    )


def _distance(walk: Walk) -> Figure:
    """Return how far each step is from the plane."""
    far, end = float(np.nanmax(walk.distances)), float(walk.distances[-1])
    return Figure(
        title=f"The trajectory runs up to {number(far, 3)} beside the plane, {number(end, 3)} at "
        "the end",
        x_axis=Axis("step, row of the file"),
        y_axis=Axis("distance from the plane", unit="parameters"),
        layers=(Curve(np.arange(len(walk.distances)), walk.distances, "distance", 0),),
    )


def _true_losses(walk: Walk) -> Figure:
    """Return the losses on the trajectory and at its feet."""
    both = np.concatenate([walk.losses, walk.foot_losses])
    ratio, steps = worst_ratio(walk), np.arange(len(walk.losses))
    off = "is another" if ratio is None else f"is off by up to {number(ratio, 3)} times"
    scale = "log" if np.isfinite(both).all() and (both > 0).all() else "linear"
    return Figure(
        title=f"The loss in the plane {off}",
        x_axis=Axis("step, row of the file"),
        y_axis=Axis(_LOSS, scale=scale),
        layers=(
            Curve(steps, walk.losses, "on the trajectory", 0),
            Curve(steps, walk.foot_losses, "in the plane", 1),
        ),
    )
