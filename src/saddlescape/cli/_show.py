"""What the terminal shows: progress on standard error, results on standard output."""

import contextlib
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from saddlescape.symmetry import short

_LONG = 600  # seconds; who waits longer wants to know before
_NARROW = 80  # columns of a terminal; a full row may need as many
_ROWS = 12  # classes in the terminal; the page has them all


@contextlib.contextmanager
def progress(*, quiet: bool) -> Iterator[Callable[[Any], None]]:
    """Show a bar with the time left on a terminal; in pipes, only warn of a long survey.

    Args:
        quiet: whether to show nothing in any case.

    Yields:
        a function to call with a survey's `Progress`.
    """
    console = Console(stderr=True)
    bar = Progress(
        TextColumn("{task.description}"),
        *((BarColumn(bar_width=20),) if console.width >= _NARROW else ()),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[left]}"),
        console=console,
        disable=quiet or not console.is_terminal,
        transient=True,
    )
    with bar:
        task = bar.add_task("Preparing", total=None, left="")
        told = False

        def advance(state: Any) -> None:
            nonlocal told
            if not told and not quiet and state.seconds_left > _LONG:
                bar.console.print(_warning(state.seconds_left), highlight=False, soft_wrap=True)
            left = f"about {duration(state.seconds_left)} left" if told else ""
            words = f"{state.converged:,} converged" if told else "Compiling, searching"
            bar.update(task, description=words, total=state.total, completed=state.done, left=left)
            told = True

        yield advance


def _warning(seconds: float) -> str:
    """Return what a user should know before a long survey."""
    return (
        f"saddlescape: very roughly, this takes {duration(seconds)}: fewer --hidden, --samples or "
        "--starts take less; Ctrl-C keeps what is finished"
    )


def duration(seconds: float) -> str:
    """Return a duration in its natural unit, rounded to what a guess deserves.

    Args:
        seconds: how long.

    Returns:
        a number and a unit.

    Example:
        >>> [duration(seconds) for seconds in (1.2, 100.0, 7e3, 2e5, 1e9)]
        ['1 s', '2 min', '1.9 h', '2.3 days', '31.7 years']
    """
    for unit, size, digits in (
        ("years", 365.25 * 86_400, 1), ("days", 86_400, 1), ("h", 3_600, 1), ("min", 60, 0)
    ):  # fmt: skip
        if seconds >= 1.5 * size:
            return f"{seconds / size:,.{digits}f} {unit}"
    return f"{seconds:.0f} s"


def write_json(result: dict[str, Any], path: str) -> None:
    """Write a result as JSON to a file, or to standard output for ``-``.

    Args:
        result: JSON values.
        path: where to.

    Raises:
        InvalidInputError: when the file cannot be written.
    """
    text = json.dumps(result, indent=2, allow_nan=False) + "\n"
    if path == "-":
        sys.stdout.write(text)
        return
    try:
        Path(path).write_text(text, encoding="utf-8")
    except OSError as error:
        from saddlescape.core import InvalidInputError  # noqa: PLC0415 - loads JAX

        msg = f"cannot write {path} ({error.strerror}): choose a file in a folder that exists"
        raise InvalidInputError(msg) from None


def survey(result: dict[str, Any], out: Path, html: str | None) -> None:
    """Print what a survey found: the sentence, the classes, where it is stored.

    Args:
        result: what `surveys.summary` returns.
        out: the atlas folder.
        html: the page that was written, or None.
    """
    console = Console()
    if not console.is_terminal:
        console.width = 120
    console.print(result["finding"], highlight=False, soft_wrap=True)
    if result["classes"]:
        console.print(_classes(result["classes"], console.width), highlight=False)
    left = len(result["classes"]) - _ROWS
    if left > 0:
        console.print(f"... and {left:,} more: saddlescape report {out}", highlight=False)
    where = f"Page: {html}" if html else f"Atlas: {out} (saddlescape report {out} writes its page)"
    console.print(where, highlight=False, soft_wrap=True)


def _classes(rows: list[dict[str, Any]], width: int) -> Table:
    """Return the table of distinct points."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    columns = {
        "loss": lambda row: f"{row['loss']:.6g}",
        "gradient norm": lambda row: f"{row['gradient_norm']:.0e}",
        "index": lambda row: str(row["index"]),
        "nullity": lambda row: str(row["nullity"]),
        "found": lambda row: f"{row['count']:,}",
        "copies": lambda row: short(row["copies"]),
        "kind": _kind,
    }
    if width < _NARROW:  # the file and the page have them
        del columns["gradient norm"], columns["copies"]
    for name in columns:
        table.add_column(name, justify="left" if name == "kind" else "right", no_wrap=True)
    for row in rows[:_ROWS]:
        table.add_row(*(told(row) for told in columns.values()))
    return table


def _kind(row: dict[str, Any]) -> str:
    """Return the kind; a saddle without negative eigenvalues is one by its third derivative."""
    return "degenerate saddle" if (row["kind"], row["index"]) == ("saddle", 0) else row["kind"]
