"""What `saddlescape depth accuracy` is asked to do."""

import shlex
from typing import Annotated, Any

import pydantic

from saddlescape.core import InvalidInputError
from saddlescape.setups import SetupSettings

Count = Annotated[int, pydantic.Field(ge=1, le=10_000_000)]
Rate = Annotated[float, pydantic.Field(gt=0)]
Seed = Annotated[int, pydantic.Field(ge=0, lt=2**31)]
Depth = Annotated[int, pydantic.Field(ge=1, le=64)]
Seeds = Annotated[int, pydantic.Field(ge=2, le=1_000)]


class AccuracySettings(SetupSettings):
    """Which networks are trained, on what, by which budget.

    Raises:
        pydantic.ValidationError: for a value out of range; `read` and `checked` turn it into one
            sentence.

    Example:
        >>> AccuracySettings(seeds=3).command()
        'saddlescape depth accuracy --problem mnist1d --seeds 3 --seed 0'
    """

    problem: str | None = "mnist1d"
    """A problem with classes; convolution needs one whose samples are signals or images."""
    depths: tuple[Depth, ...] = (1, 2, 3, 5, 11)
    """Hidden layers."""
    parameters: Count = 6_000
    """Of every network that is compared at equal parameters."""
    width: Count = 32
    """Neurons of every layer of a fully connected network, compared at equal width."""
    channels: Count = 16
    """The same for convolutional networks."""
    sizes: tuple[Count, ...] = (1_500, 6_000, 24_000)
    """Parameters of the networks of figure 6.7 of Goodfellow et al."""
    deep: Annotated[int, pydantic.Field(ge=2, le=64)] = 4
    """Hidden layers of the deep networks there; the shallow ones have 1."""
    rates: tuple[Rate, ...] = (3e-3, 1e-2, 3e-2, 1e-1)
    """Learning rates that every architecture tries from every seed."""
    seeds: Seeds = 5
    epochs: Count = 30
    batch: Count = 50
    patience: Count = 10
    seed: Seed = 0

    @pydantic.model_validator(mode="before")
    @classmethod
    def _reads_a_file_instead(cls, values: Any) -> Any:
        """Return the values without the default problem where a file is given."""
        if isinstance(values, dict) and values.get("data") is not None:
            return {"problem": None, **values}
        return values

    @pydantic.model_validator(mode="after")
    def _has_no_network_of_its_own(self) -> Any:
        """Return the settings if they leave the networks to the comparison."""
        for name in ("hidden", "activation", "bias", "weight_decay"):
            if getattr(self, name) != type(self).model_fields[name].default:
                msg = f"{name} is given, but depths and sizes say which networks: leave it out"
                raise InvalidInputError(msg)
        return self

    @classmethod
    def small(cls, given: dict[str, Any]) -> dict[str, Any]:
        """Return settings for a look in less than a minute: few samples, depths, sizes and seeds.

        Args:
            given: fields that are set already.

        Returns:
            the other fields, small.

        Example:
            >>> AccuracySettings.small({"seeds": 5})["epochs"]
            12
        """
        small = {
            "depths": (1, 3), "parameters": 2_000, "width": 16, "channels": 8,
            "sizes": (2_000, 6_000), "deep": 3, "rates": (3e-3, 1e-2, 3e-2),
            "seeds": 3, "epochs": 12,
        }  # fmt: skip
        if given.get("data") is None:
            small["samples"] = 1_000
        return {name: value for name, value in small.items() if name not in given}

    def command(self) -> str:
        """Return the command that repeats this.

        Returns:
            one shell line.
        """
        words = self.options(always={"seeds", "seed", *(["problem"] if self.problem else [])})
        return shlex.join(["saddlescape", "depth", "accuracy", *words])
