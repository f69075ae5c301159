"""The tables of a race: best rates, how fast losses are reached, where runs ended."""

from collections import defaultdict

import numpy as np

from saddlescape.races import End, Races, reaches
from saddlescape.report._figures import Column, Table
from saddlescape.report._race_figures import quantiles


def best_rates(races: Races) -> Table:
    """Return a row for every optimizer: its best rate and what it led to."""
    race = races.race
    columns = (
        Column("optimizer", format="text"),
        Column("best rate", digits=3),
        Column("loss at the end", "median", digits=4),
        Column("loss at the end", "10 %", digits=4),
        Column("loss at the end", "90 %", digits=4),
        Column("diverged", "at the best rate", format="count"),
        Column("diverged", "at all rates", format="count"),
    )
    lost = ~np.isnan(race.diverged)
    rows, edges = [], []
    for place, name in enumerate(races.names):
        best = int(race.best[place])
        low, middle, high = (float(v) for v in quantiles(race.loss[place, best, :, -1]))
        counts = int(lost[place, best].sum()), int(lost[place].sum())
        rows.append((name, race.rates[best], middle, low, high, *counts))
        if len(race.rates) > 1 and best in {0, len(race.rates) - 1}:
            edges.append(name)
    size = f"{races.settings.seeds:,} runs at each of {len(race.rates)} rates."
    edge = f" The best rate of {', '.join(edges)} is at the edge of those raced." if edges else ""
    return Table("The best rate of every optimizer", columns, tuple(rows), note=size + edge)


def reached(races: Races) -> Table | None:
    """Return a row for every optimizer and loss: how fast it got there, at its fastest rate."""
    found = [reaches(races, number) for number in range(len(races.names))]
    if not found[0]:
        return None
    columns = (
        Column("loss reached", digits=2),
        Column("optimizer", format="text"),
        Column("rate", "fastest", digits=3),
        Column("steps", "median", digits=6),
        Column(
            "gradient evaluations", "passes over the data", digits=4,
            note="one gradient per step, of a batch: steps times batch over samples",
        ),
        Column("starts", "that got there", format="text"),
    )  # fmt: skip
    seeds = races.settings.seeds
    rows = [
        (one.loss, name, one.rate, one.steps, one.passes, f"{round(one.share * seeds)} of {seeds}")
        for level in zip(*found, strict=True)
        for name, one in zip(races.names, level, strict=True)
    ]
    return Table(
        "Steps and gradient evaluations to reach given losses",
        columns,
        tuple(rows),
        note="Each optimizer at the rate that is fastest for that loss. A dash: at no rate did "
        "half of the starts get there. Steps are known to the resolution of the records, 3 to 5 %.",
    )


def ended(races: Races) -> Table:
    """Return a row for every optimizer and kind of end of its runs at the best rate."""
    columns = (
        Column("optimizer", format="text"),
        Column("runs", format="count"),
        Column("ends near", format="text"),
        Column("index", format="count"),
        Column("loss", "of that point", digits=5),
        Column("distance", "median", digits=2),
        Column("directions down", "at the end, median", format="count"),
        Column("gradient", "largest component, median", digits=2),
    )
    rows = []
    for name, ends in zip(races.names, races.ends, strict=True):
        groups: dict[tuple, list[End]] = defaultdict(list)
        for end in ends:
            groups[_group(end)].append(end)
        ordered = sorted(groups.items(), key=lambda item: -len(item[1]))
        rows += [_ended_row(name, group, members) for group, members in ordered]
    return Table(
        "Where the runs at the best rates ended",
        columns,
        tuple(rows),
        note="The point is the one that a search for critical points of any index leads to from "
        "the end of a run; a large distance means that the run was still on its way. Directions "
        "down are negative eigenvalues of the Hessian where the run stopped. A saddle "
        "of index 0 is one by its third derivatives.",
    )


def _group(end: End) -> tuple:
    """Return what runs that ended alike share."""
    if not np.isfinite(end.loss):
        return ("diverged", None, None)
    if end.kind is None:
        told = "no critical point found" if end.negative is not None else "not classified"
        return (told, None, None)
    loss = float(f"{end.critical_loss:.4g}")
    return (end.kind, end.index, 0.0 if abs(loss) < 1e-20 else loss)


def _ended_row(name: str, group: tuple, members: list[End]) -> tuple:
    """Return the row of runs that ended alike."""

    def median(field: str) -> float | None:
        values = [getattr(end, field) for end in members]
        known = [value for value in values if value is not None and np.isfinite(value)]
        return float(np.median(known)) if known else None

    down = median("negative")
    return (
        name, len(members), *group, median("distance"),
        None if down is None else round(down), median("gradient_norm"),
    )  # fmt: skip
