"""The order in which a minibatch rule sees the samples: the same for every optimizer."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Int

from saddlescape.core import InvalidInputError, key_for


def data_order(
    num_samples: int, batch: int, steps: int, *, seed: int = 0, run: int = 0
) -> Int[Array, "steps batch"]:
    """Return which samples each step sees: every epoch a new random order of all of them.

    A batch that an epoch does not fill goes on in the next, so every sample is seen equally often.

    Args:
        num_samples: how many there are.
        batch: how many a step sees.
        steps: how many steps.
        seed: of the random orders.
        run: the number of the run: its orders depend on seed and number alone.

    Returns:
        numbers of samples, shape (steps, batch).

    Raises:
        InvalidInputError: for a batch of none, or of more samples than there are.

    Example:
        >>> sorted(data_order(6, 2, 3).ravel().tolist())
        [0, 1, 2, 3, 4, 5]
    """
    if not 1 <= batch <= num_samples:
        msg = f"a batch of {batch} out of {num_samples} samples: give 1 to {num_samples}"
        raise InvalidInputError(msg)
    epochs = -(-steps * batch // num_samples)
    keys = jax.vmap(lambda epoch: key_for(key_for(seed, "data order", run), "epoch", epoch))(
        jnp.arange(epochs)
    )
    orders = jax.vmap(lambda key: jax.random.permutation(key, num_samples))(keys)
    return orders.ravel()[: steps * batch].reshape(steps, batch)
