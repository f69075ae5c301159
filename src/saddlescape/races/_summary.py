"""What a race shows: the best rates, how fast given losses are reached, where it ended."""

import dataclasses
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from saddlescape.races._diagnosis import Diagnosis
from saddlescape.races._explained import plain, told_diagnosis, told_explanation
from saddlescape.races._explanation import Explanation
from saddlescape.races._run import Races

_MOST_LEVELS = 5


@dataclasses.dataclass(frozen=True)
class Reach:
    """How fast an optimizer reached a loss, at the rate that was fastest.

    Args:
        loss: the level.
        rate: the learning rate with the fewest steps in the median; None where none got there.
        steps: the median over the starts, a start that never got there counting as infinite.
        passes: as passes over the data: steps x batch / samples, gradients of all samples.
        share: of the starts that got there at that rate.
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
    begun = float(np.median(loss[0, 0, :, 0]))
    ends = [
        np.median(np.nan_to_num(loss[number, best, :, -1], nan=np.inf))
        for number, best in enumerate(races.race.best)
    ]
    lowest = max(float(np.min(ends)), 1e-15)
    if not (np.isfinite(begun) and begun > 0 and lowest < begun):
        return ()
    powers = np.arange(np.ceil(np.log10(begun)) - 1, np.ceil(np.log10(lowest)) - 1, -1)
    chosen = powers[np.unique(np.linspace(0, len(powers) - 1, _MOST_LEVELS).round().astype(int))]
    return tuple(float(f"1e{int(power)}") for power in chosen) if len(powers) else ()


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
    medians = np.median(np.where(np.isnan(steps), np.inf, steps), axis=-1)
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
    order = np.argsort(medians)
    first, last = int(order[0]), int(order[-1])
    steps = f"{race.total_steps:,} steps"
    told = f"After {steps} {_of(races, first, medians)} is lowest"
    if len(order) > 1:
        told += f", {_of(races, last, medians)} highest"
    diverged = int((~np.isnan(race.diverged)).sum())
    if diverged:
        told += f". {diverged:,} of {race.diverged.size:,} runs diverged"
    return told + "."


def _of(races: Races, number: int, medians: np.ndarray) -> str:
    """Return an optimizer with its best rate and the median loss it led to."""
    loss = _level(float(medians[number])) if np.isfinite(medians[number]) else "not finite"
    return f"{races.names[number]} (rate {races.best_rate(number):g}, loss {loss})"


def _medians(races: Races) -> np.ndarray:
    """Return the median loss at the end at the best rate, infinite where it is not finite."""
    race = races.race
    ends = [race.loss[number, best, :, -1] for number, best in enumerate(race.best)]
    return np.median(np.nan_to_num(np.array(ends), nan=np.inf), axis=-1)


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
    safe = np.where(np.isfinite(values), values, np.inf)
    names = ("median", "quantile_10", "quantile_90")
    found = np.quantile(safe, (0.5, 0.1, 0.9), method="inverted_cdf")
    return plain(dict(zip(names, found.tolist(), strict=True)))


def ends_in_words(races: Races, number: int) -> str:
    """Return where an optimizer's runs at its best rate ended, the most frequent first.

    Args:
        races: a race that has been run.
        number: of the optimizer.

    Returns:
        such as ``3 minimum (loss 0.0), 2 saddle of index 1``.
    """
    words = []
    for end in races.ends[number]:
        if not np.isfinite(end.loss):
            words.append("diverged")
        elif end.kind is None:
            words.append("no critical point near" if end.negative is not None else "not classified")
        else:
            index = f" of index {end.index}" if end.kind == "saddle" else ""
            index += " (by third derivatives)" if end.kind == "saddle" and not end.index else ""
            words.append(f"{end.kind}{index}, loss {_level(end.critical_loss)}")
    return "; ".join(f"{times} x {word}" for word, times in Counter(words).most_common())


def _level(loss: float | None) -> str:
    """Return a loss in words; what is zero up to rounding is 0."""
    return "0" if loss is None or abs(loss) < 1e-20 else f"{loss:.3g}"
