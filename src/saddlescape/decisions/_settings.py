"""What `saddlescape regions decision` is asked to do."""

import shlex
from typing import Annotated, Any, Literal

import pydantic

from saddlescape.core import InvalidInputError
from saddlescape.setups import SetupSettings


class DecisionSettings(SetupSettings):
    """Which network is opened, on which data, and how it is trained where it is not loaded.

    Raises:
        pydantic.ValidationError: for a value out of range; `read` and `checked` turn it into one
            sentence.

    Example:
        >>> DecisionSettings(problem="spirals", hidden=(8, 8)).command()
        'saddlescape regions decision --problem spirals --hidden 8,8 --seed 0'
    """

    activation: str | None = "relu"
    network: str | None = None
    """An npz file with weight_0, bias_0, weight_1, ... instead of training."""
    plane: Literal["samples", "pca"] = "samples"
    """With more than two inputs: through three samples, or of the two principal directions."""
    steps: Annotated[int, pydantic.Field(ge=1, le=1_000_000)] = 3_000
    """Steps of Adam, each on all samples."""
    rate: Annotated[float, pydantic.Field(gt=0)] = 0.01
    seed: Annotated[int, pydantic.Field(ge=0, lt=2**31)] = 0
    """Of the start."""
    scale: Annotated[float, pydantic.Field(gt=0)] = 1.0
    """Multiplies the standard deviation of the start."""
    training: bool = False
    """Whether to count regions along training too."""
    checkpoints: Annotated[int, pydantic.Field(ge=2, le=1_000)] = 40
    """How often, along training."""

    @pydantic.model_validator(mode="after")
    def _has_one_network(self) -> Any:
        """Return the settings if they name one network."""
        trained = {"hidden", "bias", "weight_decay", "steps", "rate", "scale", "seed"}
        given = sorted(trained & self.model_fields_set) if self.network is not None else ()
        if given:
            words = " and ".join("--" + name.replace("_", "-") for name in given)
            msg = f"--network is loaded, not trained: leave out {words}, or leave out --network"
            raise InvalidInputError(msg)
        if self.training and self.network is not None:
            msg = "--training counts along a run of its own: leave out --network"
            raise InvalidInputError(msg)
        if self.training and self.activation != "relu":
            msg = f"--training counts linear regions, {self.activation!r} has none: give relu"
            raise InvalidInputError(msg)
        return self

    def command(self) -> str:
        """Return the command that repeats this.

        Returns:
            one shell line.
        """
        always = set() if self.network is not None else {"seed"}
        return shlex.join(["saddlescape", "regions", "decision", *self.options(always=always)])
