"""All Boolean targets of a few bits, numbered by their labels, and classes of them."""

import dataclasses
import itertools
import math

import jax
import numpy as np
from jaxtyping import Bool, Int

from saddlescape.core import InvalidInputError, UnknownNameError, key_for

FEWEST_BITS, MOST_BITS = 2, 4
_SAMPLED = 64  # a random class holds one target in so many

TARGET_CLASSES = {
    "linearly separable": "a plane cuts the inputs labelled 1 from the others",
    "few relevant bits": "two of the bits, or fewer, tell the label",
    "low degree": "polynomials modulo 2 of degree 2 at most",
    "symmetric": "only the number of ones matters",
    "parity": "the parity of some of the bits, or its opposite",
    "random": "a random sample of the targets",
}
"""Every class of targets by name, with what is in it."""


@dataclasses.dataclass(frozen=True, eq=False)
class TargetClass:
    """Some of the targets.

    Args:
        name: what tables call it.
        description: what is in it.
        is_in: whether each target is, by number.
    """

    name: str
    description: str
    is_in: Bool[np.ndarray, " f"]

    @property
    def size(self) -> int:
        """How many targets it has."""
        return int(self.is_in.sum())


def inputs_of(bits: int) -> Int[np.ndarray, "x b"]:
    """Return all inputs, zeros and ones.

    Args:
        bits: b.

    Returns:
        shape (2^b, b); input number x has bit i of x in column i.

    Raises:
        InvalidInputError: for fewer than 2 bits, or so many that targets cannot be enumerated.

    Example:
        >>> inputs_of(2).tolist()
        [[0, 0], [1, 0], [0, 1], [1, 1]]
    """
    if not FEWEST_BITS <= bits <= MOST_BITS:
        count = f"{2**2**bits:,}" if 0 <= bits <= MOST_BITS + 1 else f"2^(2^{bits})"
        msg = (
            f"{bits} bits have {count} targets, which are enumerated for {FEWEST_BITS} to "
            f"{MOST_BITS} bits: give 2 to {MOST_BITS} ({2**2**MOST_BITS:,} targets)"
        )
        raise InvalidInputError(msg)
    return np.arange(2**bits)[:, None] >> np.arange(bits) & 1


def labels_of(bits: int) -> Int[np.ndarray, "f x"]:
    """Return the labels of all inputs under all targets: bit x of the target's number.

    Args:
        bits: b.

    Returns:
        zeros and ones, shape (2^2^b, 2^b).

    Example:
        >>> labels_of(2)[6].tolist()      # exclusive or
        [0, 1, 1, 0]
    """
    num_inputs = len(inputs_of(bits))
    return (np.arange(2**num_inputs)[:, None] >> np.arange(num_inputs) & 1).astype(np.int8)


def target_class(name: str, bits: int, *, seed: int = 0) -> TargetClass:
    """Return a class of targets.

    Args:
        name: a key of `TARGET_CLASSES`.
        bits: of the inputs.
        seed: of the random class.

    Returns:
        the class.

    Raises:
        UnknownNameError: for any other name.

    Example:
        >>> target_class("linearly separable", 4).size      # OEIS A000609
        1882
    """
    if name not in TARGET_CLASSES:
        msg = f"no class of targets is called {name!r}: choose of {', '.join(TARGET_CLASSES)}"
        raise UnknownNameError(msg)
    labels = labels_of(bits)
    match name:
        case "linearly separable":
            is_in = _separable(bits)
        case "few relevant bits":
            is_in = relevant_bits(bits) <= 2
        case "low degree":
            is_in = degrees(bits) <= 2
        case "symmetric":
            ones = inputs_of(bits).sum(axis=1)
            first = [int(np.argmax(ones == weight)) for weight in ones]
            is_in = (labels == labels[:, first]).all(axis=1)
        case "parity":
            is_in = degrees(bits) <= 1
        case _:
            order = jax.random.permutation(key_for(seed, "sampled targets"), len(labels))
            is_in = np.zeros(len(labels), bool)
            is_in[np.asarray(order)[: math.ceil(len(labels) / _SAMPLED)]] = True
    return TargetClass(name, TARGET_CLASSES[name], is_in)


def relevant_bits(bits: int) -> Int[np.ndarray, " f"]:
    """Return how many bits of the input matter, for each target.

    Args:
        bits: of the inputs.

    Returns:
        counts, shape (2^2^b,).
    """
    labels = labels_of(bits)
    flipped = np.arange(labels.shape[1])[:, None] ^ 2 ** np.arange(bits)
    matters = [(labels != labels[:, flipped[:, i]]).any(axis=1) for i in range(bits)]
    return np.sum(matters, axis=0)


def degrees(bits: int) -> Int[np.ndarray, " f"]:
    """Return the degree of each target as a polynomial modulo 2.

    Args:
        bits: of the inputs.

    Returns:
        degrees, shape (2^2^b,); 0 for the constants.
    """
    terms = labels_of(bits).copy()
    numbers = np.arange(terms.shape[1])
    for bit in range(bits):  # the Moebius transform: labels become coefficients
        has = numbers >> bit & 1 == 1
        terms[:, has] ^= terms[:, numbers[has] - 2**bit]
    return (terms * inputs_of(bits).sum(axis=1)).max(axis=1).astype(int)


def _separable(bits: int) -> np.ndarray:
    """Return which targets are threshold functions: weights up to 3 make all of 4 bits."""
    inputs = inputs_of(bits)
    weights = np.array(list(itertools.product(range(-3, 4), repeat=bits)))
    thresholds = np.arange(-3 * bits, 3 * bits + 2)
    above = (weights @ inputs.T)[:, None, :] >= thresholds[:, None]
    is_in = np.zeros(2 ** len(inputs), bool)
    is_in[(above * 2 ** np.arange(len(inputs))).sum(axis=2)] = True
    return is_in
