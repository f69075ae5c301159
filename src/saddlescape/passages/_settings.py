"""What `saddlescape path` is asked to do."""

import shlex
from typing import Annotated

import pydantic

from saddlescape.setups import SetupSettings

Neuron = Annotated[int, pydantic.Field(ge=0)]


class PassageSettings(SetupSettings):
    """Which neurons of which network are merged, and from which minimum.

    Raises:
        pydantic.ValidationError: for a value out of range; `read` and `checked` turn it into one
            sentence.

    Example:
        >>> PassageSettings(problem="lecture", pair=(0, 2)).command()
        'saddlescape path --problem lecture --layer 0 --pair 0 2 --seed 0'
    """

    layer: Annotated[int, pydantic.Field(ge=0)] = 0
    """The hidden layer, from 0."""
    pair: tuple[Neuron, Neuron] | None = None
    """Two neurons of it, from 0; all pairs by default."""
    flip: bool = False
    """Whether the second neuron of the pair is turned upside down first, where that is a symmetry:
    the same minimum, another path."""
    compare: bool = False
    """Whether to look for other ways too, where that takes longer than the path itself."""
    max_steps: Annotated[int, pydantic.Field(ge=1)] = 5_000
    """Steps after which a path ends where it is; other ways of a pair may take as many together."""
    starts: Annotated[int, pydantic.Field(ge=1, le=100_000)] = 10
    """Random starts from which the lowest minimum is taken, where there is no teacher."""
    seed: Annotated[int, pydantic.Field(ge=0, lt=2**31)] = 0

    def command(self) -> str:
        """Return the command that repeats this.

        Returns:
            one shell line.
        """
        words: list[str] = []
        for word in self.options(always={"layer", "seed"}):
            is_pair = words[-1:] == ["--pair"]
            words += word.split(",") if is_pair else [word]
        return shlex.join(["saddlescape", "path", *words])
