"""Time several ways of doing the same work, in turns, so that a noisy minute harms all alike."""

import dataclasses
import statistics
import time
from collections.abc import Callable, Mapping


@dataclasses.dataclass(frozen=True)
class Timing:
    """Seconds per unit of work, one entry for each repeat."""

    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        """The median of the repeats."""
        return statistics.median(self.seconds)

    @property
    def spread(self) -> float:
        """Half the range of the repeats, relative to the median."""
        return (max(self.seconds) - min(self.seconds)) / (2 * self.median)


def seconds_of(work: Callable[[], object]) -> float:
    """Return how long one call takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def in_turns(
    work: Mapping[str, Callable[[], object]],
    units: Mapping[str, int] | None = None,
    *,
    repeats: int = 7,
    budget: float = 20.0,
) -> dict[str, Timing]:
    """Return the seconds per unit of each kind of work, measured in turns.

    The first call of each (compilation, first touch of memory) is thrown away, unless that one
    call alone is over the budget: then nobody can afford a second, and it is the measurement.

    Args:
        work: what to time, by name.
        units: how many units of work one call does; 1 by default.
        repeats: how often at most.
        budget: seconds to spend on each.

    Returns:
        a timing for each name.
    """
    first = {name: seconds_of(call) for name, call in work.items()}
    seconds: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(repeats):
        for name, call in work.items():
            spent = sum(seconds[name]) + (first[name] if not seconds[name] else 0)
            if spent < budget:
                seconds[name].append(seconds_of(call))
    return {
        name: Timing(tuple(s / (units or {}).get(name, 1) for s in seconds[name] or [first[name]]))
        for name in work
    }


def calls_for(work: Callable[[], object], seconds: float) -> int:
    """Return how many calls of `work` fill about this many seconds (after one call to warm up)."""
    work()
    once = seconds_of(work)
    return max(1, int(seconds / once))
