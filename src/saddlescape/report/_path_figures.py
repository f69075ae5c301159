"""The pictures of one merging path: the loss on it, its permutation point, other ways."""

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from saddlescape.passages import MERGING, Passage, Passages
from saddlescape.paths import Branch, PermutationPoint
from saddlescape.report._figures import Axis, Curve, Figure, Layer, Movie, Points
from saddlescape.report._grid import gridded, is_grid, limits_of
from saddlescape.report._layers import Heatmap
from saddlescape.report._merge_movie import MergingPath, merge_movie
from saddlescape.report._numbers import number

_MOST_WAYS = 5
_BEYOND = 1.25  # times the largest distance of start and folds: how far a branch is drawn
_MARKED_AT = (0.5, 0.28, 0.72, 0.16, 0.84, 0.4)  # shares of the ways' lengths
_ZERO_ULPS = 5  # times the scale of the loss: an exact fit up to rounding, as in surveys


def loss_axis(passages: Passages) -> Axis:
    """Return the axis of losses, with a strip for those that are zero up to rounding."""
    label = "loss (mean over samples)"
    if passages.settings.weight_decay:
        label = "loss (mean over samples, plus weight decay)"
    scale = float(passages.setup.header()["loss_scale"])
    floor = float(f"{_ZERO_ULPS * np.finfo(float).eps * scale:.0e}")
    return Axis(label, scale="log", floor=floor, floor_label="0 (below rounding)")


def loss_against_distance(passages: Passages, passage: Passage) -> Figure:
    """Return the loss against the distance of the two neurons, there and back."""
    path = passage.path
    signed = np.where(np.arange(len(path.loss)) <= path.turn, -path.distance, path.distance)
    layers: list[Layer] = [Curve(signed, path.loss, "", 0)]
    if path.folds:
        at = [fold.distance for fold in path.folds]
        x = [*(-d for d in at), *(at if path.reached else [])]
        y = [fold.loss for fold in path.folds] * (2 if path.reached else 1)
        layers.append(Points(x, y, "fold: the followed minimum ends", 1))
    if path.saddle is not None:
        layers.append(Points([0.0], [path.saddle.loss], "permutation point", 2))
    widest = float(path.distance[0])
    ticks = np.linspace(-widest, widest if path.reached else 0.0, 5 if path.reached else 3)
    return Figure(
        title=_title(passage),
        x_axis=Axis(
            "distance of the incoming weight vectors"
            + (", before and after the exchange" if path.reached else ""),
            ticks=tuple((float(tick), number(abs(float(tick)), 3)) for tick in ticks),
        ),
        y_axis=loss_axis(passages),
        layers=tuple(layers),
        caption=f"{_halves(path.reached)} Upright pieces are relaxations at fixed distance.",
    )


def _halves(reached: bool) -> str:
    """Return what the picture's halves are."""
    if not reached:
        return "The two neurons approach from left to right, as far as they come."
    return "Left half: the two neurons approach. Right half: the way back with exchanged labels."


def _title(passage: Passage) -> str:
    """Return what the loss does on the way."""
    path = passage.path
    i, j = path.pair
    if path.saddle is None:
        return f"Neurons {i} and {j} do not meet: {path.reason}"
    top = number(path.barrier, 6)
    if path.barrier <= path.saddle.loss * (1 + 1e-9):
        return f"The permutation point is the top of the way, at loss {top}"
    at = number(path.saddle.loss, 6)
    return f"The top of the way, {top}, lies before the permutation point, {at}"


def loss_against_arclength(passages: Passages, passage: Passage) -> Figure:
    """Return the loss along the way, with the relaxing stretches apart."""
    path = passage.path
    # A relaxing stretch is drawn from the station it leaves to the one it arrives at.
    relaxing = path.relaxing | np.roll(path.relaxing, 1) | np.roll(path.relaxing, -1)
    loss = [value if on else None for value, on in zip(path.loss, relaxing, strict=True)]
    layers: list[Layer] = [Curve(path.arclength, path.loss, "", 0)]
    if path.relaxing.any():
        layers.append(Curve(path.arclength, loss, "", 1))
    share = _relaxed_share(passage)
    words = f"{100 * share:.0f} % of it" if share else "none of it"
    return Figure(
        title=f"The way is {number(float(path.arclength[-1]), 3)} long, {words} relaxation",
        x_axis=Axis("arclength in parameter space"),
        y_axis=loss_axis(passages),
        layers=tuple(layers),
        caption="Solid: at a minimum under the constraint. Dashed: relaxing along the gradient "
        "flow at fixed distance.",
    )


