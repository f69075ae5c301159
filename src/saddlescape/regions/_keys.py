"""Sign patterns as 64-bit keys, so that millions of them are compared and found again."""

import numpy as np
from jaxtyping import Bool, Int, UInt64

_SEED = 0x5ADD1E  # any; keys are only compared with each other


def signatures(num_hyperplanes: int) -> UInt64[np.ndarray, " n"]:
    """Return a random number per hyperplane; a pattern's key is the XOR of those it is above.

    Two patterns out of R share a key with probability R^2 / 2^65, 3e-8 for a million.
    """
    draws = np.random.Generator(np.random.PCG64(_SEED))
    return draws.integers(0, 2**64, size=num_hyperplanes, dtype=np.uint64)


def keys_of(
    signs: Bool[np.ndarray, "r n"], numbers: UInt64[np.ndarray, " n"]
) -> UInt64[np.ndarray, " r"]:
    """Return the key of every row, eight hyperplanes at a time through a table."""
    packed = np.packbits(signs, axis=1, bitorder="little")
    keys = np.zeros(len(signs), np.uint64)
    for column in range(packed.shape[1]):
        keys ^= _byte_table(numbers[8 * column : 8 * column + 8])[packed[:, column]]
    return keys


def _byte_table(numbers: UInt64[np.ndarray, " k"]) -> UInt64[np.ndarray, "256"]:
    """Return the XOR of the numbers of each byte's bits."""
    table = np.zeros(256, np.uint64)
    for bit, number in enumerate(numbers):
        table[(np.arange(256) >> bit & 1).astype(bool)] ^= number
    return table


def find(
    wanted: UInt64[np.ndarray, " k"], known: UInt64[np.ndarray, " r"]
) -> Int[np.ndarray, " k"]:
    """Return where each wanted key stands among the known ones, -1 where it does not."""
    order = np.argsort(known)
    places = np.searchsorted(known, wanted, sorter=order).clip(max=max(len(known) - 1, 0))
    if not len(known):
        return np.full(len(wanted), -1)
    rows = order[places]
    return np.where(known[rows] == wanted, rows, -1)
