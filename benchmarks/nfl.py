"""No free lunch, enumerated: 3^12 functions, 65,536 targets; against Python loops and sklearn."""

import time
import warnings

import jax
import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

from benchmarks.tables import Goal, Table, main, ratio_cell, time_cell
from saddlescape import nofreelunch

__all__ = ["run"]

jax.config.update("jax_enable_x64", True)
METHOD = (
    "One process on one thread, compiling included. Search: eight algorithms (two of them random, "
    "on eight tapes each) on all functions of 12 points and 3 values, every number counted; the "
    "peer runs hill climbing in plain Python on 500 of the functions, one after another, and is "
    "extrapolated to the same number of runs. Learning: a perceptron of 16 tanh, 500 steps of "
    "Adam on 8 examples; `nfl learning` trains it on the 256 labellings of the training set, which "
    "gives its predictions for all 65,536 targets; the second row trains it on all 65,536 without "
    "that argument, and must get the same labels; the peer is scikit-learn's MLPClassifier of the same "
    "shape, steps and rate on 200 targets, extrapolated."
)


def searched(points: int) -> tuple[nofreelunch.SearchTable, float]:
    """Return all algorithms on all functions, and the seconds it took."""
    began = time.perf_counter()
    table = nofreelunch.search(nofreelunch.SearchSpace(points, 3), classes=())
    return table, time.perf_counter() - began


def climbed(points: int, number: int) -> float:
    """Return how long plain Python takes for one run of hill climbing."""
    table = nofreelunch.SearchSpace(points, 3).table()
    chosen = np.random.default_rng(0).integers(0, len(table), number)
    rows = table[chosen].tolist()
    began = time.perf_counter()
    for row in rows:
        seen = [0]
        while len(seen) < points:
            best = max(seen, key=row.__getitem__)
            left = [x for x in range(points) if x not in seen]
            apart = [min(abs(x - best), points - abs(x - best)) for x in left]
            seen.append(left[apart.index(min(apart))])
    return (time.perf_counter() - began) / number


def learned(num_targets: int) -> tuple[float, float, bool]:
    """Return the seconds of 256 trainings, of one for each target, and whether labels agree."""
    one = nofreelunch.Perceptron((16,))
    began = time.perf_counter()
    nofreelunch.learn(4, 8, [one], [], num_sets=1)
    short = time.perf_counter() - began
    sets, _ = nofreelunch.training_sets(4, 8, 1, 0)
    chosen, inputs = sets[0], nofreelunch.inputs_of(4)
    labels = nofreelunch.labels_of(4)[:num_targets, chosen].astype(int)
    began = time.perf_counter()
    votes = one.votes(inputs[chosen], labels, inputs)
    direct = time.perf_counter() - began
    every = np.arange(256)[:, None] >> np.arange(8) & 1
    known = one.votes(inputs[chosen], every, inputs)
    return short, direct, bool((known[labels @ (1 << np.arange(8))] == votes).all())


def sklearn_seconds(number: int) -> float:
    """Return how long scikit-learn's network takes for one target."""
    sets, _ = nofreelunch.training_sets(4, 8, 1, 0)
    inputs = 2.0 * nofreelunch.inputs_of(4) - 1
    targets = np.random.default_rng(0).integers(0, 2**16, number)
    warnings.simplefilter("ignore", ConvergenceWarning)  # it is given as many steps as ours
    began = time.perf_counter()
    for target in targets:
        labels = target >> sets[0] & 1
        if labels.min() < labels.max():
            MLPClassifier(
                (16,), activation="tanh", alpha=0, batch_size=8, learning_rate_init=0.01,
                max_iter=500, tol=0, n_iter_no_change=501, random_state=0,
            ).fit(inputs[sets[0]], labels).predict(inputs)  # fmt: skip
    return (time.perf_counter() - began) / number


def run(quick: bool) -> Table:
    """Return the table, with the ratios to the peers."""
    points, num_targets, peers = (8, 2_048, 20) if quick else (12, 2**16, 200)
    table, seconds = searched(points)
    runs = sum(table.num_runs)
    loops = climbed(points, 500) * runs
    short, direct, agree = learned(num_targets)
    theirs = sklearn_seconds(peers) * 2**16
    all_direct = direct * 2**16 / num_targets
    fine = "yes" if not table.is_free_lunch_found else "NO"
    rows = (
        ("search", f"3^{points} functions, 8 algorithms", f"{runs:,}", time_cell(seconds),
         time_cell(loops), ratio_cell(loops / seconds), fine),
        ("learning", "65,536 targets by 256 trainings", "256", time_cell(short),
         time_cell(theirs), ratio_cell(theirs / short), "yes" if agree else "NO"),
        ("learning", f"{num_targets:,} targets, each trained", f"{num_targets:,}",
         time_cell(direct), time_cell(theirs * num_targets / 2**16),
         ratio_cell(theirs / all_direct), "yes" if agree else "NO"),
    )  # fmt: skip
    goals = (
        Goal("3^12 functions x 8 algorithms in under 30 s", f"{seconds:.1f} s", seconds < 30),
        Goal(
            "65,536 targets x one perceptron in under 120 s",
            f"{short:.1f} s; {all_direct:.0f} s with a training for each target",
            short < 120,
        ),
        Goal(
            "faster than scikit-learn's MLPClassifier",
            f"{ratio_cell(theirs / short)} times, {ratio_cell(theirs / all_direct)} times with a "
            "training for each target",
            all_direct < theirs,
        ),
    )
    columns = ("what", "size", "runs", "time", "peer, extrapolated", "ratio", "as expected")
    return Table("No free lunch, enumerated", METHOD, columns, rows, goals)


if __name__ == "__main__":
    main(run)
