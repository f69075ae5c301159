"""Keyed and named random streams: the same in every process, for every batch size."""

import zlib

import jax
from jaxtyping import Array, PRNGKeyArray

Key = PRNGKeyArray


def key_for(seed: int | Key, stream: str, item: int | Array = 0) -> Key:
    """Return the random key number `item` of the stream named `stream`.

    The stream's number is the CRC-32 of its name (never `hash`, which Python salts per process), so
    a tenth item never changes the third, whatever the batch size or the number of workers.

    Args:
        seed: an integer, or a key to derive from.
        stream: what the numbers are for, such as ``"start"``.
        item: the number of the item in its stream.

    Returns:
        a typed JAX key.

    Example:
        >>> a, b = key_for(0, "start", 3), key_for(0, "start", 3)
        >>> bool((jax.random.key_data(a) == jax.random.key_data(b)).all())
        True
    """
    key = jax.random.key(seed) if isinstance(seed, int) else seed
    return jax.random.fold_in(jax.random.fold_in(key, zlib.crc32(stream.encode())), item)
