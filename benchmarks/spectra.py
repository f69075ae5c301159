"""Curvature of PyTorch models, beside PyHessian, curvlinops and hessian-eigenthings.

Peers are measured where they are installed. They pin old versions, so keep them apart::

    python -m venv --system-site-packages peers
    peers/bin/pip install --no-deps pyhessian curvlinops-for-pytorch==3.0.1 \
        hessian-eigenthings==1.0.0a5 einops einconv backpack-for-pytorch unfoldNd tqdm \
        linear-operator opt-einsum

If the project lives in a `.venv` of its own, name its site-packages in a `.pth` file there.
"""

import functools
import gc
import itertools
import statistics
import time
from collections.abc import Callable
from typing import Any

import jax
import numpy as np
import torch
from scipy.sparse.linalg import LinearOperator, eigsh
from sklearn.datasets import load_digits
from torch import nn

from benchmarks.children import measure
from benchmarks.spectra_peers import BOTH, NAMES, Work, end, installed, product, sweep
from benchmarks.tables import Goal, Table, main, ratio_cell, time_cell

__all__ = ["run"]

jax.config.update("jax_enable_x64", True)
torch.set_num_threads(1)
METHOD = (
    "Cross-entropy of digits (8 x 8 pixels), 40 steps of Adam from a fixed start: a perceptron "
    "(64-240-240-120-10, tanh, 1,000 samples, 103,570 parameters) and a convolutional network (two "
    "layers of 16 and 32 channels, 485 units, ReLU, 128 samples, 1,003,440 parameters). CPU "
    "seconds of one thread, the least of some rounds in which the tools take turns. Products in "
    "both precisions, the rest in double. Time to an end: from the model, its graph included, to "
    "the first setting of a tool's own (tolerances 0.1, 0.03, 0.01, ...; 5, 8, 10, ... steps of "
    "hessian-eigenthings, which does not stop by itself) whose eigenvalue is right to the stated "
    "relative error, against ARPACK at 1e-10; runs with looser settings are not counted, for "
    "anybody. curvlinops is given to SciPy's eigsh. Peak memory is that of a process for each "
    "tool (tolerance 1e-3, 60 steps), with what importing, model and data took before in brackets."
)
ACCURACIES = (1e-3, 1e-6)


def model_of(kind: str) -> tuple[nn.Module, tuple[int, ...], int]:
    """Return a model, the shape of one input, and how many samples it is given."""
    if kind == "small":
        return nn.Sequential(nn.Linear(64, 32), nn.Tanh(), nn.Linear(32, 10)), (64,), 200
    if kind == "perceptron":
        widths = (64, 240, 240, 120, 10)
        layers: list[nn.Module] = []
        for below, above in itertools.pairwise(widths):
            layers += [nn.Linear(below, above), nn.Tanh()]
        return nn.Sequential(*layers[:-1]), (64,), 1_000
    return (
        nn.Sequential(
            nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(),
            nn.Flatten(), nn.Linear(2_048, 485), nn.ReLU(), nn.Linear(485, 10),
        ),
        (1, 8, 8),
        128,
    )  # fmt: skip


def trained(kind: str, dtype: torch.dtype) -> Work:
    """Return a model after some steps, in one precision; also the type of PyHessian's vectors."""
    torch.set_default_dtype(torch.float64)
    torch.manual_seed(0)
    model, shape, count = model_of(kind)
    digits = load_digits()
    inputs = torch.tensor(digits.data[:count] / 16 - 0.3).reshape(count, *shape)
    targets = torch.tensor(digits.target[:count])
    optimizer = torch.optim.Adam(model.parameters(), 1e-3)
    for _ in range(40):
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(inputs), targets).backward()
        optimizer.step()
    torch.set_default_dtype(dtype)
    return Work(model.to(dtype).eval(), inputs.to(dtype), targets)


def seconds_of(work: Callable[[], object]) -> float:
    """Return the CPU time of one call: on one thread, what a quiet machine takes."""
    gc.collect()
    began = time.process_time()
    work()
    return time.process_time() - began


