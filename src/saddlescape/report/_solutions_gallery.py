"""Solutions of two inputs, one small picture each: regions, data, neurons with normals."""

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from saddlescape.core import Data, Network
from saddlescape.report._clipping import clipped
from saddlescape.report._figures import Arrows, Axis, Figure, Heatmap, Layer, Lines, Points
from saddlescape.report._grid import Limits, limits_of
from saddlescape.report._numbers import number
from saddlescape.students import Solution, Student

_MOST = 9
_STEPS = 81
_HEIGHT = 250
_NORMAL = 0.08  # length of an arrow, of the picture's side


def gallery(student: Student) -> tuple[Figure, ...]:
    """Return the solutions of lowest loss as small pictures.

    Args:
        student: with two inputs and some solutions.

    Returns:
        at most nine figures.
    """
    problem = student.setup.problem
    data = problem.data
    if data is None:
        return ()
    box = limits_of(np.asarray(data.inputs))
    names = problem.input_names if len(problem.input_names) == 2 else ("input 1", "input 2")
    x_axis, y_axis = (Axis(name, limits=limits) for name, limits in zip(names, box, strict=True))
    spans = [high - low for low, high in box]
    samples = _samples(data, problem.target_names)
    figures: list[Figure] = []
    best: np.ndarray | None = None
    for rank, solution in enumerate(student.solutions[:_MOST], 1):
        regions = _regions(student.network, solution, box)
        segments, arrows, widths = lines_of(student.network, solution, box)
        outside = student.width - len(segments)
        caption = f"{outside} of {student.width} lines outside. " if outside else ""
        shades = np.array(regions.z)
        if best is None:
            best = shades
        elif regions.has_tones:
            caption += f"Another class than in 1 on {100 * np.mean(shades != best):.2g} %."
        figures.append(
            Figure(
                _title(rank, solution),
                x_axis,
                y_axis,
                (
                    regions,
                    *samples,
                    Lines(segments, "neuron", -1, widths=widths),
                    Arrows(arrows, "normal", -1, width=1.5),
                ),
                caption=caption.strip(),
                height=_HEIGHT,
                is_equal=0.7 < spans[0] / spans[1] < 1.4,
                is_small=True,
            )
        )
    return tuple(figures)


def lines_of(
    network: Network, solution: Solution, box: tuple[Limits, Limits]
) -> tuple[list, list, list]:
    """Return the neurons' lines in the box, their normals, and widths in pixels.

    Args:
        network: with two inputs.
        solution: of it.
        box: limits of both inputs.

    Returns:
        segments and arrows ``(x0, y0, x1, y1)``, and widths, of the neurons whose line meets the
        box; with an odd activation and at most two outputs, arrows point where the neuron raises
        the last output over the first.
    """
    first, second = network.unflatten(jnp.asarray(solution.theta))[:2]
    weights, outgoing = np.asarray(first.weight, float), np.asarray(second.weight, float)
    biases = np.zeros(len(weights)) if first.bias is None else np.asarray(first.bias, float)
    if network.activations[0].is_odd and len(outgoing) <= 2:
        raised = outgoing[-1] - (outgoing[0] if len(outgoing) == 2 else 0)
        turned = np.where(raised < 0, -1.0, 1.0)
        weights, biases = turned[:, None] * weights, turned * biases
    sizes = np.linalg.norm(outgoing, axis=0)
    thick = 1.0 + 1.8 * sizes / max(float(sizes.max()), np.finfo(float).tiny)
    length = _NORMAL * min(high - low for low, high in box)
    segments, arrows, widths = [], [], []
    for weight, bias, wide in zip(weights, biases, thick.tolist(), strict=True):
        segment = clipped(weight, float(bias), box)
        if segment is None:
            continue
        middle = (np.array(segment[:2]) + np.array(segment[2:])) / 2
        tip = middle + length * weight / np.linalg.norm(weight)
        segments.append(segment)
        arrows.append((*middle.tolist(), *tip.tolist()))
        widths.append(wide)
    return segments, arrows, widths


def _title(rank: int, solution: Solution) -> str:
    """Return what the numbers of a solution are."""
    right = "" if solution.accuracy is None else f", {100 * solution.accuracy:.4g} % right"
    times = f"{solution.times:,} time{'s' * (solution.times > 1)}"
    return f"{rank}: loss {number(solution.loss, 4)}{right}, found {times}"


def _regions(network: Network, solution: Solution, box: tuple[Limits, Limits]) -> Heatmap:
    """Return which class the network takes each place for; its output where there is one alone."""
    sides = [np.linspace(*limits, _STEPS) for limits in box]
    inputs = np.stack(np.meshgrid(*sides), axis=-1).reshape(-1, 2)
    outputs = np.asarray(network.apply(jnp.asarray(solution.theta), jnp.asarray(inputs)))
    has_classes = outputs.shape[1] > 1
    values: Float[np.ndarray, " _"] = outputs.argmax(axis=1) if has_classes else outputs[:, 0]
    grid = values.reshape(_STEPS, _STEPS)
    return Heatmap(
        sides[0], sides[1], grid, has_scale=False, is_backdrop=True, has_tones=has_classes
    )


def _samples(data: Data, names: tuple[str, ...]) -> tuple[Layer, ...]:
    """Return the samples, a shape for every class; none where targets are numbers."""
    if not data.is_classification:
        return ()
    inputs, labels = np.asarray(data.inputs), np.asarray(data.targets)
    return tuple(
        Points(
            *inputs[labels == label].T,
            name=names[label] if label < len(names) else str(label),
            tone=label,
            is_backdrop=True,
        )
        for label in sorted(set(labels.tolist()))
    )
