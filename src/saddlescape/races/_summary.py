"""What a race shows: the best rates, how fast given losses are reached, where it ended."""

import dataclasses
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from saddlescape.optimizers import over_starts
from saddlescape.races._diagnosis import Diagnosis
from saddlescape.races._explained import plain, told_diagnosis, told_explanation
from saddlescape.races._explanation import Explanation
from saddlescape.races._run import Races

_MOST_LEVELS = 5
_ZERO = 1e-20  # a mean of squares, each rounding of numbers of size 1 or so


@dataclasses.dataclass(frozen=True)
class Reach:
    """How fast an optimizer reached a loss, at the rate that was fastest.

    Args:
        loss: the level.
        rate: the learning rate with the fewest steps in the median; None where none got there.
        steps: the median over the starts, a start that never got there counting as infinite.
        passes: as passes over the data: steps x batch / samples, gradients of all samples.
        share: of the starts that got there at that rate; where none did, the largest at any rate.
    """

    loss: float
    rate: float | None
    steps: float | None
    passes: float | None
    share: float


def levels(races: Races) -> tuple[float, ...]:
    """Return losses to reach: powers of ten between the starts and the best end.

    Args:
        races: a race that has been run.

    Returns:
        up to five, decreasing; none where a loss is not positive.
    """
    loss = races.race.loss
    begun = float(over_starts(loss[0, 0, :, 0]))
    lowest = max(float(np.min(_medians(races))), 1e-15)
    if not (np.isfinite(begun) and begun > 0 and lowest < begun):
        return ()
    powers = np.arange(np.ceil(np.log10(begun / 3)) - 1, np.ceil(np.log10(lowest)) - 1, -1)
    if not len(powers):
        return ()
    chosen = powers[np.unique(np.linspace(0, len(powers) - 1, _MOST_LEVELS).round().astype(int))]
    return tuple(float(f"1e{int(power)}") for power in chosen)


def reaches(races: Races, number: int) -> tuple[Reach, ...]:
    """Return how fast an optimizer reached each of the `levels`.

    Args:
        races: a race that has been run.
        number: of the optimizer.

    Returns:
        one for each level.
    """
    return tuple(_reach(races, number, level) for level in levels(races))


def _reach(races: Races, number: int, level: float) -> Reach:
    """Return how fast an optimizer reached a loss."""
    race = races.race
    steps = race.steps_to(level)[number]  # rates, starts
    medians = over_starts(steps)
    fastest = int(medians.argmin())
    share = float(np.mean(~np.isnan(steps[fastest])))
    if not np.isfinite(medians[fastest]):
        most = float((~np.isnan(steps)).mean(axis=-1).max())
        return Reach(level, None, None, None, most)
    median = float(medians[fastest])
    return Reach(level, race.rates[fastest], median, median * passes_per_step(races), share)


def passes_per_step(races: Races) -> float:
    """Return which share of the samples a step takes the gradient of.

    Args:
        races: a race.

    Returns:
        1 for all samples.
    """
    data = races.setup.problem.data
    if races.settings.batch is None or data is None:
        return 1.0
    return races.settings.batch / data.num_samples


def finding(races: Races) -> str:
    """Return what was found, in one sentence.

    Args:
        races: a race that has been run.

    Returns:
        who had the lowest loss, who the highest, and what diverged.
    """
    race = races.race
    medians = _medians(races)
    order = [int(number) for number in np.argsort(medians, kind="stable")]
    zero = [number for number in order if abs(medians[number]) < _ZERO]
    told = f"After {race.total_steps:,} steps "
    if not np.isfinite(medians[order[0]]):
        told += "no optimizer has a finite loss in the median"
    elif len(zero) > 1:
        told += f"{_listed([_of(races, number) for number in zero])} are lowest, at loss 0"
    else:
        told += f"{_of(races, order[0], medians)} is lowest"
    if len(zero) < len(order) > 1 and np.isfinite(medians[order[0]]):
        told += f", {_of(races, order[-1], medians)} highest"
    diverged = int((~np.isnan(race.diverged)).sum())
    if diverged:
        told += f". {diverged:,} of all {race.diverged.size:,} runs diverged"
    return told + "."