def _relaxed_share(passage: Passage) -> float:
    """Return which share of the way is relaxation."""
    path = passage.path
    steps = np.diff(path.arclength)
    return float(steps[path.relaxing[1:]].sum() / path.arclength[-1])


def spectrum(passage: Passage) -> Figure | None:
    """Return the eigenvalues at the permutation point."""
    merged = passage.path.saddle
    if merged is None:
        return None
    values = np.asarray(merged.point.eigenvalues)
    ends = (0, merged.index, merged.index + merged.nullity, len(values))
    names, tones = ("negative", "zero", "positive"), (1, 2, 0)
    layers = [
        Points(values[a:b], [0.0] * (b - a), f"{name} ({b - a:,})", tone, mark="bar")
        for name, tone, a, b in zip(names, tones, ends[:-1], ends[1:], strict=True)
        if b > a
    ]
    nonzero = np.abs(np.concatenate([values[: ends[1]], values[ends[2] :]]))
    smallest = float(nonzero.min()) if len(nonzero) else 1.0
    return Figure(
        title=f"Index {merged.index}, nullity {merged.nullity}: {_expected(merged)}",
        x_axis=Axis(
            "Hessian eigenvalue at the permutation point",
            unit="loss per parameter squared",
            scale="signed log",
            linear_below=smallest / 3,
        ),
        y_axis=Axis("", limits=(-1.0, 1.0), is_hidden=True),
        layers=tuple(layers),
        height=190,
    )


def _expected(merged: PermutationPoint) -> str:
    """Return which nullity was to be expected."""
    if not merged.assured_nullity:
        return "with weight decay none need vanish"
    if merged.predicted_nullity == merged.assured_nullity:
        return "at least 1 must vanish"
    return (
        f"at least 1 must vanish; the literature says {merged.predicted_nullity}, one per neuron "
        "of the next layer"
    )


def valley_figure(passage: Passage) -> Figure | None:
    """Return the index along the flat valley."""
    line = passage.valley
    if line is None:
        return None
    changes = " and ".join(number(place, 3) for place in line.places)
    title = (
        f"Along the flat valley the index is {line.inside} inside and {line.outside} outside, "
        f"changing at {changes}"
        if line.places
        else f"The index is {line.inside} everywhere along the flat valley"
    )
    return Figure(
        title=title,
        x_axis=Axis("share of the outgoing weights that the first neuron has"),
        y_axis=Axis(
            "number of eigenvalues",
            ticks=tuple((float(n), str(n)) for n in range(int(line.nullity.max()) + 1)),
        ),
        layers=(
            Points(line.shares, line.index, "negative: the index", 1),
            Points(line.shares, line.nullity, "zero: the nullity", 2),
        ),
        caption="Loss and gradient are the same all along. At shares 0 and 1 one of the neurons "
        "does nothing, so its incoming weights are free to second order.",
        height=280,
    )


def ways_figure(passages: Passages, passage: Passage) -> Figure:
    """Return the loss along the ways that connect the two minima, over their length."""
    layers: list[Layer] = []
    path = passage.path
    shown = [way for way in passage.connecting if way.corners is not None or way.name == MERGING]
    chosen = shown[:_MOST_WAYS]
    chosen += [way for way in shown[_MOST_WAYS:] if way.name == "straight line"]
    for tone, way in enumerate(chosen):
        if way.name == MERGING:
            share, loss = path.arclength / path.arclength[-1], path.loss
        else:
            share, loss = _there_and_back(passages, way.corners, way.name == "straight line")
        layers.append(Curve(share, loss, "", tone))
        # All end at the same places: each has its mark where it is its own, named in the key.
        at = int(np.searchsorted(share, _MARKED_AT[tone % len(_MARKED_AT)]))
        layers.append(Points([share[at]], [loss[at]], way.name, tone))
    best = passage.lowest
    return Figure(
        title=f"The lowest pass known is at loss {number(best.barrier, 6)}: {best.name}",
        x_axis=Axis("share of the way's length"),
        y_axis=loss_axis(passages),
        layers=tuple(layers),
        height=440,
    )


