"""What the terminal shows of the law of the index."""

import contextlib
from collections.abc import Callable, Iterator

from rich import box
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from saddlescape.spectra import IndexLaw

_ROWS = 13  # indices in the terminal; JSON has them all


@contextlib.contextmanager
def progress(total: int, *, quiet: bool) -> Iterator[Callable[[int], None]]:
    """Show how many matrices were drawn; nothing in pipes.

    Args:
        total: matrices to draw.
        quiet: whether to show nothing in any case.

    Yields:
        a function to call with the number of matrices.
    """
    console = Console(stderr=True)
    bar = Progress(
        TextColumn("Random matrices"),
        BarColumn(bar_width=20),
        TimeElapsedColumn(),
        console=console,
        disable=quiet or not console.is_terminal,
        transient=True,
    )
    with bar:
        task = bar.add_task("", total=total)
        yield lambda count: bar.update(task, completed=count)


def law(found: IndexLaw, html: str | None) -> None:
    """Print the law of the index.

    Args:
        found: the law.
        html: the page that was written, or None.
    """
    from saddlescape.report import index_law_finding  # noqa: PLC0415 - loads plotly

    console = Console()
    if not console.is_terminal:
        console.width = 140
    console.print(f"{index_law_finding(found)}.", highlight=False, soft_wrap=True)
    table = Table(box=box.SIMPLE_HEAD)
    for name in ("index", "exact", "drawn", "standard error", "independent signs", "closed form"):
        table.add_column(name, justify="left" if name == "closed form" else "right")
    # Of a long law the middle is shown, where the probability is.
    begin = max(0, (found.size + 1 - _ROWS) // 2)
    for k in range(begin, min(found.size + 1, begin + _ROWS)):
        table.add_row(
            str(k),
            "" if found.exact is None else f"{found.exact[k]:.8g}",
            f"{found.shares[k]:.5g}" if found.num_samples else "",
            f"{found.standard_errors[k]:.1g}" if found.num_samples else "",
            f"{found.naive[k]:.5g}",
            found.closed_forms[k] if found.closed_forms else "",
        )
    console.print(table, highlight=False)
    if found.size >= _ROWS:
        console.print(f"{found.size + 1 - _ROWS:,} more indices: --json FILE has them.")
    console.print(f"Page: {html}" if html else "--html FILE draws it.", highlight=False)
