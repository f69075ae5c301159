"""What `saddlescape race` is asked to do."""

import shlex
from typing import Annotated, Any

import pydantic

from saddlescape.core import InvalidInputError
from saddlescape.optimizers import OPTIMIZERS, SWEEP, optimizer
from saddlescape.setups import SetupSettings

Rate = Annotated[float, pydantic.Field(gt=0)]


class RaceSettings(SetupSettings):
    """Which optimizers run at which rates, on what, from how many starts.

    Raises:
        pydantic.ValidationError: for a value out of range; `read` and `checked` turn it into one
            sentence.

    Example:
        >>> RaceSettings(problem="lecture", optimizers=("adam",), rates=(0.01,)).command()
        'saddlescape race --problem lecture --optimizers adam --rates 0.01 --steps 5000 --seeds 5 --seed 0'
    """  # noqa: E501 - a command is one line

    optimizers: tuple[str, ...] | None = None
    """Names of `saddlescape.optimizers.OPTIMIZERS`; all by default."""
    rates: tuple[Rate, ...] | None = None
    """Learning rates; a sweep by default."""
    steps: Annotated[int, pydantic.Field(ge=1, le=100_000_000)] = 5_000
    batch: Annotated[int, pydantic.Field(ge=1)] | None = None
    """Samples per step, 1 for the online rule; all by default."""
    seeds: Annotated[int, pydantic.Field(ge=1, le=100_000)] = 5
    """How many starts, each with its own order of the data; all optimizers get the same."""
    seed: Annotated[int, pydantic.Field(ge=0, lt=2**31)] = 0
    scale: Annotated[float, pydantic.Field(gt=0)] = 1.0
    """Multiplies the standard deviation of the random starts."""

    @pydantic.model_validator(mode="after")
    def _names_optimizers(self) -> Any:
        """Return the settings if every optimizer is known."""
        for name in self.optimizers or ():
            optimizer(name)
        if self.optimizers is not None and not self.optimizers:
            msg = f"no optimizer is named: choose among {', '.join(OPTIMIZERS)}, or leave it out"
            raise InvalidInputError(msg)
        return self

    @property
    def swept(self) -> tuple[float, ...]:
        """The learning rates, in increasing order."""
        return tuple(sorted(set(self.rates or SWEEP)))

    def command(self) -> str:
        """Return the command that repeats this.

        Returns:
            one shell line.
        """
        return shlex.join([
            "saddlescape", "race", *self.options(always={"steps", "seeds", "seed"}),
        ])  # fmt: skip
