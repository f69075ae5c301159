"""What `saddlescape depth separation` is asked to do."""

import shlex
from typing import Annotated, Any

import pydantic

from saddlescape.comparisons._settings import Count, Rate, Seed
from saddlescape.core import InvalidInputError
from saddlescape.setups import SetupSettings


class SeparationSettings(SetupSettings):
    """Which functions are represented, and how training looks for small networks.

    Raises:
        pydantic.ValidationError: for a value out of range; `read` and `checked` turn it into one
            sentence.

    Example:
        >>> SeparationSettings(teeth=4).command()
        'saddlescape depth separation --teeth 4 --seed 0'
    """

    teeth: Annotated[int, pydantic.Field(ge=1, le=12)] = 8
    """The sawtooth with up to 2^teeth pieces."""
    bits: Annotated[int, pydantic.Field(ge=2, le=12)] = 8
    """Parity of 2 to that many bits."""
    squares: Annotated[int, pydantic.Field(ge=1, le=10)] = 6
    """Products to the accuracy of 1 to that many layers."""
    trained_teeth: Annotated[int, pydantic.Field(ge=0, le=6)] = 3
    """Up to how many teeth training looks for networks."""
    trained_bits: Annotated[int, pydantic.Field(ge=0, le=8)] = 4
    """Up to how many bits it does."""
    trained_products: Annotated[int, pydantic.Field(ge=0, le=4)] = 2
    """Training looks for one hidden layer that is as near to a product as that many layers are."""
    tries: Annotated[int, pydantic.Field(ge=1, le=100)] = 8
    """Widths that are tried, from the lower bound upwards."""
    rates: tuple[Rate, ...] = (0.003, 0.01, 0.03)
    seeds: Annotated[int, pydantic.Field(ge=1, le=1_000)] = 16
    epochs: Count = 500
    starts: Annotated[int, pydantic.Field(ge=1, le=10_000)] = 32
    """Starts of every width where training looks for the function itself."""
    steps: Count = 3_000
    """Steps of Adam from each of these."""
    seed: Seed = 0

    @pydantic.model_validator(mode="after")
    def _is_consistent(self) -> Any:
        """Return the settings if they ask for nothing but these functions."""
        for name in ("problem", "data", "target", "hidden", "activation", "bias", "samples"):
            if getattr(self, name) is not None:
                msg = f"{name} is given, but the functions are fixed: leave it out"
                raise InvalidInputError(msg)
        return self

    @classmethod
    def small(cls, given: dict[str, Any]) -> dict[str, Any]:
        """Return settings for a look in less than a minute.

        Args:
            given: fields that are set already.

        Returns:
            the other fields, small.
        """
        small = {
            "teeth": 6, "bits": 6, "squares": 4, "trained_teeth": 2, "trained_bits": 2, "tries": 4,
            "seeds": 8, "epochs": 300, "trained_products": 1, "starts": 16, "steps": 1_000,
        }  # fmt: skip
        return {name: value for name, value in small.items() if name not in given}

    def command(self) -> str:
        """Return the command that repeats this.

        Returns:
            one shell line.
        """
        return shlex.join(["saddlescape", "depth", "separation", *self.options(always={"seed"})])
