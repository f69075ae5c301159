"""The pictures of a race: the loss step by step, and the loss at the end against the rate."""

import numpy as np
from jaxtyping import Float, Int

from saddlescape.optimizers import over_starts
from saddlescape.races import Races, levels, reaches
from saddlescape.report._figures import Axis, Band, Curve, Figure, Layer, Lines, Points
from saddlescape.report._numbers import number

QUANTILES = (0.1, 0.5, 0.9)
_ZERO_ULPS = 5  # times the scale of the loss: an exact fit up to rounding, as in surveys
_DIVERGED_ABOVE = 10  # times the loss at the start, as in `Race.diverged`
_NEAR = 10  # a rate bears comparison when its loss is within this factor of the best
_MARKS = 5  # on every curve, so that shapes tell curves apart
_ROW = 0.035  # of the height: rows of diverged runs


def loss_axis(races: Races) -> Axis:
    """Return the axis of losses: logarithmic, with a strip for zero, where none is negative."""
    label = "loss (mean over samples)" if races.setup.network else "loss"
    if getattr(races.settings, "weight_decay", 0):
        label = "loss (mean over samples, plus weight decay)"
    loss = races.race.loss
    if np.nanmin(loss) < 0:
        return Axis(label, scale="signed log")
    return Axis(label, scale="log", floor=floor_of(races), floor_label="0 (below rounding)")


def floor_of(races: Races) -> float:
    """Return the loss below which a fit is exact up to rounding."""
    scale = float(races.setup.header()["loss_scale"])
    return float(f"{_ZERO_ULPS * np.finfo(float).eps * scale:.0e}")


def ceiling_of(races: Races) -> float:
    """Return the loss above which every run counts as diverged."""
    return _DIVERGED_ABOVE * float(np.abs(races.race.loss[0, 0, :, 0]).max())


def quantiles(losses: Float[np.ndarray, "... s"]) -> Float[np.ndarray, "3 ..."]:
    """Return the 10, 50 and 90 % quantiles over the last axis; what is not finite is infinite."""
    return np.stack([over_starts(losses, quantile) for quantile in QUANTILES])


def loss_curves(races: Races) -> Figure:
    """Return the losses of all optimizers at their best rates, step by step."""
    race, ceiling = races.race, ceiling_of(races)
    layers: list[Layer] = []
    steps = race.steps[1:]  # step 0 has no logarithm
    marks: list[Layer] = []
    for tone, name in enumerate(races.names):
        low, middle, high = (
            [float(v) if v <= ceiling else None for v in row]
            for row in quantiles(race.loss[tone, race.best[tone]].T[1:])
        )
        if races.settings.seeds > 1:
            capped = [ceiling if v is None else v for v in high]
            layers.append(Band(steps, low, capped, f"{name}, 10 to 90 %", tone))
        layers.append(Curve(steps, middle, "", tone))
        chosen = _marked(len(steps), tone)
        told = f"{name} (rate {races.best_rate(tone):g})"
        marks.append(
            Points(steps[chosen], [middle[i] for i in chosen], told, tone, is_backdrop=True)
        )
    return Figure(
        title=_fastest(races),
        x_axis=Axis("steps", scale="log"),
        y_axis=loss_axis(races),
        layers=(*layers, *marks),
        caption=_spread(races),
        height=460,
    )


def _marked(count: int, tone: int) -> Int[np.ndarray, " m"]:
    """Return where a curve carries marks: at other places than its neighbours."""
    shift = count / _MARKS * (tone + 0.5) / 6
    return np.unique((shift + count / _MARKS * np.arange(_MARKS)).astype(int).clip(max=count - 1))


def _spread(races: Races) -> str:
    """Return what curves and bands are."""
    if races.settings.seeds == 1:
        return "One run of each optimizer, at its best rate."
    return (
        f"Medians over {races.settings.seeds:,} starts, each optimizer at its best rate; bands "
        "from the 10 to the 90 % quantile. All optimizers begin at the same starts and see the "
        "same data in the same order."
    )


