"""How many threshold neurons in one hidden layer parity needs: found by exhaustive search."""

import dataclasses
import itertools

import numpy as np
from jaxtyping import Bool, Int

from saddlescape.core import InvalidInputError
from saddlescape.regions._arrangement import arrangement

_MOST_BITS = 4  # 1,882 threshold functions; of 5 bits there are 94,572


@dataclasses.dataclass(frozen=True, eq=False)
class ParityNeurons:
    """The least hidden layer of threshold neurons, with a threshold readout, that computes parity.

    Args:
        bits: of the input.
        threshold_functions: that one neuron can compute, of 2^(2^bits).
        neurons: the least number; with fewer, none of all choices of neurons and readout does it.
        tried: for each smaller number, how many choices of neurons were excluded, one for each set.
        witness: what each neuron of such a layer computes, shape (neurons, 2^bits), corners of the
            cube in binary order.
    """

    bits: int
    threshold_functions: int
    neurons: int
    tried: tuple[int, ...]
    witness: Bool[np.ndarray, "k c"]


def threshold_functions(bits: int) -> Bool[np.ndarray, "t c"]:
    """Return every function of some bits that one threshold neuron computes.

    Args:
        bits: 1 to 4.

    Returns:
        one row per function, one column per corner of the cube, in binary order.

    Raises:
        InvalidInputError: for more bits than can be searched.

    Example:
        >>> [len(threshold_functions(bits)) for bits in (1, 2, 3, 4)]
        [4, 14, 104, 1882]
    """
    if not 1 <= bits <= _MOST_BITS:
        msg = f"{bits} bits: give 1 to {_MOST_BITS}"
        raise InvalidInputError(msg)
    corners = np.array(list(itertools.product([0.0, 1.0], repeat=bits)))
    rows = np.hstack([corners, np.ones((len(corners), 1))])
    return arrangement(rows, np.zeros(len(rows))).signs


def parity_neurons(bits: int) -> ParityNeurons:
    """Return how many threshold neurons in one hidden layer parity needs.

    Args:
        bits: 1 to 4.

    Returns:
        the least number, and how many choices were excluded.

    Raises:
        InvalidInputError: for more bits than can be searched.

    Notes:
        Costs seconds. A readout of k neurons is a threshold function of k bits. Threshold functions
        are closed under complement, so readouts need only be tried up to flips and orders of their
        inputs: one of k = 1, AND of two, and for three AND, majority, and x and (y or z); the
        others follow since the complement of parity is tried too.

    Example:
        >>> [parity_neurons(bits).neurons for bits in (1, 2, 3, 4)]
        [1, 2, 3, 4]
    """
    functions = threshold_functions(bits)
    codes = np.unique(functions @ (1 << np.arange(functions.shape[1])))
    corners = np.array(list(itertools.product([0, 1], repeat=bits)))
    parity = int((corners.sum(axis=1) % 2) @ (1 << np.arange(2**bits)))
    full, t = (1 << 2**bits) - 1, len(codes)
    for search in (_one, _two, _three):
        found = next(filter(None, (search(codes, w, full) for w in (parity, full ^ parity))), None)
        if found:
            break
    else:  # neuron k asks whether at least k bits are set; the readout adds them, signs in turn
        steps = corners.sum(axis=1) >= np.arange(1, bits + 1)[:, None]
        found = tuple((steps @ (1 << np.arange(2**bits))).tolist())
    witness = np.array([code >> np.arange(2**bits) & 1 for code in found]).astype(bool)
    choices = (t, t * (t + 1) // 2, t * (t + 1) * (t + 2) // 6)
    return ParityNeurons(bits, t, len(found), choices[: len(found) - 1], witness)


Codes = Int[np.ndarray, " t"]
Found = tuple[int, ...] | None


def _one(codes: Codes, wanted: int, full: int) -> Found:
    """Return a threshold function that is what is wanted."""
    del full
    return (wanted,) if wanted in codes else None


def _two(codes: Codes, wanted: int, full: int) -> Found:
    """Return two threshold functions whose AND is what is wanted."""
    del full
    above = codes[codes & wanted == wanted]
    i, j = np.nonzero((above[:, None] & above) == wanted)
    return (int(above[i[0]]), int(above[j[0]])) if len(i) else None


def _three(codes: Codes, wanted: int, full: int) -> Found:
    """Return three threshold functions of which a threshold function is what is wanted."""
    return _and_of_three(codes, wanted) or _majority(codes, wanted, full) or _and_or(codes, wanted)


def _and_of_three(codes: Codes, wanted: int) -> Found:
    """Return three threshold functions whose AND is what is wanted."""
    above = codes[codes & wanted == wanted]
    for first in above:
        both = first & above
        k = np.nonzero((both[:, None] & above) == wanted)
        if len(k[0]):
            return int(first), int(above[k[0][0]]), int(above[k[1][0]])
    return None


def _majority(codes: Codes, wanted: int, full: int) -> Found:
    """Return three whose majority is what is wanted: where two agree they must be right."""
    for first in codes:
        fits = codes[((full ^ first ^ codes) & (first ^ wanted)) == 0]
        for second in fits[fits >= first]:
            differ = first ^ second
            third = codes[(codes & differ) == (wanted & differ)]
            if len(third):
                return int(first), int(second), int(third[0])
    return None


def _and_or(codes: Codes, wanted: int) -> Found:
    """Return three of which first AND (second OR third) is what is wanted."""
    for first in codes[codes & wanted == wanted]:
        inner = codes[codes & first & ~wanted == 0]
        i, j = np.nonzero(((inner[:, None] | inner) & first) == wanted)
        if len(i):
            return int(first), int(inner[i[0]]), int(inner[j[0]])
    return None
