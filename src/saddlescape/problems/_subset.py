"""Choosing some of the samples: a longer choice contains every shorter one."""

import numpy as np

from saddlescape.core import InvalidInputError


def check_samples(samples: int | None, seed: int = 0) -> None:
    """Raise unless the number of samples asked for and the seed are possible numbers."""
    if samples is not None and samples < 2:
        msg = f"samples={samples}: give at least 2, or None for all"
        raise InvalidInputError(msg)
    if seed < 0:
        msg = f"seed={seed}: give a whole number, 0 or more"
        raise InvalidInputError(msg)


def choose(
    num_samples: int, samples: int | None, seed: int, labels: np.ndarray | None = None
) -> np.ndarray:
    """Return which samples to keep, classes in proportion; for None all, in their order."""
    check_samples(samples, seed)
    if samples is None:
        return np.arange(num_samples)
    if samples > num_samples:
        msg = f"samples={samples}, but there are {num_samples}: ask for {num_samples} or fewer"
        raise InvalidInputError(msg)
    order = np.random.default_rng(seed).permutation(num_samples)
    if labels is None:
        return order[:samples]
    order = _interleaved(order, labels[order])
    chosen = order[:samples]
    num_lost = len(np.unique(labels)) - len(np.unique(labels[chosen]))
    if num_lost:
        msg = f"samples={samples} would leave no sample of {num_lost} classes: ask for more"
        raise InvalidInputError(msg)
    return chosen


def _interleaved(order: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return the order rearranged so that every beginning holds the classes in proportion."""
    by_class = np.argsort(labels, kind="stable")
    sizes = np.unique(labels, return_counts=True)[1]
    place = np.empty(len(order))
    place[by_class] = np.concatenate([(np.arange(size) + 0.5) / size for size in sizes])
    return order[np.argsort(place, kind="stable")]
