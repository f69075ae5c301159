"""What a survey found, in one sentence: for the terminal, and for the head of the report."""

import math
import sys
from collections import Counter

import numpy as np
import pyarrow as pa

from saddlescape.core import Outcome
from saddlescape.surveys._atlas import Atlas
from saddlescape.surveys._infinity import points_at_infinity

_SINGULARS = {"flat": "flat point"}
_PLURALS = {"minimum": "minima", "maximum": "maxima", "flat": "flat points"}


def zero_loss(atlas: Atlas) -> float:
    """Return the loss below which a point fits its data exactly, up to rounding.

    An exact fit leaves residuals of order eps, so a loss of order eps squared (5e-32) times the
    scale of the squared targets; a fit that is not exact leaves far more. The line between them is
    drawn near eps, in the middle of the logarithmic scale: five eps, which is 1e-15.

    Args:
        atlas: its header may give `loss_scale`, the mean square of the targets.

    Returns:
        the line, in units of the loss; minus infinity without a network, where a "loss" may be
        any function, and zero means nothing.
    """
    if atlas.header.get("network") is None:
        return -math.inf
    scale = float(atlas.header.get("loss_scale") or 1.0)
    return float(f"{5 * sys.float_info.epsilon * scale:.0e}")


def finding(atlas: Atlas) -> str:
    """Return what the survey found, in one sentence.

    Args:
        atlas: a survey's folder, finished or not.

    Returns:
        a sentence with the number of starts, of distinct points, and how often the best was met.
    """
    outcomes = Counter(atlas.points(["outcome"])["outcome"].to_pylist())
    total = sum(outcomes.values())
    if not total:
        return "No starts are stored yet."
    converged = outcomes[Outcome.CONVERGED.label]
    if converged and not atlas.classes().num_rows:
        return (
            f"{_some(total, 'start')}: {converged:,} reached critical points, which are not "
            "grouped yet: the survey was stopped, the same command continues it."
        )
    parts = [_best(atlas, total), *_infinite(atlas), *_failures(outcomes), *_lower(atlas)]
    return f"{_some(total, 'start')}: {_distinct(atlas.classes())}; {', '.join(parts)}."


def _distinct(classes: pa.Table) -> str:
    """Return the number of distinct points, by kind."""
    kinds = Counter(classes["kind"].to_pylist())
    total = _some(classes.num_rows, "distinct critical point")
    if len(kinds) < 2:
        return total + "".join(
            f", {'a' if n == 1 else 'all'} {_plural(kind, n)}" for kind, n in kinds.items()
        )
    listed = ", ".join(f"{n:,} {_plural(kind, n)}" for kind, n in sorted(kinds.items()))
    return f"{total} ({listed})"


def _best(atlas: Atlas, total: int) -> str:
    """Return how often the lowest loss was reached."""
    classes = atlas.classes()
    if not classes.num_rows:
        return "no start reached a critical point"
    zero = zero_loss(atlas)
    losses, counts = classes["loss"].to_numpy(), classes["count"].to_numpy()
    lowest = losses.min().item()
    if lowest < zero:
        count = int(counts[losses < zero].sum())
        return f"{_share(count, total)} reached a global minimum (loss < {zero:.0e})"
    count = int(counts[losses == lowest].sum())
    return f"{_share(count, total)} reached the lowest one, loss {lowest:.4g}"


def _infinite(atlas: Atlas) -> list[str]:
    """Return how many starts ended at a point at infinity, and how many those are."""
    groups = points_at_infinity(atlas)
    if not groups:
        return []
    count, many = sum(group["count"] for group in groups), len(groups)
    distinct = f"{many:,} distinct, " if count > 1 else ""
    lowest = f"{'lowest ' if many > 1 else ''}loss {groups[0]['loss']:.4g}"
    return [f"{count:,} ended at a point at infinity ({distinct}{lowest})"]


def _failures(outcomes: Counter[str]) -> list[str]:
    """Return how many starts ended without a critical point, by outcome."""
    words = {
        Outcome.RUNNING_TO_INFINITY.label: "ran to infinity",
        Outcome.OUT_OF_STEPS.label: "ran out of steps",
        Outcome.AT_A_KINK.label: "ended at a kink",
        Outcome.GRADIENT_FLAT.label: "got stuck on a flat gradient",
        Outcome.NOT_FINITE.label: "overflowed",
    }
    return [f"{outcomes[label]:,} {verb}" for label, verb in words.items() if outcomes[label]]


def _lower(atlas: Atlas) -> list[str]:
    """Return how many unfinished searches are already below the best critical point."""
    points, classes = atlas.points(["outcome", "loss"]), atlas.classes()
    if not classes.num_rows:
        return []
    lowest = max(classes["loss"].to_numpy().min().item(), zero_loss(atlas))
    losses = points["loss"].to_numpy()
    good = (Outcome.CONVERGED.label, Outcome.AT_INFINITY.label)
    ended = np.isin(points["outcome"].to_numpy(zero_copy_only=False).astype(str), good)
    below = losses[~ended & (losses < lowest)]
    if not len(below):
        return []
    return [
        f"{len(below):,} of these are below every critical point found, down to {below.min():.4g}"
    ]


def _share(count: int, total: int) -> str:
    """Return a count, with its share of the total where that says more."""
    return f"{count:,} ({100 * count / total:.3g} %)" if total > 100 else f"{count:,}"


def _some(count: int, noun: str) -> str:
    """Return a count and its noun, in the plural where it is due."""
    return f"{count:,} {_plural(noun, count)}"


def _plural(noun: str, count: int) -> str:
    """Return the noun as the count wants it; of `minimum (flat)` the first word is bent."""
    head, _, tail = noun.partition(" (")
    bent = _SINGULARS.get(head, head) if count == 1 else _PLURALS.get(head, head + "s")
    return f"{bent} ({tail}" if tail else bent
