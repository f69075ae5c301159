"""Planted symmetries found again by alignment: ours, git-re-basin's weight matching; and noise."""

import dataclasses
import math
import time
from collections.abc import Callable, Iterable

import jax
import numpy as np
from scipy.optimize import linear_sum_assignment

import saddlescape as ss
from benchmarks.tables import Goal, Table, main, ratio_cell, time_cell
from saddlescape import symmetry

__all__ = ["Trial", "planted", "run", "weight_matching"]

jax.config.update("jax_enable_x64", True)
EPS = np.finfo(np.float64).eps
ACTIVATIONS = ("tanh", "sigmoid", "relu")
NOISES = (1e-3, 1e-2, 1e-1)
Permutations = tuple[np.ndarray, ...]


@dataclasses.dataclass(frozen=True, eq=False)
class Trial:
    """A random network, a random element of its group, and what it moves theta to."""

    network: ss.Network
    theta: np.ndarray
    element: symmetry.GroupElement
    moved: np.ndarray


def planted(number: int, *, noise: float = 0.0, copies: int = 1, signs: bool = True) -> Trial:
    """Return trial `number`: 1 to 4 hidden layers, widths 2 to 512 spread evenly in logarithm.

    Args:
        number: of the trial in the named stream.
        noise: added to every moved number, relative to the root mean square of theta.
        copies: how many neurons of the first layer (as far as its width goes) are made equal.
        signs: whether signs and scales are planted too, or a permutation only.
    """
    key = ss.key_for(0, "alignment", number)
    random = np.random.default_rng(np.asarray(jax.random.key_data(key)))
    depth = int(random.integers(1, 5))
    hidden = np.exp(random.uniform(np.log(2), np.log(512.5), depth)).astype(int).tolist()
    widths = (int(random.integers(1, 5)), *hidden, int(random.integers(1, 4)))
    network = ss.Network(widths, ACTIVATIONS[number % len(ACTIVATIONS)])
    layers = [
        (random.normal(size=(k, d)) / d**0.5, random.normal(size=k) / d**0.5)
        for k, d in network.shapes
    ]
    if copies > 1:
        layers[0][0][:copies], layers[0][1][:copies] = layers[0][0][0], layers[0][1][0]
        layers[1][0][:, :copies] = layers[1][0][:, :1]
    theta = np.concatenate([part.ravel() for layer in layers for part in layer])
    element = symmetry.random_element(network, ss.key_for(key, "element"))
    if not signs:
        ones = tuple(np.ones(width) for width in network.hidden)
        element = symmetry.GroupElement(element.permutations, ones)
    moved = np.asarray(symmetry.apply(network, element, theta))
    size = noise * float(np.sqrt(np.mean(theta**2)))
    return Trial(network, theta, element, moved + size * random.normal(size=moved.size))


