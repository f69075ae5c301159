"""Through the flat valley: from a permutation point every exchange of labels costs nothing."""

import numpy as np

from saddlescape.core import InvalidInputError, Landscape
from saddlescape.paths._line import Line, line_through
from saddlescape.paths._network_of import network_of, require_flat
from saddlescape.paths._pair import pair_coordinates
from saddlescape.paths._saddle import PermutationPoint


def valley_walk(landscape: Landscape, merged: PermutationPoint, neuron: int) -> Line:
    """Return the walk at constant loss that exchanges a merged neuron with a third one.

    With neurons i and j merged: hand all outgoing weights of i to j; carry i, which now does
    nothing, to the place of k; hand it the outgoing weights of k; carry k to the place of j; share.
    So from one permutation point every permutation of the layer is reached at equal loss.

    Args:
        landscape: the loss of a network.
        merged: neurons i and j at one place.
        neuron: k, another neuron of that layer.

    Returns:
        the polygon; its losses are all the same up to rounding.

    Raises:
        InvalidInputError: for a neuron the layer does not have, one of the merged two, or with
            weight decay, where there is no flat valley.

    References:
        Brea, Simsek, Illing & Gerstner (2019), arXiv 1907.02911: permutations at equal loss.

    Example:
        >>> from saddlescape import problems
        >>> from saddlescape.core import EmpiricalLandscape
        >>> from saddlescape.paths import permutation_point
        >>> lecture = problems.lecture()
        >>> landscape = EmpiricalLandscape(lecture.network, lecture.data)
        >>> merged = permutation_point(landscape, lecture.teacher, 0, (2, 3))
        >>> walk = valley_walk(landscape, merged, 0)
        >>> bool(np.ptp(walk.loss) < 1e-14)
        True
    """
    require_flat(landscape)
    i, j = merged.pair
    if neuron in merged.pair:
        msg = f"neuron {neuron} is one of the merged pair {i}, {j}: name another of the layer"
        raise InvalidInputError(msg)
    at = pair_coordinates(network_of(landscape), merged.layer, (i, neuron))
    (w_i, w_k), (a_i, a_k) = at.incoming, at.outgoing
    a_j = pair_coordinates(network_of(landscape), merged.layer, (i, j)).outgoing[1]
    place, corners = merged.theta.copy(), [merged.theta]

    def arrive() -> None:
        corners.append(place.copy())

    place[a_j] += place[a_i]
    place[a_i] = 0.0
    arrive()
    place[w_i] = place[w_k]
    arrive()
    place[a_i], place[a_k] = place[a_k], 0.0
    arrive()
    place[w_k] = merged.theta[w_i]
    arrive()
    place[a_k] = place[a_j] / 2
    place[a_j] /= 2
    arrive()
    return line_through(landscape, np.array(corners))
