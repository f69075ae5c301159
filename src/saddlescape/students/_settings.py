"""What `saddlescape regions solutions` is asked to do."""

import shlex
from typing import Annotated, Any

import pydantic

from saddlescape.core import InvalidInputError
from saddlescape.setups import SetupSettings

Width = Annotated[int, pydantic.Field(ge=1, le=10_000)]
Share = Annotated[float, pydantic.Field(gt=0, le=1_000)]
_SUITED: dict[str | None, dict[str, Any]] = {"box": {"weight_decay": 1e-5, "widths": (6,)}}


class SolutionsSettings(SetupSettings):
    """Which students learn what, from how many starts, and what counts as near the best.

    Raises:
        pydantic.ValidationError: for a value out of range; `read` and `checked` turn it into one
            sentence.

    Example:
        >>> SolutionsSettings(widths=(4,)).command()
        'saddlescape regions solutions --problem crescent --widths 4 --starts 300 --seed 0'
    """

    problem: str | None = "crescent"
    weight_decay: Annotated[float, pydantic.Field(ge=0)] = 1e-4
    """Classes that can be told apart have no minimum without it: weights would grow for ever. For
    box 1e-5 unless told: with 1e-4 the best of six planes do not tell all samples apart."""
    widths: Annotated[tuple[Width, ...], pydantic.Field(min_length=1, max_length=20)] | None = None
    """Neurons of the one hidden layer, one student each; by default as the problem suggests, and
    twice as many."""
    starts: Annotated[int, pydantic.Field(ge=1, le=1_000_000)] = 300
    """Random starts of each student."""
    within: Annotated[tuple[Share, ...], pydantic.Field(min_length=1)] = (
        0.01, 0.03, 0.1, 0.3, 1.0,
    )  # fmt: skip
    """How far above the best loss a solution may be, relative to it; the middle one is quoted."""
    seed: Annotated[int, pydantic.Field(ge=0, lt=2**31)] = 0
    scale: Annotated[float, pydantic.Field(gt=0)] = 1.0
    """Multiplies the standard deviation of the random starts."""

    @pydantic.model_validator(mode="before")
    @classmethod
    def _suits_the_problem(cls, values: Any) -> Any:
        """Return the settings with what the problem needs, where nothing else is said."""
        suited = _SUITED.get(values.get("problem"), {}) if isinstance(values, dict) else {}
        return {**suited, **values} if suited else values

    @pydantic.model_validator(mode="after")
    def _leaves_the_network_to_the_widths(self) -> Any:
        """Return the settings if `hidden` is not given beside the widths."""
        if self.hidden is not None:
            msg = (
                f"hidden is {','.join(map(str, self.hidden))}: students have one hidden layer, say "
                "its widths with --widths, such as 4,8"
            )
            raise InvalidInputError(msg)
        return self

    @property
    def quoted(self) -> float:
        """The tolerance that sentences quote: the middle one."""
        ascending = sorted(self.within)
        return ascending[len(ascending) // 2]

    def command(self) -> str:
        """Return the command that repeats this.

        Returns:
            one shell line.
        """
        always = {"starts", "seed"} | ({"problem"} if self.data is None else set())
        return shlex.join(["saddlescape", "regions", "solutions", *self.options(always=always)])
