"""Starts brought to a gradient of 1e-12, per second and core: ours, SciPy, PyTorch."""

import dataclasses
import time
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
import scipy.optimize
import torch

import saddlescape as ss
from benchmarks.tables import Goal, Table, main, ratio_cell
from benchmarks.work import Regression, require_same
from saddlescape import problems

GRADIENT = 1e-12  # max-norm
ADAM_STEPS = 3_000


@dataclasses.dataclass(frozen=True)
class Search:
    """How many starts were tried, how many reached the goal, and how long all took."""

    name: str
    tried: int
    reached: int
    seconds: float
    remark: str = ""

    @property
    def rate(self) -> float:
        """Starts brought to the goal per second; one is granted to whoever brought none."""
        return max(self.reached, 1) / self.seconds


def search_one_by_one(name: str, starts: np.ndarray, gradient: Callable, find: Callable) -> Search:
    """Return how a peer does that goes through the starts in a Python loop."""
    began = time.perf_counter()
    ends = [find(start) for start in starts]
    seconds = time.perf_counter() - began
    reached = sum(float(jnp.abs(gradient(jnp.asarray(end))).max()) <= GRADIENT for end in ends)
    return Search(name, len(starts), reached, seconds)


def ours(landscape: ss.EmpiricalLandscape, starts: np.ndarray) -> Search:
    """Return how `find_minima` does on all starts at once; compiling is not counted."""
    batch = jnp.asarray(starts)
    jax.block_until_ready(ss.find_minima(landscape, batch))
    began = time.perf_counter()
    points = jax.block_until_ready(ss.find_minima(landscape, batch))
    seconds = time.perf_counter() - began
    reached = int((points.gradient_norm <= GRADIENT).sum())
    runaway = int((points.outcome == int(ss.Outcome.RUNNING_TO_INFINITY)).sum())
    return Search("saddlescape", len(starts), reached, seconds, f"{runaway} run to infinity")


def trust_exact(landscape: ss.EmpiricalLandscape) -> Callable[[np.ndarray], np.ndarray]:
    """Return SciPy's trust-exact, with our compiled loss, gradient and Hessian."""
    both, hessian = jax.jit(landscape.loss_and_gradient), jax.jit(landscape.hessian)

    def loss(theta):
        value, slope = both(theta)
        return float(value), np.asarray(slope)

    def find(start):
        return scipy.optimize.minimize(
            loss, start, method="trust-exact", jac=True,
            hess=lambda theta: np.asarray(hessian(theta)),
            options={"gtol": GRADIENT, "maxiter": 1_000},
        ).x  # fmt: skip

    return find


def adam_then_lbfgs(work: Regression) -> Callable[[np.ndarray], np.ndarray]:
    """Return PyTorch's Adam followed by L-BFGS with strong Wolfe line search."""
    loss = work.torch_loss()

    def find(start):
        theta = torch.from_numpy(start.copy()).requires_grad_()
        adam = torch.optim.Adam([theta], lr=1e-2)
        finisher = torch.optim.LBFGS(
            [theta], max_iter=2_000, history_size=100, line_search_fn="strong_wolfe",
            tolerance_grad=GRADIENT, tolerance_change=0.0,
        )  # fmt: skip

        def closure(optimizer):
            optimizer.zero_grad()
            value = loss(theta)
            value.backward()
            return value

        for _ in range(ADAM_STEPS):
            adam.step(lambda: closure(adam))
        finisher.step(lambda: closure(finisher))
        return theta.detach().numpy()

    return find


def run(quick: bool) -> Table:
    """Return the table of the three on the lecture's problem, activation g, width 4."""
    counts = (100, 3, 1) if quick else (1_000, 40, 4)
    problem = problems.lecture(activation="g")
    network = ss.Network((2, 4, 1), "g", bias=False)
    starts = np.array(network.starts(counts[0], seed=0))
    data = problem.data
    work = Regression(network, np.array(data.inputs), np.array(data.targets), starts[0])
    landscape = work.landscape()
    theta = torch.from_numpy(work.theta).requires_grad_()
    work.torch_loss()(theta).backward()
    gradient = jax.jit(landscape.gradient)
    require_same(gradient(jnp.asarray(work.theta)), theta.grad, "gradient of the lecture's problem")
    scipys, torchs = trust_exact(landscape), adam_then_lbfgs(work)
    scipys(starts[0])  # compiling is not counted
    searches = (
        ours(landscape, starts),
        search_one_by_one("SciPy trust-exact", starts[: counts[1]], gradient, scipys),
        search_one_by_one("PyTorch Adam + L-BFGS", starts[: counts[2]], gradient, torchs),
    )
    return table_of(searches)


def table_of(searches: tuple[Search, ...]) -> Table:
    """Return the rows and the goals."""
    own, scipys, torchs = (search.rate for search in searches)
    rows = tuple(
        (s.name, str(s.tried), str(s.reached), f"{s.seconds:.2f}", f"{s.rate:.3g}", s.remark)
        for s in searches
    )
    return Table(
        "Starts brought to a gradient of 1e-12, lecture problem, g, width 4",
        "The same starts (as many as the table says), one core, compiling not counted. SciPy gets "
        "our compiled loss, gradient and Hessian. PyTorch: Adam for 3,000 steps at 0.01, then "
        "L-BFGS with strong Wolfe. A peer that brings none is granted one.",
        ("search", "starts", "reached 1e-12", "seconds", "reached per second", "remark"),
        rows,
        (
            Goal("at least 12 times SciPy", ratio_cell(own / scipys), own / scipys >= 12),
            Goal("at least 200 times PyTorch", ratio_cell(own / torchs), own / torchs >= 200),
            Goal("as a guide, 250 starts per second and core", f"{own:.0f}", own >= 250),
        ),
    )


if __name__ == "__main__":
    main(run)
