"""The figures of an atlas: losses, indices, spectra, outcomes."""

import itertools
import math
from collections import Counter

import numpy as np
from scipy.stats import rankdata

from saddlescape.core import Outcome
from saddlescape.report._figures import Axis, Bars, Figure, Notes, Points
from saddlescape.report._numbers import number
from saddlescape.report._survey import Survey

_MOST_SPECTRA = 24
_MOST_LABELS = 40
_MOST_MARKS = 3_000  # more would slow a browser down
_KINDS = ("minimum", "saddle", "maximum")


def loss_against_index(survey: Survey) -> Figure:
    """Return the distinct points by index and loss, larger where found more often."""
    losses, indices = survey.distinct("loss"), survey.distinct("index")
    kinds, counts, names = survey.distinct("kind"), survey.distinct("count"), survey.names
    numbers = survey.distinct("class") if len(losses) <= _MOST_LABELS else None
    shown = sorted(np.argsort(-np.array(counts), kind="stable")[:_MOST_MARKS].tolist())
    layers = []
    for tone, kind in enumerate(sorted(set(kinds), key=_kind_order)):
        rows = [i for i in shown if kinds[i] == kind]
        layers.append(
            Points(
                x=[indices[i] for i in rows],
                y=[losses[i] for i in rows],
                name=kind,
                tone=tone,
                sizes=[counts[i] for i in rows],
                labels=[str(numbers[i]) for i in rows] if numbers else (),
                notes=[f"{names[i]}: {kind}" for i in rows],
                measure="times found",
            )
        )
    has_zero = any(loss < survey.zero for loss in losses)
    cut = f" The {_MOST_MARKS:,} found most often." if len(losses) > _MOST_MARKS else ""
    strip = " Losses in the shaded strip are zero up to rounding." if has_zero else ""
    highest = max(indices)
    step = max(1, math.ceil((highest + 1) / 12))
    return Figure(
        title=_relation(losses, indices),
        x_axis=Axis(
            "index (number of negative Hessian eigenvalues)",
            ticks=tuple((float(i), str(i)) for i in range(0, highest + 1, step)),
            limits=(-0.6, highest + 0.6),
        ),
        y_axis=survey.loss_axis(),
        layers=tuple(layers),
        caption="One mark per distinct point, with the number of its class; its area is how "
        f"often it was found.{cut}{strip}",
        height=440,
    )


def _kind_order(kind: str) -> tuple[int, str]:
    """Return where a kind stands in legends: minima first."""
    known = next((i for i, k in enumerate(_KINDS) if kind.startswith(k)), len(_KINDS))
    return known, kind


def _relation(losses: list[float], indices: list[int]) -> str:
    """Return how loss and index go together, in words."""
    spread = f"from {number(min(losses), 3)} to {number(max(losses), 3)}"
    if len(set(indices)) == 1 or len(set(losses)) == 1:
        if len(losses) == 1:
            return f"The one distinct point has index {indices[0]} and loss {number(losses[0], 3)}"
        return (
            f"All {len(losses)} distinct points have index {indices[0]}, their losses run {spread}"
        )
    # Spearman's coefficient: correlation of the ranks, with ties at their mean rank.
    rank = float(np.corrcoef(rankdata(losses), rankdata(indices))[0, 1])
    words = "rises with" if rank > 0.3 else "falls with" if rank < -0.3 else "hardly depends on"
    evidence = f"rank correlation {number(rank, 2)} over {len(losses)} distinct points"
    return f"Loss {words} the index: {evidence}"


