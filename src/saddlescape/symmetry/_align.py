"""The smallest distance between two networks over the symmetry group, by optimal assignment."""

import dataclasses
import functools
import zlib

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

from saddlescape.core import Activation, Network, ShapeMismatchError
from saddlescape.symmetry._group import GroupElement, compose, identity_element, inverse, move
from saddlescape.symmetry._inputs import Theta, as_row, require_count, require_network
from saddlescape.symmetry._layers import HostLayer, join, move_layer, normalize, split
from saddlescape.symmetry._signatures import signatures
from saddlescape.symmetry._stabilizer import rounding, stabilizer_order

_PROBES = 8
_SAMPLES = 64
_CHUNK = 4096  # numbers that an activation is computed of at once


@dataclasses.dataclass(frozen=True, eq=False)
class Alignment:
    """One network moved as close as its symmetries allow to another, with the evidence.

    Args:
        element: the group element that moves theta.
        theta: the moved parameters, shape (p,).
        distance_before: Euclidean distance to the reference before.
        distance: Euclidean distance to the reference after.
        output_change: largest change of an output on random inputs that the move caused, relative
            to the largest output: rounding, unless something is wrong.
        num_ties: how many other elements move theta to the very same place (equal neurons may be
            exchanged, dead ones flipped); any one of them may have been returned.
    """

    element: GroupElement
    theta: Float[Array, " p"]
    distance_before: float
    distance: float
    output_change: float
    num_ties: int


def align(network: Network, theta: Theta, reference: Theta, *, num_restarts: int = 4) -> Alignment:
    """Return theta moved by the symmetry that brings it closest to the reference.

    Args:
        network: the network both belong to.
        theta: the parameters to move, shape (p,).
        reference: where to move them, shape (p,).
        num_restarts: random starts of the search, besides three informed ones.

    Returns:
        the alignment. With one hidden layer it is optimal (one assignment problem); with more it is
        the best of coordinate descents over the layers, and exact where the two are equivalent.

    Raises:
        InvalidInputError: when a theta does not hold finite real numbers.
        ShapeMismatchError: when a theta does not have p entries.

    Notes:
        With homogeneous activations distances are minimized after scaling incoming weights to norm
        1, and the result is scaled as the reference is.

    References:
        Ainsworth, Hayase, Srinivasa (2023), Git Re-Basin, section 3.2: coordinate descent.

    Example:
        >>> network = Network((1, 2, 1), "tanh", bias=False)
        >>> theta, reference = np.array([1.0, 2.0, 3.0, 4.0]), np.array([2.0, -1.0, 4.0, -3.0])
        >>> result = align(network, theta, reference)
        >>> result.distance, result.element.permutations[0].tolist(), result.num_ties
        (0.0, [1, 0], 0)
    """
    require_network(network)
    require_count(num_restarts, "num_restarts")
    row, goal = as_row(network, theta), as_row(network, reference, "reference")
    start, scaled = normal_form(network, row)
    end, wanted = normal_form(network, goal)
    match = _search(network, scaled, wanted, num_restarts)
    element = compose(inverse(end), compose(match, start))
    moved = move(network, element, row)
    return Alignment(
        element=element,
        theta=jnp.asarray(moved[0]),
        distance_before=float(np.linalg.norm(row - goal)),
        distance=float(np.linalg.norm(moved - goal)),
        output_change=_output_change(network, row, moved),
        num_ties=stabilizer_order(network, row[0], rounding(theta)) - 1,
    )


