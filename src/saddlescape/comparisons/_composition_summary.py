"""What composition shows: accuracy on unseen combinations, statements, units, linear readers."""

import dataclasses
from typing import Any

import numpy as np

from saddlescape.comparisons._composition import Composition
from saddlescape.comparisons._scores import Contender, Scored
from saddlescape.comparisons._statements import Statement
from saddlescape.depth import COLORS, SHAPES, Interval, over_runs
from saddlescape.setups import versions

CHANCE = 1 / (len(SHAPES) * len(COLORS))
WHAT = ("both", "shape", "color")
_SELECTIVE = 4  # times as much variance by one factor as by the other
_TOLD = 0.1  # of its variance must be told by the factors at all


def shares(done: Composition, scored: Scored, *, is_unseen: bool) -> dict[str, np.ndarray]:
    """Return the accuracies of a contender at its best rate.

    Args:
        done: all of it.
        scored: one contender with so many combinations held out.
        is_unseen: on unseen combinations or on seen ones.

    Returns:
        for both, shape and color one accuracy per seed; NaN where there are no such scenes.
    """
    right = scored.answers[scored.best] == done.labels[None]
    result: dict[str, list[float]] = {name: [] for name in WHAT}
    for number, seed in enumerate(right):
        where = done.is_unseen(scored.held_out, number) == is_unseen
        hits = (seed.all(axis=1), seed[:, 0], seed[:, 1])
        for name, hit in zip(WHAT, hits, strict=True):
            result[name].append(float(hit[where].mean()) if where.any() else np.nan)
    return {name: np.array(values) for name, values in result.items()}


def best_network(done: Composition, held_out: int) -> Contender:
    """Return the network with two heads that is best on the validation parts (seen combinations).

    Args:
        done: all of it.
        held_out: combinations.

    Returns:
        the contender.
    """
    networks = [who for who in done.contenders if who.can_be_looked_at]
    return max(networks, key=lambda who: _validated(done.trained[who, held_out]))


def _validated(scored: Scored) -> float:
    """Return the accuracy on validation parts at the best rate."""
    return float(scored.validation[scored.best].mean())


def units_of(done: Composition, who: Contender) -> list[dict[str, Any]]:
    """Return the units of the last hidden layer of a network.

    Args:
        done: all of it.
        who: a network with two heads and a hidden layer.

    Returns:
        seed, number, shares of variance and losses of accuracy, and what each unit responds to.
    """
    found = []
    for row in done.looks[who].to_pylist():
        if row["what"] == "unit":
            shape, color, both, *drops = row["values"]
            found.append({
                "seed": row["seed"], "number": row["number"], "shape": shape, "color": color,
                "both": both, "lost_shape": drops[0], "lost_color": drops[1],
                "responds_to": _kind(shape, color, both),
            })  # fmt: skip
    return found


def _kind(shape: float, color: float, both: float) -> str:
    """Return what a unit responds to."""
    if np.isnan(shape):
        return "nothing"
    if shape + color + both < _TOLD:
        return "neither"
    if shape >= _SELECTIVE * color and shape >= both:
        return "shape"
    if color >= _SELECTIVE * shape and color >= both:
        return "color"
    return "both"


def readers_of(done: Composition, who: Contender) -> list[dict[str, Any]]:
    """Return what a linear reader of every layer gets right.

    Args:
        done: all of it.
        who: a network with two heads.

    Returns:
        for every layer (0 is the pixels) means over the seeds: shape and color, unseen and seen.
    """
    rows = [row for row in done.looks[who].to_pylist() if row["what"] == "layer"]
    names = ("shape, unseen", "shape, seen", "color, unseen", "color, seen")
    result = []
    for layer in sorted({row["number"] for row in rows}):
        values = np.array([row["values"] for row in rows if row["number"] == layer])
        result.append(
            {"layer": layer, **dict(zip(names, values.mean(axis=0).tolist(), strict=True))}
        )
    return result


def composition_statements(done: Composition) -> tuple[Statement, ...]:
    """Return the lecture's statement on reuse, taken apart, beside what was measured.

    Args:
        done: everything trained.

    Returns:
        one per statement; intervals are Student's over the seeds, each with combinations of its
        own.
    """
    held_out = done.settings.looked_at
    if held_out == 0:
        return ()
    best = best_network(done, held_out)

    def unseen(who: Contender, number: int = held_out) -> dict[str, np.ndarray]:
        return shares(done, done.trained[who, number], is_unseen=True)

    own, (joint, *_) = unseen(best), _matching(done, best)
    seen = shares(done, done.trained[best, held_out], is_unseen=False)
    near = unseen(done.contenders[-1])
    numbers = sorted(n for n in set(done.settings.held_out) if n)
    rows = [
        ("Unseen combinations are named better than by guessing", best.name, "guessing",
         own["both"] - CHANCE),
        ("Two heads name unseen combinations better than one head for combinations", best.name,
         joint.name, own["both"] - unseen(joint)["both"]),
        ("A network names unseen combinations better than nearest neighbors", best.name,
         "nearest neighbors", own["both"] - near["both"]),
        ("Color is named in unseen combinations better than by guessing", best.name, "guessing",
         own["color"] - 1 / len(COLORS)),
        ("Shape is named in unseen combinations better than by guessing", best.name, "guessing",
         own["shape"] - 1 / len(SHAPES)),
        ("Shape is named worse in unseen combinations than in seen ones", "seen", "unseen",
         seen["shape"] - own["shape"]),
    ]  # fmt: skip
    if len(numbers) > 1:
        first = unseen(best, numbers[0])["both"] - unseen(best, numbers[-1])["both"]
        text = "The more combinations are seen, the more unseen ones are named"
        pair = (f"{36 - numbers[0]} combinations seen", f"{36 - numbers[-1]} seen")
        rows.append((text, *pair, first))
    for by_depth in _by_depth(done):
        deep, shallow = by_depth[-1], by_depth[0]
        rows.append((
            "A deeper network names more unseen combinations", deep.name, shallow.name,
            unseen(deep)["both"] - unseen(shallow)["both"],
        ))  # fmt: skip
    return tuple(
        Statement(text, first, second, "accuracy", over_runs(values))
        for text, first, second, values in rows
    )


