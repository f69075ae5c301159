"""What `saddlescape index cloud` is asked to do."""

import shlex
from typing import Annotated

import pydantic

from saddlescape.setups import SetupSettings


class CloudSettings(SetupSettings):
    """Where critical points of which indices are searched, and how often.

    Raises:
        pydantic.ValidationError: for a value out of range; `read` and `checked` turn it into one
            sentence.

    Example:
        >>> CloudSettings(problem="lecture", activation="tanh", starts=90).command()
        'saddlescape index cloud --problem lecture --activation tanh --starts 90 --max-index 6 --seed 0'
    """  # noqa: E501 - a command is one line

    starts: Annotated[int, pydantic.Field(ge=1, le=1_000_000)] = 300
    """Searches; half begin on trajectories of training, half beside points those have found."""
    max_index: Annotated[int, pydantic.Field(ge=0, le=10_000)] = 6
    """Eigenvector following asks for index 0 to this; the other finders take any."""
    max_steps: Annotated[int, pydantic.Field(ge=1)] = 300
    matrices: Annotated[int, pydantic.Field(ge=19, le=100_000)] = 999
    """Random matrices that a spectrum is compared with."""
    scale: Annotated[float, pydantic.Field(gt=0)] = 1.0
    """Multiplies the standard deviation of the random starts."""
    seed: Annotated[int, pydantic.Field(ge=0, lt=2**31)] = 0

    def command(self) -> str:
        """Return the command that repeats this.

        Returns:
            one shell line.
        """
        options = self.options(always={"starts", "max_index", "seed"})
        return shlex.join(["saddlescape", "index", "cloud", *options])