def least(work: dict[str, Callable[[], object]], rounds: int, repeats: int = 1) -> dict[str, float]:
    """Return the least CPU time of each call, taken in turns that begin with another each time."""
    spent: dict[str, list[float]] = {name: [] for name in work}
    for number in range(rounds):
        turn = [*work.items()] * 2
        first = number % max(1, len(work))
        for name, call in turn[first : first + len(work)]:
            many = lambda call=call: [call() for _ in range(repeats)]  # noqa: E731
            spent[name].append(seconds_of(many) / repeats)
    return {name: min(times) for name, times in spent.items()}


def true_ends(work: Work) -> dict[str, float]:
    """Return both ends by ARPACK from products of plain double backward passes."""
    leaves = list(work.model.parameters())
    loss = nn.functional.cross_entropy(work.model(work.inputs), work.targets)
    gradient = torch.autograd.grad(loss, leaves, create_graph=True)
    flat = torch.cat([part.reshape(-1) for part in gradient])

    def multiply(vector: np.ndarray) -> np.ndarray:
        along = torch.from_numpy(np.array(vector).reshape(-1))
        parts = torch.autograd.grad(flat, leaves, along, retain_graph=True)
        return torch.cat([part.reshape(-1) for part in parts]).numpy()

    operator = LinearOperator((work.size,) * 2, matvec=multiply, dtype=np.float64)
    start = np.random.default_rng(1).normal(size=work.size)
    found = eigsh(operator, k=2, which="BE", tol=1e-10, v0=start, return_eigenvectors=False)
    return {"lowest": float(found.min()), "highest": float(found.max())}


def settings_of(name: str, work: Work, truth: dict[str, float]) -> dict[tuple[str, float], Any]:
    """Return the loosest setting, and its products, for each end and accuracy; none where none."""
    chosen: dict[tuple[str, float], Any] = {}
    for which in (*BOTH, "both") if name == NAMES[0] else BOTH:
        wanted = list(ACCURACIES)
        for setting in sweep(name):
            told = end(name, work, which, setting) if wanted else None
            if told is None:
                break
            error = max(abs(value / truth[side] - 1) for side, value in told[0].items())
            for accuracy in [one for one in wanted if error <= one]:
                chosen[which, accuracy] = (setting, told[1])
                wanted.remove(accuracy)
    return chosen


def product_rows(kinds: tuple[str, ...], tools: list[str], rounds: int) -> tuple[list, float]:
    """Return the times of a product, and the largest ratio of ours to the fastest peer's."""
    rows, worst = [], 0.0
    for kind in kinds:
        for dtype in (torch.float32, torch.float64):
            work = trained(kind, dtype)
            calls = {name: product(name, work) for name in tools}
            least(calls, 1)  # first touch of memory
            times = least(calls, rounds, repeats=3)
            peers = [times[name] for name in tools[1:]]
            worst = max([worst, *(times[NAMES[0]] / peer for peer in peers)])
            what = f"a product, {str(dtype).removeprefix('torch.')}"
            cells = [time_cell(times[n]) if n in times else "not installed" for n in NAMES]
            rows.append((kind, what, *cells))
    return rows, worst


def end_rows(
    kind: str, tools: list[str], rounds: int
) -> tuple[list[tuple[str, ...]], dict[str, list[float]]]:
    """Return the times to each end and accuracy, and how many times ours every peer takes."""
    work = trained(kind, torch.float64)
    truth = true_ends(work)
    chosen = {name: settings_of(name, work, truth) for name in tools}
    rows, ratios = [], {name: [] for name in tools[1:]}
    for accuracy in ACCURACIES:
        told: dict[str, dict[str, tuple[float, int]]] = {name: {} for name in tools}
        for which in (*BOTH, "both"):
            held = [name for name in tools if (which, accuracy) in chosen[name]]
            calls = {
                name: functools.partial(end, name, work, which, chosen[name][which, accuracy][0])
                for name in held
            }
            for name, seconds in least(calls, rounds).items():
                told[name][which] = (seconds, chosen[name][which, accuracy][1])
            for name in tools[1:]:  # a run for each end
                if which == "both" and set(BOTH) <= set(told[name]):
                    pairs = [told[name][side] for side in BOTH]
                    told[name][which] = (pairs[0][0] + pairs[1][0], pairs[0][1] + pairs[1][1])
                if which in told[name]:
                    ratios[name].append(told[name][which][0] / told[NAMES[0]][which][0])
            what = "both ends" if which == "both" else f"the {which} curvature"
            cells = [_end_cell(name in tools, told.get(name, {}).get(which)) for name in NAMES]
            rows.append((kind, f"{what} to {accuracy:.0e}", *cells))
    return rows, ratios


