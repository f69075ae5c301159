"""Depth separation: exact deep networks, shallow ones, lower bounds, and what training finds."""

import dataclasses
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pyarrow as pa
import pydantic

from saddlescape.comparisons._records import Shelf
from saddlescape.comparisons._separation_rows import (
    RegionCount,
    parity_row,
    product_row,
    region_counts,
    sawtooth_row,
)
from saddlescape.comparisons._settings import Count, Rate, Seed
from saddlescape.core import InvalidInputError
from saddlescape.depth import (
    Architecture,
    Samples,
    Training,
    fewest_units_for_parity,
    parity,
    sawtooth,
    train,
)
from saddlescape.setups import ResultFolder, SetupSettings, versions

_COPIES = 10  # of every point, so that both parts of the samples hold all of them
_GROWTH = 1.25  # from one width to the next that is tried, at least one more
_FOUND = pa.schema([
    ("target", pa.string()), ("number", pa.int32()), ("widths", pa.list_(pa.int32())),
    ("fits", pa.int32()), ("runs", pa.int32()),
])  # fmt: skip


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
    tries: Annotated[int, pydantic.Field(ge=1, le=100)] = 8
    """Widths that are tried, from the lower bound upwards."""
    rates: tuple[Rate, ...] = (0.003, 0.01, 0.03)
    seeds: Annotated[int, pydantic.Field(ge=1, le=1_000)] = 16
    epochs: Count = 500
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
            "seeds": 8, "epochs": 300,
        }  # fmt: skip
        return {name: value for name, value in small.items() if name not in given}

    def command(self) -> str:
        """Return the command that repeats this.

        Returns:
            one shell line.
        """
        return shlex.join(["saddlescape", "depth", "separation", *self.options(always={"seed"})])


@dataclasses.dataclass(frozen=True)
class Search:
    """Networks of one shape, trained from many starts to name points of a function.

    Args:
        target: sawtooth or parity.
        number: of teeth or bits.
        widths: of the hidden layers.
        fits: runs that name every point rightly.
        runs: in all.
    """

    target: str
    number: int
    widths: tuple[int, ...]
    fits: int
    runs: int


@dataclasses.dataclass(frozen=True)
class Separation:
    """What was counted exactly and what training found.

    Args:
        settings: what was asked for.
        sawtooth: a row per number of teeth.
        parity: a row per number of bits.
        product: a row per number of layers.
        searches: what training found.
    """

    settings: SeparationSettings
    sawtooth: tuple[dict[str, Any], ...]
    parity: tuple[dict[str, Any], ...]
    product: tuple[dict[str, Any], ...]
    searches: tuple[Search, ...]

    @property
    def region_counts(self) -> tuple[RegionCount, ...]:
        """The linear regions of every network, counted, beside the formula."""
        return region_counts(self.sawtooth, self.parity, self.product)

    def smallest(self, target: str, number: int) -> int | None:
        """Return the smallest width of one hidden layer with which training found a fit."""
        found = [
            one.widths[0]
            for one in self.searches
            if (one.target, one.number, len(one.widths)) == (target, number, 1) and one.fits
        ]
        return min(found, default=None)

    def deep_fits(self, target: str, number: int) -> Search | None:
        """Return how often training found the deep network, None where it was not looked for."""
        same = [x for x in self.searches if (x.target, x.number) == (target, number)]
        return next((x for x in same if len(x.widths) > 1), None)


@dataclasses.dataclass(frozen=True)
class Hunt:
    """How far the search by training has come: `trained` of `architectures`."""

    trained: tuple[int, ...]
    architectures: tuple[int, ...]


