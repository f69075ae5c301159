"""What `saddlescape spectrum` is asked to do."""

import shlex
from typing import Annotated, Any, Literal

import pydantic

from saddlescape.core import InvalidInputError
from saddlescape.setups import SetupSettings


class SpectrumSettings(SetupSettings):
    """Which point of which loss is looked at, and how hard.

    Raises:
        pydantic.ValidationError: for a value out of range; `read` and `checked` turn it into one
            sentence.

    Example:
        >>> SpectrumSettings(problem="lecture", at="critical").command()
        'saddlescape spectrum --problem lecture --at critical --start 0 --seed 0'
    """

    at: Literal["minimum", "critical", "start", "teacher", "origin"] = "minimum"
    """Where a search from the start ends, the start itself, the teacher, or theta = 0."""
    checkpoint: str | None = None
    """An npz file with the parameters, instead of a search."""
    start: Annotated[int, pydantic.Field(ge=0, lt=2**31)] = 0
    """The number of the start."""
    seed: Annotated[int, pydantic.Field(ge=0, lt=2**31)] = 0
    scale: Annotated[float, pydantic.Field(gt=0)] = 1.0
    """Multiplies the standard deviation of the random starts."""
    tolerance: Annotated[float, pydantic.Field(gt=0, lt=1)] = 1e-6
    """Residual of Lanczos, relative to the largest curvature."""
    max_products: Annotated[int, pydantic.Field(ge=10, le=1_000_000)] = 1_000
    max_negative: Annotated[int, pydantic.Field(ge=1, le=1_000)] = 20
    confidence: Annotated[float, pydantic.Field(gt=0, lt=1)] = 0.99
    dense: Annotated[int, pydantic.Field(ge=0, le=20_000)] = 1_000
    """Parameters up to which the whole spectrum is computed."""
    density: bool = False
    """Whether to estimate the density of the spectrum and its trace too."""
    parts: bool = False
    """Whether to look at the Gauss-Newton part and the residual part apart."""
    probes: Annotated[int, pydantic.Field(ge=1, le=10_000)] = 10
    """Random directions of the density."""
    steps: Annotated[int, pydantic.Field(ge=2, le=1_000)] = 60
    """Products for each of them."""

    @pydantic.model_validator(mode="after")
    def _names_one_point(self) -> Any:
        """Return the settings if they name one point."""
        if self.checkpoint is not None and self.at != "minimum":
            msg = f"--at is {self.at!r} and a checkpoint is given: leave out one of them"
            raise InvalidInputError(msg)
        if not (self.density or self.parts) and {"probes", "steps"} & self.model_fields_set:
            msg = "--probes and --steps are of densities: give --density with them, or --parts"
            raise InvalidInputError(msg)
        return self

    def command(self) -> str:
        """Return the command that repeats this.

        Returns:
            one shell line.
        """
        return shlex.join([
            "saddlescape", "spectrum", *self.options(always={"start", "seed"}),
        ])  # fmt: skip
