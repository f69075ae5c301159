"""The symmetry group of a network as data: elements, their product, their action on theta."""

import dataclasses
import math

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from saddlescape.core import InvalidInputError, Key, Network, ShapeMismatchError, key_for
from saddlescape.symmetry._inputs import Thetas, as_rows, kind_of, require_network
from saddlescape.symmetry._layers import join, move_layer, split


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

    Raises:
        InvalidInputError: when given no network.

    Notes:
        Counted are the symmetries that hold for every odd or homogeneous activation. A sigmoid also
        has 1 - sigmoid(z) = sigmoid(-z), a flip that shifts the next layer's bias, and the identity
        any invertible mixing of a layer: neither is in this group.

    Example:
        >>> order(Network((2, 4, 1), "sigmoid")), order(Network((2, 4, 3, 1), "tanh"))
        (24, 18432)
    """
    require_network(network)
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

    Raises:
        InvalidInputError: when given no network.

    Example:
        >>> identity_element(Network((2, 3, 1), "tanh")).permutations[0].tolist()
        [0, 1, 2]
    """
    require_network(network)
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

    Raises:
        InvalidInputError: when given no network, or something that is no key.

    Example:
        >>> element = random_element(Network((2, 5, 1), "relu"), key_for(0, "doc"))
        >>> sorted(element.permutations[0].tolist()), bool((element.factors[0] > 0).all())
        ([0, 1, 2, 3, 4], True)
    """
    require_network(network)
    try:
        data = np.asarray(jax.random.key_data(key_for(key, "group element")))
    except (TypeError, ValueError):
        msg = f"key is {kind_of(key)}: give one random key, key_for(0, 'element')"
        raise InvalidInputError(msg) from None
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

    Raises:
        InvalidInputError: when one is no element.
        ShapeMismatchError: when they belong to networks of different hidden widths.

    Example:
        >>> turn = GroupElement((np.array([1, 2, 0]),), (np.array([1.0, -1.0, 1.0]),))
        >>> twice = compose(turn, turn)
        >>> twice.permutations[0].tolist(), twice.factors[0].tolist()
        ([2, 0, 1], [-1.0, -1.0, 1.0])
    """
    widths = [_widths(element) for element in (second, first)]
    if widths[0] != widths[1]:
        msg = (
            f"elements for hidden widths {widths[0]} and {widths[1]}: compose those of one network"
        )
        raise ShapeMismatchError(msg)
    return product(second, first)


def product(second: GroupElement, first: GroupElement) -> GroupElement:
    """Return the element that does `first`, then `second`, without checks."""
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

    Raises:
        InvalidInputError: when it is no element.

    Example:
        >>> turn = GroupElement((np.array([1, 2, 0]),), (np.array([1.0, -1.0, 1.0]),))
        >>> compose(inverse(turn), turn).permutations[0].tolist()
        [0, 1, 2]
    """
    _widths(element)
    permutations = tuple(np.argsort(chosen) for chosen in element.permutations)
    pairs = zip(element.factors, permutations, strict=True)
    return GroupElement(permutations, tuple(1 / factors[back] for factors, back in pairs))


def apply(network: Network, element: GroupElement, theta: Thetas) -> Float[Array, "*m p"]:
    """Return theta moved by a group element: another parameter vector of the same function.

    Args:
        network: the network theta belongs to.
        element: an element of its group.
        theta: parameters, shape (p,), or a batch of them, shape (m, p).

    Returns:
        the moved parameters, of theta's shape.

    Raises:
        ShapeMismatchError: when theta does not have p entries.
        InvalidInputError: when the element is not in the network's group, or theta does not hold
            finite real numbers.

    Example:
        >>> network = Network((1, 2, 1), "tanh", bias=False)
        >>> swap = GroupElement((np.array([1, 0]),), (np.array([1.0, -1.0]),))
        >>> apply(network, swap, np.array([1.0, 2.0, 3.0, 4.0])).tolist()
        [2.0, -1.0, 4.0, -3.0]
    """
    require_network(network)
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
    widths = _widths(element)
    if widths != network.hidden:
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


def _widths(element: GroupElement) -> tuple[int, ...]:
    """Return the hidden widths an element is for.

    Raises:
        InvalidInputError: when it is no element: not one permutation and one factor per neuron.
    """
    if not isinstance(element, GroupElement):
        msg = f"element is {kind_of(element)}: give a GroupElement, see random_element"
        raise InvalidInputError(msg)
    parts = [*_arrays(element.permutations, "iu"), *_arrays(element.factors, "iuf")]
    widths = tuple(map(len, parts[: len(element.permutations)]))
    if widths != tuple(map(len, parts[len(element.permutations) :])):
        msg = f"an element with permutations of {widths} neurons and other factors: give one each"
        raise InvalidInputError(msg)
    return widths


def _arrays(parts: tuple, kinds: str) -> tuple[np.ndarray, ...]:
    """Return an element's parts if they are NumPy arrays, one number per neuron.

    Raises:
        InvalidInputError: when they are not.
    """
    for part in parts if isinstance(parts, tuple) else (parts,):
        if not isinstance(part, np.ndarray) or part.ndim != 1 or part.dtype.kind not in kinds:
            what = "whole numbers" if kinds == "iu" else "numbers"
            msg = f"an element holds {kind_of(part)}: give tuples of NumPy arrays of {what}"
            raise InvalidInputError(msg)
    return parts
