"""What the terminal shows of a verdict: a bar while it is found, then the evidence."""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from saddlescape.spectra import Part, Trace, Verdict

_ROWS = 8  # eigenvalues in the terminal; JSON has them all


@contextlib.contextmanager
def progress(*, quiet: bool) -> Iterator[Callable[[int], None]]:
    """Show how many products were computed; nothing in pipes.

    Args:
        quiet: whether to show nothing in any case.

    Yields:
        a function to call with the number of products.
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
    with bar:
        task = bar.add_task("Compiling, searching", total=None)
        yield lambda count: bar.update(task, description=f"{count:,} products with the Hessian")


def spectrum(
    told: Verdict,
    finding: str,
    html: str | None,
    trace: Trace | None = None,
    model: dict[str, Any] | None = None,
    parts: Sequence[Part] = (),
) -> None:
    """Print the verdict and the ends of the spectrum.

    Args:
        told: the verdict.
        finding: it in a sentence.
        html: the page that was written, or None.
        trace: of the Hessian, where it was asked for.
        model: what there is to say of a model of the user's own.
        parts: of it, where they were asked for.
    """
    console = Console()
    if not console.is_terminal:
        console.width = 120
    console.print(f"{finding}.", highlight=False, soft_wrap=True)
    table = Table(box=box.SIMPLE_HEAD)
    for name in ("end", "curvature", "error at most"):
        table.add_column(name, justify="left" if name == "end" else "right")
    for name, pairs in (("lowest", told.lowest), ("highest", told.highest)):
        told_pairs = list(zip(pairs.values, pairs.bounds, strict=True))
        for value, bound in told_pairs[:_ROWS]:
            table.add_row(name, f"{value:.10g}", f"{bound:.1e}")
    console.print(table, highlight=False)
    if model:
        line = (
            f"{model['framework']} model in {model['mode']} mode, {model['loss']}, "
            f"{model['precision']}; Hessian {model['hessian']}."
        )
        console.print(line, highlight=False, soft_wrap=True)
    for line in _lines(told):
        console.print(line, highlight=False, soft_wrap=True)
    if trace is not None:
        line = f"Trace {trace.value:.6g}, standard error {trace.standard_error:.2g}."
        console.print(line, highlight=False, soft_wrap=True)
    for part in parts:
        console.print(_part(part), highlight=False, soft_wrap=True)
    console.print(f"Page: {html}" if html else "--html FILE draws it.", highlight=False)


def _part(part: Part) -> str:
    """Return a sentence about one part of the Hessian."""
    if part.is_zero:
        return f"The {part.name} part is zero within rounding."
    return (
        f"The {part.name} part: curvature from {part.lowest.values[0]:.6g} to "
        f"{part.highest.values[-1]:.6g}, trace {part.trace.value:.6g} ± "
        f"{part.trace.standard_error:.2g}."
    )


def _lines(told: Verdict) -> list[str]:
    """Return what else there is to say, a sentence a line."""
    lines = [told.note] if told.note else []
    if told.nullity:
        lines.append(
            f"{told.nullity:,} curvatures are zero, {told.num_explained:,} of them by symmetry."
        )
    if not told.is_exact:
        lines.append(
            f"No further curvature lies below {told.excluded_below:.3g}, at "
            f"{100 * told.confidence:g} % confidence ({told.num_products:,} products)."
        )
    if told.shares:
        where = ", ".join(f"{name} {100 * share:.0f} %" for name, share in told.shares[:4])
        lines.append(f"The most negative direction lives in {where}.")
    return lines
