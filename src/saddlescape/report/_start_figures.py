"""The figures of an atlas's starts: at which loss they ended, and how."""

import itertools
from collections import Counter

import numpy as np

from saddlescape.core import Outcome
from saddlescape.report._figures import Axis, Bars, Figure
from saddlescape.report._numbers import number
from saddlescape.report._survey import Survey


def histogram(survey: Survey) -> Figure | None:
    """Return how many starts ended at which loss; None when that is one loss."""
    losses, converged = survey.point("loss"), survey.is_converged
    if one_loss(survey) is not None:
        return None
    finite = np.isfinite(losses)
    is_zero = finite & (losses < survey.zero)
    edges = _edges(losses[finite & ~is_zero], is_log=survey.has_log_losses)
    groups = (("reached a critical point", 0, converged), ("did not reach one", 1, ~converged))
    counts = [
        [int((is_zero & group).sum()), *_binned(losses[finite & ~is_zero & group], edges)]
        for _, _, group in groups
    ]
    ends = [(None, None), *itertools.pairwise(edges)]
    zeros = f"Losses below {number(survey.zero, 2)} are zero up to rounding: one bar. "
    layers = []
    for (name, tone, _), heights in zip(groups, counts, strict=True):
        kept = [i for i, height in enumerate(heights) if height]
        is_top = [heights is counts[1] or not counts[1][i] for i in kept]
        totals = [counts[0][i] + counts[1][i] for i in kept]
        layers.append(
            Bars(
                heights=[heights[i] for i in kept],
                lefts=[ends[i][0] for i in kept],
                rights=[ends[i][1] for i in kept],
                name=name,
                tone=tone,
                texts=[f"{n:,}" if top else "" for n, top in zip(totals, is_top, strict=True)],
            )
        )
    return Figure(
        title=_loss_finding(int(is_zero.sum()), losses[finite & ~is_zero], len(losses)),
        x_axis=survey.loss_axis(),
        y_axis=Axis("starts"),
        layers=tuple(layer for layer in layers if layer.heights),
        caption=(zeros if is_zero.any() else "")
        + "Bars are equally wide on the axis; the numbers count starts.",
    )


def one_loss(survey: Survey) -> str | None:
    """Return the loss at which all starts ended, in words; None when there are several."""
    losses = survey.point("loss")
    finite = losses[np.isfinite(losses)]
    if not len(finite):
        return "no finite loss"
    low, high = float(finite.min()), float(finite.max())
    if high < survey.zero:
        return "zero loss up to rounding"
    # Equal losses differ by rounding, which a sum over samples adds up.
    is_one = high - low <= 1e-9 * max(abs(low), abs(high))
    return f"loss {number(low)}" if is_one else None


def _edges(losses: np.ndarray, *, is_log: bool) -> list[float]:
    """Return the ends of bins that are equally wide on the axis."""
    if not len(losses):
        return []
    values = np.log10(losses) if is_log else losses
    low, high = float(values.min()), float(values.max())
    # Equal losses differ by rounding: narrower bins (12 % on a log axis) would show nothing else.
    spread = max(high - low, 0.05 if is_log else 0.05 * max(abs(low), abs(high)), 1e-300)
    num_bins = int(np.clip(2 * len(values) ** (1 / 3), 8, 36))
    width = spread / num_bins
    edges = [low - width / 2 + width * i for i in range(num_bins + 2)]
    return [10**edge for edge in edges] if is_log else edges


def _binned(values: np.ndarray, edges: list[float]) -> list[int]:
    """Return how many values fall into each bin."""
    return np.histogram(values, edges)[0].tolist() if edges else []


def _loss_finding(num_zero: int, others: np.ndarray, total: int) -> str:
    """Return where the losses lie, in words."""
    share = f"{num_zero:,} of {total:,} starts ({100 * num_zero / total:.3g} %) end at zero loss"
    if not len(others):
        return share
    low, high = number(others.min().item(), 3), number(others.max().item(), 3)
    where = f"between {low} and {high}" if low != high else f"at {low}"
    return (
        f"{share}, the others {where}" if num_zero else f"The starts end {where}, none at zero loss"
    )


def outcomes(survey: Survey) -> Figure | None:
    """Return how the searches ended, as shares; None when all ended alike."""
    found = Counter(survey.point("outcome").tolist())
    order = [outcome.label for outcome in Outcome]
    labels = sorted(found, key=lambda word: order.index(word) if word in order else len(order))
    if len(labels) < 2:
        return None
    total = sum(found.values())
    reached = found[Outcome.CONVERGED.label]
    # Colours are those of the histogram: the first for critical points, the second for the rest.
    groups = ([w for w in labels if w == Outcome.CONVERGED.label], labels[bool(reached) :])
    layers = []
    for tone, words in enumerate(groups):
        shares = [100 * found[word] / total for word in words]
        texts = [f"{found[w]:,} ({number(s, 3)} %)" for w, s in zip(words, shares, strict=True)]
        layers.append(Bars(shares, categories=words, tone=tone, texts=texts, is_horizontal=True))
    return Figure(
        title=f"{number(100 * reached / total, 3)} % of {total:,} starts reached a critical point",
        x_axis=Axis("share of starts", unit="%", limits=(0.0, 104.0), ticks=_percent_ticks()),
        y_axis=Axis("outcome"),
        layers=tuple(layer for layer in layers if layer.heights),
        height=110 + 34 * len(labels),
    )


def _percent_ticks() -> tuple[tuple[float, str], ...]:
    """Return ticks at quarters."""
    return tuple((float(at), str(at)) for at in (0, 25, 50, 75, 100))
