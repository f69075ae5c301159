"""One run of a rule, step by step: where it was, what it saw, what it did."""

import dataclasses
from collections.abc import Sequence

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from saddlescape.core import (
    EmpiricalLandscape,
    InvalidInputError,
    Landscape,
    ShapeMismatchError,
    require_memory,
)
from saddlescape.optimizers._batches import data_orders
from saddlescape.optimizers._rule import Rule


@dataclasses.dataclass(frozen=True, eq=False)
class Trajectory:
    """Recorded steps of one run; row i belongs to step number `steps[i]`, from 1.

    Args:
        rule: the optimizer.
        steps: numbers of the recorded steps.
        before: theta before the step, shape (r, p).
        theta: theta after it, shape (r, p).
        gradient: that the rule saw, at `Rule.interim` and of its minibatch, shape (r, p).
        scaling: `Rule.scaling` after the step, shape (r, p).
        loss: of all samples at `theta`, shape (r,).
    """

    rule: Rule
    steps: Int[np.ndarray, " r"]
    before: Float[np.ndarray, "r p"]
    theta: Float[np.ndarray, "r p"]
    gradient: Float[np.ndarray, "r p"]
    scaling: Float[np.ndarray, "r p"]
    loss: Float[np.ndarray, " r"]

    @property
    def change(self) -> Float[np.ndarray, "r p"]:
        """What each step added to theta."""
        return self.theta - self.before


def trajectory(
    landscape: Landscape,
    rule: Rule,
    start: Float[Array, " p"],
    at: Sequence[int] | Int[np.ndarray, " r"],
    *,
    batch: int | None = None,
    seed: int = 0,
    run: int = 0,
) -> Trajectory:
    """Return some steps of one run, with everything a diagnosis asks for.

    Args:
        landscape: the loss.
        rule: the optimizer, with its rate.
        start: shape (p,).
        at: numbers of the steps to record, from 1, increasing; `range(1, 101)` for all of 100.
        batch: samples per step; None for all.
        seed: of the order of the data.
        run: number of the order; the run of a race from start number i sees order i.

    Returns:
        the recorded steps. Costs one gradient a step and one loss a record.

    Raises:
        InvalidInputError: when `at` does not increase from 1 on, or batches cannot be made.
        ShapeMismatchError: when the start does not fit the landscape.

    Example:
        >>> from saddlescape.core import FunctionLandscape
        >>> from saddlescape.optimizers import GradientDescent
        >>> bowl = FunctionLandscape(lambda v: v @ v / 2, num_parameters=1)
        >>> ran = trajectory(bowl, GradientDescent(rate=0.5), jnp.ones(1), [1, 2])
        >>> ran.theta.ravel().tolist(), ran.change.ravel().tolist()
        ([0.5, 0.25], [-0.5, -0.25])
    """
    start, numbers = landscape.ravel(start), np.asarray(at, dtype=int)
    if start.shape != (landscape.num_parameters,):
        msg = f"the start has shape {start.shape}, wanted ({landscape.num_parameters},)"
        raise ShapeMismatchError(msg)
    if numbers.ndim != 1 or not len(numbers) or numbers[0] < 1 or (np.diff(numbers) < 1).any():
        msg = "the steps to record must increase from 1 on: give range(1, 101) for all of 100"
        raise InvalidInputError(msg)
    size = 5 * 8 * len(numbers) * start.size
    require_memory(size, f"a record of {len(numbers):,} steps", "record fewer of them")
    order = None
    if batch is not None:
        if not isinstance(landscape, EmpiricalLandscape):
            msg = "minibatches need a landscape of samples (EmpiricalLandscape): leave batch out"
            raise InvalidInputError(msg)
        steps = int(numbers[-1])
        order = data_orders(landscape.num_samples, batch, steps, runs=run + 1, seed=seed)[run]
    rule = jax.tree.map(lambda leaf: jnp.asarray(leaf, start.dtype), rule)
    rows = _recorded(landscape, rule, start, jnp.asarray(numbers), order)
    return Trajectory(rule, numbers, *(np.asarray(row) for row in rows))


@eqx.filter_jit
def _recorded(
    landscape: Landscape, rule: Rule, start: Array, at: Array, order: Array | None
) -> tuple[Array, ...]:
    """Return before, theta, gradient, scaling and loss at the steps `at`."""

    def one(number: Array, carry: tuple) -> tuple:
        theta, memory, _ = carry
        seen = landscape
        if order is not None and isinstance(landscape, EmpiricalLandscape):
            seen = landscape.minibatch(order[number])
        gradient = seen.gradient(rule.interim(theta, memory))
        change, memory = rule.update(gradient, memory)
        return theta + change, memory, gradient

    def until(carry: tuple, end: Array) -> tuple[tuple, tuple]:
        done, *state = carry
        before = jax.lax.fori_loop(done, end - 1, one, tuple(state))
        theta, memory, gradient = one(end - 1, before)
        scaling = jnp.broadcast_to(jnp.asarray(rule.scaling(memory), theta.dtype), theta.shape)
        row = (before[0], theta, gradient, scaling, landscape.loss(theta))
        return (end, theta, memory, gradient), row

    first = (jnp.zeros((), at.dtype), start, rule.init(start), jnp.zeros_like(start))
    return jax.lax.scan(until, first, at)[1]