def spectra(survey: Survey) -> Figure:
    """Return the Hessian's eigenvalues at the distinct points, one row each."""
    survey, total = survey.lowest(_MOST_SPECTRA), survey.classes.num_rows
    shown, names = survey.classes.num_rows, survey.names
    signs = {"negative": ([], [], []), "zero": ([], [], []), "positive": ([], [], [])}
    sizes = []
    columns = (survey.distinct(name) for name in ("eigenvalues", "index", "nullity"))
    for row, (values, index, nullity) in enumerate(zip(*columns, strict=True)):
        for i, value in enumerate(values):
            sign = "negative" if i < index else "zero" if i < index + nullity else "positive"
            for column, entry in zip(signs[sign], (value, row, names[row]), strict=True):
                column.append(entry)
            sizes += [abs(value)] if sign != "zero" and value else []
    layers = tuple(
        Points(x, y, f"{sign} ({len(x):,})", tone, notes=notes, mark="bar")
        for tone, (sign, (x, y, notes)) in zip((1, 2, 0), signs.items(), strict=True)
        if x
    )
    smallest = min(sizes, default=1.0)
    layers += (_multiplicities(survey),)
    flat = sum(n > 0 for n in survey.distinct("nullity"))
    first = f"The first {shown} classes by loss. " if shown < total else ""
    return Figure(
        title=_spectral_finding(sizes, flat, shown),
        x_axis=Axis(
            "Hessian eigenvalue",
            unit="loss per parameter squared",
            scale="signed log",
            linear_below=smallest / 3,
        ),
        y_axis=Axis(
            "",
            ticks=tuple((float(i), name) for i, name in enumerate(names)),
            limits=(shown - 0.4, -0.6),
        ),
        layers=layers,
        caption=f"{first}One stroke per eigenvalue. The scale is logarithmic on both sides and "
        f"linear between ±{number(smallest / 3, 2)}, so that negative, zero and positive show.",
        height=150 + 26 * shown,
    )


def _multiplicities(survey: Survey) -> Notes:
    """Return how many zeros a row has, where they lie on one another."""
    several = [(row, n) for row, n in enumerate(survey.distinct("nullity")) if n > 1]
    rows, texts = [row for row, _ in several], [f"{n} zeros" for _, n in several]
    return Notes([0.0] * len(rows), rows, texts, side="left")


def _spectral_finding(sizes: list[float], flat: int, shown: int) -> str:
    """Return what the spectra say, in words."""
    decades = math.log10(max(sizes) / min(sizes)) if sizes else 0.0
    span = f"Nonzero eigenvalues span {decades:.1f} decades"
    if not flat:
        return f"{span}; no Hessian is singular"
    return f"{span}; {flat} of {shown} Hessians {'is' if flat == 1 else 'are'} singular"


def histogram(survey: Survey) -> Figure:
    """Return how many starts ended at which loss."""
    losses, converged = survey.point("loss"), survey.is_converged
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
        + "Bars are equally wide on the axis; the number on each is its starts.",
    )


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
        return share if num_zero else "No start ended at a finite loss"
    low, high = number(others.min().item(), 3), number(others.max().item(), 3)
    where = f"between {low} and {high}" if low != high else f"at {low}"
    return (
        f"{share}, the others {where}" if num_zero else f"The starts end {where}, none at zero loss"
    )


def outcomes(survey: Survey) -> Figure:
    """Return how the searches ended, as shares."""
    found = Counter(survey.point("outcome").tolist())
    order = [outcome.label for outcome in Outcome]
    labels = sorted(found, key=lambda word: order.index(word) if word in order else len(order))
    total = sum(found.values())
    shares = [100 * found[label] / total for label in labels]
    reached = 100 * found[Outcome.CONVERGED.label] / total
    return Figure(
        title=f"{number(reached, 3)} % of {total:,} starts reached a critical point",
        x_axis=Axis("share of starts", unit="%", limits=(0.0, 104.0), ticks=_percent_ticks()),
        y_axis=Axis("outcome"),
        layers=(
            Bars(
                heights=shares,
                categories=labels,
                texts=[
                    f"{found[w]:,} ({number(s, 3)} %)" for w, s in zip(labels, shares, strict=True)
                ],
                is_horizontal=True,
            ),
        ),
        height=110 + 34 * len(labels),
    )


def _percent_ticks() -> tuple[tuple[float, str], ...]:
    """Return ticks at quarters."""
    return tuple((float(at), str(at)) for at in (0, 25, 50, 75, 100))
