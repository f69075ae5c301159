"""Every step of a run, with all that diagnostics ask for."""

from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from saddlescape.core import EmpiricalLandscape, Landscape
from saddlescape.optimizers._rule import Rule, State


class Steps(NamedTuple):
    """One row per step."""

    theta: Float[Array, "t p"]  # before the step
    gradient: Float[Array, "t p"]  # that the step was made with
    change: Float[Array, "t p"]
    scaling: Float[Array, "t p"]  # after the step


@eqx.filter_jit
def every_step(
    landscape: Landscape,
    rule: Rule,
    start: Float[Array, " p"],
    steps: int,
    order: Int[Array, "t b"] | None = None,
) -> Steps:
    """Return all steps of a rule from a start, of all samples or in a given order of minibatches.

    Args:
        landscape: the loss.
        rule: the optimizer.
        start: shape (p,).
        steps: how many.
        order: the samples of each step.

    Returns:
        arrays of t = steps rows.
    """

    def one(carry: tuple[Array, State], batch: Array | None) -> tuple[tuple[Array, State], Steps]:
        theta, state = carry
        seen = landscape
        if batch is not None and isinstance(landscape, EmpiricalLandscape):
            seen = landscape.minibatch(batch)
        gradient = seen.gradient(rule.interim(theta, state))
        change, state = rule.update(gradient, state)
        scaling = jnp.broadcast_to(jnp.asarray(rule.scaling(state), theta.dtype), theta.shape)
        return (theta + change, state), Steps(theta, gradient, change, scaling)

    return jax.lax.scan(one, (start, rule.init(start)), order, length=steps)[1]
