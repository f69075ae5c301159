"""The symmetry group of a network as data: elements, their product, their action on theta."""

import dataclasses
import math

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from saddlescape.core import InvalidInputError, Key, Network, key_for
from saddlescape.symmetry._layers import HostPoints, as_rows, join, move_layer, split


@dataclasses.dataclass(frozen=True, eq=False)
class GroupElement:
    """One symmetry of a network; layer l's new neuron i is its old neuron ``permutations[l][i]``.

    Its incoming weights and bias are multiplied by ``factors[l][i]``, its outgoing weights divided.

    Args:
        permutations: for each hidden layer, which old neuron stands at each new place, shape (h,).
        factors: for each hidden layer, shape (h,): 1; or a sign where the activation is odd; or a
            positive scale where it is homogeneous; or their product where it is both.
    """

    permutations: tuple[Int[np.ndarray, " _"], ...]
    factors: tuple[Float[np.ndarray, " _"], ...]


def order(network: Network) -> int:
    """Return the exact number of permutations and sign flips that leave the network unchanged.

    Args:
        network: any network.

    Returns:
        the product over hidden layers of n!, times 2^n where the activation is odd. Positive
        rescaling (homogeneous activations) is a continuous family and is not counted.

    Notes:
        Counted are the symmetries that hold for every odd or homogeneous activation. A sigmoid also
        has 1 - sigmoid(z) = sigmoid(-z), a flip that shifts the next layer's bias, and the identity
        any invertible mixing of a layer: neither is in this group.

    Example:
        >>> order(Network((2, 4, 1), "sigmoid")), order(Network((2, 4, 3, 1), "tanh"))
        (24, 18432)
    """
    total = 1
    for width, activation in zip(network.hidden, network.activations, strict=False):
        total *= math.factorial(width) * 2 ** (width * activation.is_odd)
    return total


def identity_element(network: Network) -> GroupElement:
    """Return the element that changes nothing.

    Args:
        network: any network.

    Returns:
        the identity of the network's group.
    """
    return GroupElement(
        tuple(np.arange(width) for width in network.hidden),
        tuple(np.ones(width) for width in network.hidden),
    )


def random_element(network: Network, key: Key) -> GroupElement:
    """Return a random element: uniform permutations and signs, log-normal scales.

    Args:
        network: any network.
        key: a JAX key; see `key_for`.

    Returns:
        an element of the network's group.

    Example:
        >>> element = random_element(Network((2, 5, 1), "relu"), key_for(0, "doc"))
        >>> sorted(element.permutations[0].tolist()), bool((element.factors[0] > 0).all())
        ([0, 1, 2, 3, 4], True)
    """
    data = np.asarray(jax.random.key_data(key_for(key, "group element")))
    random = np.random.default_rng(data)
    permutations, factors = [], []
    for width, activation in zip(network.hidden, network.activations, strict=False):
        permutations.append(random.permutation(width))
        signs = random.choice([-1.0, 1.0], width) if activation.is_odd else np.ones(width)
        scales = np.exp(random.normal(size=width)) if activation.is_homogeneous else 1.0
        factors.append(signs * scales)
    return GroupElement(tuple(permutations), tuple(factors))


def compose(second: GroupElement, first: GroupElement) -> GroupElement:
    """Return the element that does `first`, then `second`.

    Args:
        second: applied last.
        first: applied first, an element of the same network.

    Returns:
        the product, with ``apply(compose(b, a), theta) = apply(b, apply(a, theta))``.
    """
    pairs = list(zip(second.permutations, first.permutations, strict=True))
    factors = zip(second.factors, first.factors, second.permutations, strict=True)
    return GroupElement(
        tuple(inner[outer] for outer, inner in pairs),
        tuple(outer * inner[chosen] for outer, inner, chosen in factors),
    )


def inverse(element: GroupElement) -> GroupElement:
    """Return the element that undoes `element`.

    Args:
        element: any element.

    Returns:
        its inverse.

    Example:
        >>> turn = GroupElement((np.array([1, 2, 0]),), (np.array([1.0, -1.0, 1.0]),))
        >>> compose(inverse(turn), turn).permutations[0].tolist()
        [0, 1, 2]
    """
    permutations = tuple(np.argsort(chosen) for chosen in element.permutations)
    pairs = zip(element.factors, permutations, strict=True)
    return GroupElement(permutations, tuple(1 / factors[back] for factors, back in pairs))


def apply(network: Network, element: GroupElement, theta: HostPoints) -> Float[Array, "*m p"]:
    """Return theta moved by a group element: another parameter vector of the same function.

    Args:
        network: the network theta belongs to.
        element: an element of its group.
        theta: parameters, shape (p,), or a batch of them, shape (m, p).

    Returns:
        the moved parameters, of theta's shape.

    Raises:
        ShapeMismatchError: when theta does not have p entries.
        InvalidInputError: when the element is not in the network's group.

    Example:
        >>> network = Network((1, 2, 1), "tanh", bias=False)
        >>> swap = GroupElement((np.array([1, 0]),), (np.array([1.0, -1.0]),))
        >>> apply(network, swap, np.array([1.0, 2.0, 3.0, 4.0])).tolist()
        [2.0, -1.0, 4.0, -3.0]
    """
    _check(network, element)
    rows = as_rows(network, theta)
    return jnp.asarray(move(network, element, rows).reshape(np.shape(theta)))


def move(network: Network, element: GroupElement, rows: np.ndarray) -> np.ndarray:
    """Return every row moved by one element, without checks."""
    layers = split(network, rows)
    for number, (chosen, factors) in enumerate(
        zip(element.permutations, element.factors, strict=True)
    ):
        layers = move_layer(layers, number, chosen[None], factors[None])
    return join(layers)


def _check(network: Network, element: GroupElement) -> None:
    """Raise unless the element is a symmetry of the network.

    Raises:
        InvalidInputError: when it is not.
    """
    widths = tuple(len(chosen) for chosen in element.permutations)
    if widths != network.hidden or widths != tuple(len(f) for f in element.factors):
        msg = (
            f"an element for hidden widths {widths}, {network!r} has {network.hidden}: "
            "build it with identity_element or random_element"
        )
        raise InvalidInputError(msg)
    for number, (chosen, factors) in enumerate(
        zip(element.permutations, element.factors, strict=True)
    ):
        activation = network.activations[number]
        flips, scales = (factors < 0).any(), (np.abs(factors) != 1).any()
        problem = None
        if sorted(chosen.tolist()) != list(range(len(chosen))):
            problem = f"no permutation ({chosen.tolist()}): give each neuron once, from 0 on"
        elif not np.isfinite(factors).all() or (factors == 0).any():
            problem = f"the factors {factors.tolist()}: give finite numbers other than 0"
        elif flips and not activation.is_odd:
            problem = f"flipped signs, but {activation.name} is not odd: give positive factors"
        elif scales and not activation.is_homogeneous:
            problem = f"scales, but {activation.name} is not homogeneous: give factors of size 1"
        if problem:
            msg = f"the element has for hidden layer {number} {problem}"
            raise InvalidInputError(msg)
