"""What the terminal shows of slices: a bar while they are computed, then what they show."""

import contextlib
from collections.abc import Callable, Iterator

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

from saddlescape.views import View, finding, slice_finding

_ROWS = 9  # points of a line in the terminal; JSON has them all


@contextlib.contextmanager
def progress(*, quiet: bool) -> Iterator[Callable[[str, int, int], None]]:
    """Show how many points are done, at which rate, and the time left; nothing in pipes.

    Args:
        quiet: whether to show nothing in any case.

    Yields:
        a function to call with what is computed, and the numbers of points done and of all.
    """
    console = Console(stderr=True)
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=20),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=quiet or not console.is_terminal,
        transient=True,
    )
    with bar:
        task = bar.add_task("Compiling, searching", total=None, rate="")

        def advance(what: str, done: int, total: int) -> None:
            if bar.tasks[0].description != what:
                bar.reset(task, description=what, total=total)
            speed = bar.tasks[0].speed
            rate = f"{speed:,.0f} a second" if speed else ""
            bar.update(task, total=total, completed=done, rate=rate)

        yield advance


def slices(view: View, html: str | None) -> None:
    """Print what slices show.

    Args:
        view: slices that were computed.
        html: the page that was written, or None.
    """
    console = Console()
    if not console.is_terminal:
        console.width = 120
    told = [finding(view)] if view.walk else [slice_finding(view, i) for i in range(len(view.cuts))]
    for number, line in enumerate(told):
        console.print(f"{line}.", highlight=False, soft_wrap=True)
        if len(view.cuts[number].coordinates) == 1:
            console.print(_table(view, number), highlight=False)
    for line in _notes(view):
        console.print(line, highlight=False, soft_wrap=True)
    console.print(f"Page: {html}" if html else "--html FILE draws it.", highlight=False)


def _table(view: View, number: int) -> Table:
    """Return some points of a line: loss, model, relaxed loss."""
    cut = view.cuts[number]
    table = Table(box=box.SIMPLE_HEAD)
    columns = {"at": cut.coordinates[0], "loss": cut.losses}
    if not view.settings.is_between:
        columns["quadratic model"] = view.models[number].at(cut.places)
    if view.relaxed:
        columns["relaxed"] = view.relaxed[number].losses
    for name in columns:
        table.add_column(name, justify="right")
    last = len(cut.losses) - 1
    for place in sorted({round(last * i / (_ROWS - 1)) for i in range(_ROWS)} | {*cut.centre}):
        table.add_row(*(f"{values[place]:.6g}" for values in columns.values()))
    return table


def _notes(view: View) -> list[str]:
    """Return what else there is to say, a sentence a line."""
    cut = view.cuts[0]
    notes = [f"Directions: {cut.directions.source}."]
    if len(cut.directions) > 1:
        notes[0] = f"Directions: {cut.directions.source}; cosine {cut.directions.cosine:.2g}."
    steep = f"{view.models[0].gradient_norm:.2g}"
    notes.append(
        f"The centre: loss {view.models[0].loss:.6g}, largest entry of the gradient {steep}."
    )
    if view.relaxed:
        first = view.relaxed[0]
        far = max(float(one.distance.max()) for one in view.relaxed)
        if view.num_unreached:
            notes.append(
                f"At {view.num_unreached:,} points the search did not end: the projected gradient "
                f"is above {first.tolerance:.2g} after all steps. The farthest point is "
                f"{far:.3g} from the slice."
            )
        else:
            notes.append(
                f"Relaxed by {first.method} to projected gradients below {first.tolerance:.2g}, "
                f"up to {far:.3g} from the slice."
            )
    return notes
