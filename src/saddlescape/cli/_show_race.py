"""What the terminal shows of a race: a bar while it runs, then a table."""

import contextlib
from collections.abc import Callable, Iterator

import numpy as np
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

from saddlescape.optimizers import Race, over_starts
from saddlescape.races import Explanation, Races, ends_in_words, level, reaches

_LEGEND = (
    "Losses are medians over the starts. Diverged: seen above 10 times the loss it began at. Steps "
    "to a loss: in the median, at the rate that is fastest for that loss."
)


@contextlib.contextmanager
def progress(*, quiet: bool) -> Iterator[Callable[[Race], None]]:
    """Show a bar that counts steps, with their rate and the time left; nothing in pipes.

    Args:
        quiet: whether to show nothing in any case.

    Yields:
        a function to call with the stages of the race.
    """
    console = Console(stderr=True)
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=20),
        MofNCompleteColumn(),
        TextColumn("steps"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=quiet or not console.is_terminal,
        transient=True,
    )
    with bar:
        task = bar.add_task("Compiling", total=None)

        def advance(stage: Race) -> None:
            runs = stage.loss[..., 0].size
            words = f"Racing {runs:,} runs" if stage.steps[-1] else "Compiling"
            bar.update(
                task, description=words, total=stage.total_steps, completed=int(stage.steps[-1])
            )

        yield advance


def race(found: Races, finding: str, html: str | None) -> None:
    """Print what was found: the sentence, and a row for each optimizer.

    Args:
        found: the race.
        finding: the sentence.
        html: the page that was written, or None.
    """
    console = Console()
    if not console.is_terminal:
        console.width = 120
    console.print(finding, highlight=False, soft_wrap=True)
    console.print(_table(found), highlight=False)
    console.print(_LEGEND, highlight=False, soft_wrap=True)
    console.print(_ends(found), highlight=False)
    edges = [
        name
        for name, best in zip(found.names, found.race.best, strict=True)
        if len(found.race.rates) > 1 and best in {0, len(found.race.rates) - 1}
    ]
    if edges:
        which = ", ".join(edges)
        told = f"The best rate of {which} is at the edge of those raced: try others with --rates."
        console.print(told, highlight=False, soft_wrap=True)
    last = f"Page: {html}" if html else "--html FILE draws it."
    console.print(last, highlight=False, soft_wrap=True)


def _table(found: Races) -> Table:
    """Return a row for every optimizer: best rate, losses, steps to given losses."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("optimizer", no_wrap=True)
    for name in ("best rate", "final loss", "diverged", "at all rates"):
        table.add_column(name, justify="right", no_wrap=True)
    rows = [reaches(found, number) for number in range(len(found.names))]
    for reach in rows[0]:
        table.add_column(f"steps to {reach.loss:g}", justify="right")
    for number, name in enumerate(found.names):
        best = int(found.race.best[number])
        median = float(over_starts(found.race.loss[number, best, :, -1]))
        lost = found.race.diverged[number] >= 0
        table.add_row(
            name,
            f"{found.race.rates[best]:g}",
            level(median) if np.isfinite(median) else "not finite",
            f"{int(lost[best].sum())} of {lost.shape[1]}",
            f"{int(lost.sum())} of {lost.size}",
            *("-" if reach.steps is None else f"{reach.steps:,.0f}" for reach in rows[number]),
        )
    return table


def _ends(found: Races) -> Table:
    """Return a row for every optimizer: the critical points its runs at the best rate lead to."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("optimizer", no_wrap=True)
    runs = "run" if found.settings.seeds == 1 else f"{found.settings.seeds} runs"
    table.add_column(
        f"critical points that a search from the ends of its {runs} at that rate finds"
    )
    for number, name in enumerate(found.names):
        table.add_row(name, ends_in_words(found, number))
    return table


def evidence(found: Explanation) -> None:
    """Print the statements of the lecture beside what was measured.

    Args:
        found: the explanation of a race.
    """
    console = Console()
    if not console.is_terminal:
        console.width = 120
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("claim", "the lecture says", "for", "measured", "numbers"):
        table.add_column(name)
    for one in found.evidence:
        said = "true" if one.said else "false"
        table.add_row(one.claim, one.statement, said, one.verdict, one.measured)
    console.print(table, highlight=False)