def _there_and_back(
    passages: Passages, corners: Float[np.ndarray, "f p"] | None, is_whole: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Return share of the length and loss; half a way is followed by its mirror image."""
    if corners is None:
        return np.zeros(0), np.zeros(0)
    landscape = passages.setup.landscape
    loss = np.array([float(landscape.loss(jnp.asarray(theta))) for theta in corners])
    length = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(corners, axis=0), axis=1))])
    if is_whole:
        return length / length[-1], loss
    both = np.concatenate([length, 2 * length[-1] - length[-2::-1]])
    return both / both[-1], np.concatenate([loss, loss[-2::-1]])


def _folds(count: int) -> str:
    """Return a number of folds in words."""
    return f"{count} fold{'' if count == 1 else 's'}"


def branch_figure(passages: Passages, branch: Branch) -> Figure:
    """Return the branch of constrained critical points through its folds."""
    stable = branch.constrained_index == 0
    # Off to infinity there is nothing to see: the folds and the start are near.
    near = [branch.distance[0], *branch.distance[np.asarray(branch.folds, int)]]
    shown = branch.distance <= _BEYOND * max(near)
    last = int(np.flatnonzero(shown)[-1])
    layers = []
    for tone, on in ((0, stable), (1, ~stable)):
        wide = on | np.roll(on, 1)
        wide[0] = on[0]
        loss = [
            value if here else None for value, here in zip(branch.loss, wide & shown, strict=True)
        ]
        layers.append(Curve(branch.distance[: 1 + last], loss[: 1 + last], "", tone))
    ends = {"distance 0": "reaches distance 0", "infinity": "runs to infinity"}
    end = ends.get(branch.end, "was not followed to its end")
    return Figure(
        title=f"Followed through its {_folds(len(branch.folds))} the branch {end}",
        x_axis=Axis("distance of the incoming weight vectors"),
        y_axis=loss_axis(passages),
        layers=tuple(layers),
        caption="Solid: minima under the constraint; dashed: saddles under it. This is no path "
        "for descent, but shows where the folds come from."
        + ("" if shown.all() else f" It goes on to distance {number(branch.distance.max(), 3)}."),
    )


def movie(passages: Passages, passage: Passage) -> Movie | None:
    """Return the neurons of two inputs as they merge and part; None for other networks."""
    network, data = passages.network, passages.setup.problem.data
    if passages.settings.layer != 0 or network.widths[0] != 2 or data is None:
        return None
    inputs = np.asarray(data.inputs)
    path = passage.path
    layers = [network.unflatten(jnp.asarray(theta)) for theta in path.theta]
    outgoing = np.array([np.asarray(each[1].weight) for each in layers])
    is_scalar = outgoing.shape[1] == 1
    merging = MergingPath(
        weights=np.array([np.asarray(each[0].weight) for each in layers]),
        biases=np.array([np.asarray(each[0].bias) for each in layers])
        if network.biases[0]
        else None,
        outgoing=outgoing[:, 0] if is_scalar else np.linalg.norm(outgoing, axis=1),
        positions=path.arclength,
        distances=path.distance,
        losses=path.loss,
        pair=path.pair,
    )
    names = passages.setup.problem.input_names or ("input 1", "input 2")
    across, up = limits_of(inputs)
    axes = Axis(names[0][:32], limits=across), Axis(names[1][:32], limits=up)
    return merge_movie(merging, axes, _target(inputs, np.asarray(data.targets)))


def _target(inputs: np.ndarray, targets: np.ndarray) -> Heatmap | None:
    """Return the target as shades, where the samples are a grid of numbers."""
    if targets.ndim != 2 or targets.shape[1] != 1 or not is_grid(inputs):
        return None
    x, y, z = gridded(inputs, targets[:, 0])
    return Heatmap(x, y, z, has_scale=False, is_backdrop=True)
