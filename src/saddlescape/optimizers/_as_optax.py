"""Any rule for a training loop that holds a pytree of parameters."""

from typing import Any, NamedTuple

import jax
import optax

from saddlescape.core import InvalidInputError
from saddlescape.optimizers._rule import Rule


class Held(NamedTuple):
    """For every leaf of the parameters: theta itself, and the rule's memory."""

    theta: Any
    memory: tuple[Any, ...]


def as_optax(rule: Rule) -> optax.GradientTransformation:
    """Return a rule as optax's transformation.

    Your loop then holds the interim parameters, at which the gradient is taken, as optax and
    PyTorch do for Nesterov; `position` gives theta. For the other rules both are the same.

    Args:
        rule: of this package, or your own.

    Returns:
        a transformation; its update needs the parameters.

    Example:
        >>> import jax.numpy as jnp
        >>> from saddlescape.optimizers import RMSPropNesterov
        >>> optimizer = as_optax(RMSPropNesterov(rate=0.1))
        >>> model = {"weight": jnp.ones(2)}
        >>> state = optimizer.init(model)
        >>> changes, state = optimizer.update({"weight": jnp.ones(2)}, state, model)
        >>> sorted(optax.apply_updates(model, changes))
        ['weight']
    """

    def init(params):
        return Held(params, tuple(rule.init(leaf) for leaf in jax.tree.leaves(params)))

    def update(updates, state, params=None):
        if params is None:
            msg = "no parameters were given: call update(gradient, state, parameters)"
            raise InvalidInputError(msg)
        gradients, shape = jax.tree.flatten(updates)
        thetas, interims = jax.tree.leaves(state.theta), jax.tree.leaves(params)
        steps = [
            rule.update(gradient, memory)
            for gradient, memory in zip(gradients, state.memory, strict=True)
        ]
        memory = tuple(step[1] for step in steps)
        thetas = [theta + step[0] for theta, step in zip(thetas, steps, strict=True)]
        changes = [
            rule.interim(theta, new) - interim
            for theta, new, interim in zip(thetas, memory, interims, strict=True)
        ]
        return jax.tree.unflatten(shape, changes), Held(jax.tree.unflatten(shape, thetas), memory)

    return optax.GradientTransformation(init, update)


def position(state: Held) -> Any:
    """Return theta where your loop holds the interim parameters.

    Args:
        state: of the transformation made by `as_optax`.

    Returns:
        a pytree like the parameters.
    """
    return state.theta
