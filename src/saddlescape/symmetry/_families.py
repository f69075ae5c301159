"""The flat families and the permutation points that one narrower critical point gives."""

import dataclasses
import itertools
from collections.abc import Iterator

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from saddlescape.core import InvalidInputError, Network, ShapeMismatchError
from saddlescape.symmetry._counting import num_permutation_points
from saddlescape.symmetry._inputs import as_rows
from saddlescape.symmetry._layers import split as split_layers
from saddlescape.symmetry._splitting import Positions, Theta, checked_positions, rebuilt, split

_MOST_POINTS = 100_000  # a gigabyte at 1,000 parameters


@dataclasses.dataclass(frozen=True, eq=False)
class AffineFamily:
    """Parameters ``base + directions.T @ coefficients``, all of them of one function.

    Args:
        network: the network they belong to.
        base: a member, shape (p,).
        directions: orthonormal, one row per dimension, shape (c, p).
    """

    network: Network
    base: Float[Array, " p"]
    directions: Float[Array, "c p"]

    @property
    def dimension(self) -> int:
        """How many coefficients a member has."""
        return self.directions.shape[0]

    def point(self, coefficients: Float[np.ndarray | Array, "*m c"]) -> Float[Array, "*m p"]:
        """Return members of the family.

        Args:
            coefficients: distances from the base along the directions, shape (c,) or (m, c).

        Returns:
            parameters, shape (p,) or (m, p).

        Raises:
            ShapeMismatchError: when their number is not the dimension.
        """
        given = jnp.asarray(coefficients)
        if given.shape[-1:] != (self.dimension,):
            msg = f"coefficients have shape {given.shape}, wanted ({self.dimension},) or a batch"
            raise ShapeMismatchError(msg)
        moved = given @ self.directions
        return moved + jnp.broadcast_to(self.base, moved.shape)


def split_family(
    network: Network, theta: Theta, layer: int, positions: Positions, *, per_output: bool = False
) -> AffineFamily:
    """Return all ways in which copies of neurons can share their outgoing weights.

    Args:
        network: the narrower network.
        theta: its parameters, shape (p,).
        layer: which hidden layer, from 0.
        positions: for each wide neuron the narrow neuron it copies, each at least once.
        per_output: whether copies may share differently for each neuron of the next layer.

    Returns:
        with n neurons on k positions, a family of dimension n - k (less where a narrow neuron has
        outgoing weights zero), critical where theta is. Per output its dimension is
        (n - k) n', with n' neurons in the next layer: the loss is constant on it, but for n' > 1
        its members are in general not critical, unless the shares are the same for all outputs.

    Raises:
        ShapeMismatchError: when theta does not have p entries.
        InvalidInputError: for a layer or positions that are none, or a neuron at -1.

    Notes:
        The gradient by the incoming weights of a copy with outgoing weights a is ``sum_j a_j g_j``,
        with g_j the mean over samples of error signal j times g'(z) x. The narrower point is
        critical when that sum vanishes for the narrow neuron's own outgoing weights; with one next
        neuron then g_1 = 0, with several only that combination of them. This is why the valley of
        dimension n' at a permutation point is flat along n' axes only if n' = 1: for n' > 1 the
        Hessian's product with the other directions is not zero, and it has as many eigenvalues of
        either sign there.

    Example:
        >>> network = Network((1, 1, 2), "sigmoid", bias=False)
        >>> theta = np.array([1.0, 3.0, 4.0])
        >>> split_family(network, theta, 0, [0, 0, 0]).dimension
        2
        >>> split_family(network, theta, 0, [0, 0, 0], per_output=True).dimension
        4
    """
    places = checked_positions(network, layer, positions)
    if (places < 0).any():
        msg = (
            "a family has no neurons at -1: give each the position of a neuron it copies, "
            "then share 0 is a member"
        )
        raise InvalidInputError(msg)
    wide = split(network, theta, layer, places)
    narrow = split_layers(network, as_rows(network, theta)[:1])[layer + 1].weight[0]
    rows = []
    for place in range(network.hidden[layer]):
        members = np.flatnonzero(places == place)
        own = narrow[:, place]
        length = np.linalg.norm(own)
        along = np.eye(len(own)) if per_output else own[None] / (length or 1) * bool(length)
        for contrast, direction in itertools.product(_contrasts(len(members)), along):
            if direction.any():
                rows.append(_outgoing_change(wide.network, layer, members, contrast, direction))
    directions = np.array(rows).reshape(-1, wide.network.num_parameters)
    return AffineFamily(wide.network, wide.theta, jnp.asarray(directions))


