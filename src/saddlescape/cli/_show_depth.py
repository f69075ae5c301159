"""What the terminal shows of deep and shallow networks."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table


@contextlib.contextmanager
def progress(*, quiet: bool) -> Iterator[Callable[[Any], None]]:
    """Show a bar that counts trained networks; nothing in pipes.

    Args:
        quiet: whether to show nothing in any case.

    Yields:
        a function to call with a comparison that has `trained` and `architectures`.
    """
    console = Console(stderr=True)
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=20),
        MofNCompleteColumn(),
        TextColumn("networks"),
        TimeElapsedColumn(),
        console=console,
        disable=quiet or not console.is_terminal,
        transient=True,
    )
    with bar:
        task = bar.add_task("Training", total=None)

        def advance(done: Any) -> None:
            bar.update(task, total=len(done.architectures), completed=len(done.trained))

        yield advance


def accuracy(result: dict[str, Any], html: str | None) -> None:
    """Print the finding, the networks, and the statements.

    Args:
        result: what `comparisons.summary` returned.
        html: the page that was written, or None.
    """
    console = opened()
    console.print(result["finding"], highlight=False, soft_wrap=True)
    for name, rows in result["experiments"].items():
        console.print(_networks(name, rows), highlight=False)
    console.print(statements(result["statements"]), highlight=False)
    console.print(last(html), highlight=False, soft_wrap=True)


def opened() -> Console:
    """Return the console, wide in pipes."""
    console = Console()
    if not console.is_terminal:
        console.width = 120
    return console


def last(html: str | None) -> str:
    """Return the last line."""
    return f"Page: {html}" if html else "--html FILE draws it."


def percent(interval: dict[str, float]) -> str:
    """Return an interval in percent."""
    mean, low, high = (100 * interval[name] for name in ("mean", "low", "high"))
    return f"{mean:.1f} [{low:.1f}, {high:.1f}]"


def _networks(name: str, rows: list[dict[str, Any]]) -> Table:
    """Return a row for every network."""
    table = Table(title=f"{name}, accuracy in %", box=box.SIMPLE_HEAD, title_justify="left")
    table.add_column("kind", no_wrap=True)
    for heading in ("layers", "width", "parameters", "rate", "epochs", "train", "test [95 %]"):
        table.add_column(heading, justify="right", no_wrap=True)
    for row in rows:
        table.add_row(
            row["kind"], str(row["depth"]), f"{row['width']:,}", f"{row['parameters']:,}",
            f"{row['rate']:g}" + "*" * row["is_rate_at_edge"], f"{row['epochs']:.0f}",
            f"{100 * row['train']['mean']:.1f}", percent(row["test"]),
        )  # fmt: skip
    if any(row["is_rate_at_edge"] for row in rows):
        table.caption = "* the largest or smallest rate that was tried: others may be better"
    return table


def statements(rows: list[dict[str, Any]]) -> Table:
    """Return a row for every statement.

    Args:
        rows: as in the summary.

    Returns:
        the table.
    """
    table = Table(title="Statements", box=box.SIMPLE_HEAD, title_justify="left")
    for heading in ("statement", "difference in % [95 %]", "verdict"):
        table.add_column(heading)
    for row in rows:
        table.add_row(row["text"], percent(row["difference"]), row["verdict"])
    return table


def composition(result: dict[str, Any], html: str | None) -> None:
    """Print the finding, every contender, and the statements.

    Args:
        result: what `comparisons.composition_summary` returned.
        html: the page that was written, or None.
    """
    console = opened()
    console.print(result["finding"], highlight=False, soft_wrap=True)
    table = Table(title="accuracy in %", box=box.SIMPLE_HEAD, title_justify="left")
    table.add_column("who", no_wrap=True)
    for heading in ("seen of 36", "both, seen", "both, unseen [95 %]", "shape", "color"):
        table.add_column(heading, justify="right", no_wrap=True)
    for row in result["accuracies"]:
        unseen, seen = row["on_unseen"], row["on_seen"]
        table.add_row(
            row["who"], str(row["seen"]), _mean(seen["both"]),
            percent(unseen["both"]) if unseen["both"] else "-",
            _mean(unseen["shape"]), _mean(unseen["color"]),
        )  # fmt: skip
    shares = result["guessing"]
    guess = (f"{100 * shares[what]:.1f}" for what in ("both", "shape", "color"))
    table.add_row("guessing", "", "", *guess)
    console.print(table, highlight=False)
    console.print(statements(result["statements"]), highlight=False)
    console.print(last(html), highlight=False, soft_wrap=True)


def _mean(interval: dict[str, float] | None) -> str:
    """Return a mean in percent, a dash where there is none."""
    return "-" if interval is None else f"{100 * interval['mean']:.1f}"


def separation(result: dict[str, Any], html: str | None) -> None:
    """Print the finding, the exact numbers, and what training found.

    Args:
        result: what `comparisons.separation_summary` returned.
        html: the page that was written, or None.
    """
    console = opened()
    console.print(result["finding"], highlight=False, soft_wrap=True)
    table = _counts("Sawtooth: hidden units", "teeth", "pieces", "deep", "one layer", "not fewer")
    for row in result["sawtooth"]:
        numbers = (row["teeth"], row["pieces"], row["deep"]["units"], row["shallow"]["units"])
        table.add_row(*(f"{x:,}" for x in (*numbers, row["fewest_shallow"])))
    console.print(table, highlight=False)
    table = _counts(
        "Parity: hidden units", "bits", "deep", "one layer", "a unit per example", "not fewer"
    )
    for row in result["parity"]:
        numbers = (row["bits"], row["deep"]["units"], row["shallow"]["units"], row["local"])
        table.add_row(*(f"{x:,}" for x in (*numbers, row["bound"])))
    console.print(table, highlight=False)
    table = _counts(
        "Square and product", "layers", "units", "error", "one layer", "not fewer", "x y: units",
        "error",
    )  # fmt: skip
    for row in result["product"]:
        table.add_row(
            str(row["layers"]), str(row["square"]["units"]), f"{row['square_error']:.2g}",
            f"{row['shallow_square']['units']:,}", f"{row['fewest_shallow_units']:,}",
            str(row["product"]["units"]), f"{row['product_error']:.2g}",
        )  # fmt: skip
    console.print(table, highlight=False)
    counts = result["regions"]
    same = sum(row["counted"] == row["formula"] for row in counts)
    text = f"Linear regions of these networks, counted: {same} of {len(counts)} as by the formula\n"
    console.print(text, highlight=False)
    table = _counts("Points named rightly by training", "function", "widths", "runs that fit")
    for row in result["searches"]:
        table.add_row(
            f"{row['target']} {row['number']}", ",".join(map(str, row["widths"])),
            f"{row['fits']} of {row['runs']}",
        )  # fmt: skip
    console.print(table, highlight=False)
    table = _counts("The function itself, one layer", "function", "width", "error", "near enough")
    for row in result["fits"]:
        table.add_row(
            f"{row['target']} {row['number']}", str(row["width"]), f"{row['error']:.2g}",
            f"{'yes' if row['is_enough'] else 'no'} ({row['allowed']:.2g})",
        )  # fmt: skip
    console.print(table, highlight=False)
    console.print(last(html), highlight=False, soft_wrap=True)


def _counts(title: str, *names: str) -> Table:
    """Return an empty table of numbers."""
    table = Table(title=title, box=box.SIMPLE_HEAD, title_justify="left")
    for name in names:
        table.add_column(name, justify="right", no_wrap=True)
    return table
