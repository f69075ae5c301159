"""How near one hidden layer comes to a function on a grid, trained from many starts."""

import dataclasses
import functools

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jaxtyping import Array, Float
from scipy.optimize import linprog

from saddlescape.core import InvalidInputError, Key, key_for

_RATE = 0.03  # of Adam at the start; it falls to zero along a cosine
_POWER = 8  # of the mean that stands for the largest error in the second half of training
_POLISHED = 4  # starts whose readout is made the best there is
_PADDED = 8  # widths are filled up to multiples: so few shapes are compiled
_RIDGE = 1e-4  # of the squares of the features, where the readout of a start is solved for


@dataclasses.dataclass(frozen=True, eq=False)
class ShallowFit:
    """Networks of one hidden layer, trained from many starts to be a function.

    Args:
        width: hidden units.
        errors: largest error on the grid at the end of training, start by start, shape (m,).
        weight: of the hidden layer of the best network, shape (width, d).
        bias: of its hidden layer, shape (width,).
        readout: shape (width,).
        offset: added to the output.
    """

    width: int
    errors: Float[np.ndarray, " m"]
    weight: Float[np.ndarray, "width d"]
    bias: Float[np.ndarray, " width"]
    readout: Float[np.ndarray, " width"]
    offset: float

    def __call__(self, places: Float[np.ndarray, "n d"]) -> Float[np.ndarray, " n"]:
        """Return the outputs of the best network."""
        return np.maximum(places @ self.weight.T + self.bias, 0) @ self.readout + self.offset


