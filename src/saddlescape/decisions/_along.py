"""How many linear regions a network has along its training."""

import dataclasses

import numpy as np
from jaxtyping import Float, Int

from saddlescape.decisions._learn import Learned
from saddlescape.decisions._plane import Plane
from saddlescape.decisions._zeros import regions_of
from saddlescape.regions import Bounds, deep_bounds, segment_regions


@dataclasses.dataclass(frozen=True, eq=False)
class Along:
    """Regions along a run, beside the loss and the bounds.

    Args:
        steps: of training, shape (c,).
        losses: on all samples, shape (c,).
        counts: linear regions in the rectangle of the inputs, shape (c,).
        crossed: linear regions on the segment, shape (c,).
        ends: of the segment, shape (2, d): a sample of one class and one of another.
        bounds: on the regions in the plane, everywhere in it.
        line_bounds: on those of a line.
    """

    steps: Int[np.ndarray, " c"]
    losses: Float[np.ndarray, " c"]
    counts: Int[np.ndarray, " c"]
    crossed: Int[np.ndarray, " c"]
    ends: Float[np.ndarray, "2 d"]
    bounds: Bounds
    line_bounds: Bounds


def recorded_steps(last: int, count: int) -> list[int]:
    """Return steps at which to count: 0, 1, then in equal ratios to the last.

    Args:
        last: number of steps.
        count: how many at most.

    Returns:
        increasing numbers.

    Example:
        >>> recorded_steps(100, 4)
        [0, 1, 10, 100]
    """
    later = np.geomspace(1, last, max(count - 1, 1)) if count > 2 else np.array([float(last)])
    return [0, *sorted({round(float(step)) for step in later})]


def along(
    networks: list[Learned],
    steps: list[int],
    losses: Float[np.ndarray, " c"],
    plane: Plane,
    samples: tuple[Float[np.ndarray, "n d"], Int[np.ndarray, " n"]],
) -> Along:
    """Return how many regions networks have, checkpoint after checkpoint.

    Args:
        networks: ReLU networks of one architecture, one for each step.
        steps: of training.
        losses: there.
        plane: of the inputs, with the rectangle in which regions are counted.
        samples: inputs and classes, which choose the segment.

    Returns:
        exact counts.
    """
    inputs, labels = samples
    other = np.flatnonzero(labels != labels[0])
    ends = np.stack([inputs[0], inputs[other[0] if len(other) else -1]])
    widths = networks[0].widths
    return Along(
        steps=np.array(steps),
        losses=np.asarray(losses, float),
        counts=np.array([regions_of(network, plane).num_regions for network in networks]),
        crossed=np.array([
            len(segment_regions(network.layers, *ends)[1]) for network in networks
        ]),
        ends=ends,
        bounds=deep_bounds(min(2, widths[0]), widths[1:-1]),
        line_bounds=deep_bounds(1, widths[1:-1]),
    )  # fmt: skip