def separation(
    settings: SeparationSettings,
    on_progress: Callable[[Hunt], None] = lambda done: None,  # noqa: ARG005
    out: str | Path | None = None,
) -> Separation:
    """Return exact representations, lower bounds, and the smallest networks that training finds.

    Args:
        settings: what to do.
        on_progress: called before the first function is trained and after each.
        out: a folder that keeps what training found as Parquet: the same settings go on from there.

    Returns:
        the numbers; those of representations are exact.

    Raises:
        InvalidInputError: when the folder holds results of other settings.
    """
    shelf = Shelf(ResultFolder(out, "separation.json", settings).folder)
    jobs = [("sawtooth", n) for n in range(1, settings.trained_teeth + 1)]
    jobs += [("parity", n) for n in range(2, settings.trained_bits + 1)]
    searches: list[Search] = []
    every = tuple(range(len(jobs)))
    on_progress(Hunt((), every))
    for place, (target, number) in enumerate(jobs):
        name = f"search-{target}-{number}.parquet"
        table = shelf.read(name)
        if table is None:
            found = _hunted(settings, target, number)
            table = pa.Table.from_pylist([dataclasses.asdict(x) for x in found], schema=_FOUND)
            shelf.write(name, table)
        searches += [Search(**{**row, "widths": tuple(row["widths"])}) for row in table.to_pylist()]
        on_progress(Hunt(every[: place + 1], every))
    return Separation(
        settings,
        tuple(sawtooth_row(n) for n in range(1, settings.teeth + 1)),
        tuple(parity_row(n) for n in range(2, settings.bits + 1)),
        tuple(product_row(n) for n in range(1, settings.squares + 1)),
        tuple(searches),
    )


def _hunted(settings: SeparationSettings, target: str, number: int) -> list[Search]:
    """Return what training finds: one hidden layer, wider and wider, then the deep network."""
    if target == "sawtooth":
        points = np.arange(2**number + 1)[:, None] / 2**number
        labels = np.arange(2**number + 1) % 2
        width, deep = 2**number - 1, sawtooth(number)
    else:
        points = (np.arange(2**number)[:, None] >> np.arange(number)) & 1
        labels = points.sum(axis=1) % 2
        width, deep = fewest_units_for_parity(number), parity(number)
    inputs, classes = np.tile(points, (_COPIES, 1)), np.tile(labels, _COPIES)[:, None]
    samples = Samples(inputs - 0.5, classes, points - 0.5, labels[:, None])

    def tried(widths: tuple[int, ...]) -> Search:
        training = Training(settings.epochs, 32, settings.epochs)
        network = Architecture((points.shape[1],), widths, (2,))
        runs = train(
            network, training, samples, settings.rates, range(settings.seeds), seed=settings.seed
        )
        right = (runs.predictions == samples.test_labels[None, None]).all(axis=(2, 3))
        return Search(target, number, widths, int(right.sum()), right.size)

    found = []
    for _ in range(settings.tries):
        found.append(tried((width,)))
        if found[-1].fits:
            break
        width = max(width + 1, round(_GROWTH * width))
    if len(deep.widths) > 1:
        found.append(tried(deep.widths))
    return found


def separation_finding(done: Separation) -> str:
    """Return what was found, in a sentence.

    Args:
        done: all of it.

    Returns:
        the largest sawtooth, deep and shallow.
    """
    row = done.sawtooth[-1]
    return (
        f"A sawtooth of {row['pieces']:,} pieces takes {row['deep']['units']} units in "
        f"{row['teeth']} layers, and {row['fewest_shallow']:,} in one: no fewer do"
    )


def separation_summary(done: Separation) -> dict[str, Any]:
    """Return the result as JSON values.

    Args:
        done: all of it.

    Returns:
        finding, exact numbers, and what training found.
    """
    return {
        "finding": separation_finding(done),
        "command": done.settings.command(),
        "settings": done.settings.model_dump(mode="json", exclude_none=True),
        "sawtooth": list(done.sawtooth),
        "parity": list(done.parity),
        "product": list(done.product),
        "regions": [dataclasses.asdict(one) for one in done.region_counts],
        "searches": [dataclasses.asdict(one) for one in done.searches],
        "versions": versions(),
    }
