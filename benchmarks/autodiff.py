"""Plain `jax.grad` of the landscape's loss against the landscape's own gradient."""

import equinox as eqx
import jax
import jax.numpy as jnp

from benchmarks.gradient import descend
from benchmarks.tables import Goal, Table, main, time_cell
from benchmarks.timing import calls_for, in_turns
from benchmarks.work import Regression, require_same

GRID = ((10, 100), (10, 10_000), (50, 1_000), (100, 100), (100, 10_000))


@eqx.filter_jit
def descend_by_autodiff(landscape, theta, num_steps):
    """Return what `descend` returns, by automatic differentiation of the loss."""
    slope = jax.grad(landscape.loss)
    return jax.lax.fori_loop(0, num_steps, lambda _, t: t - 1e-9 * slope(t), theta)


def measure(width: int, num_samples: int, seconds: float) -> tuple[float, tuple[str, ...]]:
    """Return the ratio at one grid point, and its row."""
    work = Regression.random((width,), num_samples)
    landscape, theta = work.landscape(), jnp.asarray(work.theta)
    automatic = jax.jit(jax.grad(landscape.loss))(theta)
    require_same(landscape.gradient(theta), automatic, f"gradient k={width} N={num_samples}")
    steps = calls_for(lambda: descend(landscape, theta, 10).block_until_ready(), seconds) * 10
    timings = in_turns(
        {
            "own": lambda: descend(landscape, theta, steps).block_until_ready(),
            "automatic": lambda: descend_by_autodiff(landscape, theta, steps).block_until_ready(),
        },
        least=seconds,
    )
    own, automatic = timings["own"].per(steps), timings["automatic"].per(steps)
    ratio = automatic.median / own.median
    cells = (time_cell(own.median, own.spread), time_cell(automatic.median, automatic.spread))
    return ratio, (str(width), f"{num_samples:,}", *cells, f"{ratio:.2f}")


def run(quick: bool) -> Table:
    """Return the table over a few shapes."""
    grid = [(k, n) for k, n in GRID if not quick or k * n <= 1_000]
    ratios, rows = zip(*(measure(k, n, 0.02 if quick else 0.3) for k, n in grid), strict=True)
    return Table(
        "jax.grad of the loss against the landscape's gradient",
        "As above: inside one compiled loop, softplus, two inputs, biases. Medians of 7.",
        ("k", "N", "landscape.gradient", "jax.grad(landscape.loss)", "ratio"),
        rows,
        (Goal("at most 1.15", f"{max(ratios):.2f} at the worst", max(ratios) <= 1.15),),
    )


if __name__ == "__main__":
    main(run)
