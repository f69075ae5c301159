"""What every optimizer is: a state, the place where it wants the gradient, and an update."""

import abc
import math
from typing import Any, ClassVar

import equinox as eqx
import optax
from jaxtyping import Array, Float

from saddlescape.core import InvalidInputError

Parameters = Float[Array, "*p"]
Scalar = Array | float | int
State = Any


class Rule(eqx.Module):
    """An update rule, written for one array: every rule here treats each parameter alike.

    One step from theta with the state s is::

        gradient = landscape.gradient(rule.interim(theta, s))
        change, s = rule.update(gradient, s)
        theta = theta + change

    A rule is a pytree whose leaves are its numbers, so rates can be mapped, swept and traced.
    """

    name: ClassVar[str]
    rate: eqx.AbstractVar[Scalar]

    @abc.abstractmethod
    def init(self, theta: Parameters) -> State:
        """Return the state before the first step.

        Args:
            theta: parameters, any shape.

        Returns:
            arrays, or () for a rule without memory.
        """

    @abc.abstractmethod
    def interim(self, theta: Parameters, state: State) -> Parameters:
        """Return where the gradient of the next step is wanted.

        Args:
            theta: the parameters.
            state: of the rule.

        Returns:
            theta itself, except for Nesterov's rules.
        """

    @abc.abstractmethod
    def update(self, gradient: Parameters, state: State) -> tuple[Parameters, State]:
        """Return the change of the parameters, and the next state.

        Args:
            gradient: at `interim`, shaped like the parameters.
            state: of the rule.

        Returns:
            what is added to theta, and the state.
        """

    @abc.abstractmethod
    def scaling(self, state: State) -> Parameters | float:
        """Return what multiplies each gradient component, besides the rate, after a step.

        Args:
            state: after the step.

        Returns:
            1 for linear rules; for RMSProp and Adam the inverse root of the mean square.
        """

    @abc.abstractmethod
    def sharpness_bound(self) -> Scalar:
        """Return the largest stable curvature: beyond it the rule diverges on a quadratic.

        Returns:
            the bound on the largest eigenvalue of S^(1/2) H S^(1/2), S the diagonal `scaling`
            held fixed; for linear rules S = 1, so of the Hessian itself.
        """

    @abc.abstractmethod
    def optax(self) -> optax.GradientTransformation:
        """Return the same rule for your own training loop.

        Returns:
            a transformation to be used as any of optax's. For Nesterov's rules the parameters that
            your loop holds are the interim ones, where the gradient is taken.
        """


def require(name: str, value: Scalar, *, below: float = math.inf) -> None:
    """Raise unless a number of a rule lies in [0, below); what is traced is not looked at."""
    if isinstance(value, int | float) and not 0 <= value < below:
        wanted = "a number >= 0" + (f" and < {below:g}" if below < math.inf else "")
        msg = f"{name} is {value}: give {wanted}"
        raise InvalidInputError(msg)
