"""Escape from a saddle: how many steps it takes to leave, from how near."""

import dataclasses
from collections.abc import Callable, Sequence

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from saddlescape.core import InvalidInputError, Landscape
from saddlescape.optimizers._directions import directions
from saddlescape.optimizers._gradient_descent import GradientDescent
from saddlescape.optimizers._momentum import Momentum
from saddlescape.optimizers._nesterov import Nesterov
from saddlescape.optimizers._quadratic import spectral_radius
from saddlescape.optimizers._rule import Rule, State

_LANES = 64  # runs stepped together


@dataclasses.dataclass(frozen=True, eq=False)
class Escape:
    """Steps that one rule needs to leave a saddle.

    Args:
        rule: the optimizer.
        curvatures: the negative curvature lambda of the direction that the runs begin along.
        distances: e, from the saddle, where the runs begin.
        leave: the distance at which a run has left.
        steps: measured, one row per curvature; NaN where a run had not left after the most steps.
        alignment: of the way out with the direction the run began along: the size of the cosine.
            Far below 1 the run did not follow the falling direction: bent away, or, at a rate that
            is unstable in a steep direction, thrown out.
        line: ln(leave / e) / (rate |lambda|), lecture 3.4: for plain gradient descent and small
            rate |lambda|.
        exact: ln(leave / e) / ln(growth), the growth being the spectral radius at lambda: exact for
            gradient descent on a quadratic, 1 + rate |lambda| a step, where the measured number is
            this one rounded up; for momentum and Nesterov up to the first steps, which have no
            memory. NaN for rules that are not linear.
    """

    rule: Rule
    curvatures: Float[np.ndarray, " c"]
    distances: Float[np.ndarray, " e"]
    leave: float
    steps: Float[np.ndarray, "c e"]
    alignment: Float[np.ndarray, "c e"]
    line: Float[np.ndarray, "c e"]
    exact: Float[np.ndarray, "c e"]

    @property
    def slopes(self) -> Float[np.ndarray, " c"]:
        """Steps per factor e of distance, fitted by least squares, for each curvature.

        1 / (rate |lambda|) on the line; about 0 for a rule whose steps do not shrink near the
        saddle. NaN with fewer than two distances from which the run left.
        """
        return np.array([_slope(np.log(1 / self.distances), row) for row in self.steps])


def escape_quadratic(
    rules: Sequence[Rule],
    distances: Sequence[float] | Float[np.ndarray, " e"],
    curvatures: Sequence[float] | Float[np.ndarray, " c"],
    *,
    leave: float = 1.0,
    max_steps: int = 1_000_000,
) -> tuple[Escape, ...]:
    """Return how many steps each rule needs to leave a quadratic saddle.

    Args:
        rules: the optimizers.
        distances: e, of the starts from the saddle along its falling direction.
        curvatures: lambda < 0 of that direction; the other has curvature 1.
        leave: the distance at which a run has left.
        max_steps: after which a run is given up.

    Returns:
        one record per rule. All curvatures and distances of all rules run in one compiled call.

    Raises:
        InvalidInputError: for no rule, a distance not between 0 and `leave`, or a curvature that
            is not negative.

    Example:
        >>> (plain,) = escape_quadratic([GradientDescent(rate=0.1)], [1e-3, 1e-6], [-1.0])
        >>> plain.steps.tolist(), plain.exact.round(1).tolist(), plain.line.round(1).tolist()
        ([[73.0, 145.0]], [[72.5, 145.0]], [[69.1, 138.2]])
    """
    curvatures = np.asarray(curvatures, float)
    distances = _checked(rules, distances, leave)
    if not np.all(curvatures < 0) or not curvatures.size:
        msg = f"curvatures are {curvatures.tolist()}: a saddle falls along a negative one, give < 0"
        raise InvalidInputError(msg)
    grid = np.stack(np.meshgrid(curvatures, distances, indexing="ij"), axis=-1).reshape(-1, 2)
    left = _leave_quadratic(tuple(rules), jnp.asarray(grid), leave, max_steps)
    return _records(rules, curvatures, distances, leave, left)


def escape(
    landscape: Landscape,
    rules: Sequence[Rule],
    saddle: Float[Array, " p"],
    distances: Sequence[float] | Float[np.ndarray, " e"],
    *,
    leave: float = 0.1,
    max_steps: int = 1_000_000,
) -> tuple[Escape, ...]:
    """Return how many steps each rule needs to leave a saddle of a landscape.

    The runs begin beside the saddle along the eigenvector of the most negative eigenvalue.

    Args:
        landscape: the loss.
        rules: the optimizers.
        saddle: a critical point with a negative eigenvalue, such as a permutation saddle, shape
            (p,). Distances must be large beside the error of its position.
        distances: e, of the starts from the saddle.
        leave: the distance at which a run has left.
        max_steps: after which a run is given up.

    Returns:
        one record per rule, of one curvature. Theory holds as far as the loss is quadratic. All
        distances of all rules run in one compiled call.

    Raises:
        InvalidInputError: for no rule, a distance not between 0 and `leave`, or a point without a
            negative eigenvalue.

    Example:
        >>> from saddlescape.core import FunctionLandscape
        >>> pass_ = FunctionLandscape(lambda v: v[0] ** 2 - v[1] ** 2 + v[1] ** 4, num_parameters=2)
        >>> (plain,) = escape(pass_, [GradientDescent(rate=0.1)], jnp.zeros(2), [1e-4])
        >>> plain.curvatures.tolist(), plain.steps.tolist()
        ([-2.0], [[38.0]])
    """
    distances = _checked(rules, distances, leave)
    saddle = landscape.ravel(saddle)
    found = directions(landscape, saddle)
    curvature = found.curvatures[0]
    if curvature >= -found.zero:
        msg = (
            f"the lowest eigenvalue there is {curvature:.3g}: nothing falls away from a point "
            "without a negative one, give a saddle"
        )
        raise InvalidInputError(msg)
    starts = saddle[None] + jnp.asarray(distances)[:, None] * jnp.asarray(found.vectors[:, 0])[None]
    left = _leave(landscape, tuple(rules), saddle, starts, leave, max_steps)
    return _records(rules, np.array([curvature]), distances, leave, left)


