"""The hyperplanes of first-layer neurons over the target function, one small picture per class."""

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from saddlescape.core import Network
from saddlescape.report._clipping import clipped
from saddlescape.report._figures import Axis, Figure, Heatmap, Layer, Lines, Notes, Points
from saddlescape.report._grid import gridded, is_grid, limits_of
from saddlescape.report._numbers import number
from saddlescape.report._survey import Survey

_MOST_CLASSES = 6
_MOST_LABELS = 8
_HEIGHT = 250
_REGION_STEPS = 81
_LINE = 0.11  # of the picture's height: a line of words


def hyperplanes(survey: Survey) -> tuple[Figure, ...]:
    """Return the target and, over it, the first classes' hyperplanes; () unless d = 2 and h > 0."""
    samples, network = survey.samples, survey.part("network")
    widths = network.get("widths", ())
    if samples is None or len(widths) < 3 or widths[0] != 2 or not survey.classes.num_rows:
        return ()
    inputs = np.array(samples["inputs"].to_pylist(), dtype=float).reshape(-1, 2)
    targets = samples["target"].to_numpy()
    axes = _axes(survey, inputs)
    layers = _target(survey, inputs, targets, is_backdrop=False)
    has_bar = not any(isinstance(layer, Notes) for layer in layers)
    target = Figure(
        "The target",
        *axes,
        layers,
        height=_HEIGHT + 60 * has_bar,
        is_equal=_is_square(inputs),
        is_small=True,
    )
    backdrop = _target(survey, inputs, targets, is_backdrop=True)
    survey = survey.lowest(_MOST_CLASSES)
    rows = range(survey.classes.num_rows)
    layout = _network(network)
    return target, *(_panel(survey, row, layout, axes, backdrop) for row in rows)


def _network(described: dict) -> Network:
    """Return the network of a header; activations decide nothing but the regions of classes."""
    bias, output = described.get("biases", True), described.get("output") or "identity"
    names = described.get("activations") or "tanh"
    hidden = len(described["widths"]) - 2
    if isinstance(names, list) and len(names) != hidden:
        names = names[0]
    return Network(described["widths"], names, bias=bias, output=output)


def _regions(network: Network, theta: list[float], axes: tuple[Axis, Axis]) -> Heatmap:
    """Return which class the network takes each place of the picture for."""
    sides = [np.linspace(*(axis.limits or (0.0, 1.0)), _REGION_STEPS) for axis in axes]
    inputs = np.stack(np.meshgrid(*sides), axis=-1).reshape(-1, 2)
    outputs = np.asarray(network.apply(jnp.asarray(theta), jnp.asarray(inputs)))
    chosen = outputs.argmax(axis=1) if outputs.shape[1] > 1 else (outputs[:, 0] > 0).astype(int)
    grid = chosen.reshape(_REGION_STEPS, _REGION_STEPS)
    return Heatmap(sides[0], sides[1], grid, has_scale=False, is_backdrop=True, has_tones=True)


def _panel(
    survey: Survey, row: int, network: Network, axes: tuple[Axis, Axis], backdrop: tuple[Layer, ...]
) -> Figure:
    """Return the hyperplanes of one class."""
    first, second = network.unflatten(jnp.asarray(survey.distinct("theta")[row]))[:2]
    weights, outgoing = np.asarray(first.weight, float), np.asarray(second.weight, float)
    biases = np.zeros(len(weights)) if first.bias is None else np.asarray(first.bias, float)
    box = (axes[0].limits or (0.0, 0.0), axes[1].limits or (0.0, 0.0))
    segments = [clipped(w, b, box) for w, b in zip(weights, biases, strict=True)]
    on_shades = isinstance(backdrop[0], Heatmap)
    if survey.has_labels:
        backdrop = (_regions(network, survey.distinct("theta")[row], axes), *backdrop)
    crossing = [i for i, segment in enumerate(segments) if segment is not None]
    outside = len(segments) - len(crossing)
    loss, times = survey.distinct("loss")[row], survey.distinct("count")[row]
    loss_words = "zero loss" if loss < survey.zero else f"loss {number(loss, 3)}"
    name, kind = survey.names[row].capitalize(), survey.kinds[row]
    return Figure(
        title=f"{name}: {kind}, {loss_words}, found {times:,} {'time' if times == 1 else 'times'}",
        x_axis=axes[0],
        y_axis=axes[1],
        layers=(*backdrop, *_lines(segments, crossing, outgoing, on_shades)),
        caption=f"{outside} of {len(segments)} lines outside the picture." if outside else "",
        height=_HEIGHT,
        is_equal=_is_square(np.array(box).T),
        is_small=True,
    )


