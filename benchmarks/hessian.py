"""Time per dense Hessian, one hidden layer, against the faster of PyTorch's two."""

import jax.numpy as jnp
import torch

from benchmarks.tables import Goal, Table, main, ratio_cell, time_cell
from benchmarks.timing import in_turns
from benchmarks.work import Regression, require_same

WIDTHS = (10, 50, 100)
SAMPLES = (10, 100, 1_000, 10_000, 100_000)
PEER_MEMORY = 6e9  # bytes; a peer that needs more is left out, and the table says so
BUFFERS = 6  # arrays of shape (p, N, neurons) that torch.func.hessian holds at once, roughly


def peers(work: Regression) -> dict:
    """Return PyTorch's Hessians that fit the memory: calls by name."""
    loss, theta = work.torch_loss(), torch.from_numpy(work.theta)
    found = {"autograd": lambda: torch.autograd.functional.hessian(loss, theta)}
    entries = len(work.theta) * len(work.inputs) * sum(work.network.hidden)
    if BUFFERS * 8 * entries <= PEER_MEMORY:
        found["func"] = lambda: torch.func.hessian(loss)(theta)
    return found


def measure(hidden: tuple[int, ...], num_samples: int, budget: float) -> tuple[float, tuple]:
    """Return the ratio at one grid point, and its row."""
    work = Regression.random(hidden, num_samples)
    landscape, theta = work.landscape(), jnp.asarray(work.theta)
    calls = peers(work)
    last = {}

    def remembered(name, call):
        def run():
            last[name] = call()

        return run

    timings = in_turns(
        {"ours": lambda: landscape.hessian(theta).block_until_ready()}
        | {name: remembered(name, call) for name, call in calls.items()},
        budget=budget,
    )
    for name, matrix in last.items():
        require_same(landscape.hessian(theta), matrix.detach(), f"{name} {hidden} N={num_samples}")
    ours = timings.pop("ours")
    ratio = min(t.median for t in timings.values()) / ours.median
    cells = [time_cell(t.median, t.spread) for t in timings.values()]
    cells += ["over 6 GB"] * (2 - len(cells))
    name = ", ".join(map(str, hidden))
    row = (name, f"{num_samples:,}", str(theta.size), time_cell(ours.median, ours.spread), *cells)
    return ratio, (*row, ratio_cell(ratio))


def table_of(title: str, grid, goal: float, budget: float) -> Table:
    """Return the table over a grid of (hidden widths, sample count)."""
    ratios, rows = zip(*(measure(hidden, n, budget) for hidden, n in grid), strict=True)
    return Table(
        title,
        "Two inputs, biases, softplus, one output. One call from Python each; the ratio is to the "
        "faster of PyTorch's two. Medians of up to 7 calls, fewer where calls take seconds.",
        ("k", "N", "p", "ours", "torch.autograd.functional", "torch.func", "ratio"),
        rows,
        (
            Goal(
                f"at least {goal:g} at every grid point",
                f"{min(ratios):.3g} at the worst",
                min(ratios) >= goal,
            ),
        ),
    )


def run(quick: bool) -> Table:
    """Return the table over widths and sample counts."""
    grid = [((k,), n) for k in WIDTHS for n in SAMPLES if not quick or k * n <= 1_000]
    return table_of("Dense Hessian, one hidden layer", grid, 30, 2.0 if quick else 4.0)


if __name__ == "__main__":
    main(run)
