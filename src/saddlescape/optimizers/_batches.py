"""The order in which a minibatch rule sees the samples: the same for every optimizer."""

import functools

import jax
import jax.numpy as jnp
from jaxtyping import Array, Int

from saddlescape.core import InvalidInputError, Key, key_for, require_memory


def data_orders(
    num_samples: int, batch: int, steps: int, *, runs: int = 1, seed: int = 0
) -> Int[Array, "runs steps batch"]:
    """Return which samples each step sees: every epoch a new random order of all of them.

    A batch that an epoch does not fill goes on in the next, so every sample is seen equally often.

    Args:
        num_samples: how many there are.
        batch: how many a step sees.
        steps: how many steps.
        runs: how many orders: order number i depends on the seed and i alone.
        seed: of the random orders.

    Returns:
        numbers of samples, shape (runs, steps, batch).

    Raises:
        InvalidInputError: for a batch of none, or of more samples than there are.
        MemoryBudgetError: when they would not fit into memory.

    Example:
        >>> sorted(data_orders(6, 2, 3)[0].ravel().tolist())
        [0, 1, 2, 3, 4, 5]
    """
    if not 1 <= batch <= num_samples:
        msg = f"a batch of {batch} out of {num_samples} samples: give 1 to {num_samples}"
        raise InvalidInputError(msg)
    epochs = -(-steps * batch // num_samples)
    # Whole epochs, the part that is used, and a copy of it for every device.
    copies = 2 + jax.local_device_count()
    require_memory(
        4 * copies * runs * epochs * num_samples,
        f"the order of the samples of {runs} x {steps:,} steps",
        "take fewer steps or seeds, a smaller batch, or all samples at every step",
    )
    keys = jax.vmap(lambda run: key_for(seed, "data order", run))(jnp.arange(runs))
    return _orders(keys, num_samples, epochs)[:, : steps * batch].reshape(runs, steps, batch)


@functools.partial(jax.jit, static_argnums=(1, 2))
def _orders(keys: Array, num_samples: int, epochs: int) -> Int[Array, "runs n"]:
    """Return for every key one random order after the other."""

    def of_one(key: Key) -> Int[Array, " n"]:
        each = jax.vmap(lambda epoch: key_for(key, "epoch", epoch))(jnp.arange(epochs))
        samples = jnp.arange(
            num_samples, dtype=jnp.int32
        )  # as 64 bits they would be twice as large
        return jax.lax.map(lambda k: jax.random.permutation(k, samples), each).ravel()

    return jax.lax.map(of_one, keys)