def _checked(rules: Sequence[Rule], distances, leave: float) -> Float[np.ndarray, " e"]:
    """Return the distances as an array, or raise."""
    distances = np.asarray(distances, float)
    if not len(rules):
        msg = "no rules were given: give at least one"
        raise InvalidInputError(msg)
    if not distances.size or not np.all((distances > 0) & (distances < leave)):
        msg = f"distances are {distances.tolist()}: give numbers above 0 and below leave = {leave}"
        raise InvalidInputError(msg)
    return distances


def _records(rules, curvatures, distances, leave: float, left) -> tuple[Escape, ...]:
    """Return the measured steps beside theory."""
    far = np.log(leave / distances)[None]
    records = []
    shape = (len(curvatures), len(distances))
    for rule, (counted, alignment) in zip(rules, left, strict=True):
        growth = np.full(len(curvatures), np.nan)
        if isinstance(rule, GradientDescent | Momentum | Nesterov):
            growth = np.log(spectral_radius(rule, curvatures))
        records.append(
            Escape(
                rule=rule,
                curvatures=curvatures,
                distances=distances,
                leave=leave,
                steps=np.asarray(counted).reshape(shape),
                alignment=np.asarray(alignment).reshape(shape),
                line=far / (float(rule.rate) * -curvatures[:, None]),
                exact=far / growth[:, None],
            )
        )
    return tuple(records)


@eqx.filter_jit
def _leave_quadratic(
    rules: tuple[Rule, ...], grid: Float[Array, "m 2"], leave: float, max_steps: int
) -> tuple[tuple[Float[Array, " m"], Float[Array, " m"]], ...]:
    """Return steps and alignment of each rule for pairs of curvature and distance."""

    def one(rule: Rule, pair: Array) -> tuple[Array, Array]:
        hessian = jnp.stack([jnp.ones(()), pair[0]])
        start = jnp.stack([jnp.zeros(()), pair[1]])
        return _count(lambda v: hessian * v, rule, jnp.zeros(2), start, leave, max_steps)

    return tuple(
        jax.lax.map(lambda pair, rule=rule: one(rule, pair), grid, batch_size=_LANES)
        for rule in rules
    )


@eqx.filter_jit
def _leave(
    landscape: Landscape,
    rules: tuple[Rule, ...],
    saddle: Float[Array, " p"],
    starts: Float[Array, "m p"],
    leave: float,
    max_steps: int,
) -> tuple[tuple[Float[Array, " m"], Float[Array, " m"]], ...]:
    """Return steps and alignment of each rule from each start."""

    def one(rule: Rule, start: Array) -> tuple[Array, Array]:
        return _count(landscape.gradient, rule, saddle, start, leave, max_steps)

    return tuple(jax.lax.map(lambda start, rule=rule: one(rule, start), starts) for rule in rules)


def _count(
    gradient: Callable[[Array], Array],
    rule: Rule,
    saddle: Array,
    start: Array,
    leave: float,
    max_steps: int,
) -> tuple[Array, Array]:
    """Return after how many steps a run is `leave` from the saddle, or NaN, and how it left."""

    def is_near(carry: tuple[Array, State, Array]) -> Array:
        theta, _, count = carry
        return (jnp.linalg.norm(theta - saddle) < leave) & (count < max_steps)

    def step(carry: tuple[Array, State, Array]) -> tuple[Array, State, Array]:
        theta, state, count = carry
        change, state = rule.update(gradient(rule.interim(theta, state)), state)
        return theta + change, state, count + 1

    theta, _, count = jax.lax.while_loop(
        is_near, step, (start, rule.init(start), jnp.zeros((), int))
    )
    way, begun = theta - saddle, start - saddle
    length = jnp.linalg.norm(way)
    alignment = jnp.abs(way @ begun) / (length * jnp.linalg.norm(begun))
    left = length >= leave
    return (
        jnp.where(left, count.astype(theta.dtype), jnp.nan),
        jnp.where(left, alignment, jnp.nan),
    )


def _slope(x: np.ndarray, y: np.ndarray) -> float:
    """Return the slope of the straight line nearest to the points that are not NaN."""
    good = np.isfinite(y)
    return float(np.polyfit(x[good], y[good], 1)[0]) if good.sum() > 1 else float("nan")
