"""Signal and noise of a gradient over minibatches, and the running averages that estimate them."""

import dataclasses

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from saddlescape.core import EmpiricalLandscape, InvalidInputError
from saddlescape.optimizers._directions import Vectors

_LONGEST = 10_000_000  # values that a window is followed back


@dataclasses.dataclass(frozen=True, eq=False)
class GradientNoise:
    """What each parameter's gradient is over several minibatches.

    Args:
        mean: loss per parameter.
        second_moment: the mean of the square: what RMSProp and Adam divide by the root of. It is
            not the variance, and not the Hessian.
        variance: the second moment less the square of the mean.
        count: how many gradients.
    """

    mean: Float[np.ndarray, " p"]
    second_moment: Float[np.ndarray, " p"]
    variance: Float[np.ndarray, " p"]
    count: int

    @property
    def ratio(self) -> Float[np.ndarray, " p"]:
        """Mean over second moment, in parameter per loss, as in lecture 5.3; NaN for 0 / 0."""
        return _over(self.mean, self.second_moment)

    @property
    def signal_to_noise(self) -> Float[np.ndarray, " p"]:
        """Mean over the root of the second moment: between -1 and 1, the step in units of rate."""
        return _over(self.mean, np.sqrt(self.second_moment))


def gradient_noise(gradients: Vectors) -> GradientNoise:
    """Return mean, second moment and variance of gradients.

    Args:
        gradients: one row per minibatch, shape (t, p).

    Returns:
        the statistics of each column, of these gradients themselves (divided by their number).

    Raises:
        InvalidInputError: for no gradients.

    Example:
        >>> noise = gradient_noise(np.array([[1.1], [0.9]]))
        >>> [float(x[0].round(3)) for x in (noise.mean, noise.second_moment, noise.ratio)]
        [1.0, 1.01, 0.99]
    """
    gradients = np.asarray(gradients)
    if not len(gradients):
        msg = "no gradients were given: give at least one row"
        raise InvalidInputError(msg)
    return GradientNoise(
        mean=gradients.mean(axis=0),
        second_moment=np.mean(gradients**2, axis=0),
        variance=gradients.var(axis=0),
        count=len(gradients),
    )


def minibatch_noise(
    landscape: EmpiricalLandscape, theta: Float[Array, " p"], batches: Int[Array, "b n"]
) -> GradientNoise:
    """Return signal and noise of each parameter's gradient over minibatches, at one point.

    Args:
        landscape: of all samples.
        theta: shape (p,).
        batches: the samples of each minibatch, such as a row of `data_orders`.

    Returns:
        the statistics. Costs b gradients of n samples, in one compiled call.

    Example:
        >>> from saddlescape.core import Data, Network
        >>> data = Data([[1.0], [2.0]], [[1.0], [3.0]])
        >>> line = EmpiricalLandscape(Network((1, 1), bias=False), data)
        >>> minibatch_noise(line, jnp.array([1.0]), jnp.array([[0], [1]])).mean.tolist()
        [-2.0]
    """
    theta = landscape.ravel(theta)
    return gradient_noise(minibatch_gradients(landscape, theta, jnp.asarray(batches)))


@eqx.filter_jit
def minibatch_gradients(
    landscape: EmpiricalLandscape, theta: Float[Array, " p"], batches: Int[Array, "b n"]
) -> Float[Array, "b p"]:
    """Return the gradient of each minibatch at one point."""
    return jax.lax.map(lambda batch: landscape.minibatch(batch).gradient(theta), batches)


def running_average(
    values: Vectors, decay: float, *, corrected: bool = False
) -> Float[np.ndarray, "t p"]:
    """Return the running average m <- decay m + (1 - decay) x after every value, from m = 0.

    Args:
        values: x, one row per step, shape (t, p).
        decay: how much is kept in a step, from 0 to below 1.
        corrected: whether to divide by 1 - decay^t, which makes it exact for constant values.

    Returns:
        shape (t, p).

    Raises:
        InvalidInputError: for a decay out of range.

    Example:
        >>> running_average(np.ones((3, 1)), 0.5).ravel().tolist()
        [0.5, 0.75, 0.875]
        >>> running_average(np.ones((3, 1)), 0.5, corrected=True).ravel().tolist()
        [1.0, 1.0, 1.0]
    """
    _check_decay(decay)
    values = jnp.asarray(values)
    averages = np.asarray(_average(values, jnp.asarray(decay, values.dtype)))
    if not corrected:
        return averages
    return averages / (1 - decay ** np.arange(1, len(averages) + 1))[:, None]


@dataclasses.dataclass(frozen=True, eq=False)
class Window:
    """How far back a running average reaches, measured by averaging a single 1 among zeros.

    Args:
        decay: rho.
        weights: of the newest value, the one before, ...
        reach: the mean number of the value that is averaged, the newest counted as 1: theory says
            1 / (1 - rho).
        share: of all weight, that on the newest 1 / (1 - rho) values: about 1 - 1/e.
        effective_count: how many independent values averaged with equal weights would be as noisy,
            1 / sum(weights^2): theory says (1 + rho) / (1 - rho), about twice the reach.
    """

    decay: float
    weights: Float[np.ndarray, " t"]
    reach: float
    share: float
    effective_count: float


def window(decay: float) -> Window:
    """Return how far back a running average reaches, measured.

    Args:
        decay: rho, from 0 to below 1.

    Returns:
        the weights, until they are below rounding, and what follows from them. Lecture 5.2.

    Raises:
        InvalidInputError: for a decay out of range.

    Example:
        >>> measured = window(0.9)
        >>> round(measured.reach, 9), round(measured.effective_count, 9)
        (10.0, 19.0)
    """
    _check_decay(decay)
    # Until the weight that is left out is one rounding of the whole.
    steps = 1 if decay == 0 else int(np.ceil(np.log(np.finfo(float).eps) / np.log(decay)))
    steps = min(max(steps, 1), _LONGEST)
    impulse = np.zeros((steps, 1))
    impulse[0] = 1
    weights = running_average(impulse, decay)[:, 0]
    recent = round(1 / (1 - decay))
    return Window(
        decay=decay,
        weights=weights,
        reach=float(weights @ np.arange(1, steps + 1)),
        share=float(weights[:recent].sum()),
        effective_count=float(1 / (weights @ weights)),
    )


@jax.jit
def _average(values: Float[Array, "t p"], decay: Float[Array, ""]) -> Float[Array, "t p"]:
    """Return the running averages after every value."""

    def one(mean: Array, value: Array) -> tuple[Array, Array]:
        mean = decay * mean + (1 - decay) * value
        return mean, mean

    return jax.lax.scan(one, jnp.zeros_like(values[0]), values)[1]


def _check_decay(decay: float) -> None:
    """Raise unless a decay is in range."""
    if not 0 <= decay < 1:
        msg = f"decay is {decay}: give a number >= 0 and < 1"
        raise InvalidInputError(msg)


def _over(numerator: np.ndarray, denominator: np.ndarray) -> np.ndarray:
    """Return a ratio, NaN where both are zero."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return numerator / denominator