def _matching(done: Composition, who: Contender) -> list[Contender]:
    """Return the networks with one head of the same kind, or of any."""
    joint = [x for x in done.contenders if not x.has_two_heads]
    return [x for x in joint if _is_same_kind(x, who)] or joint


def _by_depth(done: Composition) -> list[list[Contender]]:
    """Return the networks with two heads of each kind, by depth, where there are several."""
    networks = [x for x in done.contenders if x.can_be_looked_at]
    kinds: dict[bool, list[Contender]] = {}
    for one in sorted(networks, key=lambda x: x.architecture.depth if x.architecture else 0):
        kinds.setdefault(bool(one.architecture and one.architecture.is_convolutional), []).append(
            one
        )
    return [group for group in kinds.values() if len(group) > 1]


def _is_same_kind(one: Contender, other: Contender) -> bool:
    """Return whether both are fully connected, or both convolutional."""
    kinds = [x.architecture is not None and x.architecture.is_convolutional for x in (one, other)]
    return kinds[0] == kinds[1]


def composition_finding(done: Composition) -> str:
    """Return what was found, in a sentence.

    Args:
        done: everything trained.

    Returns:
        the accuracies of the network that is best on seen combinations.
    """
    held_out = done.settings.looked_at
    best = best_network(done, held_out)
    scored = done.trained[best, held_out]
    seen = shares(done, scored, is_unseen=False)["both"].mean()
    if held_out == 0:
        return f"{best.name}: {_percent(seen)} of the scenes are named, none held out"
    own = {k: v.mean() for k, v in shares(done, scored, is_unseen=True).items()}
    return (
        f"With {held_out} of 36 combinations held out, a network ({best.name}) names "
        f"{_percent(own['both'])} of their scenes ({_percent(seen)} of those it has seen): "
        f"the color of {_percent(own['color'])}, the shape of {_percent(own['shape'])}"
    )


def _percent(share: float) -> str:
    """Return a share as a percentage."""
    return f"{100 * share:.0f} %"


def composition_summary(done: Composition) -> dict[str, Any]:
    """Return the result as JSON values.

    Args:
        done: everything trained.

    Returns:
        finding, statements, accuracies, units and linear readers.
    """
    return {
        "finding": composition_finding(done),
        "command": done.settings.command(),
        "settings": done.settings.model_dump(mode="json", exclude_none=True),
        "statements": [
            {**dataclasses.asdict(one), "verdict": one.verdict}
            for one in composition_statements(done)
        ],
        "guessing": {"both": CHANCE, "shape": 1 / len(SHAPES), "color": 1 / len(COLORS)},
        "accuracies": [accuracy_row(done, one) for one in done.trained.values()],
        "units": {who.name: [_plain(row) for row in units_of(done, who)] for who in done.looks},
        "linear_readers": {who.name: readers_of(done, who) for who in done.looks},
        "precision": "float32",
        "versions": versions(),
    }


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row with None where there is no number."""
    return {k: None if isinstance(v, float) and np.isnan(v) else v for k, v in row.items()}


def accuracy_row(done: Composition, scored: Scored) -> dict[str, Any]:
    """Return a contender's accuracies at its best rate.

    Args:
        done: all of it.
        scored: one contender with so many combinations held out.

    Returns:
        JSON values; None where there are no such scenes.
    """
    told: dict[str, Any] = {
        "who": scored.who.name, "held_out": scored.held_out, "seen": 36 - scored.held_out,
        "chosen": scored.choice, "validation": _validated(scored),
    }  # fmt: skip
    for name, is_unseen in (("on_unseen", True), ("on_seen", False)):
        found = shares(done, scored, is_unseen=is_unseen)
        told[name] = {
            what: None if np.isnan(values).any() else dataclasses.asdict(over_runs(values))
            for what, values in found.items()
        }
    return told


def interval_of(done: Composition, who: Contender, held_out: int, what: str) -> Interval:
    """Return the accuracy of a contender on unseen combinations.

    Args:
        done: all of it.
        who: answers.
        held_out: how many combinations.
        what: both, shape or color.

    Returns:
        the interval over the seeds.
    """
    return over_runs(shares(done, done.trained[who, held_out], is_unseen=True)[what])
