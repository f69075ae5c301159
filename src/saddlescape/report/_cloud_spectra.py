"""Spectra of a cloud's points against the semicircle, and the time beside a saddle."""

import numpy as np

from saddlescape import clouds
from saddlescape.report._figures import Axis, Bars, Column, Curve, Figure, Points, Section, Table

_LEVEL = 0.05  # below which chance is rejected
_GRID = 201


def spectra_section(found: clouds.Cloud, spectra: tuple[clouds.Spectrum, ...]) -> Section:
    """Return the spectra, each beside the semicircle of its mean and spread.

    Args:
        found: the cloud.
        spectra: tested.

    Returns:
        a section.
    """
    rejected = sum(one.test.p_value < _LEVEL for one in spectra)
    gaps = sum(one.test.ratio_p_value < _LEVEL for one in spectra)
    columns = (
        Column("index", format="count"),
        Column("zero curvatures", format="count"),
        Column("eigenvalues", format="count"),
        Column("distance to the semicircle", digits=3),
        Column("95 % of random matrices", digits=3, note="have a distance below"),
        Column("p", digits=2),
        Column("gap ratio", digits=3),
        Column("of random matrices", digits=3, note="in the median"),
        Column("p of the ratio", digits=2),
    )
    rows = [
        (
            int(found.distinct[one.number].index),
            int(found.distinct[one.number].nullity),
            len(one.nonzero),
            one.test.distance,
            float(np.quantile(one.test.null_distances, 0.95)),
            one.test.p_value,
            one.test.ratio,
            float(np.median(one.test.null_ratios)),
            one.test.ratio_p_value,
        )
        for one in spectra
    ]
    table = Table(
        f"Of {len(spectra)} spectra {rejected} are no semicircle and {gaps} have other gaps",
        columns,
        rows,
        note="p: share of random matrices of that size, with mean and spread taken out in the same "
        "way, that are at least as far. The usual table is for independent values, and eigenvalues "
        "repel. Gap ratio: the smaller of two neighbouring gaps over the larger, in the mean.",
    )
    return Section(
        "Spectra against chance",
        "Bray and Dean's law for random landscapes is a semicircle, shifted as the loss rises. "
        "Zero curvatures are taken out; what is left is scaled to mean 0 and radius 1.",
        tuple(_spectrum(found, one) for one in spectra),
        (table,),
    )


def _spectrum(found: clouds.Cloud, one: clouds.Spectrum) -> Figure:
    """Return one spectrum as a histogram with the semicircle."""
    test, point = one.test, found.distinct[one.number]
    count = len(one.nonzero)
    low, high = min(-1.0, test.scaled[0]), max(1.0, test.scaled[-1])
    edges = np.linspace(low, high, 1 + max(12, int(np.sqrt(4 * count))))
    share = np.histogram(test.scaled, edges, density=True)[0]
    grid = np.sin(np.linspace(-np.pi / 2, np.pi / 2, _GRID))
    said = "is rejected" if test.p_value < _LEVEL else "is not rejected"
    return Figure(
        title=f"Index {int(point.index)}: the semicircle {said} (p = {test.p_value:.1g})",
        x_axis=Axis("eigenvalue, scaled"),
        y_axis=Axis("share per unit"),
        layers=(
            Bars(share, lefts=edges[:-1], rights=edges[1:], name="eigenvalues", tone=0),
            Curve(grid, 2 / np.pi * np.sqrt(1 - grid**2), name="semicircle", tone=1),
        ),
        caption=f"{count:,} eigenvalues, center {test.center:.3g}, radius {test.radius:.3g}.",
    )


def escape_section(found: clouds.Cloud, escaped: clouds.Escapes) -> Section:
    """Return how long gradient descent stays beside a saddle of index 1, beside the formula.

    Args:
        found: the cloud.
        escaped: from a saddle of it.

    Returns:
        a section.
    """
    told = escaped.measured
    far, steps, line = 1 / told.distances, told.steps[0], told.line[0]
    seen = np.isfinite(steps)
    off = np.max(np.abs(steps[seen] / line[seen] - 1), initial=0.0)
    rows = [
        (float(e), float(n) if np.isfinite(n) else None, float(a), float(b))
        for e, n, a, b in zip(told.distances, steps, line, told.exact[0], strict=True)
    ]
    title = (
        f"Measured steps are within {100 * off:.2g} % of ln({told.leave:g} / e) / (rate |λ|)"
        if seen.any()
        else "No run left the saddle"
    )
    figure = Figure(
        title=title,
        x_axis=Axis("1 / e, e the distance from the saddle", scale="log"),
        y_axis=Axis("steps until it has left"),
        layers=(
            Points(far[seen], steps[seen], name="measured", tone=0),
            Curve(far, line, name="formula", tone=1),
        ),
        caption=f"Gradient descent at rate {float(told.rule.rate):.3g} from a saddle of index 1, "
        f"loss {float(found.distinct[escaped.number].loss):.4g}, along its negative curvature "
        f"{told.curvatures[0]:.3g}; left is a distance of {told.leave:g}.",
    )
    columns = (
        Column("distance e"),
        Column("steps measured", format="count"),
        Column("ln(leave / e) / (rate |λ|)", digits=5),
        Column("exact on a quadratic", digits=5, note="with ln(1 + rate |λ|) below"),
    )
    table = Table("Steps to leave", columns, rows)
    return Section("The time beside a saddle", figures=(figure,), tables=(table,))
