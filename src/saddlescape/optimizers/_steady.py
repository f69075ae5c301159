"""What a rule's step settles at when the gradient stays the same, or only changes its sign."""

import dataclasses

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from saddlescape.core import InvalidInputError
from saddlescape.optimizers._adam import Adam
from saddlescape.optimizers._gradient_descent import GradientDescent
from saddlescape.optimizers._momentum import Momentum
from saddlescape.optimizers._nesterov import Nesterov
from saddlescape.optimizers._rmsprop import RMSProp
from saddlescape.optimizers._rmsprop_nesterov import RMSPropNesterov
from saddlescape.optimizers._rule import Parameters, Rule, Scalar, State


def momentum_of(rule: Rule) -> Scalar:
    """Return the share of the last step that a rule repeats; 0 for rules without momentum."""
    return rule.momentum if isinstance(rule, Momentum | Nesterov | RMSPropNesterov) else 0.0


def steady_step(rule: Rule, gradient: Parameters) -> Parameters:
    """Return the step that a rule settles at when the gradient stays the same.

    Args:
        rule: one of this package.
        gradient: any shape.

    Returns:
        -rate g / (1 - momentum) for linear rules; for RMSProp g is divided by sqrt(delta + g*g),
        for Adam by |g| + delta, as their mean square is then g*g itself.

    Raises:
        InvalidInputError: for a rule that is not of this package.

    Example:
        >>> float(steady_step(Momentum(rate=0.1, momentum=0.9), jnp.array(2.0)).round(12))
        -2.0
    """
    match rule:
        case GradientDescent() | Momentum() | Nesterov():
            plain = gradient
        case RMSProp() | RMSPropNesterov():
            plain = gradient / jnp.sqrt(rule.delta + gradient * gradient)
        case Adam():
            plain = gradient / (jnp.abs(gradient) + rule.delta)
        case _:
            msg = f"no steady step is known of {type(rule).__name__}: give a rule of this package"
            raise InvalidInputError(msg)
    return -rule.rate * plain / (1 - momentum_of(rule))


def alternating_step(rule: Rule, gradient: Parameters) -> Parameters:
    """Return the step that answers a gradient whose sign has changed at every step for long.

    Args:
        rule: one of this package.
        gradient: of the last step.

    Returns:
        the step without memory, times 1 / (1 + momentum); for Adam times
        (1 - mean_decay) / (1 + mean_decay).

    Raises:
        InvalidInputError: for a rule that is not of this package.

    Example:
        >>> float(alternating_step(Momentum(rate=0.125, momentum=0.25), jnp.array(2.5)))
        -0.25
    """
    steady = steady_step(rule, gradient)
    if isinstance(rule, Adam):
        return steady * (1 - rule.mean_decay) / (1 + rule.mean_decay)
    momentum = momentum_of(rule)
    return steady * (1 - momentum) / (1 + momentum)


@dataclasses.dataclass(frozen=True, eq=False)
class Gain:
    """How much larger a rule's step is than rate * gradient, where the gradient has size 1.

    Args:
        rule: the optimizer.
        constant: after 1, 2, ... steps on a constant slope, measured by running the rule.
        alternating: the same where the gradient changes its sign at every step.
        constant_limit: what theory says `constant` tends to: 1 / (1 - momentum).
        alternating_limit: what theory says `alternating` tends to: 1 / (1 + momentum).
    """

    rule: Rule
    constant: Float[np.ndarray, " t"]
    alternating: Float[np.ndarray, " t"]
    constant_limit: float
    alternating_limit: float


def gain(rule: Rule, *, steps: int = 1_000) -> Gain:
    """Return by how much a rule magnifies a constant gradient, and an alternating one, measured.

    Args:
        rule: one of this package.
        steps: how many to run; the memory of momentum fades as momentum ** steps.

    Returns:
        the measured course of both, and the limits of theory. Lecture 4.2.

    Raises:
        InvalidInputError: for fewer than one step, or a rule that is not of this package.

    Example:
        >>> measured = gain(Momentum(momentum=0.9))
        >>> round(float(measured.constant[-1]), 9), round(float(measured.alternating[-1]), 9)
        (10.0, 0.526315789)
    """
    if steps < 1:
        msg = f"steps is {steps}: give at least 1"
        raise InvalidInputError(msg)
    one = jnp.ones(())
    limits = (-float(f(rule, one) / rule.rate) for f in (steady_step, alternating_step))
    signs = jnp.stack([jnp.ones(steps), jnp.where(jnp.arange(steps) % 2 == 0, 1.0, -1.0)], axis=1)
    changes = rule_changes(rule, signs)
    constant, alternating = np.asarray(-changes * signs / rule.rate).T
    return Gain(rule, constant, alternating, *limits)


@eqx.filter_jit
def rule_changes(rule: Rule, gradients: Float[Array, "t p"]) -> Float[Array, "t p"]:
    """Return the steps that a rule takes on given gradients."""

    def one(state: State, gradient: Array) -> tuple[State, Array]:
        change, state = rule.update(gradient, state)
        return state, change

    return jax.lax.scan(one, rule.init(gradients[0]), gradients)[1]
