"""What `saddlescape spectrum` is asked to do."""

import shlex
from typing import Annotated, Any, Literal

import pydantic

from saddlescape.core import InvalidInputError
from saddlescape.setups import SetupSettings

_OF_MODELS = ("loss", "batch", "parameters", "single")
_OF_PROBLEMS = (
    "problem", "target", "inputs", "task", "missing", "samples", "hidden", "activation", "bias",
    "weight_decay", "at", "start", "scale",
)  # fmt: skip


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
    """An npz file with the parameters, instead of a search; of a model also safetensors."""
    model: str | None = None
    """``module:make``: where the model comes from that is judged, instead of a problem."""
    loss: str | None = None
    """``module:function`` of outputs and targets; by the targets of the data if unset."""
    batch: Annotated[int, pydantic.Field(ge=1)] | None = None
    """Rows of the data computed at a time; all by default."""
    parameters: str = "*"
    """A pattern of names: the other parameters of the model stay fixed."""
    single: bool = False
    """Whether the model computes in float32 instead of float64."""
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

    def _check_what_is_studied(self) -> None:
        """Raise unless a model, a problem or a file is named, with options that belong to it."""
        names, fields = _OF_PROBLEMS, type(self).model_fields
        if self.model is None:
            names = _OF_MODELS
        given = [name for name in names if getattr(self, name) != fields[name].default]
        told = " and ".join(f"--{name.replace('_', '-')}" for name in given)
        if self.model is None:
            if given:
                msg = f"{told} can be had with a model only: name one with --model module:make"
                raise InvalidInputError(msg)
            super()._check_what_is_studied()
            return
        if given:
            msg = f"{told} cannot be had with --model: leave it out"
            raise InvalidInputError(msg)
        if self.data is None:
            msg = f"no data are given for {self.model}: name an npz file of x and y with --data"
            raise InvalidInputError(msg)

    def command(self) -> str:
        """Return the command that repeats this.

        Returns:
            one shell line.
        """
        return shlex.join([
            "saddlescape", "spectrum",
            *self.options(always={"seed"} if self.model else {"start", "seed"}),
        ])  # fmt: skip
