"""The flow that a rule follows as its rate goes to 0, and how fast it comes near."""

import dataclasses
from collections.abc import Sequence

import diffrax
import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from saddlescape.core import InvalidInputError, Landscape
from saddlescape.optimizers._rule import Rule
from saddlescape.optimizers._steady import momentum_of, steady_step

_MOST_STEPS = 20_000


@dataclasses.dataclass(frozen=True, eq=False)
class Flow:
    """A flow at given times.

    Args:
        times: parameter squared per loss.
        theta: where the flow is; NaN after the time at which it could not be followed further.
        loss: there.
        num_steps: of the solver.
    """

    times: Float[np.ndarray, " t"]
    theta: Float[np.ndarray, "t p"]
    loss: Float[np.ndarray, " t"]
    num_steps: int


def gradient_flow(
    landscape: Landscape,
    start: Float[Array, " p"],
    times: Sequence[float] | Float[np.ndarray, " t"],
    *,
    rule: Rule | None = None,
    tolerance: float = 1e-10,
) -> Flow:
    """Return the gradient flow d theta / dt = -gradient from a start, at given times.

    Args:
        landscape: the loss.
        start: theta at time 0, shape (p,).
        times: increasing, from 0 on. Gradient descent at a rate has gone steps * rate far.
        rule: whose own flow to follow instead: d theta / dt = `steady_step` / rate with the
            momentum left out. That is the gradient flow for linear rules, -g / sqrt(delta + g*g)
            for RMSProp, -g / (|g| + delta) for Adam.
        tolerance: relative error of each step of the solver; absolute, a hundredth of it.

    Returns:
        the flow. Explicit Runge-Kutta of order 8, error-controlled: as many gradients as gradient
        descent would take at its largest stable rate, or some times more. RMSProp's and Adam's
        flows are stiff wherever a component of the gradient vanishes: with the small delta of
        practice they run into such places and slide along them. A flow is given up, as NaN, after
        20,000 steps.

    Raises:
        InvalidInputError: unless the times increase from 0 on.

    Example:
        >>> from saddlescape.core import FunctionLandscape
        >>> bowl = FunctionLandscape(lambda v: v @ v / 2, num_parameters=1)
        >>> flow = gradient_flow(bowl, jnp.ones(1), [0.0, 1.0])
        >>> flow.theta.ravel().round(9).tolist()  # exp(-t)
        [1.0, 0.367879441]
    """
    times = np.asarray(times, float)
    if not times.size or times[0] < 0 or np.any(np.diff(times) <= 0) or not np.isfinite(times[-1]):
        msg = f"times are {times.tolist()}: give increasing numbers from 0 on"
        raise InvalidInputError(msg)
    start = landscape.ravel(start)
    found = _flow(landscape, _unit(rule), start, jnp.asarray(times), jnp.asarray(tolerance))
    theta, loss, steps = np.asarray(found[0]), np.asarray(found[1]), int(found[2])
    theta = np.where(np.isfinite(theta), theta, np.nan)  # diffrax marks what it lacks by infinity
    return Flow(times, theta, np.where(np.isfinite(theta).all(-1), loss, np.nan), steps)


@dataclasses.dataclass(frozen=True, eq=False)
class Approach:
    """How near a rule comes to its flow as its rate goes to 0.

    Args:
        rule: the optimizer; its own rate is not used.
        time: of the comparison, parameter squared per loss (for RMSProp and Adam, parameter).
        steps: how many each run took.
        rates: time * (1 - momentum) / steps.
        errors: the largest component of the difference from its flow; NaN where that could not be
            followed so far.
        gradient_flow_errors: from the gradient flow at the same time; equal for linear rules.
    """

    rule: Rule
    time: float
    steps: tuple[int, ...]
    rates: Float[np.ndarray, " q"]
    errors: Float[np.ndarray, " q"]
    gradient_flow_errors: Float[np.ndarray, " q"]

    @property
    def orders(self) -> Float[np.ndarray, " o"]:
        """The observed order between each rate and the next: error ~ rate^order."""
        return np.diff(np.log(self.errors)) / np.diff(np.log(self.rates))

    @property
    def gradient_flow_orders(self) -> Float[np.ndarray, " o"]:
        """The same for the gradient flow: about 0 for a rule that does not approach it."""
        return np.diff(np.log(self.gradient_flow_errors)) / np.diff(np.log(self.rates))


