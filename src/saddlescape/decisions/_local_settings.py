"""What `saddlescape regions local` is asked to do."""

import shlex
from typing import Annotated, Any

import pydantic

from saddlescape.core import InvalidInputError
from saddlescape.setups import SetupSettings

Width = Annotated[int, pydantic.Field(ge=1, le=5_000)]


class LocalSettings(SetupSettings):
    """Which networks are set beside the nearest neighbour, on which data.

    Raises:
        pydantic.ValidationError: for a value out of range; `read` and `checked` turn it into one
            sentence.

    Example:
        >>> LocalSettings(problem="spirals", widths=(4, 8)).command()
        'saddlescape regions local --problem spirals --widths 4,8 --seed 0'
    """

    widths: tuple[Width, ...] = (4, 8, 16, 32)
    """Neurons in a hidden layer, one network for each."""
    depth: Annotated[int, pydantic.Field(ge=1, le=20)] = 1
    """Hidden layers of every network."""
    starts: Annotated[int, pydantic.Field(ge=1, le=1_000)] = 3
    """Runs of each; the one of lowest loss on the training samples is kept."""
    steps: Annotated[int, pydantic.Field(ge=1, le=1_000_000)] = 3_000
    """Steps of Adam, each on all training samples."""
    rate: Annotated[float, pydantic.Field(gt=0)] = 0.01
    seed: Annotated[int, pydantic.Field(ge=0, lt=2**31)] = 0
    """Of starts, and of which samples are held out."""

    @pydantic.model_validator(mode="after")
    def _compares_widths(self) -> Any:
        """Return the settings if there are networks to compare."""
        if not self.widths:
            msg = "no width is given: give --widths 4,8,16,32"
            raise InvalidInputError(msg)
        if self.hidden is not None or self.activation is not None:
            msg = "the networks are rectifiers of --widths: leave out hidden and activation"
            raise InvalidInputError(msg)
        return self

    def command(self) -> str:
        """Return the command that repeats this.

        Returns:
            one shell line.
        """
        return shlex.join(["saddlescape", "regions", "local", *self.options(always={"seed"})])
