"""Time per dense Hessian, two hidden layers, against the faster of PyTorch's two."""

from benchmarks.hessian import table_of
from benchmarks.tables import Table, main

WIDTHS = ((4, 4), (10, 10), (20, 20))
SAMPLES = (100, 1_000, 10_000)


def run(quick: bool) -> Table:
    """Return the table over widths and sample counts."""
    grid = [(k, n) for k in WIDTHS for n in SAMPLES if not quick or (k[0] <= 10 and n <= 100)]
    return table_of("Dense Hessian, two hidden layers", grid, 18, 2.0 if quick else 4.0)


if __name__ == "__main__":
    main(run)