def approach(
    landscape: Landscape,
    rule: Rule,
    start: Float[Array, " p"],
    time: float,
    *,
    steps: Sequence[int] = (250, 500, 1_000, 2_000),
    tolerance: float = 1e-10,
) -> Approach:
    """Return how a rule approaches its flow as its rate goes to 0, at one time.

    A run of n steps has the rate time * (1 - momentum) / n, since momentum's steady step is
    1 / (1 - momentum) times rate * gradient.

    Args:
        landscape: the loss.
        rule: one of this package; its own rate is not used.
        start: theta at time 0, shape (p,).
        time: of the comparison.
        steps: how many each run takes, increasing.
        tolerance: of the flow; see `gradient_flow`.

    Returns:
        errors against the rule's flow and against the gradient flow. Costs sum(steps) gradients in
        one compiled call, and two flows.

    Raises:
        InvalidInputError: unless time and numbers of steps are positive and increasing.

    Example:
        >>> from saddlescape.core import FunctionLandscape
        >>> from saddlescape.optimizers import GradientDescent
        >>> bowl = FunctionLandscape(lambda v: v @ v / 2, num_parameters=1)
        >>> approach(bowl, GradientDescent(), jnp.ones(1), 1.0).orders.round(2).tolist()
        [1.0, 1.0, 1.0]
    """
    steps = tuple(int(count) for count in steps)
    if not 0 < time < np.inf or not steps or steps[0] < 1 or any(np.diff(steps) <= 0):
        msg = f"time {time} and steps {list(steps)}: give a time above 0 and increasing steps"
        raise InvalidInputError(msg)
    start = landscape.ravel(start)
    rates = time * (1 - float(momentum_of(rule))) / np.asarray(steps, float)
    ends = np.asarray(_ends(landscape, rule, start, jnp.asarray(rates), jnp.asarray(steps)))
    own, plain = (
        gradient_flow(landscape, start, [time], rule=of, tolerance=tolerance).theta[-1]
        for of in (rule, None)
    )
    errors, others = (np.abs(ends - flow[None]).max(axis=1) for flow in (own, plain))
    return Approach(rule, time, steps, rates, errors, others)


def _unit(rule: Rule | None) -> Rule | None:
    """Return a rule at rate 1 without momentum; None where its flow is the gradient flow."""
    if rule is None or not hasattr(rule, "delta"):
        return None
    unit = eqx.tree_at(lambda rule: rule.rate, rule, 1.0)
    return eqx.tree_at(lambda rule: rule.momentum, unit, 0.0) if hasattr(rule, "momentum") else unit


@eqx.filter_jit
def _flow(
    landscape: Landscape, rule: Rule | None, start: Array, times: Array, tolerance: Array
) -> tuple[Array, Array, Array]:
    """Return theta and loss at the times, and the number of steps."""

    def velocity(t, theta: Array, args) -> Array:
        del t, args
        gradient = landscape.gradient(theta)
        return -gradient if rule is None else steady_step(rule, gradient)

    flow = diffrax.diffeqsolve(
        diffrax.ODETerm(velocity),
        diffrax.Dopri8(),
        t0=0.0,
        t1=times[-1],
        dt0=None,
        y0=start,
        saveat=diffrax.SaveAt(ts=times),
        stepsize_controller=diffrax.PIDController(rtol=tolerance, atol=tolerance / 100),
        max_steps=_MOST_STEPS,
        throw=False,
    )
    thetas = jnp.asarray(flow.ys)
    loss = jax.lax.map(landscape.loss, thetas)
    return thetas, loss, flow.stats["num_steps"]


@eqx.filter_jit
def _ends(
    landscape: Landscape,
    rule: Rule,
    start: Array,
    rates: Float[Array, " q"],
    steps: Array,
) -> Float[Array, "q p"]:
    """Return where the rule is after each number of steps at each rate."""

    def one(pair: tuple[Array, Array]) -> Array:
        rate, count = pair
        own = eqx.tree_at(lambda rule: rule.rate, rule, rate)

        def step(_, carry):
            theta, state = carry
            change, state = own.update(landscape.gradient(own.interim(theta, state)), state)
            return theta + change, state

        return jax.lax.fori_loop(0, count, step, (start, own.init(start)))[0]

    return jax.lax.map(one, (rates, steps))
