"""Two interleaved spirals, one class each: no hyperplane helps, depth does."""

from functools import partial

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from saddlescape.core import Data, key_for
from saddlescape.problems._names import NAMES
from saddlescape.problems._problem import Problem
from saddlescape.problems._subset import check_samples

_SOURCE = (
    "Generated here, after Lang & Witbrock (1988), Learning to tell two spirals apart. "
    "No licence applies."
)
_INNER, _OUTER, _TURNS, _NOISE = 0.25, 2.5, 1.5, 0.1


def spirals(samples: int | None, seed: int) -> Problem:
    """Return 400 points on two spirals, or as many as asked for; classes alternate."""
    check_samples(samples, seed)
    labels = jnp.arange(400 if samples is None else samples) % 2
    return Problem(
        name="spirals",
        description=NAMES["spirals"],
        source=_SOURCE,
        scaling="Radius 0.25 ... 2.5, noise of standard deviation 0.1; nothing was scaled.",
        data=Data(_points(seed, labels), labels),
        hidden=(10, 10),
        activation="tanh",
        input_names=("x", "y"),
        target_names=("first arm", "second arm"),
    )


@partial(jax.jit, static_argnums=0)  # one program, not one for each operation
def _points(seed: int, labels: Int[Array, " n"]) -> Float[Array, "n 2"]:
    """Return one point for each label; point i depends on the seed and i alone."""
    keys = jax.vmap(lambda i: key_for(seed, "spirals", i))(jnp.arange(labels.size))
    return jax.vmap(_point)(keys, labels)


def _point(key: Array, label: Array) -> Float[Array, " 2"]:
    """Return a point on the arm of its class, displaced by noise."""
    place, noise = jax.random.split(key)
    along = jax.random.uniform(place)
    radius = _INNER + (_OUTER - _INNER) * along
    angle = jnp.pi * (2 * _TURNS * along + label)
    arm = radius * jnp.stack([jnp.cos(angle), jnp.sin(angle)])
    return arm + _NOISE * jax.random.normal(noise, (2,))
