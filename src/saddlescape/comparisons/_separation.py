"""Depth separation: exact deep networks, shallow ones, lower bounds, and what training finds."""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa

from saddlescape.comparisons._records import Shelf
from saddlescape.comparisons._separation_rows import (
    RegionCount,
    parity_row,
    product_row,
    region_counts,
    sawtooth_row,
)
from saddlescape.comparisons._separation_searches import (
    FITTED,
    FOUND,
    Fit,
    Search,
    fitted,
    hunted,
    product_error,
)
from saddlescape.comparisons._separation_settings import SeparationSettings
from saddlescape.setups import ResultFolder, versions


@dataclasses.dataclass(frozen=True)
class Separation:
    """What was counted exactly and what training found.

    Args:
        settings: what was asked for.
        sawtooth: a row per number of teeth.
        parity: a row per number of bits.
        product: a row per number of layers.
        searches: what training found of points to name.
        fits: what it found of functions to be.
    """

    settings: SeparationSettings
    sawtooth: tuple[dict[str, Any], ...]
    parity: tuple[dict[str, Any], ...]
    product: tuple[dict[str, Any], ...]
    searches: tuple[Search, ...]
    fits: tuple[Fit, ...]

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

    def smallest_fit(self, target: str, number: int) -> int | None:
        """Return the smallest width with which training came near enough to a function.

        Args:
            target: sawtooth or product.
            number: of teeth, or of layers of the product whose proven error is to be reached.

        Returns:
            hidden units, None where none of those tried was enough.
        """
        if target == "product":
            near = [x for x in self.fits if x.target == target and x.error <= product_error(number)]
        else:
            near = [x for x in self.fits if (x.target, x.number) == (target, number)]
            near = [x for x in near if x.is_enough]
        return min((one.width for one in near), default=None)

    @property
    def is_complete(self) -> bool:
        """Whether training found every network that it looked for in one hidden layer."""
        named = {(one.target, one.number) for one in self.searches}
        fitted = {(one.target, one.number) for one in self.fits}
        return all(self.smallest(*one) for one in named) and all(
            self.smallest_fit(*one) for one in fitted
        )

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
    jobs = [("search", "sawtooth", n) for n in range(1, settings.trained_teeth + 1)]
    jobs += [("search", "parity", n) for n in range(2, settings.trained_bits + 1)]
    jobs += [("fit", "sawtooth", n) for n in range(1, settings.trained_teeth + 1)]
    jobs += [("fit", "product", settings.trained_products)] * (settings.trained_products > 0)
    searches: list[Search] = []
    fits: list[Fit] = []
    every = tuple(range(len(jobs)))
    on_progress(Hunt((), every))
    for place, (what, target, number) in enumerate(jobs):
        name = f"{what}-{target}-{number}.parquet"
        table = shelf.read(name)
        if table is None:
            is_search = what == "search"
            found = (hunted if is_search else fitted)(settings, target, number)
            rows = [dataclasses.asdict(one) for one in found]
            table = pa.Table.from_pylist(rows, schema=FOUND if is_search else FITTED)
            shelf.write(name, table)
        for row in table.to_pylist():
            if what == "search":
                searches.append(Search(**{**row, "widths": tuple(row["widths"])}))
            else:
                fits.append(Fit(**row))
        on_progress(Hunt(every[: place + 1], every))
    return Separation(
        settings,
        tuple(sawtooth_row(n) for n in range(1, settings.teeth + 1)),
        tuple(parity_row(n) for n in range(2, settings.bits + 1)),
        tuple(product_row(n) for n in range(1, settings.squares + 1)),
        tuple(searches),
        tuple(fits),
    )


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
        "fits": [{**dataclasses.asdict(x), "is_enough": x.is_enough} for x in done.fits],
        "versions": versions(),
    }
