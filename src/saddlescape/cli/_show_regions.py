"""What the terminal shows of regions."""

from rich import box
from rich.console import Console
from rich.table import Table

from saddlescape.regions import Bounds, CountedRegions
from saddlescape.symmetry import ratio_text, short

_ROWS = 24  # dimensions in the terminal; JSON and the page have more


def console() -> Console:
    """Return where results go: 120 columns wide in pipes.

    Returns:
        a console on standard output.
    """
    made = Console()
    if not made.is_terminal:
        made.width = 120
    return made


def counts(counted: CountedRegions | None, bounds: Bounds | None) -> None:
    """Print regions of hyperplanes, then bounds of a network.

    Args:
        counted: regions of hyperplanes, or None.
        bounds: of a deep network, or None.
    """
    out = console()
    if counted is not None:
        n, d = counted.hyperplanes, counted.dimension
        out.print(
            f"{n:,} hyperplanes in general position cut {d}-dimensional space into "
            f"{short(counted.regions)} regions, {short(counted.bounded)} of them bounded.",
            f"Of {n:,} points in general position one hyperplane separates "
            f"{short(counted.separable_dichotomies)} dichotomies of {short(2**n)}.",
            sep="\n", highlight=False, soft_wrap=True,
        )  # fmt: skip
        out.print(_dimensions(counted), highlight=False)
    if bounds is not None:
        out.print(_network(bounds), highlight=False, soft_wrap=True)


def _dimensions(counted: CountedRegions) -> Table:
    """Return one row per dimension."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("dimension", "regions", "bounded", "added by the last hyperplane"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in counted.table[:_ROWS]:
        table.add_row(*map(short, (row.dimension, row.regions, row.bounded, row.added)))
    return table


def _network(bounds: Bounds) -> str:
    """Return the bounds of a network, in sentences."""
    shape = "-".join(map(str, (bounds.inputs, *bounds.hidden)))
    reached = (
        "a hidden layer is narrower than the inputs, so the lower bound does not speak of it"
        if bounds.reachable is None
        else f"some network has at least {short(bounds.reachable)} linear regions"
    )
    return (
        f"ReLU network {shape}: {reached}; none has more than {short(bounds.upper)} (product of "
        f"layers: {short(bounds.product)}). Usual is the order of {ratio_text(bounds.typical)}."
    )
