"""The figures of an atlas's distinct points: losses, indices, spectra."""

import math
from dataclasses import replace

import numpy as np
from scipy.stats import rankdata

from saddlescape.report._figures import Axis, Figure, Notes, Points
from saddlescape.report._numbers import number
from saddlescape.report._survey import Survey

_MOST_SPECTRA = 24
_MOST_LABELS = 40
_MARKS = (
    "One mark per distinct point, with the number of its class where there is room; its area is "
    "how often it was found."
)
_STRIP = " Losses in the shaded strip are zero up to rounding."
_MOST_MARKS = 3_000  # more would slow a browser down
_FEWEST_RANKS = 10  # of fewer points a rank correlation says little
_KINDS = ("minimum", "saddle", "degenerate saddle", "maximum")


def loss_against_index(survey: Survey) -> Figure:
    """Return the distinct points by index and loss, larger where found more often."""
    losses, indices = survey.distinct("loss"), survey.distinct("index")
    kinds, counts, names = survey.kinds, survey.distinct("count"), survey.names
    numbers = survey.distinct("class") if len(losses) <= _MOST_LABELS else None
    shown = sorted(np.argsort(-np.array(counts), kind="stable")[:_MOST_MARKS].tolist())
    layers = []
    for tone, kind in enumerate(sorted(set(kinds), key=_kind_order)):
        # Large marks first, so that small ones lie on them.
        rows = sorted((i for i in shown if kinds[i] == kind), key=lambda i: -counts[i])
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
    if len(set(indices)) == 1:
        return _strip_of_losses(survey, tuple(layers))
    has_zero = any(loss < survey.zero for loss in losses)
    cut = f" The {_MOST_MARKS:,} found most often." if len(losses) > _MOST_MARKS else ""
    strip = _STRIP if has_zero else ""
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
        caption=f"{_MARKS}{cut}{strip}",
        height=440,
    )


def _strip_of_losses(survey: Survey, layers: tuple[Points, ...]) -> Figure:
    """Return the distinct points along their loss, where all have the same index."""
    losses, index = survey.distinct("loss"), survey.distinct("index")[0]
    has_zero = any(loss < survey.zero for loss in losses)
    turned = tuple(replace(layer, x=layer.y, y=layer.x) for layer in layers)
    return Figure(
        title=_relation(losses, [index] * len(losses)),
        x_axis=survey.loss_axis(),
        y_axis=Axis("index", limits=(index - 1.0, index + 1.0), is_hidden=True),
        layers=turned,
        caption=_MARKS + (_STRIP if has_zero else ""),
        height=230,
    )


def _kind_order(kind: str) -> tuple[int, str]:
    """Return where a kind stands in legends: minima first."""
    return _KINDS.index(kind) if kind in _KINDS else len(_KINDS), kind


def _relation(losses: list[float], indices: list[int]) -> str:
    """Return how loss and index go together, in words."""
    spread = f"from {number(min(losses), 3)} to {number(max(losses), 3)}"
    if len(set(indices)) == 1 or len(set(losses)) == 1:
        if len(losses) == 1:
            return f"The one distinct point has index {indices[0]} and loss {number(losses[0], 3)}"
        return (
            f"All {len(losses)} distinct points have index {indices[0]}, their losses run {spread}"
        )
    if len(losses) < _FEWEST_RANKS:
        return (
            f"{len(losses)} distinct points of index {min(indices)} to {max(indices)}, "
            f"their losses run {spread}"
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
    columns = (survey.distinct(name) for name in ("eigenvalues", "index", "nullity"))
    several = [
        (values[index], row, f"{nullity} zeros")
        for row, (values, index, nullity) in enumerate(zip(*columns, strict=True))
        if nullity > 1
    ]
    lowest, rows, texts = zip(*several, strict=True) if several else ((), (), ())
    return Notes(lowest, rows, texts, side="left")


def _spectral_finding(sizes: list[float], flat: int, shown: int) -> str:
    """Return what the spectra say, in words."""
    decades = math.log10(max(sizes) / min(sizes)) if sizes else 0.0
    span = f"Nonzero eigenvalues span {decades:.1f} decades"
    if not flat:
        return f"{span}; no Hessian is singular"
    return f"{span}; {flat} of {shown} Hessians {'is' if flat == 1 else 'are'} singular"
