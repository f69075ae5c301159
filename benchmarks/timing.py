"""Time several ways of doing the same work, in turns, so that a noisy minute harms all alike."""

import dataclasses
import statistics
import time
from collections.abc import Callable, Mapping


@dataclasses.dataclass(frozen=True)
class Timing:
    """Seconds per call, one entry for each measurement."""

    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        """The median of the repeats."""
        return statistics.median(self.seconds)

    def per(self, units: int) -> "Timing":
        """Return the seconds per unit, where one call does so many."""
        return Timing(tuple(seconds / units for seconds in self.seconds))

    @property
    def spread(self) -> float:
        """Half the range of the repeats, relative to the median."""
        return (max(self.seconds) - min(self.seconds)) / (2 * self.median)


def seconds_of(work: Callable[[], object]) -> float:
    """Return how long one call takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def calls_for(work: Callable[[], object], seconds: float) -> int:
    """Return how many calls of `work` fill about this many seconds (after one call to warm up)."""
    work()
    once = seconds_of(work)
    return max(1, int(seconds / once))


def in_turns(
    work: Mapping[str, Callable[[], object]],
    *,
    repeats: int = 7,
    least: float = 0.1,
    budget: float = 20.0,
) -> dict[str, Timing]:
    """Return the seconds per call of each kind of work, measured in turns.

    The first call of each (compilation, first touch of memory) is thrown away, unless it alone is
    over the budget: then nobody can afford a second, and it is the measurement. Short calls are
    repeated until a measurement lasts long enough for the clock and the caches.

    Args:
        work: what to time, by name.
        repeats: how many measurements at most.
        least: seconds a measurement lasts at least.
        budget: seconds to spend on each, roughly.

    Returns:
        a timing for each name.
    """
    first = {name: seconds_of(call) for name, call in work.items()}
    affordable = {name: call for name, call in work.items() if first[name] < budget}
    counts = {name: calls_for(call, least) for name, call in affordable.items()}
    times: dict[str, list[float]] = {name: [] for name in work}
    spent = dict.fromkeys(work, 0.0)
    for _ in range(repeats):
        for name, call in affordable.items():
            if spent[name] < budget:
                seconds = seconds_of(repeated(call, counts[name]))
                spent[name] += seconds
                times[name].append(seconds / counts[name])
    return {name: Timing(tuple(times[name] or [first[name]])) for name in work}


def repeated(call: Callable[[], object], times: int) -> Callable[[], None]:
    """Return a call that does `call` so many times."""

    def many():
        for _ in range(times):
            call()

    return many