def fit_shallow(
    places: Float[np.ndarray, "n d"],
    values: Float[np.ndarray, " n"],
    width: int,
    *,
    starts: int = 24,
    steps: int = 1_000,
    seed: int = 0,
) -> ShallowFit:
    """Return the nearest network of one hidden layer that training finds, by its largest error.

    Units begin with kinks through random points of the grid and with the readout of least squares;
    Adam lowers the mean squared error, then a high power of it. The readout of the best few is then
    the best there is for their hidden units, by a linear program.

    Args:
        places: the grid.
        values: of the function there.
        width: hidden units.
        starts: how many.
        steps: of Adam, in float32.
        seed: of the starts; start i depends on seed and i alone.

    Returns:
        the best network and the errors of all starts. That it is the best there is is not known.

    Raises:
        InvalidInputError: for a width, starts or steps below 1, or shapes that do not fit.

    Example:
        >>> x = np.linspace(-1, 1, 9)[:, None]
        >>> bool(np.abs(fit_shallow(x, abs(x[:, 0]), 2)(x) - abs(x[:, 0])).max() < 1e-6)
        True
    """
    places, values = np.asarray(places, float), np.asarray(values, float)
    if min(width, starts, steps) < 1 or places.ndim != 2 or values.shape != places.shape[:1]:
        msg = (
            f"width {width}, {starts} starts, {steps} steps, grid {places.shape} with values "
            f"{values.shape}: give 1 or more, and shapes (n, d) and (n,)"
        )
        raise InvalidInputError(msg)
    mask = np.arange(-(-width // _PADDED) * _PADDED) < width
    keys = jax.vmap(lambda i: key_for(jax.random.key(seed), "fit", i))(jnp.arange(starts))
    arrays = (jnp.asarray(x, jnp.float32) for x in (mask, places, values))
    weights, biases, errors = (np.asarray(x, float) for x in _trained(steps, keys, *arrays))
    found = [
        _polished(weights[i, :width], biases[i, :width], places, values)
        for i in np.argsort(errors)[:_POLISHED]
    ]
    return min(
        (dataclasses.replace(one, errors=errors) for one in found),
        key=lambda one: float(np.abs(one(places) - values).max()),
    )


def _polished(
    weight: np.ndarray, bias: np.ndarray, places: np.ndarray, values: np.ndarray
) -> ShallowFit:
    """Return the network with these hidden units whose largest error is the smallest."""
    features = np.column_stack([np.maximum(places @ weight.T + bias, 0), np.ones(len(places))])
    scale = np.maximum(np.abs(features).max(axis=0), np.finfo(float).tiny)
    told = features / scale
    slack = -np.ones((len(places), 1))
    found = linprog(
        np.append(np.zeros(told.shape[1]), 1.0),
        A_ub=np.block([[told, slack], [-told, slack]]),
        b_ub=np.concatenate([values, -values]),
        bounds=[(None, None)] * told.shape[1] + [(0, None)],
    )
    solved = found.x[:-1] if found.status == 0 else np.linalg.lstsq(told, values)[0]
    readout = solved / scale
    return ShallowFit(
        len(bias), np.zeros(0), weight=weight, bias=bias, readout=readout[:-1],
        offset=float(readout[-1]),
    )  # fmt: skip


@functools.partial(jax.jit, static_argnums=0)
def _trained(
    steps: int,
    keys: Array,
    mask: Float[Array, " h"],
    places: Float[Array, "n d"],
    values: Float[Array, " n"],
) -> tuple[Array, Array, Array]:
    """Return hidden weights, biases and the largest error, start by start."""
    adam = optax.adam(optax.cosine_decay_schedule(_RATE, steps))

    def left(parameters: tuple[Array, ...]) -> Float[Array, " n"]:
        weight, bias, readout, offset = parameters
        return _hidden(weight, bias, mask, places) @ readout + offset - values

    def loss(parameters: tuple[Array, ...], is_late: Array) -> Float[Array, ""]:
        off = left(parameters)
        top = jax.lax.stop_gradient(jnp.abs(off).max()) + jnp.finfo(off.dtype).tiny
        late = top * jnp.mean((off / top) ** _POWER) ** (1 / _POWER)
        return jnp.where(is_late, late, jnp.mean(off**2))

    def one(key: Key) -> tuple[Array, Array, Array]:
        begun = _start(key, mask, places, values)

        def step(at: Array, carry: tuple) -> tuple:
            parameters, state = carry
            change, state = adam.update(jax.grad(loss)(parameters, at >= steps // 2), state)
            return optax.apply_updates(parameters, change), state

        ended, _ = jax.lax.fori_loop(0, steps, step, (begun, adam.init(begun)))
        return ended[0], ended[1], jnp.abs(left(ended)).max()

    return jax.vmap(one)(keys)


def _hidden(weight: Array, bias: Array, mask: Array, places: Array) -> Float[Array, "n h"]:
    """Return the activities of the units that are there."""
    return jax.nn.relu(places @ weight.T + bias[None]) * mask[None]


def _start(
    key: Key, mask: Array, places: Float[Array, "n d"], values: Float[Array, " n"]
) -> tuple[Array, ...]:
    """Return units with kinks through random points, and the readout of least squares."""

    def unit(number: Array) -> tuple[Array, Array]:
        own = key_for(key, "unit", number)
        direction = jax.random.normal(own, places.shape[1:], places.dtype)
        direction = direction / jnp.linalg.norm(direction)
        shares = jax.random.uniform(key_for(own, "point", 0), places.shape[1:], places.dtype)
        low, high = places.min(axis=0), places.max(axis=0)
        return direction, -direction @ (low + shares * (high - low))

    weight, bias = jax.vmap(unit)(jnp.arange(mask.size))
    ones = jnp.ones((len(places), 1), places.dtype)
    features = jnp.concatenate([_hidden(weight, bias, mask, places), ones], axis=1)
    gram = features.T @ features / len(places)
    ridge = _RIDGE * jnp.trace(gram) * jnp.eye(len(gram), dtype=gram.dtype)
    solved = jnp.linalg.solve(gram + ridge, features.T @ values / len(places))
    return weight, bias, solved[:-1], solved[-1]