def _fastest(races: Races) -> str:
    """Return who was first at the lowest loss that was reached."""
    found = [reaches(races, number) for number in range(len(races.names))]
    for place in reversed(range(len(levels(races)))):
        steps = np.array([one[place].steps for one in found], float)
        steps[np.isnan(steps)] = np.inf  # None: never seen there
        first = int(np.argmin(steps))
        if np.isfinite(steps[first]):
            level = number(found[first][place].loss, 3)
            when = f"{steps[first]:,.0f} steps at rate {found[first][place].rate:g}"
            missed = [n for n, s in zip(races.names, steps, strict=True) if not np.isfinite(s)]
            rest = f"; {_listed(missed)} never" if missed else ""
            return f"{races.names[first]} is the first to reach loss {level}, in {when}{rest}"
    return f"The losses of {len(races.names)} optimizers over {races.race.total_steps:,} steps"


def _listed(names: list[str]) -> str:
    """Return names in a row, the last after "and"."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def loss_by_rate(races: Races) -> Figure | None:
    """Return the loss at the end against the rate, diverged runs in rows of their own on top."""
    race, ceiling = races.race, ceiling_of(races)
    if len(race.rates) < 2:
        return None
    middles = quantiles(race.loss[..., -1])[1]  # optimizers, rates
    lost = ~(middles <= ceiling)
    rows = _rows(races, middles[~lost], ceiling)
    layers: list[Layer] = []
    for tone in range(len(races.names)):
        line = np.where(lost[tone], np.nan, middles[tone])
        layers.append(Curve(race.rates, line, "", tone))
    for tone, name in enumerate(races.names):
        y = np.where(lost[tone], rows[tone], middles[tone])
        layers.append(Points(race.rates, y, name, tone, notes=_notes(races, tone, middles[tone])))
    if lost.any():
        low, high = race.rates[0] / 1.3, race.rates[-1] * 1.3
        text = "diverged: above this line"
        layers.append(
            Lines([(low, ceiling, high, ceiling)], text, -2, is_dashed=True, labels=[text])
        )
    return Figure(
        title=_widest(races, middles),
        x_axis=Axis("learning rate", scale="log"),
        y_axis=loss_axis(races),
        layers=tuple(layers),
        caption=(
            f"Median loss of {races.settings.seeds:,} starts after {race.total_steps:,} steps. "
            f"Above the broken line, at {_DIVERGED_ABOVE} times the highest loss at a start, a "
            "mark says only that the median run diverged; each optimizer has a row there."
        ),
        height=460,
    )


def _rows(races: Races, seen: Float[np.ndarray, " n"], ceiling: float) -> Float[np.ndarray, " o"]:
    """Return the heights of the rows where diverged runs are drawn, one for each optimizer."""
    lowest = max(float(seen.min(initial=ceiling)), floor_of(races))
    ratio = (ceiling / lowest) ** _ROW if 0 < lowest < ceiling else 1.2
    return ceiling * ratio ** np.arange(1, len(races.names) + 1)


def _notes(races: Races, number_of: int, middles: Float[np.ndarray, " q"]) -> list[str]:
    """Return what marks say: whether the rate is the best, and how many runs diverged."""
    race = races.race
    counts = (~np.isnan(race.diverged[number_of])).sum(axis=-1)
    told = []
    for place, (middle, count) in enumerate(zip(middles, counts, strict=True)):
        words = races.names[number_of] + (", best rate" if place == race.best[number_of] else "")
        words += f": {count} of {races.settings.seeds} runs diverged"
        told.append(words + ("" if np.isfinite(middle) else ", the median to no finite loss"))
    return told


def _widest(races: Races, middles: Float[np.ndarray, "o q"]) -> str:
    """Return who bears the widest and who the narrowest range of rates."""
    if np.nanmin(races.race.loss) < 0:
        return f"The loss at the end depends on the rate: {len(races.race.rates)} rates"
    best = np.maximum(middles.min(axis=1, keepdims=True), floor_of(races))
    counts = (middles <= _NEAR * best).sum(axis=1)
    most, least = int(counts.argmax()), int(counts.argmin())
    if counts[most] == counts[least]:
        return (
            f"Each optimizer is within a factor {_NEAR} of its best loss at {counts[most]} of "
            f"{middles.shape[1]} rates"
        )
    return (
        f"{races.names[most]} bears the widest range of rates: at {counts[most]} of "
        f"{middles.shape[1]} its loss is within a factor {_NEAR} of its best, "
        f"{races.names[least]}'s at {counts[least]}"
    )
