"""What the terminal shows of the regions of a network."""

import contextlib
import time
from collections.abc import Callable, Iterator
from typing import Any

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from saddlescape.cli._show_regions import console

WHERE = {
    "rectangle": "in the rectangle", "plane": "in a rectangle on the plane",
    "segment": "on the segment", "box": "in the box", "everywhere": "in the whole space",
}  # fmt: skip


@contextlib.contextmanager
def progress(*, quiet: bool) -> Iterator[Callable[[int], None]]:
    """Show how many regions were visited, and how fast; how many there are nobody knows.

    Args:
        quiet: whether to show nothing in any case; in pipes nothing is shown.

    Yields:
        a function to call with the number of regions so far.
    """
    console = Console(stderr=True)
    bar = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        TimeElapsedColumn(),
        console=console,
        disable=quiet or not console.is_terminal,
        transient=True,
    )
    began = time.perf_counter()
    with bar:
        task = bar.add_task("Counting", total=None)

        def advance(count: int) -> None:
            rate = count / (time.perf_counter() - began)
            bar.update(task, description=f"{count:,} regions, {rate:,.0f} a second")

        yield advance


def network(told: dict[str, Any], html: str | None) -> None:
    """Print how many regions there are, beside the bounds.

    Args:
        told: the result as JSON values.
        html: the page that was written, or None.
    """
    shape = "-".join(map(str, told["widths"]))
    more = "" if told["is_complete"] else "at least "
    finding = (
        f"ReLU network {shape}: {more}{told['regions']:,} linear regions {WHERE[told['where']]} "
        f"({told['seconds']:.2f} s); {told['neurons_that_cut']:,} of {told['neurons']:,} hidden "
        f"neurons change sign there."
    )
    lines = [finding]
    if "in_ball" in told:
        lines.append(f"{told['in_ball']:,} of them reach into the disk.")
    if "bounded" in told:
        lines.append(f"{told['bounded']:,} of them are bounded.")
    bound = int(told["upper_bound"])
    shown = (
        f"{bound:,}" if bound < 10**15 else f"{float(bound):.3e}" if bound < 10**300 else "1e300"
    )
    lines.append(
        f"No network of this shape has more than {shown}; usual is the order of "
        f"{told['typical']:,.0f} in the whole space."
    )
    lines += [f"{entry['regions']:>12,}  {entry['network']}" for entry in told["along"][:-1]]
    lines += [f"Page: {html}"] if html else []
    console().print("\n".join(lines), highlight=False, soft_wrap=True)