def layers_of(network: ss.Network, theta: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return theta as weights and biases; `network.unflatten` would compile for every shape."""
    found = []
    for (k, d), start in zip(network.shapes, network.offsets, strict=False):
        middle = start + k * d
        found.append((theta[start:middle].reshape(k, d), theta[middle : middle + k]))
    return found


def weight_matching(trial: Trial) -> Permutations:
    """Return the permutations that bring theta to its image: Ainsworth et al. 2023, Algorithm 1.

    From the identity, layers in random order, each matched by the sum of inner products over all
    weights that touch it, until no layer gains (their script stops at a gain of 1e-12).
    """
    network = trial.network
    wanted, layers = (layers_of(network, point) for point in (trial.moved, trial.theta))
    random = np.random.default_rng(0)
    found = [np.arange(width) for width in network.hidden]
    improved = True
    while improved:
        improved = False
        for number in random.permutation(len(found)).tolist():
            weight, bias = layers[number]
            before = np.arange(weight.shape[1]) if number == 0 else found[number - 1]
            last = number + 1 == len(found)
            outgoing = layers[number + 1][0]
            outgoing = outgoing if last else outgoing[found[number + 1]]
            gain = wanted[number][0] @ weight[:, before].T + np.outer(wanted[number][1], bias)
            gain = gain + wanted[number + 1][0].T @ outgoing
            _, chosen = linear_sum_assignment(gain, maximize=True)
            rows = np.arange(len(chosen))
            if gain[rows, chosen].sum() > gain[rows, found[number]].sum() + 1e-12:
                found[number], improved = chosen, True
    return tuple(found)


def same(ours: Permutations, theirs: Permutations) -> bool:
    """Return whether two lists of permutations are the same."""
    return all((a == b).all() for a, b in zip(ours, theirs, strict=True))


@dataclasses.dataclass(frozen=True)
class Score:
    """How one method did on some trials."""

    recovered: int
    seconds: float
    change: float = math.nan


def ours(trials: Iterable[Trial], *, as_function: bool = False) -> Score:
    """Return how `symmetry.align` does: the element itself found, or one as good."""
    count, seconds, change = 0, 0.0, 0.0
    for trial in trials:
        begin = time.perf_counter()
        found = symmetry.align(trial.network, trial.theta, trial.moved)
        seconds += time.perf_counter() - begin
        change = max(change, found.output_change)
        if as_function:
            # Up to 513 numbers a neuron, a few roundings each layer.
            is_found = found.distance <= 64 * EPS * np.linalg.norm(trial.moved)
        else:
            signs = map(np.sign, found.element.factors), map(np.sign, trial.element.factors)
            is_found = same(found.element.permutations, trial.element.permutations)
            is_found = is_found and same(*map(tuple, signs))
        count += bool(is_found)
    return Score(count, seconds, change)


def peer(trials: Iterable[Trial], *, as_function: bool = False) -> Score:
    """Return how weight matching does on the same."""
    count, seconds = 0, 0.0
    for trial in trials:
        begin = time.perf_counter()
        found = weight_matching(trial)
        seconds += time.perf_counter() - begin
        if as_function:
            ones = tuple(np.ones(width) for width in trial.network.hidden)
            moved = symmetry.apply(trial.network, symmetry.GroupElement(found, ones), trial.theta)
            left = np.linalg.norm(np.asarray(moved) - trial.moved)
            count += bool(left <= 64 * EPS * np.linalg.norm(trial.moved))
        else:
            count += same(found, trial.element.permutations)
    return Score(count, seconds)


def rows_of(
    title: str, trials: Callable[[bool], Iterable[Trial]], total: int, *, as_function: bool = False
) -> tuple[tuple[str, ...], Score, Score]:
    """Return a row, our score on the whole group and the peer's on permutations alone."""
    own = ours(trials(True), as_function=as_function)
    plain, full = (peer(trials(signs), as_function=as_function) for signs in (False, True))
    row = (
        title, str(total), f"{100 * own.recovered / total:.4g} %", f"{own.change:.1e}",
        time_cell(own.seconds), f"{100 * plain.recovered / total:.4g} %",
        f"{100 * full.recovered / total:.4g} %", time_cell(plain.seconds),
    )  # fmt: skip
    return row, own, plain


def run(quick: bool) -> Table:
    """Return the table: planted alone, by activation; equal neurons; noise."""
    total, noisy = (30, 6) if quick else (1_000, 200)
    parts = []
    for kind, name in enumerate(ACTIVATIONS):
        numbers = range(kind, total, len(ACTIVATIONS))
        parts.append(
            rows_of(
                f"planted, {name}",
                lambda signs, numbers=numbers: (planted(n, signs=signs) for n in numbers),
                len(numbers),
            )
        )
    twins = rows_of(
        "planted, 4 equal neurons in the first layer (the function found)",
        lambda signs: (planted(n, copies=4, signs=signs) for n in range(noisy)),
        noisy,
        as_function=True,
    )
    noises = [
        rows_of(
            f"planted, noise {noise:g}",
            lambda signs, noise=noise: (planted(n, noise=noise, signs=signs) for n in range(noisy)),
            noisy,
        )
        for noise in NOISES
    ]
    return table_of(total, parts, [twins, *noises])


def table_of(total: int, parts: list, others: list) -> Table:
    """Return the rows and the goals."""
    recovered = sum(own.recovered for _, own, _ in parts)
    theirs = sum(plain.recovered for _, _, plain in parts)
    change = max(own.change for _, own, _ in (*parts, *others))
    return Table(
        "Planted symmetries found again",
        "Random networks of 1 to 4 hidden layers, widths 2 to 512, 1 to 4 inputs, 1 to 3 outputs, "
        "biases; a random element of the group (tanh: signs, ReLU: scales) moves them, and the "
        "alignment is asked for it. The peer is weight matching as in git-re-basin (Ainsworth et "
        "al. 2023, Algorithm 1, from the identity), which knows permutations only: it gets the "
        "same trials with the permutation alone, and then as they are. Noise is relative to the "
        "root mean square of theta. Our seconds hold the check that outputs are unchanged. Where "
        "neurons are equal any of their orders is right: what counts is the function, and "
        "`num_ties` says how many others are as good.",
        ("trials", "number", "ours", "largest change of an output (relative)", "seconds",
         "peer, permutation alone", "peer, all planted", "peer's seconds"),
        tuple(row for row, _, _ in (*parts, *others)),
        (
            Goal(
                f"every one of {total:,} recovered",
                f"{recovered:,} (the peer {theirs:,}, {ratio_cell(100 * theirs / total)} %)",
                recovered == total,
            ),
            Goal("outputs unchanged to 1e-12", f"{change:.1e}", change <= 1e-12),
        ),
    )  # fmt: skip


if __name__ == "__main__":
    main(run)