def _end_cell(is_there: bool, told: tuple[float, int] | None) -> str:
    """Return the time and products of a search, or why there are none."""
    if told is None:
        return "cannot" if is_there else "not installed"
    return f"{time_cell(told[0])}, {told[1]} products"


def verdict_row(kind: str) -> tuple[str, ...]:
    """Return the time of our whole verdict, with what it found."""
    from saddlescape import bridges, spectra  # noqa: PLC0415 - JAX is told its precision first

    work, told = trained(kind, torch.float64), []

    def judge() -> None:
        batch = (work.inputs, work.targets)
        landscape = bridges.torch.landscape(work.model, nn.functional.cross_entropy, [batch])
        told.append(spectra.verdict(landscape, landscape.theta, blocks=landscape.blocks))

    seconds = seconds_of(judge)
    what = f"{time_cell(seconds)}, {told[0].num_products} products, {told[0].order} negative"
    return (kind, "a whole verdict", what, *["none"] * (len(NAMES) - 1))


def memory_row(kind: str, tools: list[str]) -> tuple[str, ...]:
    """Return the peak memory of each tool at both ends, or the one it can find."""
    cells = []
    for name in NAMES:
        if name not in tools:
            cells.append("not installed")
            continue
        told = measure("spectra_memory", kind, name)
        cells.append(f"{told['peak'] / 1e6:.0f} MB ({told['before'] / 1e6:.0f} MB)")
    return (kind, "peak memory, both ends", *cells)


def memory_of(kind: str, name: str) -> None:
    """Find both ends once, or the highest where a tool cannot; for a process that is measured."""
    work = trained(kind, torch.float64)
    setting = 60 if name == NAMES[3] else 1e-3
    for which in ("both",) if name == NAMES[0] else BOTH:
        end(name, work, which, setting)


def run(quick: bool) -> Table:
    """Return the table of products, ends, verdicts and memory."""
    tools = [name for name in NAMES if installed(name)]
    kinds = ("small",) if quick else ("perceptron", "convolutional")
    rows, worst = product_rows(kinds, tools, 3 if quick else 9)
    every: dict[str, list[float]] = {name: [] for name in tools[1:]}
    for kind in kinds:
        more, ratios = end_rows(kind, tools, 1 if quick else 2)
        rows += [*more, verdict_row(kind), memory_row(kind, tools)]
        for name, found in ratios.items():
            every[name] += found
    columns = ("model", "what", *NAMES)
    return Table("Curvature", METHOD, columns, tuple(rows), goals_of(worst, every))


def goals_of(worst: float, every: dict[str, list[float]]) -> tuple[Goal, ...]:
    """Return the goals against the peers that are there."""
    goals = []
    if every:
        measured = f"at most {ratio_cell(worst)} times the fastest peer's"
        wanted = "a product never slower than any peer's, within 3 %"
        goals.append(Goal(wanted, measured, worst <= 1.03))
    for name, factor, wanted in (
        ("PyHessian", 3.0, "the highest curvature in at most a third of PyHessian's time"),
        ("curvlinops", 1.0, "an end never later than curvlinops with eigsh"),
        ("hessian-eigenthings", 1.0, "an end never later than hessian-eigenthings"),
    ):
        if every.get(name):
            low, middle = min(every[name]), statistics.median(every[name])
            measured = f"{ratio_cell(low)} times ours at least, {ratio_cell(middle)} in the middle"
            goals.append(Goal(wanted, measured, low >= factor))
    return tuple(goals)


if __name__ == "__main__":
    main(run)