def _lines(
    segments: list, crossing: list[int], outgoing: np.ndarray, on_shades: bool
) -> list[Layer]:
    """Return the lines that cross the picture, wider where the neuron counts more."""
    sizes = np.linalg.norm(outgoing, axis=0)
    widths = 1.0 + 2.2 * sizes / max(sizes.max(), np.finfo(float).tiny)
    is_scalar = len(outgoing) == 1
    layers: list[Layer] = []
    for is_negative in (False, True):
        kept = [i for i in crossing if (is_scalar and outgoing[0, i] < 0) == is_negative]
        values = outgoing[0] if is_scalar else sizes
        labels = (
            [number(float(values[i]), 2) for i in kept] if len(crossing) <= _MOST_LABELS else ()
        )
        if kept:
            name = "neuron, outgoing weight" if is_scalar else "neuron, size of outgoing weights"
            tone = int(not is_negative) if on_shades else -1
            chosen = [segments[i] for i in kept]
            layers.append(Lines(chosen, name, tone, is_negative, [widths[i] for i in kept], labels))
    return layers


def _axes(survey: Survey, inputs: Float[np.ndarray, "n 2"]) -> tuple[Axis, Axis]:
    """Return axes over the range of the inputs, a little wider."""
    limits = limits_of(inputs)
    names = list(survey.part("problem").get("input_names") or [])
    names = [_short(name) for name in (names if len(names) == 2 else ("input 1", "input 2"))]
    names = [name + survey.scaled("inputs") for name in names]
    return Axis(names[0], limits=limits[0]), Axis(names[1], limits=limits[1])


def _is_square(inputs: Float[np.ndarray, "n 2"]) -> bool:
    """Return whether both inputs have about the same range, so that one scale serves both."""
    spans = np.ptp(inputs, axis=0)
    return bool(0.7 < spans[0] / max(spans[1], np.finfo(float).tiny) < 1.4)


def _target(
    survey: Survey, inputs: Float[np.ndarray, "n 2"], targets: np.ndarray, *, is_backdrop: bool
) -> tuple[Layer, ...]:
    """Return the target: shades on a grid, shaded marks off it, or a shape for every class."""
    names = [str(name) for name in survey.part("problem").get("target_names") or []]
    if survey.has_labels:
        return _labelled(inputs, targets, names, is_backdrop=is_backdrop)
    label = (
        "" if is_backdrop else _short(names[0] if names else "target") + survey.scaled("targets")
    )
    if is_grid(inputs):
        x, y, z = gridded(inputs, targets)
        return (Heatmap(x, y, z, label, has_scale=not is_backdrop, is_backdrop=is_backdrop),)
    marks = Points(*inputs.T, name="target", shade=targets, measure=label, is_backdrop=is_backdrop)
    return (marks,)


def _labelled(
    inputs: Float[np.ndarray, "n 2"], labels: np.ndarray, names: list[str], *, is_backdrop: bool
) -> tuple[Layer, ...]:
    """Return a shape for every class, and its name in the middle of its samples."""
    layers: list[Layer] = []
    middles: list[tuple[float, float, str]] = []
    for label in sorted(set(labels.tolist())):
        word = _short(names[label] if 0 <= label < len(names) else str(label))
        x, y = inputs[labels == label].T
        layers.append(Points(x, y, name=word, tone=label, is_backdrop=is_backdrop))
        middles.append((float(np.median(x)), float(np.median(y)), word))
    return (*layers, *(() if is_backdrop else _apart(middles, float(np.ptp(inputs[:, 1])))))


def _apart(middles: list[tuple[float, float, str]], span: float) -> list[Layer]:
    """Return the classes' names, each at least a line above the one below it."""
    notes, below = [], -np.inf
    for x, y, word in sorted(middles, key=lambda middle: middle[1]):
        below = max(y, below + _LINE * span)
        notes.append(Notes([x], [below], [word]))
    return notes


def _short(name: object) -> str:
    """Return a name from a file, cut to what fits beside a small picture."""
    text = str(name)
    return text if len(text) <= 32 else text[:31] + "…"
