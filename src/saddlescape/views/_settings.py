"""What `saddlescape slice` is asked to do."""

import shlex
from typing import Annotated, Any, Literal

import pydantic

from saddlescape.core import InvalidInputError
from saddlescape.setups import SetupSettings
from saddlescape.spectra import DENSE_LIMIT

POINTS = ("minimum", "critical", "start", "teacher", "origin")
EIGENVECTORS = ("eigenvectors", "lowest", "highest")
WAYS = (*EIGENVECTORS, "random", "filter")


class SliceSettings(SetupSettings):
    """Through which point of which loss, along what, and how far.

    Raises:
        pydantic.ValidationError: for a value out of range; `read` and `checked` turn it into one
            sentence.

    Example:
        >>> SliceSettings(problem="lecture", along="random", dimensions=2).command()
        'saddlescape slice --problem lecture --along random --dimensions 2 --seed 0'
    """

    at: str = "minimum"
    """Where a search from the start ends (minimum, critical), start, teacher, origin, or a file."""
    along: str = "eigenvectors"
    """The lowest and highest curvature, one end of them, random, filter, or another checkpoint."""
    dimensions: Literal[1, 2] = 1
    relaxed: bool = False
    """Whether the loss is minimized over all other directions too."""
    max_steps: Annotated[int, pydantic.Field(ge=1, le=1_000_000)] = 500
    """Of each search for a relaxed loss."""
    reach: Annotated[float, pydantic.Field(gt=0)] | None = None
    """How far either way (1); between checkpoints and around a trajectory: how far beyond."""
    grid: Annotated[int, pydantic.Field(ge=3, le=100_001)] | None = None
    """Points each way; as many as take seconds by default."""
    dense: Annotated[int, pydantic.Field(ge=0, le=20_000)] = DENSE_LIMIT
    """Parameters up to which eigenvectors come from the Hessian itself."""
    trajectory: str | None = None
    """A file with a row of parameters for each step, instead of `at` and `along`."""
    start: Annotated[int, pydantic.Field(ge=0, lt=2**31)] = 0
    seed: Annotated[int, pydantic.Field(ge=0, lt=2**31)] = 0
    """Of the starts and the random directions."""
    scale: Annotated[float, pydantic.Field(gt=0)] = 1.0
    """Multiplies the standard deviation of the random starts."""

    @pydantic.field_validator("dimensions", mode="before")
    @classmethod
    def _is_a_number(cls, value: Any) -> Any:
        """Return digits as the number they are: what is typed is text."""
        return int(value) if isinstance(value, str) and value.isdigit() else value

    @pydantic.model_validator(mode="after")
    def _fits_together(self) -> Any:
        """Return the settings if they name one slice."""
        if "max_steps" in self.model_fields_set and not self.relaxed:
            msg = "--max-steps is of the relaxed losses: give --relaxed with it"
            raise InvalidInputError(msg)
        if self.trajectory is not None:
            given = {"at", "along", "dimensions"} & self.model_fields_set
            if given:
                msg = f"--{min(given)} cannot be had with --trajectory, which makes its own plane"
                raise InvalidInputError(msg)
            return self
        if self.at not in POINTS and not self.at.endswith(".npz"):
            msg = f"at is {self.at!r}: give {', '.join(POINTS)}, or an npz file"
            raise InvalidInputError(msg)
        if self.along not in WAYS and not self.is_between:
            msg = f"along is {self.along!r}: give {', '.join(WAYS)}, or an npz file"
            raise InvalidInputError(msg)
        if self.is_between and self.dimensions == 2:
            msg = "--dimensions 2 with another checkpoint: two points make a line, leave it out"
            raise InvalidInputError(msg)
        return self

    @property
    def is_between(self) -> bool:
        """Whether the slice leads to another checkpoint."""
        return self.trajectory is None and self.along.endswith(".npz")

    @property
    def is_plane(self) -> bool:
        """Whether the slice has two dimensions."""
        return self.dimensions == 2 or self.trajectory is not None

    @property
    def count(self) -> int:
        """Points each way."""
        few, many = (21, 41) if self.is_plane else (51, 101)
        return self.grid or (few if self.relaxed else many)

    def command(self) -> str:
        """Return the command that repeats this.

        Returns:
            one shell line.
        """
        return shlex.join(["saddlescape", "slice", *self.options(always={"seed"})])
