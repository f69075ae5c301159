"""Time per gradient, one hidden layer: ours in a compiled loop, PyTorch's eager step."""

import equinox as eqx
import jax
import numpy as np
import torch

from benchmarks.tables import Goal, Table, main, ratio_cell, time_cell
from benchmarks.timing import calls_for, in_turns
from benchmarks.work import Regression, require_same

WIDTHS = (10, 50, 100)
SAMPLES = (10, 100, 1_000, 10_000, 100_000)


@eqx.filter_jit
def descend(landscape, theta, num_steps):
    """Return theta after so many tiny steps: one gradient each, so nothing can be hoisted out."""
    return jax.lax.fori_loop(0, num_steps, lambda _, t: t - 1e-9 * landscape.gradient(t), theta)


def torch_step(work: Regression):
    """Return PyTorch's step (zero_grad, forward, backward) and a way to read its gradient."""
    module, inputs = work.torch_module(), torch.from_numpy(work.inputs)
    targets = torch.from_numpy(work.targets)
    optimizer = torch.optim.SGD(module.parameters(), lr=1e-9)

    def step():
        optimizer.zero_grad()
        torch.nn.functional.mse_loss(module(inputs), targets).backward()

    def gradient() -> np.ndarray:
        step()
        return np.concatenate([p.grad.numpy().ravel() for p in module.parameters()])

    return step, gradient


def measure(width: int, num_samples: int, seconds: float) -> tuple[float, tuple[str, ...]]:
    """Return the ratio at one grid point, and its row."""
    work = Regression.random((width,), num_samples)
    landscape, theta = work.landscape(), jax.numpy.asarray(work.theta)
    step, peer_gradient = torch_step(work)
    require_same(landscape.gradient(theta), peer_gradient(), f"gradient k={width} N={num_samples}")
    steps = 10 * calls_for(lambda: descend(landscape, theta, 10).block_until_ready(), seconds)
    timings = in_turns(
        {"ours": lambda: descend(landscape, theta, steps).block_until_ready(), "peer": step},
        least=seconds,
    )
    ours, peer = timings["ours"].per(steps), timings["peer"]
    ratio = peer.median / ours.median
    per_neuron = ours.median / (width * num_samples) * 1e9
    return ratio, (
        str(width), f"{num_samples:,}", time_cell(ours.median, ours.spread), f"{per_neuron:.2g}",
        time_cell(peer.median, peer.spread), ratio_cell(ratio),
    )  # fmt: skip


def run(quick: bool) -> Table:
    """Return the table over widths and sample counts."""
    grid = [(k, n) for k in WIDTHS for n in SAMPLES if not quick or k * n <= 10_000]
    ratios, rows = zip(*(measure(k, n, 0.02 if quick else 0.3) for k, n in grid), strict=True)
    mean, worst = float(np.exp(np.mean(np.log(ratios)))), min(ratios)
    return Table(
        "Gradient, one hidden layer of k softplus neurons",
        "Two inputs, biases, one output, N samples. Ours: theta <- theta - 1e-9 gradient inside "
        "one compiled loop. PyTorch: zero_grad, forward, backward, eager. Medians of 7.",
        ("k", "N", "ours", "ns per neuron and sample", "PyTorch", "ratio"),
        rows,
        (
            Goal("at least 2 at every grid point", f"{worst:.2f} at the worst", worst >= 2),
            Goal("a geometric mean of at least 4", f"{mean:.2f}", mean >= 4),
        ),
    )  # fmt: skip


if __name__ == "__main__":
    main(run)
