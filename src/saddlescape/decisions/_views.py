"""A network opened: every layer in the space of its own inputs."""

import dataclasses

import numpy as np
from jaxtyping import Float

from saddlescape.decisions._learn import Learned
from saddlescape.decisions._plane import Plane, plane_of, whole_plane
from saddlescape.regions import Planes


@dataclasses.dataclass(frozen=True, eq=False)
class LayerView:
    """The hyperplanes of a layer among the activities that it sees.

    Args:
        number: 1 for the first hidden layer; the readout comes last.
        is_readout: whether hyperplanes are those on which two classes part.
        planes: the hyperplanes in the whole space.
        plane: on which they are seen.
        lines: where they meet it.
        points: the samples' activities, seen on the plane, shape (n, 2).
        activities: the same in the whole space, shape (n, m).
        active: share of the samples on the positive side of each, shape (h,).
        agreement: share of samples and hyperplanes for which the sample is on the same side of the
            line in the picture as of the hyperplane in the space; 1 where the picture is all.
    """

    number: int
    is_readout: bool
    planes: Planes
    plane: Plane
    lines: Planes
    points: Float[np.ndarray, "n 2"]
    activities: Float[np.ndarray, "n m"]
    active: Float[np.ndarray, " h"]
    agreement: float

    @property
    def num_neurons(self) -> int:
        """How many hyperplanes there are."""
        return len(self.planes.biases)


def layer_views(
    learned: Learned, inputs: Float[np.ndarray, "n d"], first: Plane
) -> tuple[LayerView, ...]:
    """Return every layer among the activities below it, the readout last.

    Args:
        learned: the network.
        inputs: of the samples.
        first: the plane on which the inputs are seen.

    Returns:
        one view per layer: two activities or fewer in plain coordinates, more on the plane that
        `plane_of` chooses.
    """
    views = []
    for depth, seen in enumerate(learned.activities(inputs)):
        is_readout = depth == len(learned.layers) - 1
        planes = learned.surface if is_readout else learned.layers[depth]
        if depth == 0:
            plane = first
        elif seen.shape[1] <= 2:
            names = tuple(f"neuron {i + 1} of layer {depth}" for i in range(seen.shape[1]))
            plane = whole_plane(seen, names)
        else:
            plane = plane_of(seen, planes)
        views.append(_view(depth + 1, is_readout, planes, plane, seen))
    return tuple(views)


def _view(
    number: int, is_readout: bool, planes: Planes, plane: Plane, seen: np.ndarray
) -> LayerView:
    """Return one layer among the activities below it."""
    lines, points = plane.traces(planes), plane.coordinates(seen)
    sides = seen @ planes.weights.T + planes.biases > 0
    drawn = points @ lines.weights.T + lines.biases > 0
    same = float((sides == drawn).mean()) if sides.size else 1.0
    same = 1.0 if plane.is_whole else same
    active = sides.mean(axis=0)
    return LayerView(number, is_readout, planes, plane, lines, points, seen, active, same)
