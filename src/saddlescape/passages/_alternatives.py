"""Other ways between two permuted minima, each with the barrier it shows."""

import dataclasses
from collections.abc import Callable

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float
from scipy.optimize import linear_sum_assignment

from saddlescape import paths, symmetry
from saddlescape.core import Landscape, Network

Vector = Float[np.ndarray, " p"]

JUMPS = (0.02, 0.1, 0.25, 0.5, 0.75)
_MOST_BAND_PARAMETERS = 300  # an elastic band takes a Hessian and its spectrum for every image
_SAME = 1e-6  # points closer than this, relative to their length, are one and the same minimum


@dataclasses.dataclass(frozen=True, eq=False)
class Alternative:
    """A way from a minimum to its image with two labels exchanged.

    Args:
        name: which kind of way.
        barrier: the highest loss on it; None where it does not connect the two.
        note: what happened.
        corners: the way from the minimum to its image or its middle; None where it ends elsewhere.
        saddle: the permutation point it leads through, if it does.
    """

    name: str
    barrier: float | None
    note: str = ""
    corners: Float[np.ndarray, "f p"] | None = None
    saddle: paths.PermutationPoint | None = None


def straight(landscape: Landscape, theta: Vector, layer: int, pair: tuple[int, int]) -> Alternative:
    """Return the straight line between the two minima."""
    end = np.asarray(paths.mirror(landscape, theta, layer, pair))
    line = paths.straight_line(landscape, theta, end)
    return Alternative("straight line", line.barrier, corners=line.theta)


def jump(
    landscape: Landscape,
    theta: Vector,
    layer: int,
    pair: tuple[int, int],
    share: float,
    tell: Callable[[float], None],
    max_steps: int,
) -> Alternative:
    """Return a path that begins at another constrained minimum: at once at a share of distance."""
    path = paths.merge(
        landscape, theta, layer, pair, first=share, on_station=tell, max_steps=max_steps
    )
    name = f"jump to {share:.3g} of the distance, then follow"
    if path.saddle is None:
        return Alternative(name, None, path.reason)
    return Alternative(name, path.barrier, corners=path.theta[: path.turn + 1], saddle=path.saddle)


def band(landscape: Landscape, theta: Vector, merged: paths.PermutationPoint) -> Alternative:
    """Return an elastic band from the minimum to a permutation point; its mirror image goes on."""
    name = "elastic band through the permutation point"
    if len(theta) > _MOST_BAND_PARAMETERS:
        most = f"{_MOST_BAND_PARAMETERS} parameters"
        return Alternative(name, None, f"not tried: it takes minutes beyond {most}")
    line = paths.elastic_band(landscape, theta, merged.theta)
    return Alternative(name, line.barrier, corners=line.theta, saddle=merged)


def falls(
    landscape: Landscape,
    network: Network,
    theta: Vector,
    merged: paths.PermutationPoint,
    tell: Callable[[], None],
) -> list[tuple[tuple[int, int], Alternative]]:
    """Return where the flows off a permutation point go, and which pair of the start they join.

    Both sides of a flow are mirror images. Where it ends at a copy of the start, the pair that is
    merged at the saddle stands for two neurons of the start, whose labels this way exchanges.
    """
    found = []
    for down in paths.descents(landscape, merged.point, sides=(1,), check=tell):
        if not down.is_minimum:
            continue
        aligned = symmetry.align(network, down.theta, theta)
        if aligned.distance > _SAME * np.linalg.norm(theta):
            continue
        # Neuron t of the start is neuron permutation[t] of the end of the flow.
        places = np.argsort(aligned.element.permutations[merged.layer])
        a, b = sorted(int(places[neuron]) for neuron in merged.pair)
        name = f"flow down from the permutation point at loss {merged.loss:.6g}"
        corners = np.asarray(symmetry.apply(network, aligned.element, down.line.theta[::-1]))
        mirrored = np.asarray(paths.mirror(landscape, corners[-1], merged.layer, (a, b)))
        if np.linalg.norm(mirrored - corners[-1]) > _SAME * np.linalg.norm(theta):
            continue  # an alignment that flips one of the two: their exchange is not its mirror
        found.append(((a, b), Alternative(name, down.line.barrier, corners=corners, saddle=merged)))
    return found


def through_valley(barrier: float, merged: paths.PermutationPoint) -> Alternative:
    """Return the way through the flat valley of another pair's permutation point.

    From there every permutation of the layer is reached at equal loss (`paths.valley_walk`), so
    what it costs to get there is the barrier of every exchange.
    """
    i, j = merged.pair
    name = "through the flat valley of another pair"
    return Alternative(name, barrier, f"merge {i} and {j}, exchange at equal loss, part again")


def moved_to(
    network: Network, merged: paths.PermutationPoint, theta: Vector, pair: tuple[int, int]
) -> Vector:
    """Return a permutation point relabelled so that `pair` is what is merged, near to theta.

    The other neurons of the layer are matched to those of theta by assignment.
    """
    width = network.hidden[merged.layer]
    chosen = np.empty(width, dtype=int)
    chosen[list(pair)] = merged.pair
    free = [n for n in range(width) if n not in pair]
    left = [n for n in range(width) if n not in merged.pair]
    chosen[free] = np.array(left, dtype=int)[_matched(network, merged, theta, left, free)]
    element = symmetry.identity_element(network)
    permutations = list(element.permutations)
    permutations[merged.layer] = chosen
    element = dataclasses.replace(element, permutations=tuple(permutations))
    return np.asarray(symmetry.apply(network, element, merged.theta))


def _matched(network, merged, theta, left: list[int], free: list[int]) -> list[int]:
    """Return for each free neuron of theta the nearest of those left at the point, one to one."""

    def rows(vector: Vector, neurons: list[int]) -> np.ndarray:
        layers = network.unflatten(jnp.asarray(vector))
        own, after = layers[merged.layer], layers[merged.layer + 1]
        parts = [np.asarray(own.weight), np.asarray(after.weight).T]
        parts += [] if own.bias is None else [np.asarray(own.bias)[:, None]]
        return np.concatenate(parts, axis=1)[neurons]

    cost = ((rows(theta, free)[:, None] - rows(merged.theta, left)[None]) ** 2).sum(axis=2)
    return linear_sum_assignment(cost)[1].tolist()
