"""What `saddlescape depth composition` is asked to do."""

import shlex
from typing import Annotated, Any

import pydantic

from saddlescape.comparisons._settings import Count, Rate, Seed, Seeds
from saddlescape.core import InvalidInputError
from saddlescape.setups import SetupSettings

HeldOut = Annotated[int, pydantic.Field(ge=1, le=30)]


class CompositionSettings(SetupSettings):
    """Which networks see which combinations of shape and color, on how many scenes.

    Raises:
        pydantic.ValidationError: for a value out of range; `read` and `checked` turn it into one
            sentence.

    Example:
        >>> CompositionSettings(seeds=2).command()
        'saddlescape depth composition --seeds 2 --seed 0'
    """

    held_out: tuple[HeldOut, ...] = (1, 3, 6, 12, 18, 24, 30)
    """How many of the 36 combinations are never seen in training."""
    dense: tuple[Count, ...] = (1, 2, 4)
    """Hidden layers of the fully connected networks."""
    convolutional: tuple[Count, ...] = (1, 3)
    """Hidden layers of the convolutional networks."""
    width: Count = 48
    channels: Count = 12
    scenes: Annotated[int, pydantic.Field(ge=72, le=1_000_000)] = 2_880
    """To train and choose, equally many however few combinations they show."""
    tests: Annotated[int, pydantic.Field(ge=1, le=10_000)] = 20
    """Scenes of every combination to test."""
    looked_at: HeldOut = 6
    """How many combinations are held out where units are looked at; it must be among `held_out`."""
    rates: tuple[Rate, ...] = (1e-3, 3e-3)
    seeds: Seeds = 4
    epochs: Count = 30
    batch: Count = 40
    patience: Count = 8
    seed: Seed = 0

    @pydantic.model_validator(mode="before")
    @classmethod
    def _looks_at_what_is_held_out(cls, values: Any) -> Any:
        """Return the values, looking at units where the fewest are held out unless it is said."""
        held_out = values.get("held_out") if isinstance(values, dict) else None
        default = cls.model_fields["looked_at"].default
        if not isinstance(held_out, (list, tuple)) or not held_out or default in held_out:
            return values
        return {"looked_at": min(held_out), **values}

    @pydantic.model_validator(mode="after")
    def _is_consistent(self) -> Any:
        """Return the settings if they ask for nothing but scenes."""
        for name in ("problem", "data", "target", "hidden", "activation", "bias", "samples"):
            if getattr(self, name) is not None:
                msg = f"{name} is given, but the scenes are drawn here: leave it out"
                raise InvalidInputError(msg)
        if self.looked_at not in self.held_out:
            msg = (
                f"units are to be looked at with {self.looked_at} combinations held out, but "
                f"networks are trained with {', '.join(map(str, self.held_out))}: choose of them"
            )
            raise InvalidInputError(msg)
        return self

    @classmethod
    def small(cls, given: dict[str, Any]) -> dict[str, Any]:
        """Return settings for a look in less than a minute: few scenes, networks and seeds.

        Args:
            given: fields that are set already.

        Returns:
            the other fields, small.

        Example:
            >>> CompositionSettings.small({"seeds": 3})["scenes"]
            1440
        """
        small = {
            "held_out": (6, 24), "dense": (1,), "convolutional": (2,), "width": 32,
            "channels": 8, "scenes": 1_440, "seeds": 2, "epochs": 12,
        }  # fmt: skip
        if "held_out" in given and "looked_at" not in given:
            small["looked_at"] = min(given["held_out"])
        return {name: value for name, value in small.items() if name not in given}

    def command(self) -> str:
        """Return the command that repeats this.

        Returns:
            one shell line.
        """
        words = self.options(always={"seeds", "seed"})
        return shlex.join(["saddlescape", "depth", "composition", *words])
