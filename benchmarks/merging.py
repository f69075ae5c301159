"""All pairs of the lecture's teacher merged; one against SciPy's SLSQP; two layers of digits."""

import itertools
import time

import jax
import jax.numpy as jnp
import numpy as np
from scipy.optimize import minimize

import saddlescape as ss
from benchmarks.tables import Goal, Table, main, ratio_cell, time_cell
from saddlescape import passages, paths, problems, setups

__all__ = ["run"]

jax.config.update("jax_enable_x64", True)
ACTIVATIONS = ("g", "sigmoid", "softplus", "tanh", "erf")
METHOD = (
    "The teacher of the lecture, 12 parameters and 1,681 samples; every pair of its neurons "
    "merged, in one process on one thread; the first row of an activation holds its compiling. "
    "The peer is SciPy's SLSQP with our compiled loss and gradient and the distance as a "
    "constraint, from each station of our path to the next (pair 2 3 with g, which has no fold): "
    "no other program has such a path. Last, digits 64-10-10-10 with weight decay 1e-3: 870 "
    "parameters, 1,797 samples, in CPU seconds: the lowest of ten minima, then pair 0 1 of either "
    "layer."
)
DIGITS = passages.PassageSettings(problem="digits", hidden=(10, 10), weight_decay=1e-3)


def merged(activation: str, pair: tuple[int, int]) -> tuple[paths.Path, float]:
    """Return a path, and how long it took."""
    problem = problems.lecture(activation)
    landscape = ss.EmpiricalLandscape(problem.network, problem.data)
    began = time.perf_counter()
    return paths.merge(landscape, problem.teacher, 0, pair), time.perf_counter() - began


def slsqp(distances: np.ndarray) -> tuple[float, float]:
    """Return how long SLSQP takes from distance to distance, and its worst projected gradient."""
    problem = problems.lecture("g")
    landscape = ss.EmpiricalLandscape(problem.network, problem.data)
    theta, worst = np.asarray(problem.teacher), 0.0
    began = time.perf_counter()
    for distance in distances:
        found = minimize(
            lambda x: tuple(map(np.asarray, landscape.loss_and_gradient(jnp.asarray(x)))),
            theta,
            jac=True,
            method="SLSQP",
            constraints={
                "type": "eq",
                "fun": lambda x, d=distance: np.linalg.norm(x[4:6] - x[6:8]) - d,
            },
            options={"ftol": 1e-16, "maxiter": 500},
        )
        theta = found.x
        normal = np.zeros(12)
        normal[4:6], normal[6:8] = theta[4:6] - theta[6:8], theta[6:8] - theta[4:6]
        gradient = np.asarray(landscape.gradient(jnp.asarray(theta)))
        rest = gradient - normal * (normal @ gradient) / (normal @ normal)
        worst = max(worst, float(np.abs(rest).max()))
    return time.perf_counter() - began, worst


def row_of(activation: str, pair: tuple[int, int], path: paths.Path, seconds: float) -> tuple:
    """Return a row of the table."""
    saddle = path.saddle
    told = ("-", "-", "-") if saddle is None else (
        f"{saddle.loss:.6g}", str(saddle.index), f"{float(saddle.point.gradient_norm):.0e}",
    )  # fmt: skip
    reached = "yes" if saddle is not None else path.reason
    where, folds = " ".join(map(str, pair)), str(len(path.folds))
    barrier = f"{path.barrier:.6g}"
    return activation, where, reached, folds, barrier, *told, time_cell(seconds)


def digits_rows() -> tuple[list[tuple], float]:
    """Return a row for the start and one for each hidden layer, and the longest CPU time."""
    setup, began = setups.prepare(DIGITS), time.process_time()
    start = passages.start_of(setup, DIGITS.starts, DIGITS.seed)
    seconds = time.process_time() - began
    told, longest = f"{start.loss:.6g}", seconds
    rows = [("digits", "start", "-", "-", "-", told, "0", "-", time_cell(seconds))]
    for layer in (0, 1):
        began = time.process_time()
        path = paths.merge(setup.landscape, start.theta, layer, (0, 1))
        seconds = time.process_time() - began
        longest = max(longest, seconds)
        rows.append(row_of(f"digits, layer {layer}", (0, 1), path, seconds))
    return rows, longest


def run(quick: bool) -> Table:
    """Return the table of all pairs, and the ratio to SLSQP."""
    rows, totals = [], {}
    for activation in ACTIVATIONS[: 1 if quick else None]:
        began = time.perf_counter()
        for pair in itertools.combinations(range(4), 2):
            path, seconds = merged(activation, pair)
            rows.append(row_of(activation, pair, path, seconds))
        totals[activation] = time.perf_counter() - began
    path, seconds = merged("g", (2, 3))
    half = path.distance[1 : path.turn]
    theirs, worst = slsqp(half)
    best = float(path.gradient[: path.turn].max())
    slowest = max(totals, key=totals.__getitem__)
    single = max(float(s) for s in [_seconds(row[-1]) for row in rows])
    large, longest = ([], None) if quick else digits_rows()
    goals = (
        Goal(
            "all pairs of one activation in under 60 s, compiling included",
            f"{totals[slowest]:.0f} s at most ({slowest})",
            totals[slowest] < 60,
        ),
        Goal("one pair in under 10 s", f"{single:.1f} s at most", single < 10),
        Goal(
            "faster and closer than SciPy's SLSQP",
            f"{ratio_cell(theirs / seconds)} times as fast; projected gradient {best:.0e} against "
            f"{worst:.0e}",
            theirs > seconds and best < worst,
        ),
    )
    if longest is not None:
        what = "digits 64-10-10-10: a path in under 2 minutes"
        goals += (Goal(what, f"{longest:.0f} s at most", longest < 120),)
    columns = (
        "activation", "pair", "meet", "folds", "barrier", "saddle", "index", "gradient", "time",
    )  # fmt: skip
    return Table(
        "Merging paths of the lecture's teacher", METHOD, columns, tuple(rows + large), goals
    )


def _seconds(cell: str) -> float:
    """Return a duration as seconds again."""
    number, unit = cell.split()[:2]
    return float(number) * {"s": 1.0, "ms": 1e-3, "us": 1e-6}[unit]


if __name__ == "__main__":
    main(run)
