"""What one sample costs: a function of the network's outputs, with its two derivatives.

Arrays are features-first, one column per sample: outputs and targets have shape (k, c).
"""

import abc
import dataclasses

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from saddlescape.core._errors import UnknownNameError

Columns = Float[Array, "k c"]
Row = Float[Array, " c"]


class AbstractLoss(abc.ABC):
    """The loss of one sample given the network's outputs."""

    name: str

    @abc.abstractmethod
    def value(self, outputs: Columns, targets: Columns) -> Row:
        """Return the loss of every sample, shape (c,)."""

    @abc.abstractmethod
    def gradient(self, outputs: Columns, targets: Columns) -> tuple[Row, Columns]:
        """Return the losses, and their derivative by the outputs, shape (k, c)."""

    @abc.abstractmethod
    def curvature(self, outputs: Columns, targets: Columns) -> Float[Array, "k k c"]:
        """Return the second derivative by the outputs, shape (k, k, c)."""


@dataclasses.dataclass(frozen=True)
class SquaredError(AbstractLoss):
    """The sum over outputs of (output - target)^2, without a factor 1/2."""

    name: str = "squared_error"

    def value(self, outputs: Columns, targets: Columns) -> Row:
        """Return the squared errors."""
        return jnp.sum((outputs - targets) ** 2, axis=0)

    def gradient(self, outputs: Columns, targets: Columns) -> tuple[Row, Columns]:
        """Return the squared errors and 2 (output - target)."""
        error = outputs - targets
        return jnp.sum(error * error, axis=0), 2 * error

    def curvature(self, outputs: Columns, targets: Columns) -> Float[Array, "k k c"]:
        """Return twice the unit matrix for every sample."""
        del targets  # the interface's
        unit = 2 * jnp.eye(outputs.shape[0], dtype=outputs.dtype)
        return jnp.broadcast_to(unit[:, :, None], (*unit.shape, outputs.shape[1]))


@dataclasses.dataclass(frozen=True)
class CrossEntropy(AbstractLoss):
    """Minus the log probability of the target class; outputs are logits, targets one-hot."""

    name: str = "cross_entropy"

    def value(self, outputs: Columns, targets: Columns) -> Row:
        """Return log(sum exp(logits)) - logit of the target, in nats."""
        return self.gradient(outputs, targets)[0]

    def gradient(self, outputs: Columns, targets: Columns) -> tuple[Row, Columns]:
        """Return the cross-entropies and probabilities - targets.

        Both are written with what the *other* classes hold, so that a sample that is right with
        probability 1 - 1e-30 still has a loss and a gradient of full relative accuracy.
        """
        margin = outputs - jnp.sum(targets * outputs, axis=0, keepdims=True)
        top = jnp.max(margin, axis=0)
        others = jnp.sum((1 - targets) * jnp.exp(margin - top[None]), axis=0)
        own = jnp.exp(-top)
        total = others + own
        value = jnp.where(top > 0, top + jnp.log(total), jnp.log1p(others))
        wrong = (1 - targets) * jnp.exp(margin - top[None]) / total[None]
        return value, wrong - targets * (others / total)[None]

    def curvature(self, outputs: Columns, targets: Columns) -> Float[Array, "k k c"]:
        """Return diag(q) - q q^T for the probabilities q.

        The diagonal q_i (1 - q_i) is summed from the off-diagonal, as 1 - q_i would cancel.
        """
        del targets  # the interface's
        q = jax.nn.softmax(outputs, axis=0)
        unit = jnp.eye(outputs.shape[0], dtype=outputs.dtype)[:, :, None]
        pairs = (1 - unit) * (q[:, None] * q[None])
        return unit * jnp.sum(pairs, axis=1)[:, None] - pairs


LOSSES: dict[str, AbstractLoss] = {loss.name: loss for loss in (SquaredError(), CrossEntropy())}


def loss_named(name: "str | AbstractLoss") -> AbstractLoss:
    """Return the loss called `name`; a loss is returned as it is.

    Args:
        name: ``"squared_error"``, ``"cross_entropy"``, or a loss.

    Returns:
        the loss.

    Raises:
        UnknownNameError: when no loss has that name.
    """
    if isinstance(name, AbstractLoss):
        return name
    if name not in LOSSES:
        msg = f"no loss is called {name!r}: choose one of {', '.join(LOSSES)}"
        raise UnknownNameError(msg)
    return LOSSES[name]