def permutation_points(
    network: Network, theta: Theta, layer: int, width: int
) -> Float[Array, "m q"]:
    """Return every permutation point that one critical point of a narrower network gives.

    Args:
        network: the narrower network.
        theta: its parameters, shape (p,).
        layer: which hidden layer becomes wider, from 0.
        width: how many neurons it then has.

    Returns:
        one row for each map of the neurons onto the positions, outgoing weights shared equally;
        they are different where no two narrow neurons are equal. Row order: maps in the order of
        `itertools.product`.

    Raises:
        ShapeMismatchError: when theta does not have p entries.
        InvalidInputError: when the layer does not become wider, or for more than 100,000 points.

    Example:
        >>> network = Network((1, 2, 1), "sigmoid", bias=False)
        >>> permutation_points(network, np.array([1.0, 2.0, 5.0, 6.0]), 0, 3).shape
        (6, 6)
    """
    checked_positions(network, layer, range(network.hidden[layer] if network.hidden else 0))
    narrow = network.hidden[layer]
    if width < narrow:
        msg = f"width {width} for a layer of {narrow} neurons: give at least {narrow}"
        raise InvalidInputError(msg)
    count = num_permutation_points((width,), width - narrow)
    if count > _MOST_POINTS:
        msg = f"{count:,} permutation points: give a width that has at most {_MOST_POINTS:,}"
        raise InvalidInputError(msg)
    maps = np.array(list(_maps_onto(width, narrow)))
    sharing = (maps[:, :, None] == maps[:, None, :]).sum(axis=2)
    layers = split_layers(network, as_rows(network, theta)[:1])
    outgoing = layers[layer + 1].weight[0].T[maps] * (1.0 / sharing)[:, :, None]
    incoming = layers[layer].incoming[0][maps]
    return jnp.asarray(rebuilt(network, layers, layer, incoming, outgoing.swapaxes(1, 2))[1])


def _maps_onto(neurons: int, places: int, taken: tuple[int, ...] = ()) -> Iterator[tuple[int, ...]]:
    """Yield every map of neurons onto places, beginning with those already placed."""
    missing = places - len(set(taken))
    left = neurons - len(taken)
    if not left:
        yield taken
    for place in range(places) if left else ():
        # What is left must still suffice to fill the empty places.
        if missing - (place not in taken) < left:
            yield from _maps_onto(neurons, places, (*taken, place))


def _contrasts(size: int) -> np.ndarray:
    """Return an orthonormal basis of the vectors with sum zero, shape (size - 1, size)."""
    basis = np.zeros((size - 1, size))
    for number in range(1, size):
        basis[number - 1, :number] = 1
        basis[number - 1, number] = -number
        basis[number - 1] /= np.sqrt(number * (number + 1))
    return basis


def _outgoing_change(
    network: Network, layer: int, members: np.ndarray, contrast: np.ndarray, direction: np.ndarray
) -> np.ndarray:
    """Return the unit vector that moves outgoing weights from some copies to others."""
    change = np.zeros(network.num_parameters)
    rows, columns = network.shapes[layer + 1]
    start = network.offsets[layer + 1]
    weight = change[start : start + rows * columns].reshape(rows, columns)
    weight[:, members] = np.outer(direction, contrast)
    return change
