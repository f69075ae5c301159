"""Means of accuracies with intervals that count runs and test samples as drawn at random."""

import dataclasses

import numpy as np
import scipy.stats

from saddlescape.core import InvalidInputError

LEVEL = 0.95


@dataclasses.dataclass(frozen=True)
class Interval:
    """A mean and its two-sided interval at the 95 % level.

    Args:
        mean: the estimate.
        low: the lower end.
        high: the upper end.
    """

    mean: float
    low: float
    high: float

    @property
    def excludes_zero(self) -> bool:
        """Whether zero lies outside."""
        return self.low > 0 or self.high < 0


def over_runs(values: np.ndarray) -> Interval:
    """Return the mean of independent values with Student's interval.

    Args:
        values: one per run, shape (s,).

    Returns:
        the interval, infinite for a single run.

    Example:
        >>> over_runs(np.array([1.0, 2.0, 3.0])).high
        4.48...
    """
    return _interval(float(np.mean(values)), [(_variance(values), len(values) - 1)])


def over_runs_and_samples(right: np.ndarray) -> Interval:
    """Return the mean over runs and test samples, counting both as drawn at random.

    The variance of the mean is the sum of that of the runs' means and that of the samples' means,
    each over its number; what both share is counted twice, so the interval is on the safe side. The
    degrees of freedom are Welch's and Satterthwaite's.

    Args:
        right: 1 where a run is right on a sample, or differences of two such arrays, shape (s, t).

    Returns:
        the interval, infinite for a single run.

    Raises:
        InvalidInputError: when the array has no two axes or is empty.
    """
    right = np.asarray(right, float)
    if right.ndim != 2 or right.size == 0:
        msg = f"answers have shape {right.shape}, wanted (runs, samples), at least one of each"
        raise InvalidInputError(msg)
    runs, samples = right.mean(axis=1), right.mean(axis=0)
    parts = [(_variance(runs), len(runs) - 1), (_variance(samples), len(samples) - 1)]
    return _interval(float(right.mean()), parts)


def _variance(values: np.ndarray) -> float:
    """Return the variance of the mean, infinite for a single value."""
    return float(np.var(values, ddof=1) / len(values)) if len(values) > 1 else np.inf


def _interval(mean: float, parts: list[tuple[float, int]]) -> Interval:
    """Return the interval for a sum of independent variances with their degrees of freedom."""
    total = sum(variance for variance, _ in parts)
    if not np.isfinite(total):
        return Interval(mean, -np.inf, np.inf)
    if total == 0:
        return Interval(mean, mean, mean)
    freedom = total**2 / sum(variance**2 / count for variance, count in parts)
    reach = scipy.stats.t.ppf(0.5 + LEVEL / 2, freedom) * np.sqrt(total)
    return Interval(mean, mean - float(reach), mean + float(reach))
