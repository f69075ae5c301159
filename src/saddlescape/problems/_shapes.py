"""Two classes of random points apart by a gap: inside and outside of a crescent, or of a box."""

from collections.abc import Callable
from functools import partial

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

from saddlescape.core import Data, key_for
from saddlescape.problems._names import NAMES
from saddlescape.problems._problem import Problem
from saddlescape.problems._subset import check_samples

_HALF = 1.5  # points lie between -1.5 and 1.5
_OUTER, _INNER, _BELOW, _GAP = 1.2, 0.9, 0.9, 0.06  # radii, how far the inner disc lies below
_BOX_GAP = 0.1  # on either side of the box |x|, |y|, |z| < 1
_DRAWS = 32  # candidates for one point: less than 1 in 10^9 has none of them outside of the gap

_SOURCE = "Generated here. No licence applies."


def crescent(samples: int | None, seed: int) -> Problem:
    """Return 200 points inside and outside of a crescent, or as many as asked for."""
    check_samples(samples, seed)
    inputs, labels = _points(_to_crescent, (seed, 200 if samples is None else samples, 2, _GAP))
    return Problem(
        name="crescent",
        description=NAMES["crescent"],
        source=_SOURCE,
        scaling=(
            f"Uniform on -{_HALF} ... {_HALF} squared, none within {_GAP} of an edge; nothing was "
            "scaled."
        ),
        data=Data(inputs, labels),
        hidden=(4,),
        activation="tanh",
        input_names=("x", "y"),
        target_names=("outside", "inside"),
    )


def box(samples: int | None, seed: int) -> Problem:
    """Return 400 points inside and outside of a box, or as many as asked for."""
    check_samples(samples, seed)
    inputs, labels = _points(_to_box, (seed, 400 if samples is None else samples, 3, _BOX_GAP))
    return Problem(
        name="box",
        description=NAMES["box"],
        source=_SOURCE,
        scaling=(
            f"Uniform on -{_HALF} ... {_HALF} cubed, none within {_BOX_GAP} of a face; nothing was "
            "scaled."
        ),
        data=Data(inputs, labels),
        hidden=(6,),
        activation="sigmoid",
        input_names=("x", "y", "z"),
        target_names=("outside", "inside"),
    )


def _to_crescent(point: Float[Array, " 2"]) -> Float[Array, ""]:
    """Return how deep a point lies in the disc around the origin and outside of the one below."""
    beside = jnp.hypot(point[0], point[1] + _BELOW)
    return jnp.minimum(_OUTER - jnp.hypot(point[0], point[1]), beside - _INNER)


def _to_box(point: Float[Array, " 3"]) -> Float[Array, ""]:
    """Return how deep a point lies in |x|, |y|, |z| < 1."""
    return 1.0 - jnp.abs(point).max()


@partial(jax.jit, static_argnums=(0, 1))  # one program, not one for each operation
def _points(
    depth: Callable[[Array], Array], sizes: tuple[int, int, int, float]
) -> tuple[Float[Array, "n d"], Int[Array, " n"]]:
    """Return points outside of the gap with labels; point i depends on the seed and i alone."""
    seed, count, dimension, gap = sizes

    def point(i: Array) -> tuple[Array, Bool[Array, ""]]:
        key = key_for(seed, depth.__name__, i)
        drawn = jax.random.uniform(key, (_DRAWS, dimension), minval=-_HALF, maxval=_HALF)
        deep = jax.vmap(depth)(drawn)
        chosen = jnp.argmax(jnp.abs(deep) > gap)
        return drawn[chosen], deep[chosen] > 0

    inputs, inside = jax.vmap(point)(jnp.arange(count))
    return inputs, inside.astype(int)
