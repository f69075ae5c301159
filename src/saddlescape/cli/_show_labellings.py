"""What the terminal shows of labellings."""

from typing import Any

from rich import box
from rich.table import Table

from saddlescape.cli._show_regions import console


def labellings(told: dict[str, Any], html: str | None) -> None:
    """Print which labellings one hidden layer can realise.

    Args:
        told: the result as JSON values.
        html: the page that was written, or None.
    """
    out = console()
    out.print(
        f"Of {int(told['labellings']):,} labellings of the {told['regions']} regions of "
        f"{told['hyperplanes']} hyperplanes one hidden layer with a linear readout has "
        f"{int(told['realizable']):,} ({told['fraction']:.3g}); one more layer has them all.",
        highlight=False, soft_wrap=True,
    )  # fmt: skip
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("hyperplanes", "regions", "labellings", "realizable", "fraction", "XOR"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in told["table"]:
        numbers = (
            row["hyperplanes"],
            row["regions"],
            int(row["labellings"]),
            int(row["realizable"]),
        )
        xor = "yes" if row["xor_is_realizable"] else "no"
        table.add_row(*(f"{n:,}" for n in numbers), f"{row['fraction']:.4g}", xor)
    out.print(table, highlight=False)
    for row in told["parity"]:
        excluded = sum(row["sets_excluded"])
        words = f"; all {excluded:,} smaller sets were excluded" if excluded else ""
        line = f"Parity of {row['bits']} bits needs {row['neurons']} threshold neurons{words}."
        out.print(line, highlight=False, soft_wrap=True)
    if html:
        out.print(f"Page: {html}", highlight=False, soft_wrap=True)
