"""The two parts of a Hessian side by side: ends, trace, densities."""

from collections.abc import Sequence

from saddlescape.report._density_section import density_figure
from saddlescape.report._figures import Column, Section, Table
from saddlescape.spectra import Part


def parts_section(parts: Sequence[Part]) -> Section:
    """Return the part of a page that shows the parts of a Hessian.

    Args:
        parts: the Gauss-Newton part and the residual part.

    Returns:
        a section with a table, and a figure for each part that is not zero.
    """
    unit = "loss per parameter²"
    columns = (
        Column("part", format="text"),
        Column("lowest curvature", unit=unit, digits=6),
        Column("highest curvature", unit=unit, digits=6),
        Column("error at most", digits=2, note="of both ends: residual, plus rounding"),
        Column("trace", unit=unit, digits=6),
        Column("standard error", digits=2, note="of the trace, over random vectors"),
        Column("products", digits=6),
    )
    rows = [
        (
            part.name,
            float(part.lowest.values[0]),
            float(part.highest.values[-1]),
            float(max(part.lowest.bounds[0], part.highest.bounds[-1])),
            part.trace.value,
            part.trace.standard_error,
            part.num_products,
        )
        for part in parts
    ]
    figures = tuple(
        density_figure(part.density, f"{part.name[0].upper()}{part.name[1:]}")
        for part in parts
        if part.density is not None
    )
    words = (
        "The Hessian is the sum of two matrices. Gauss-Newton is Jᵀ (d² loss / d outputs²) J, J "
        "the Jacobian of the outputs, with weight decay; the residual part is what the outputs "
        "themselves bend, times the derivative of the loss by them. The loss is convex in the "
        "outputs, so negative curvature can come from the second alone."
    )
    table = Table(_title(parts), columns, rows, is_sortable=False)
    return Section("The two parts of the Hessian", words, figures=figures, tables=(table,))


def _title(parts: Sequence[Part]) -> str:
    """Return what the table shows."""
    gauss_newton, residual = parts
    high = gauss_newton.highest.values[-1]
    if residual.is_zero:
        return f"All curvature is Gauss-Newton, up to {high:.4g}: the residual part is zero"
    low = residual.lowest.values[0]
    return f"Gauss-Newton reaches up to {high:.4g}, the residual part down to {low:.4g}"
