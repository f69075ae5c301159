"""Peak memory of a dense Hessian, above the data."""

from benchmarks.children import measure
from benchmarks.tables import Goal, Table, main

GOAL = 300e6


def run(quick: bool) -> Table:
    """Return the peak at k = 100 and growing N, each in a process of its own."""
    counts = (1_000,) if quick else (1_000, 10_000, 100_000)
    found = [measure("memory", 100, count) for count in counts]
    peak = found[-1]["peak"]
    rows = tuple(
        (f"{n:,}", f"{f['data'] / 1e6:.1f} MB", f"{f['peak'] / 1e6:.0f} MB")
        for n, f in zip(counts, found, strict=True)
    )
    return Table(
        "Memory of a Hessian, k = 100",
        "Peak resident memory of a process that makes one Hessian, less what was resident once the "
        "data were there. Compiling it is included.",
        ("N", "data", "peak above the data"),
        rows,
        (Goal(f"under 300 MB at N = {counts[-1]:,}", f"{peak / 1e6:.0f} MB", peak < GOAL),),
    )


if __name__ == "__main__":
    main(run)
