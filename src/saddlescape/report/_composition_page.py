"""The page of `saddlescape depth composition`: the red house."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from saddlescape.comparisons import (
    CHANCE,
    Composition,
    Contender,
    best_network,
    composition_finding,
    composition_statements,
    interval_of,
    readers_of,
    shares,
    units_of,
)
from saddlescape.depth import COLORS, SHAPES, over_runs
from saddlescape.report._depth_page import spread, statement_table
from saddlescape.report._figures import (
    Axis,
    Band,
    Column,
    Curve,
    Figure,
    Layer,
    Lines,
    Notes,
    Page,
    Picture,
    Points,
    Section,
    Table,
)
from saddlescape.report._html import write_page
from saddlescape.report._survey import pairs_of
from saddlescape.setups import versions

_ACROSS, _SHOWN = 4, 12  # scenes side by side, and in all
_PITCH = (28, 33)  # pixels from scene to scene, across and down: room for words
_WHAT = ("both", "shape", "color")
_RESPONSES = ("shape", "color", "both", "neither", "nothing")


def composition_page(done: Composition) -> Page:
    """Return the page of unseen combinations.

    Args:
        done: what `saddlescape.comparisons.composition` returned.

    Returns:
        a page of pictures, figures and tables as data; `write_page` makes the file.
    """
    told = done.settings.model_dump(mode="json", exclude_none=True)
    used = {"optimizer": "Adam, float32", "shapes": ", ".join(SHAPES), "colors": ", ".join(COLORS)}
    held_out = done.settings.looked_at
    unseen = held_out > 0
    found = composition_statements(done)
    return Page(
        title="The red house: combinations that training never showed",
        finding=composition_finding(done),
        sections=(
            *((_answers(done),) if unseen else ()),
            _curves(done),
            *((Section("What the intervals support", tables=(statement_table(found),)),) * unseen),
            *((_reuse(done),) if done.looks and unseen else ()),
            Section("Every contender", tables=(_table(done),)),
        ),
        settings=tuple(pairs_of({**told, **used})),
        command=done.settings.command(),
        versions=tuple(pairs_of(versions())),
    )


def write_composition_page(done: Composition, path: str | Path) -> Path:
    """Write the page of unseen combinations.

    Args:
        done: what `saddlescape.comparisons.composition` returned.
        path: of the HTML file; a file that exists is replaced.

    Returns:
        the path.

    Raises:
        InvalidInputError: when the file cannot be written.
    """
    return write_page(composition_page(done), path)


def _answers(done: Composition) -> Section:
    """Return unseen scenes with the answers of the best network, as a picture."""
    held_out, who = done.settings.looked_at, best_network(done, done.settings.looked_at)
    scored = done.trained[who, held_out]
    said = scored.answers[scored.best, 0]
    unseen = np.flatnonzero(done.is_unseen(held_out, 0))
    # As many of every unseen combination as fit, spread over all of them: no scene is picked.
    tests = done.tests(0)
    shown = unseen[np.linspace(0, len(unseen) - 1, min(_SHOWN, len(unseen))).astype(int)]
    right = (said[shown] == done.labels[shown]).all(axis=1)
    layers: list[Layer] = []
    notes: list[tuple[float, float, str]] = []
    for place, number in enumerate(shown):
        left, top = _PITCH[0] * (place % _ACROSS), -_PITCH[1] * (place // _ACROSS)
        pixels = 255 * np.clip(tests.images[number], 0, 1)
        name = _name(done.labels[number])
        layers.append(Picture(np.round(pixels).astype(int), left, top, 1, name))
        verdict = "✓" if right[place] else "✗"
        notes.append((left + 12, top - 26, f"{verdict} {_name(said[number])}"))
    across, up, words = zip(*notes, strict=True)
    layers.append(Notes(across, up, words))
    rows = -(-len(shown) // _ACROSS)
    figure = Figure(
        title=f"{int(right.sum())} of these {len(shown)} scenes of unseen combinations are named",
        x_axis=Axis("", limits=(-3, _PITCH[0] * _ACROSS - 1), is_hidden=True),
        y_axis=Axis("", limits=(-_PITCH[1] * rows + 3, 2), is_hidden=True),
        layers=tuple(layers),
        caption=f"Answers of one network ({who.name}) that has seen {36 - held_out} of the 36 "
        "combinations, each below its scene, with a tick or a cross. Scenes are taken at equal "
        "distances from the list of all, not picked.",
        height=170 * rows,
        is_equal=True,
    )
    return Section(
        "Scenes and answers",
        "A scene shows one of six shapes in one of six colors, at any place, in any size, on a "
        "ground of any grey. Some combinations were kept out of training.",
        figures=(figure,),
    )


def _name(pair: np.ndarray) -> str:
    """Return a combination in words."""
    return f"{COLORS[pair[1]]} {SHAPES[pair[0]]}"


def _curves(done: Composition) -> Section:
    """Return accuracy on unseen combinations against the number of seen ones."""
    numbers = sorted((n for n in set(done.settings.held_out) if n), reverse=True)
    figures = tuple(_curve(done, numbers, what) for what in ("both", "shape", "color"))
    return Section(
        "Unseen combinations named, by the number of combinations seen",
        "The number of training scenes is the same however many combinations they show. The "
        "learning rate and the end of training are chosen on scenes of seen combinations.",
        figures=figures if numbers else (),
    )


def _curve(done: Composition, numbers: Sequence[int], what: str) -> Figure:
    """Return the accuracy of chosen contenders on unseen combinations, in percent."""
    layers: list[Layer] = []
    seen = [36 - n for n in numbers]
    for tone, who in enumerate(_drawn(done)):
        found = [interval_of(done, who, n, what) for n in numbers]
        mean = [100 * one.mean for one in found]
        low, high = np.clip([(100 * one.low, 100 * one.high) for one in found], 0, 100).T
        layers += [
            Band(seen, low, high, f"{who.name}, 95 %", tone),
            Curve(seen, mean, "", tone),
            Points(seen, mean, who.name, tone),
        ]
    chance = 100 * {"both": CHANCE, "shape": 1 / len(SHAPES), "color": 1 / len(COLORS)}[what]
    layers.append(Lines([(min(seen), chance, max(seen), chance)], "guessing", -2, is_dashed=True))
    best = best_network(done, done.settings.looked_at)
    last = 100 * interval_of(done, best, numbers[-1], what).mean
    asked = {"both": "shape and color", "shape": "the shape", "color": "the color"}[what]
    return Figure(
        title=f"{asked.capitalize()} of unseen combinations: {last:.0f} % named when {seen[-1]} "
        "of 36 are seen",
        x_axis=Axis("combinations seen, of 36", ticks=tuple((n, str(n)) for n in seen)),
        y_axis=Axis(f"unseen scenes with {asked} right", "%", limits=(-3, 103)),
        layers=tuple(layers),
        caption=f"The number is that of the network that is best on seen combinations "
        f"({best.name}). Bands are 95 % intervals over seeds, each with combinations of its own; "
        "the dashed line is guessing.",
    )


def _drawn(done: Composition) -> list[Contender]:
    """Return at most six contenders: the best network, the shallowest, and the baselines."""
    best = best_network(done, done.settings.looked_at)
    networks = [who for who in done.contenders if who.can_be_looked_at and who != best]
    others = [who for who in done.contenders if not who.can_be_looked_at]
    return [best, *networks[:1], *others][:6]


def _reuse(done: Composition) -> Section:
    """Return what units respond to, and what linear readers see."""
    best = best_network(done, done.settings.looked_at)
    found = units_of(done, best)
    layers: list[Layer] = []
    for tone, kind in enumerate(("shape", "color", "both")):
        rows = [row for row in found if row["responds_to"] == kind]
        if rows:
            notes = [f"seed {row['seed']}, unit {row['number']}" for row in rows]
            across = [100 * row["lost_shape"] for row in rows]
            up = [100 * row["lost_color"] for row in rows]
            layers.append(Points(across, up, f"responds to {kind}", tone, notes=notes))
    single = sum(row["responds_to"] in {"shape", "color"} for row in found)
    figure = Figure(
        title=f"{single} of {len(found)} units of the last layer respond to one factor alone",
        x_axis=Axis("shapes no longer named without the unit", "percentage points"),
        y_axis=Axis("colors no longer named", "percentage points"),
        layers=tuple(layers),
        caption=f"Units of {best.name}, all seeds; each is held at its mean and the accuracy on "
        "unseen combinations measured. A unit responds to a factor that explains at least four "
        "times as much of its variance as the other and no less than their combination.",
    )
    return Section(
        "Features that are reused",
        "A unit that responds to red things of any shape can be used for a red house that was "
        "never seen. A linear reader fitted to a layer on seen combinations shows whether the "
        "layer holds what is needed.",
        figures=(figure,) if layers else (),
        tables=(_unit_table(done), _reader_table(done)),
    )


def _unit_table(done: Composition) -> Table:
    """Return how many units respond to what, for every network."""
    columns = (
        Column("network", format="text"),
        *(Column(name, "units", format="count") for name in _RESPONSES),
    )
    rows = []
    for who in done.looks:
        kinds = [row["responds_to"] for row in units_of(done, who)]
        rows.append((who.name, *(kinds.count(name) for name in _RESPONSES)))
    note = "All seeds together. Neither: less than a tenth of the variance is told by the factors. "
    return Table(
        "What the units of the last hidden layer respond to",
        columns,
        tuple(rows),
        note=note + "Nothing: the unit is silent.",
    )


def _reader_table(done: Composition) -> Table:
    """Return what linear readers get right, layer by layer."""
    names = ("shape, unseen", "shape, seen", "color, unseen", "color, seen")
    columns = (
        Column("network", format="text"),
        Column("layer", format="count", note="0 is the pixels"),
        *(Column(name, "%", digits=3) for name in names),
    )
    rows = [
        (who.name, row["layer"], *(100 * row[name] for name in names))
        for who in done.looks
        for row in readers_of(done, who)
    ]
    return Table("What a linear reader of a layer gets right", columns, tuple(rows))


def _table(done: Composition) -> Table:
    """Return one row per contender and number of combinations seen."""
    columns = (
        Column("who", format="text"),
        Column("seen", "of 36", format="count"),
        Column("chosen", format="text", note="on scenes of seen combinations"),
        Column("both, seen", "%, 95 %", format="text"),
        *(Column(f"{name}, unseen", "%, 95 %", format="text") for name in _WHAT),
    )
    guess = (f"{100 * share:.1f}" for share in (CHANCE, 1 / len(SHAPES), 1 / len(COLORS)))
    return Table(
        "Every contender at its best rate",
        columns,
        (*(_row(done, *key) for key in done.trained), ("guessing", None, None, None, *guess)),
        note="Intervals are Student's over the seeds; each seed has scenes to train and to test, "
        "unseen combinations and starts of its own. One-hot: one output per combination; shape and "
        "color are read from sums of its probabilities, as its likeliest combination is always one "
        "that was seen. Neighbors vote on shape and on color separately.",
    )


def _row(done: Composition, who: Contender, held_out: int) -> tuple[Any, ...]:
    """Return the cells of a contender."""
    scored = done.trained[who, held_out]
    cells: list[Any] = [who.name, 36 - held_out, scored.choice]
    cells.append(spread(over_runs(shares(done, scored, is_unseen=False)["both"])))
    unseen = (spread(interval_of(done, who, held_out, x)) if held_out else None for x in _WHAT)
    return (*cells, *unseen)