def _of(races: Races, number: int, medians: np.ndarray | None = None) -> str:
    """Return an optimizer with its best rate, the median loss there, and what diverged there."""
    words = [f"rate {races.best_rate(number):g}"]
    if medians is not None:
        finite = np.isfinite(medians[number])
        words.append(f"loss {level(float(medians[number])) if finite else 'not finite'}")
    lost = int((~np.isnan(races.race.diverged[number, races.race.best[number]])).sum())
    if lost:
        words.append(f"{lost} of its {races.settings.seeds} runs diverged")
    return f"{races.names[number]} ({', '.join(words)})"


def _listed(names: list[str]) -> str:
    """Return names in a row, the last after "and"."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def _medians(races: Races) -> np.ndarray:
    """Return the median loss at the end at the best rate, infinite where it is not finite."""
    race = races.race
    ends = [race.loss[number, best, :, -1] for number, best in enumerate(race.best)]
    return over_starts(np.array(ends))


def summary(
    races: Races, diagnoses: Sequence[Diagnosis] = (), explanation: Explanation | None = None
) -> dict[str, Any]:
    """Return the race as JSON values: what `--json` prints.

    Args:
        races: a race that has been run.
        diagnoses: of its optimizers.
        explanation: of the race.

    Returns:
        finding, what was raced, for each optimizer rates, curve, reaches, ends, and what was
        measured to explain them.
    """
    race, header = races.race, races.setup.header()
    return {
        "finding": finding(races),
        "problem": header["problem"]["name"],
        "network": header["network"],
        "steps": race.total_steps,
        "batch": race.batch,
        "seeds": races.settings.seeds,
        "seed": races.settings.seed,
        "rates": list(race.rates),
        "optimizers": [_told(races, number) for number in range(len(races.names))],
        "diagnoses": [told_diagnosis(one) for one in diagnoses],
        "explanation": None if explanation is None else told_explanation(races, explanation),
        "command": races.settings.command(),
        "versions": header["versions"],
    }


def _told(races: Races, number: int) -> dict[str, Any]:
    """Return one optimizer as JSON values."""
    race, best = races.race, int(races.race.best[number])
    ends = race.loss[number, :, :, -1]
    return {
        "name": races.names[number],
        "best_rate": race.rates[best],
        "best_rate_is_at_the_edge": len(race.rates) > 1 and best in {0, len(race.rates) - 1},
        "final_loss": _quantiles(ends[best]),
        "by_rate": [
            {
                "rate": rate,
                "final_loss": _quantiles(ends[index]),
                "diverged": int((~np.isnan(race.diverged[number, index])).sum()),
            }
            for index, rate in enumerate(race.rates)
        ],
        "curve": [
            {"step": int(step), **_quantiles(race.loss[number, best, :, record])}
            for record, step in enumerate(race.steps)
        ],
        "reached": [dataclasses.asdict(reach) for reach in reaches(races, number)],
        "ends": [plain(dataclasses.asdict(end)) for end in races.ends[number]],
    }


def _quantiles(values: np.ndarray) -> dict[str, float | None]:
    """Return median and the 10 and 90 % quantiles over the starts; None where not finite."""
    names = {"median": 0.5, "quantile_10": 0.1, "quantile_90": 0.9}
    return plain({name: float(over_starts(values, at)) for name, at in names.items()})


def ends_in_words(races: Races, number: int) -> str:
    """Return which points an optimizer's runs at its best rate lead to, the most frequent first.

    Args:
        races: a race that has been run.
        number: of the optimizer.

    Returns:
        such as ``3 minimum (loss 0.0), 2 saddle of index 1``.
    """
    words = []
    for end in races.ends[number]:
        if not np.isfinite(end.loss):
            words.append("not finite")
        elif end.kind is None:
            words.append("no critical point near" if end.negative is not None else "not classified")
        else:
            index = f" of index {end.index}" if end.kind == "saddle" else ""
            index += " (by third derivatives)" if end.kind == "saddle" and not end.index else ""
            words.append(f"{end.kind}{index}, loss {level(end.critical_loss)}")
    return "; ".join(f"{times} x {word}" for word, times in Counter(words).most_common())


def level(loss: float | None) -> str:
    """Return a loss in words.

    Args:
        loss: None counts as zero.

    Returns:
        three digits; what is zero up to rounding is 0.
    """
    return "0" if loss is None or abs(loss) < _ZERO else f"{loss:.3g}"
