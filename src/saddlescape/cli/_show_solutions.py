"""What the terminal shows of students: a bar while they learn, then their solutions."""

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

from saddlescape import students
from saddlescape.students import Solutions, Student


@contextlib.contextmanager
def progress(*, quiet: bool) -> Iterator[Callable[[students.Progress], None]]:
    """Show a bar that counts starts, with their rate and the time left; nothing in pipes.

    Args:
        quiet: whether to show nothing in any case.

    Yields:
        a function to call with how far the students are.
    """
    console = Console(stderr=True)
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=20),
        MofNCompleteColumn(),
        TextColumn("starts"),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=quiet or not console.is_terminal,
        transient=True,
    )
    with bar:
        task = bar.add_task("Compiling", total=None, rate="")

        def advance(state: students.Progress) -> None:
            speed = bar.tasks[task].speed
            bar.update(
                task,
                description=f"{state.width} neurons",
                total=state.total,
                completed=state.done,
                rate="" if speed is None else f"{speed:.1f}/s",
            )

        yield advance


def solutions(found: Solutions, html: str | None) -> None:
    """Print the finding, whether the lecture's claim holds, and a table for each student.

    Args:
        found: students with their solutions.
        html: the page that was written, or None.
    """
    console = Console()
    if not console.is_terminal:
        console.width = 120
    lines = [f"{students.finding(found)}."]
    verdict, numbers = students.claim(found)
    if verdict:
        lines.append(f"More neurons, many more solutions (lecture): {verdict}: {numbers}.")
    console.print("\n".join(lines), highlight=False, soft_wrap=True)
    for student in found.students:
        console.print(_heading(student), highlight=False, soft_wrap=True)
        if student.solutions:
            console.print(_table(student), highlight=False)
    console.print(f"Page: {html}" if html else "--html FILE draws them.", highlight=False)


def _heading(student: Student) -> str:
    """Return how the starts of a student ended, and the copies of its best solution."""
    ends = ", ".join(f"{label} {count:,}" for label, count in student.outcomes.items())
    told = f"\n{student.width} neurons. Starts: {ends}."
    if student.copies is not None:
        told += f" {students.copies_in_words(student.copies)}."
    return told


def _table(student: Student) -> Table:
    """Return a row for every tolerance."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    names = ("within", "different", "in all, at least", "95 %", "new per start", "starts",
             "closest two", "all samples right")  # fmt: skip
    for name in names:
        table.add_column(name, justify="right")
    for tally in student.tallies:
        low, high = tally.unseen.interval
        table.add_row(
            f"{100 * tally.within:g} %",
            f"{tally.num_solutions:,}",
            f"{tally.unseen.num_classes:,.1f}",
            f"{low:,.1f} to {high:,.1f}",
            f"{100 * tally.unseen.share:.{2 if tally.unseen.share < 0.995 else 3}g} %",
            f"{tally.num_starts:,}",
            "-" if tally.distance is None else f"{tally.distance:.2f}",
            "-" if tally.num_perfect is None else f"{tally.num_perfect:,}",
        )
    return table
