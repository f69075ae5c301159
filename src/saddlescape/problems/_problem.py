"""What a problem is: data to fit or a surface, where it comes from, and what is known about it."""

import dataclasses
from collections.abc import Sequence

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from saddlescape.core import (
    Activation,
    Data,
    InvalidInputError,
    Landscape,
    Network,
    key_for,
)
from saddlescape.problems._scaling import Scaling


@dataclasses.dataclass(frozen=True, eq=False)
class KnownPoint:
    """A critical point known in closed form.

    Args:
        theta: where it is, shape (p,), exact in binary or correctly rounded.
        loss: its loss, exact in binary or correctly rounded.
        index: the number of negative eigenvalues of its Hessian.
        nullity: the number of its eigenvalues that vanish.
        kind: "minimum", "maximum", "saddle", "plateau" (flat to second order, but the loss falls
            further on one side) or "flat" (one of a curve of minima).
    """

    theta: Float[Array, " p"]
    loss: float
    index: int
    nullity: int
    kind: str


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class Problem:
    """Something to study: data for a network to fit, or a surface in one or two parameters.

    Args:
        name: what `load` calls it; for a file, its name.
        description: one sentence.
        source: citation and licence.
        scaling: what was done to inputs and targets, with the numbers that undo it.
        data: the samples to fit; None for a surface.
        test: samples set apart by the makers of the data, or None.
        landscape: the surface; None for data.
        teacher: the parameters that made the targets, or None.
        network: the teacher's network, or None.
        hidden: hidden widths to begin with.
        activation: the activation to begin with; None for a surface.
        bias: whether to begin with biases.
        input_names: one per input.
        target_names: class names, or one name per output.
        input_scaling: what was done to the inputs, where they were standardised.
        target_scaling: what was done to the targets, where they were standardised.
        known_points: critical points of a surface in closed form.
        box: the interval from which starts on a surface are drawn, one per parameter.
    """

    name: str
    description: str
    source: str
    scaling: str = "Nothing was scaled."
    data: Data | None = None
    test: Data | None = None
    landscape: Landscape | None = None
    teacher: Float[Array, " p"] | None = None
    network: Network | None = None
    hidden: tuple[int, ...] = ()
    activation: str | Activation | None = None
    bias: bool = True
    input_names: tuple[str, ...] = ()
    target_names: tuple[str, ...] = ()
    input_scaling: Scaling | None = None
    target_scaling: Scaling | None = None
    known_points: tuple[KnownPoint, ...] = ()
    box: tuple[tuple[float, float], ...] = ()

    def __repr__(self) -> str:
        """Return name and description: the arrays are too long to print."""
        return f"<Problem {self.name}: {self.description}>"

    def student(
        self,
        hidden: Sequence[int] | None = None,
        activation: str | Activation | None = None,
        bias: bool | None = None,
    ) -> Network:
        """Return a network whose inputs and outputs fit the data.

        Args:
            hidden: hidden widths; the suggested ones by default.
            activation: of the hidden layers; the suggested one by default.
            bias: whether layers have a bias; as suggested by default.

        Returns:
            the network, with one output per target column or class.

        Raises:
            InvalidInputError: for a surface, which no network makes.

        Example:
            >>> from saddlescape.problems import load
            >>> load("penguins").student(hidden=(5,))
            Network((2, 5, 3), 'tanh', bias=True)
        """
        if self.data is None or self.activation is None:
            msg = f"{self.name!r} is a surface, not data: use its landscape, no network is needed"
            raise InvalidInputError(msg)
        hidden = self.hidden if hidden is None else hidden
        widths = (self.data.num_inputs, *hidden, self.data.num_outputs)
        activation = self.activation if activation is None else activation
        return Network(widths, activation, bias=self.bias if bias is None else bias)

    def starts(self, num_starts: int, seed: int = 0, *, first: int = 0) -> Float[Array, "m p"]:
        """Return random starts on a surface, uniform in its box; row i depends on seed and i alone.

        Args:
            num_starts: how many rows.
            seed: of the named stream ``"start"``.
            first: the number of the first row, to draw a long list in blocks.

        Returns:
            starts, shape (num_starts, p).

        Raises:
            InvalidInputError: for data: then `network.starts` draws parameters.

        Example:
            >>> from saddlescape.problems import load
            >>> load("plateau").starts(3).shape
            (3, 1)
        """
        if not self.box:
            msg = f"{self.name!r} is data, not a surface: draw starts with network.starts"
            raise InvalidInputError(msg)
        lower, upper = (jnp.asarray(side) for side in zip(*self.box, strict=True))
        numbers = jnp.arange(first, first + num_starts)
        draw = jax.vmap(lambda i: jax.random.uniform(key_for(seed, "start", i), lower.shape))
        return lower[None] + (upper - lower)[None] * draw(numbers)
