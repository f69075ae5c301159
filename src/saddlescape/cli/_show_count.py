"""What the terminal shows of counts."""

from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from saddlescape.symmetry import Counts, Subspaces, ratio_text, short


def counts(
    result: Counts,
    size: int | None,
    wider: Subspaces | None,
    built: tuple[Any, ...] = (),
    where: dict[str, Any] | None = None,
) -> None:
    """Print the numbers of minima and permutation points, then those of a wider student.

    Args:
        result: minima and orders.
        size: the number of parameters, or None.
        wider: the subspaces of a student with a narrower teacher, or None.
        built: what the points are on a loss: `passages.BuiltOrder` records.
        where: what they were built on: problem, activation, starts, seed.
    """
    console = Console()
    if not console.is_terminal:
        console.width = 120
    console.print(_sentence(result, size), highlight=False, soft_wrap=True)
    if result.orders:
        console.print(_orders(result), highlight=False)
        last, most = result.orders[-1].order, result.last_countable
        if most > last:
            words = f"--max-order shows more, up to {most:,}."
            console.print(words, highlight=False, soft_wrap=True)
        elif result.max_order > last:
            words = f"Orders {last + 1:,} to {result.max_order:,} would take long to count."
            console.print(words, highlight=False, soft_wrap=True)
    if wider is not None:
        _subspaces(console, wider)
    if built:
        on = ", ".join(f"{name.replace('_', ' ')} {x}" for name, x in (where or {}).items())
        console.print(f"Built on {on}." if on else "Built:", highlight=False, soft_wrap=True)
        console.print(_measured(built), highlight=False)
        if result.is_odd:
            words = "Sign flips only make copies of these points, and were left out."
            console.print(words, highlight=False, soft_wrap=True)


def _sentence(result: Counts, size: int | None) -> str:
    """Return what was counted."""
    shape = ",".join(map(str, result.hidden))
    flips = " and sign flips" if result.is_odd else ""
    copies = "minimum" if result.minima == 1 else "equivalent minima"
    parameters = "" if size is None else f" in {size:,} dimensions"
    return f"Hidden {shape}: {short(result.minima)} {copies} by permutations{flips}{parameters}."


def _orders(result: Counts) -> Table:
    """Return one row per order."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in (
        "order",
        "permutation points",
        "of pairs only",
        "theorem: at least",
        "per minimum",
    ):
        table.add_column(name, justify="right", no_wrap=True)
    for order in result.orders:
        numbers = (order.points, order.pairs_only, order.lower_bound)
        table.add_row(f"{order.order:,}", *map(short, numbers), ratio_text(order.ratio))
    return table


def _subspaces(console: Console, wider: Subspaces) -> None:
    """Print the subspaces of a wider student."""
    console.print(
        f"Teacher {wider.teacher}, student {wider.student}: {short(wider.minima)} subspaces of "
        "global minima.",
        highlight=False,
        soft_wrap=True,
    )
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("narrower width", "subspaces of critical points", "per subspace of minima"):
        table.add_column(name, justify="right", no_wrap=True)
    for (width, number), ratio in zip(wider.critical, wider.ratios, strict=True):
        table.add_row(f"{width:,}", short(number), ratio_text(ratio))
    console.print(table, highlight=False)


def _measured(built: tuple[Any, ...]) -> Table:
    """Return one row per narrower minimum: what all its permutation points are."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    names = ("order", "from width", "loss", "points", "different", "gradient", "index", "nullity")
    for name in names:
        is_text = name in {"index", "nullity"}
        table.add_column(name, justify="left" if is_text else "right", no_wrap=not is_text)
    for entry in built:
        place = (str(entry.order), ",".join(map(str, entry.narrow)))
        if entry.loss is None:
            table.add_row(*place, "no minimum found", "0", "", "", "", "")
            continue
        points = f"{entry.built:,} of {entry.expected:,}"
        numbers = (f"{entry.loss:.6g}", points, f"{entry.different:,}")
        histograms = (histogram(entry.index), histogram(entry.nullity))
        table.add_row(*place, *numbers, f"{entry.gradient_norm:.0e}", *histograms)
    return table


def histogram(pairs: tuple[tuple[int, int], ...]) -> str:
    """Return a histogram in words.

    Args:
        pairs: values, and how many points have them.

    Returns:
        each value with its number.

    Example:
        >>> histogram(((1, 24), (2, 12)))
        '1 (24), 2 (12)'
    """
    return ", ".join(f"{value} ({number:,})" for value, number in pairs)
