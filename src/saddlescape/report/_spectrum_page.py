"""The page of `saddlescape spectrum`: the verdict on a point, with its evidence."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from saddlescape.report._density_section import density_section
from saddlescape.report._figures import (
    Axis,
    Bars,
    Column,
    Curve,
    Figure,
    Page,
    Points,
    Section,
    Table,
)
from saddlescape.report._html import write_page
from saddlescape.report._parts_section import parts_section
from saddlescape.report._survey import pairs_of
from saddlescape.spectra import Density, Escape, Part, Verdict

_MOST_BLOCKS = 20
_MOST_MARKS = 2_000
_ROOM = 1.3  # of a line search beyond its best step, where the picture ends


def spectrum_page(
    told: Verdict,
    finding: str,
    header: dict[str, Any],
    settings: dict[str, Any],
    command: str = "",
    *,
    density: Density | None = None,
    parts: Sequence[Part] = (),
) -> Page:
    """Return the page of a verdict.

    Args:
        told: the verdict.
        finding: the sentence that stands out.
        header: where the point comes from: problem, network and versions, as `Setup.header` tells.
        settings: what was asked for, by name.
        command: what reproduces it.
        density: of the spectrum, where it was asked for.
        parts: of the Hessian, where they were asked for.

    Returns:
        a page of figures and tables as data; `write_page` makes the file.
    """
    used = {**header.get("model", {}), **settings, "parameters": told.num_parameters}
    source = header.get("problem", {}).get("source")
    more = [] if density is None else [density_section(density)]
    more += [parts_section(parts)] if parts else []
    return Page(
        title=f"The curvature of a point: {header.get('problem', {}).get('name', 'model')}",
        finding=finding,
        sections=(_spectrum(told), *more, *_ways(told), *_layers(told)),
        settings=tuple(pairs_of({**used, "source": source})),
        command=command,
        versions=tuple(pairs_of(header.get("versions", {}))),
    )


def write_spectrum_page(page: Page, path: str | Path) -> Path:
    """Write the page of a verdict.

    Args:
        page: what `spectrum_page` returned.
        path: of the HTML file; a file that exists is replaced.

    Returns:
        the path.

    Raises:
        InvalidInputError: when the file cannot be written.
    """
    return write_page(page, path)


def _spectrum(told: Verdict) -> Section:
    """Return the curvatures: a picture and the evidence."""
    how = (
        "All eigenvalues of the Hessian, from the matrix itself."
        if told.is_exact
        else "Both ends of the Hessian's spectrum, from products with vectors (Lanczos). Ritz "
        "values never count more negative eigenvalues than there are."
    )
    return Section(
        "The spectrum",
        f"{how} {told.note}".strip(),
        figures=(_spectrum_figure(told),),
        tables=(_ends_table(told), _evidence_table(told)),
    )


def _spectrum_figure(told: Verdict) -> Figure:
    """Return the eigenvalues in order, on a signed logarithm."""
    values = told.eigenvalues
    shown = np.unique(np.linspace(0, len(values) - 1, _MOST_MARKS).round().astype(int))
    linear = max(told.zero_bound, 1e-6 * float(np.abs(values).max()))
    groups = (
        ("negative", values < -told.zero_bound, 1),
        ("zero within rounding", np.abs(values) <= told.zero_bound, 2),
        ("positive", values > told.zero_bound, 0),
    )
    layers = tuple(
        Points(x=shown[held[shown]] + 1, y=values[shown[held[shown]]], name=name, tone=tone)
        for name, held, tone in groups
        if held[shown].any()
    )
    count = f"{told.order:,}" if told.is_exact else f"At least {told.order:,}"
    return Figure(
        title=f"{count} of {told.num_parameters:,} curvatures negative",
        x_axis=Axis("rank" if told.is_exact else "rank among Ritz values"),
        y_axis=Axis(
            "curvature", unit="loss per parameter²", scale="signed log", linear_below=linear
        ),
        layers=layers,
        caption=f"The axis is linear below {linear:.1g} and logarithmic beyond.",
    )


def _ends_table(told: Verdict) -> Table:
    """Return the eigenvalues that were found one by one."""
    columns = (
        Column("end", format="text"),
        Column("curvature", unit="loss per parameter²", digits=8),
        Column("error at most", digits=2, note="length of the residual, plus rounding"),
    )
    rows = [
        (name, float(value), float(bound))
        for name, pairs in (("lowest", told.lowest), ("highest", told.highest))
        for value, bound in zip(pairs.values, pairs.bounds, strict=True)
    ]
    return Table("An eigenvalue lies within the error of each of these", columns, rows)


def _evidence_table(told: Verdict) -> Table:
    """Return the numbers behind the answer."""
    below = (
        "none: the spectrum is complete"
        if told.is_exact
        else f"{told.excluded_below:.3g} (at {100 * told.confidence:g} %)"
    )
    zero = "not known from the ends" if told.nullity is None else f"{told.nullity:,}"
    rows: Sequence[tuple[str, str]] = (
        ("answer", told.answer.value),
        ("loss", f"{told.loss:.8g}"),
        ("gradient, largest entry", f"{told.gradient_norm:.3g}"),
        ("zero gradient up to", f"{told.gradient_tolerance:.2g}"),
        ("|Hg| / (|H| |g|)", f"{told.flatness:.3g}"),
        ("negative curvatures proven", f"{told.order:,}"),
        ("others may lie down to", below),
        ("zero curvatures", zero),
        ("of them explained by symmetry", f"{told.num_explained:,}"),
        ("products with the Hessian", f"{told.num_products:,}"),
    )
    columns = (Column("what", format="text"), Column("value", format="text"))
    return Table(f"Why the answer is: {told.answer.value}", columns, rows, is_sortable=False)


def _ways(told: Verdict) -> tuple[Section, ...]:
    """Return the ways down that were followed."""
    ways = (("most negative curvature", told.escape), ("negative gradient", told.descent))
    figures = tuple(_way_figure(name, way, told.loss) for name, way in ways if way is not None)
    if not figures:
        return ()
    words = "The loss itself along straight lines, not its quadratic model."
    return (Section("The way down", words, figures=figures),)


def _way_figure(name: str, way: Escape, loss: float) -> Figure:
    """Return the loss along a line."""
    end = _ROOM * way.step if way.step else float(way.steps.max())
    held = (way.steps >= -end) & (way.steps <= end)
    title = (
        f"Along the {name} the loss falls by {way.drop:.4g}"
        if way.drop > 0
        else f"Along the {name} no step lowers the loss"
    )
    mark = Points([way.step], [way.loss], name="lowest", tone=1)
    return Figure(
        title=title,
        x_axis=Axis("distance from the point", unit="parameters"),
        y_axis=Axis("loss (mean over samples)"),
        layers=(
            Curve(way.steps[held], way.losses[held], name="loss", tone=0),
            Points([0.0], [loss], name="the point", tone=2),
            *((mark,) if way.drop > 0 else ()),
        ),
        caption="The curve joins the losses that the line search computed.",
    )


def _layers(told: Verdict) -> tuple[Section, ...]:
    """Return which layers the most negative direction lives in."""
    shown = told.shares[:_MOST_BLOCKS]
    if not shown:
        return ()
    name, share = shown[0]
    left = len(told.shares) - len(shown)
    figure = Figure(
        title=f"{100 * share:.0f} % of the most negative direction lies in {name}",
        x_axis=Axis("part of theta"),
        y_axis=Axis("share of the squared length"),
        layers=(
            Bars(
                heights=[value for _, value in shown],
                categories=[part for part, _ in shown],
                texts=[f"{100 * value:.0f} %" for _, value in shown],
            ),
        ),
        caption=f"{left:,} parts with smaller shares are left out." if left else "",
    )
    return (Section("Where the direction lives", figures=(figure,)),)
