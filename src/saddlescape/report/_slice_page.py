"""The page of `saddlescape slice`."""

import numpy as np

from saddlescape.report import _slice_figures as figures
from saddlescape.report._figures import Column, Page, Section, Table
from saddlescape.report._survey import pairs_of
from saddlescape.views import View, finding


def slice_page(view: View) -> Page:
    """Return the page of slices.

    Args:
        view: what `saddlescape.views.run` returned.

    Returns:
        a page of figures and tables as data; `write_page` makes the file.
    """
    header = view.setup.header()
    used = view.settings.model_dump(mode="json", exclude_defaults=True)
    used |= {"points each way": view.settings.count}
    used |= {"directions": view.cuts[0].directions.source}
    used |= {"parameters": view.setup.landscape.num_parameters}
    used |= {"source": header["problem"]["source"]}
    return Page(
        title=f"Slices of the loss: {header['problem']['name']}",
        finding=finding(view),
        sections=(*_lines(view), *_planes(view), *_walk(view), _evidence(view)),
        settings=tuple(pairs_of(used)),
        command=view.settings.command(),
        versions=tuple(pairs_of(header["versions"])),
    )


def _lines(view: View) -> tuple[Section, ...]:
    """Return the lines."""
    shown = [i for i, cut in enumerate(view.cuts) if len(cut.coordinates) == 1]
    if not shown:
        return ()
    words = "The loss at every point, as it is."
    if not view.settings.is_between:
        words += " The quadratic model is that of the centre alone."
    drawn = [figure for i in shown for figure in figures.line_figures(view, i)]
    return (Section("Along a line", words, figures=tuple(drawn)),)


def _planes(view: View) -> tuple[Section, ...]:
    """Return the planes."""
    shown = [i for i, cut in enumerate(view.cuts) if len(cut.coordinates) == 2]
    if not shown or view.walk is not None:
        return ()
    words = "Lines of equal loss; the stronger the shade, the higher it is."
    drawn = [figure for i in shown for figure in figures.plane_figures(view, i)]
    return (Section("In a plane", words, figures=tuple(drawn)),)


def _walk(view: View) -> tuple[Section, ...]:
    """Return the trajectory over its plane, and how far it is from it."""
    if view.walk is None:
        return ()
    words = (
        "The plane of the first two principal components. Contours are the loss in the plane, not "
        "on the trajectory, which runs beside it: the second picture tells how far, the third what "
        "that does to the loss."
    )
    return (Section("The trajectory", words, figures=figures.walk_figures(view)),)


def _evidence(view: View) -> Section:
    """Return what stands behind the pictures."""
    columns = (
        Column("slice", format="text"),
        Column("loss at the centre", digits=6),
        Column("gradient", digits=3, note="at the centre, the largest entry: 0 at critical points"),
        Column("curvature", format="text", note="at the centre, along the directions"),
        Column("lowest on the grid", digits=6),
        Column("not finite", format="count"),
        Column("cosine", note="of the two directions"),
        Column("unfinished", format="count", note="points whose relaxed search did not end"),
    )
    rows = []
    for number, (cut, model) in enumerate(zip(view.cuts, view.models, strict=True)):
        bent = ", ".join(f"{value:.4g}" for value in np.diag(model.curvature))
        rows.append((
            " and ".join(cut.directions.names), model.loss, model.gradient_norm, bent,
            float(cut.losses[cut.lowest]), cut.num_not_finite, cut.directions.cosine,
            view.relaxed[number].num_unreached if view.relaxed else None,
        ))  # fmt: skip
    note = ""
    if view.relaxed:
        first = view.relaxed[0]
        note = f"Relaxed by {first.method} to projected gradients of {first.tolerance:.2g}."
    return Section("The evidence", tables=(Table("At the centre", columns, rows, note=note),))