def distance(network: Network | None, a: Theta, b: Theta, *, num_restarts: int = 4) -> float:
    """Return the smallest Euclidean distance between two parameter vectors over the group.

    Args:
        network: the network both belong to; None for the trivial group.
        a: parameters, shape (p,).
        b: parameters, shape (p,).
        num_restarts: as in `align`.

    Returns:
        the distance, exact for one hidden layer and for equivalent points, an upper bound of it
        otherwise. With homogeneous activations it is measured after scaling incoming weights to
        norm 1, so that it does not depend on where on their orbits a and b lie.

    Raises:
        InvalidInputError: when one does not hold finite real numbers.
        ShapeMismatchError: when one does not have p entries.

    Example:
        >>> network = Network((1, 2, 1), "sigmoid", bias=False)
        >>> distance(network, np.array([1.0, 2.0, 3.0, 4.0]), np.array([2.0, 1.0, 4.0, 3.5]))
        0.5
    """
    require_count(num_restarts, "num_restarts")
    left, right = as_row(network, a, "a"), as_row(network, b, "b")
    if left.shape != right.shape:
        msg = f"a has {left.size} entries, b has {right.size}: give two points of one landscape"
        raise ShapeMismatchError(msg)
    if network is None:
        return float(np.linalg.norm(left - right))
    _, left = normal_form(network, left)
    _, right = normal_form(network, right)
    moved = move(network, _search(network, left, right, num_restarts), left)
    return float(np.linalg.norm(moved - right))


def closest(network: Network, row: np.ndarray, goal: np.ndarray) -> GroupElement:
    """Return the permutation and signs bringing one normalized row closest to another."""
    return _search(network, row, goal, num_restarts=2)


def normal_form(network: Network, row: np.ndarray) -> tuple[GroupElement, np.ndarray]:
    """Return the rescaling that normalizes a row, and the result."""
    layers, factors = normalize(network, split(network, row))
    plain = identity_element(network).permutations
    return GroupElement(plain, tuple(f[0] for f in factors)), join(layers)


class _Search:
    """The state of one descent: theta's layers as moved so far, and the element that moved them."""

    def __init__(self, network: Network, row: np.ndarray, goal: np.ndarray):
        self.flips = [activation.is_odd for activation in network.activations[:-1]]
        self.layers = split(network, row)
        self.wanted = split(network, goal)
        self.element = identity_element(network)

    @property
    def distance(self) -> float:
        """The distance left."""
        return float(np.linalg.norm(join(self.layers) - join(self.wanted)))

    def match(self, number: int, gain: np.ndarray, signs: np.ndarray | None = None) -> None:
        """Move one layer's neurons to maximize the sum of gain[wanted, current], or of its size.

        The squared distance of a to b or -b is a.a + b.b - 2 |a.b|, and every a and b is used
        once: the assignment with the largest sum of inner products is the closest.
        """
        signs = np.sign(gain) if signs is None else signs
        gain = np.abs(gain) if self.flips[number] else gain
        _, chosen = linear_sum_assignment(gain, maximize=True)
        factors = np.ones(len(chosen))
        if self.flips[number]:
            factors = np.where(signs[np.arange(len(chosen)), chosen] < 0, -1.0, 1.0)
        self.move(number, chosen, factors)

    def move(self, number: int, chosen: np.ndarray, factors: np.ndarray) -> None:
        """Move one layer's neurons."""
        self.layers = move_layer(self.layers, number, chosen[None], factors[None])
        permutations, signs = list(self.element.permutations), list(self.element.factors)
        permutations[number] = permutations[number][chosen]
        signs[number] = signs[number][chosen] * factors
        self.element = GroupElement(tuple(permutations), tuple(signs))

    def descend(self) -> float:
        """Match layer after layer by all weights of a neuron, until nothing is gained.

        Returns:
            the distance left.
        """
        best = (self.distance, self.element, self.layers)
        while True:
            for number in range(len(self.flips)):
                a, b = _neuron(self.wanted, number), _neuron(self.layers, number)
                self.match(number, a @ b.T)
            if not self.distance < best[0]:
                _, self.element, self.layers = best
                return best[0]
            best = (self.distance, self.element, self.layers)

    def polish(self) -> float:
        """Match by distances: small ones differ where inner products have rounded the same.

        Returns:
            the distance left.
        """
        best = (self.distance, self.element, self.layers)
        for number in [*range(len(self.flips)), *reversed(range(len(self.flips)))]:
            a, b = _neuron(self.wanted, number), _neuron(self.layers, number)
            cost = cdist(a, b)
            mirrored = cdist(a, -b) if self.flips[number] else cost
            signs = np.where(mirrored < cost, -1.0, 1.0)
            cost = np.minimum(cost, mirrored)
            # Larger than every cost, so that the gain stays positive as signs are kept apart.
            self.match(number, cost.max() - cost, signs)
            best = min(best, (self.distance, self.element, self.layers), key=lambda found: found[0])
        _, self.element, self.layers = best
        return best[0]


