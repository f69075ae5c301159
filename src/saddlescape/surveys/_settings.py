"""What a survey is asked to do: checked once, stored with its atlas, read from TOML."""

import shlex
from pathlib import Path
from typing import Annotated, Literal

import pydantic

from saddlescape.setups import SetupSettings


class SurveySettings(SetupSettings):
    """A survey's settings: what is searched, with what, from how many starts.

    Raises:
        pydantic.ValidationError: for a value out of range; `read` and `checked` turn it into one
            sentence.

    Example:
        >>> SurveySettings(problem="lecture", hidden=(5,)).command("atlas")
        'saddlescape survey --problem lecture --hidden 5 --starts 1000 --seed 0 --out atlas'
    """

    finder: Literal["minima", "any-index", "flow", "gradient-norm", "index"] = "minima"
    max_steps: Annotated[int, pydantic.Field(ge=1)] | None = None
    scale: Annotated[float, pydantic.Field(gt=0)] = 1.0
    """Multiplies the standard deviation of the random starts."""
    starts: Annotated[int, pydantic.Field(ge=1, le=100_000_000)] = 1_000
    seed: Annotated[int, pydantic.Field(ge=0, lt=2**31)] = 0

    def command(self, out: str | Path) -> str:
        """Return the command that repeats this survey.

        Args:
            out: the atlas folder.

        Returns:
            one shell line.
        """
        options = self.options(always={"starts", "seed"})
        return shlex.join(["saddlescape", "survey", *options, "--out", str(out)])
