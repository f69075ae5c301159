"""What the terminal shows of paths: a bar while they are followed, then a table."""

import contextlib
from collections.abc import Callable, Iterator

from rich import box
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from saddlescape.passages import Passage, Passages, remarks
from saddlescape.passages import Progress as State

_STEPS = 1_000  # of the bar, for each pair


@contextlib.contextmanager
def progress(*, quiet: bool) -> Iterator[Callable[[State], None]]:
    """Show what is done now, how far it is and since when; nothing in pipes.

    Args:
        quiet: whether to show nothing in any case.

    Yields:
        a function to call with the state of the work.
    """
    console = Console(stderr=True)
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=20),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=quiet or not console.is_terminal,
        transient=True,
    )
    with bar:
        task = bar.add_task("Preparing", total=None)

        def advance(state: State) -> None:
            done = _STEPS * (state.done + 1 - min(1.0, state.share_left))
            several = state.pair is not None and state.total > 1
            words = state.doing + (f" ({state.done + 1} of {state.total})" if several else "")
            bar.update(task, description=words, total=_STEPS * state.total, completed=done)

        yield advance


def passages(found: Passages, finding: str, html: str | None) -> None:
    """Print what was found: the sentence, a row for each pair, the other ways of a single one.

    Args:
        found: the passages.
        finding: the sentence.
        html: the page that was written, or None.
    """
    console = Console()
    if not console.is_terminal:
        console.width = 120
    console.print(finding, highlight=False, soft_wrap=True)
    for sentence in (f"Begins at {found.start.source}.", *remarks(found)):
        console.print(sentence, highlight=False, soft_wrap=True)
    if len(found.passages) == 1:
        console.print(_ways(found.passages[0]), highlight=False)
    else:
        console.print(_pairs(found), highlight=False)
    if html:
        console.print(f"Page: {html}", highlight=False, soft_wrap=True)
    else:
        console.print("--html FILE draws it.", highlight=False)


def _pairs(found: Passages) -> Table:
    """Return a row for every pair, the lowest pass first."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("pair", "barrier", "folds", "saddle", "index", "nullity", "lowest known"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("note")
    for passage in sorted(
        found.passages, key=lambda p: (float(f"{p.lowest.barrier:.9e}"), not p.path.reached)
    ):
        path, saddle = passage.path, passage.path.saddle
        cells = ("-", "-", "-")
        if saddle is not None:
            cells = (f"{saddle.loss:.6g}", str(saddle.index), str(saddle.nullity))
        table.add_row(
            " ".join(map(str, path.pair)),
            f"{path.barrier:.6g}" if path.reached else "-",
            str(len(path.folds)),
            *cells,
            f"{passage.lowest.barrier:.6g}",
            path.reason or passage.lowest.name,
        )
    return table


def _ways(passage: Passage) -> Table:
    """Return a row for every way that was tried, the lowest first, those that failed last."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("way", no_wrap=True)
    table.add_column("barrier", justify="right", no_wrap=True)
    table.add_column("note")
    for way in passage.connecting:
        table.add_row(way.name, f"{way.barrier:.6g}", way.note)
    if not passage.path.reached:
        table.add_row("merging path", "-", passage.path.reason)
    for way in passage.alternatives:
        if way.barrier is None:
            table.add_row(way.name, "-", way.note)
    return table