def _search(network: Network, row: np.ndarray, goal: np.ndarray, num_restarts: int) -> GroupElement:
    """Return the best element found from informed starts, then random ones."""
    if not network.hidden:
        return identity_element(network)
    exact = rounding(goal)
    near = np.sqrt(np.finfo(np.float64).eps) * max(float(np.linalg.norm(goal)), exact)
    best = None
    begins = [_by_signature, _from_inputs, _from_outputs, *[_at_random] * num_restarts]
    for attempt, begin in enumerate(begins):
        state = _Search(network, row, goal)
        begin(network, state, attempt)
        if (left := state.descend()) <= exact:
            return state.element
        left = state.polish() if left <= near else left
        best = (left, state.element) if best is None or left < best[0] else best
        # One hidden layer has one assignment problem, and below `near` only noise is left.
        if len(network.hidden) == 1 or left <= near:
            break
    return identity_element(network) if best is None else best[1]


def _by_signature(network: Network, state: _Search, _attempt: int) -> None:
    """Match every layer by invariants, which need not know how the other layers are numbered."""
    ours = signatures(network, state.layers, _PROBES)
    theirs = signatures(network, state.wanted, _PROBES)
    for number, (mine, yours) in enumerate(zip(ours, theirs, strict=True)):
        state.match(number, yours[0] @ mine[0].T)


def _from_inputs(_: Network, state: _Search, _attempt: int) -> None:
    """Match incoming weights only, from the input layer on."""
    for number in range(len(state.flips)):
        wanted, current = state.wanted[number].incoming[0], state.layers[number].incoming[0]
        state.match(number, wanted @ current.T)


def _from_outputs(_: Network, state: _Search, _attempt: int) -> None:
    """Match outgoing weights only, from the output layer back."""
    for number in reversed(range(len(state.flips))):
        wanted, current = state.wanted[number + 1].weight[0].T, state.layers[number + 1].weight[0].T
        state.match(number, wanted @ current.T)


def _at_random(_: Network, state: _Search, attempt: int) -> None:
    """Number the neurons at random, in the same way whenever this attempt is made."""
    random = np.random.default_rng([zlib.crc32(b"restart"), attempt])
    for number, can_flip in enumerate(state.flips):
        width = len(state.element.factors[number])
        signs = random.choice([-1.0, 1.0], width) if can_flip else np.ones(width)
        state.move(number, random.permutation(width), signs)


def _neuron(layers: list[HostLayer], number: int) -> np.ndarray:
    """Return each neuron's incoming weights, bias and outgoing weights, shape (h, i + 1 + j)."""
    return np.concatenate([layers[number].incoming[0], layers[number + 1].weight[0].T], axis=1)


@functools.partial(jax.jit, static_argnums=0)
def _curve(g: Activation, z: Float[Array, " _"]) -> Float[Array, " _"]:
    """Return an activation's values."""
    return g.reference(z)


def _outputs(network: Network, row: np.ndarray, inputs: np.ndarray) -> np.ndarray:
    """Return the network's outputs, computed on the host but for the activations.

    Compiling `network.apply` takes 0.3 s for each architecture; this compiles each activation once.
    """
    values = inputs
    for (weight, bias), g in zip(split(network, row), network.activations, strict=True):
        z = values @ weight[0].T + (0.0 if bias is None else bias[0])
        padded = np.pad(z.ravel(), (0, -z.size % _CHUNK)).reshape(-1, _CHUNK)
        values = np.concatenate([np.asarray(_curve(g, jnp.asarray(part))) for part in padded])
        values = values[: z.size].reshape(z.shape)
    return values


def _output_change(network: Network, before: np.ndarray, after: np.ndarray) -> float:
    """Return the largest relative change of the outputs on random inputs."""
    random = np.random.default_rng(zlib.crc32(b"output change"))
    inputs = random.normal(size=(_SAMPLES, network.widths[0]))
    old, new = (_outputs(network, row, inputs) for row in (before, after))
    scale = float(np.abs(old).max())
    return float(np.abs(new - old).max()) / (scale if scale > 0 else 1.0)
