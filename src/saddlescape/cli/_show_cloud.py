"""What the terminal shows of a cloud: a bar while it is searched, then tables."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from rich import box
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from saddlescape import clouds


@contextlib.contextmanager
def progress(*, quiet: bool) -> Iterator[Callable[[clouds.Progress], None]]:
    """Show a bar that counts searches, with the time left; nothing in pipes.

    Args:
        quiet: whether to show nothing in any case.

    Yields:
        a function to call with the progress.
    """
    console = Console(stderr=True)
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=20),
        MofNCompleteColumn(),
        TextColumn("searches"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=quiet or not console.is_terminal,
        transient=True,
    )
    with bar:
        task = bar.add_task("Compiling", total=None)

        def advance(state: clouds.Progress) -> None:
            words = f"{state.accepted:,} critical points" if state.done else "Compiling, searching"
            bar.update(task, description=words, total=state.total, completed=state.done)

        yield advance


def cloud(result: dict[str, Any], html: str | None) -> None:
    """Print what was found: the sentence, a row for each index, the correlations, the spectra.

    Args:
        result: what `clouds.summary` returns.
        html: the page that was written, or None.
    """
    console = Console()
    if not console.is_terminal:
        console.width = 120
    console.print(result["finding"], highlight=False, soft_wrap=True)
    for rows in (_indices(result), _correlations(result), _spectra(result)):
        if rows.row_count:
            console.print(rows, highlight=False)
    told = result["escape"]
    if told:
        pairs = ", ".join(
            f"{'-' if steps is None else f'{steps:,.0f}'} / {line:,.0f}"
            for steps, line in zip(told["steps"], told["formula"], strict=True)
        )
        words = f"Steps to leave a saddle of index 1, measured / ln(1/e) / (rate |lambda|): {pairs}"
        console.print(words, highlight=False, soft_wrap=True)
    console.print(f"Page: {html}" if html else "--html FILE draws it.", soft_wrap=True)


def _table(*columns: str) -> Table:
    """Return an empty table, its first column of words."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for number, name in enumerate(columns):
        table.add_column(name, justify="right" if number else "left")
    return table


def _indices(result: dict[str, Any]) -> Table:
    """Return a row for every index."""
    table = _table(
        "index", "distinct", "found", "found a minute", "lowest loss", "median", "highest loss"
    )
    for row in result["by_index"]:
        losses = (row[name] for name in ("lowest_loss", "median_loss", "highest_loss"))
        table.add_row(
            str(row["index"]), f"{row['distinct']:,}", f"{row['found']:,}",
            f"{row['found_per_minute']:.3g}", *(f"{loss:.3g}" for loss in losses),
        )  # fmt: skip
    return table


def _correlations(result: dict[str, Any]) -> Table:
    """Return a row for every correlation with the loss."""
    table = _table("loss against", "points", "Spearman", "p", "p by permutation")
    for name, row in result["correlations"].items():
        values = (row[key] for key in ("rho", "p_value", "permutation_p_value"))
        words = ("-" if value is None else f"{value:.2g}" for value in values)
        table.add_row(name, f"{row['size']:,}", *words)
    return table


def _spectra(result: dict[str, Any]) -> Table:
    """Return a row for every spectrum tested."""
    table = _table(
        "spectrum at index", "eigenvalues", "distance to the semicircle", "p", "gap ratio", "p"
    )
    for row in result["spectra"]:
        table.add_row(
            str(row["index"]), f"{len(row['eigenvalues']):,}", f"{row['distance']:.3f}",
            f"{row['p_value']:.2g}", f"{row['gap_ratio']:.3f}", f"{row['gap_ratio_p_value']:.2g}",
        )  # fmt: skip
    return table
