"""What the terminal shows of a network opened."""

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

from saddlescape.cli._show_regions import console
from saddlescape.decisions import (
    Decision,
    Local,
    accuracy_gap,
    finding,
    growth_finding,
    local_finding,
    statements,
)


@contextlib.contextmanager
def progress(*, quiet: bool) -> Iterator[Callable[[str], None]]:
    """Show what is being done; nothing in pipes.

    Args:
        quiet: whether to show nothing in any case.

    Yields:
        a function to call with what is done next.
    """
    terminal = Console(stderr=True)
    if quiet or not terminal.is_terminal:
        yield lambda words: None  # noqa: ARG005
        return
    with terminal.status("Preparing") as status:
        yield status.update


@contextlib.contextmanager
def bar(words: str, total: int, unit: str, *, quiet: bool) -> Iterator[Callable[[int], None]]:
    """Show a bar with the time left; nothing in pipes.

    Args:
        words: what is being done.
        total: how much there is to do.
        unit: of what.
        quiet: whether to show nothing in any case.

    Yields:
        a function to call with how much is done.
    """
    terminal = Console(stderr=True)
    shown = Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=20),
        MofNCompleteColumn(),
        TextColumn(unit),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=terminal,
        disable=quiet or not terminal.is_terminal,
        transient=True,
    )
    with shown:
        task = shown.add_task(words, total=total)
        yield lambda done: shown.update(task, completed=done)


def local(found: Local, html: str | None) -> None:
    """Print networks beside the nearest neighbour.

    Args:
        found: the comparison.
        html: the page that was written, or None.
    """
    terminal = Console()
    if not terminal.is_terminal:
        terminal.width = 120
    terminal.print(local_finding(found) + ".", highlight=False, soft_wrap=True)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in (
        "neurons", "parameters", "regions", "without a sample", "of the area", "differ on",
        "held out right", "beyond 1-NN",
    ):  # fmt: skip
        table.add_column(name, justify="right")
    for row in found.networks:
        gap, error = accuracy_gap(found, row)
        table.add_row(
            f"{row.neurons}", f"{row.learned.num_parameters:,}", f"{row.regions.num_regions:,}",
            f"{int(row.is_empty.sum()):,}", f"{row.empty_area:.1%}", f"{row.different:.2%}",
            f"{row.right.mean():.2%}", f"{gap:+.2%} ± {2 * error:.2%}",
        )  # fmt: skip
    terminal.print(table, highlight=False)
    lines = [*statements(found), *([f"Page: {html}"] if html else [])]
    terminal.print("\n".join(lines), highlight=False, soft_wrap=True)


def decision(found: Decision, html: str | None) -> None:
    """Print what is seen of a network.

    Args:
        found: the network opened.
        html: the page that was written, or None.
    """
    lines = [finding(found) + "."]
    for view in found.views:
        name = "readout" if view.is_readout else f"layer {view.number}"
        idle = sum(float(a) in {0.0, 1.0} for a in view.active)
        kind = "hyperplanes" if view.num_neurons != 1 else "hyperplane"
        words = f"{name}: {view.num_neurons} {kind}, {idle} part no samples; {view.plane.shown}"
        if not view.plane.is_whole:
            words += f", {view.agreement:.1%} of the sides right in the picture"
        lines.append(words)
    lines += [growth_finding(found.along) + "."] if found.along else []
    lines += [f"Page: {html}"] if html else []
    console().print("\n".join(lines), highlight=False, soft_wrap=True)
