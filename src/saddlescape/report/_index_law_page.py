"""The page of `saddlescape index law`: chance and the number of negative eigenvalues."""

import math

import numpy as np

from saddlescape.report._figures import (
    Axis,
    Band,
    Column,
    Curve,
    Figure,
    Layer,
    Page,
    Points,
    Section,
    Table,
)
from saddlescape.spectra import (
    EXACT_LIMIT,
    LARGE_DEVIATION_RATE,
    IndexLaw,
    index_law,
    semicircle,
)

_MOST_ROWS = 401
_FLOOR = 1e-12  # of the probabilities in pictures


def index_law_finding(found: IndexLaw) -> str:
    """Return the law as a sentence without its full stop.

    Args:
        found: the law.

    Returns:
        a sentence.

    Example:
        >>> index_law_finding(index_law(2, num_samples=0))
        'A random symmetric 2 x 2 matrix has no negative eigenvalue with probability 1/2 - 1/4 sqrt(2) = 0.146; independent signs would give 0.25'
    """  # noqa: E501 - a finding is one line
    size = found.size
    start = f"A random symmetric {size} x {size} matrix has no negative eigenvalue"
    naive = f"independent signs would give {found.naive[0]:.3g}"
    if found.exact is not None:
        return f"{start} with probability {found.closed_forms[0]} = {found.exact[0]:.3g}; {naive}"
    return (
        f"{start} in {found.counts[0]:,} of {found.num_samples:,} drawn; {naive}, and "
        f"exp(-(ln 3) / 4 n²) is {_power(size)}"
    )


def index_law_page(found: IndexLaw, *, command: str = "") -> Page:
    """Return the page of the law of the index.

    Args:
        found: the law.
        command: what reproduces it.

    Returns:
        a page of figures and tables as data; `write_page` makes the file.
    """
    return Page(
        title=f"The index of random symmetric matrices, n = {found.size:,}",
        finding=index_law_finding(found),
        sections=(_law(found), _all_positive(), _semicircle(found.size)),
        settings=(
            ("rows n", f"{found.size:,}"),
            ("matrices drawn", f"{found.num_samples:,}"),
            ("seed", str(found.seed)),
        ),
        command=command,
    )


def _power(size: int) -> str:
    """Return the large-deviation estimate as a power of ten, which may underflow otherwise."""
    exponent = -LARGE_DEVIATION_RATE * size**2 / math.log(10)
    return f"{10 ** (exponent - math.floor(exponent)):.2g}e{math.floor(exponent)}"


def _law(found: IndexLaw) -> Section:
    """Return the law itself: a picture and its numbers."""
    index = np.arange(found.size + 1)
    layers: list[Layer] = []
    if found.num_samples:
        seen = found.counts > 0
        # Where none was drawn the band says nothing that fits on a logarithm.
        low, high = (found.shares + sign * 2 * found.standard_errors for sign in (-1, 1))
        edges = np.maximum(low, _FLOOR)[seen], high[seen]
        layers.append(Band(index[seen], *edges, "± 2 standard errors", 0))
        layers.append(Points(x=index[seen], y=found.shares[seen], name="drawn", tone=0))
    if found.exact is not None:
        layers.append(Curve(index, found.exact, name="exact", tone=1))
    layers.append(Curve(index, found.naive, name="independent signs", tone=2))
    if found.large_deviation > _FLOOR:
        ends = [found.large_deviation] * 2
        layers.append(Points([0, found.size], ends, name="exp(-(ln 3)/4 n²)", tone=3))
    figure = Figure(
        title="Eigenvalues repel: extreme indices are rarer than for independent signs",
        x_axis=Axis("index: number of negative eigenvalues"),
        y_axis=Axis("probability", scale="log", limits=(_bottom(found), 1.5)),
        layers=tuple(layers),
        caption="The Gaussian orthogonal ensemble; marks of the rate leave out its prefactor.",
    )
    if found.size == 1:
        figure = Figure("One eigenvalue has either sign", *_axes(figure), figure.layers)
    return Section("The law of the index", figures=(figure,), tables=(_table(found),))


def _axes(figure: Figure) -> tuple[Axis, Axis]:
    """Return both axes of a figure."""
    return figure.x_axis, figure.y_axis


def _bottom(found: IndexLaw) -> float:
    """Return the lower end of the axis of probabilities."""
    shown = found.exact if found.exact is not None else found.shares[found.counts > 0]
    values = [float(np.min(shown, initial=1.0)), float(found.naive.min()), found.large_deviation]
    return max(_FLOOR, min(value for value in values if value > 0) / 3)


def _table(found: IndexLaw) -> Table:
    """Return the numbers of the law."""
    columns = (
        Column("index", format="count"),
        Column("exact", digits=8),
        Column("drawn", digits=4),
        Column("standard error", digits=2),
        Column("independent signs", digits=4, note="C(n, k) / 2^n"),
        Column("closed form", format="text"),
    )
    drawn = found.num_samples > 0
    rows = [
        (
            k,
            None if found.exact is None else float(found.exact[k]),
            float(found.shares[k]) if drawn else None,
            float(found.standard_errors[k]) if drawn else None,
            float(found.naive[k]),
            found.closed_forms[k] if found.closed_forms else "",
        )
        for k in range(min(found.size + 1, _MOST_ROWS))
    ]
    note = f"The first {_MOST_ROWS} indices." if found.size >= _MOST_ROWS else ""
    return Table("Probabilities of each index", columns, rows, note=note)


def _all_positive() -> Section:
    """Return how the probability of a minimum falls with n, exactly."""
    sizes = np.arange(1, EXACT_LIMIT + 1)
    exact = [float(index_law(int(n), num_samples=0).exact[0]) for n in sizes]  # pyright: ignore[reportOptionalSubscript]
    rate = np.exp(-LARGE_DEVIATION_RATE * sizes.astype(float) ** 2)
    excess = float(f"{2.0**-EXACT_LIMIT / exact[-1]:.2g}")
    figure = Figure(
        title=f"At n = {EXACT_LIMIT} independent signs promise {excess:,.0f} times too many minima",
        x_axis=Axis("rows n"),
        y_axis=Axis("probability of no negative eigenvalue", scale="log"),
        layers=(
            Points(x=sizes, y=exact, name="exact", tone=1),
            Curve(sizes, 2.0**-sizes, name="2^-n", tone=2),
            Curve(sizes, rate, name="exp(-(ln 3)/4 n²)", tone=3),
        ),
        caption="The rate is right to leading order in n²; a factor exp(O(n)) is not in it.",
    )
    return Section("All eigenvalues positive", figures=(figure,))


def _semicircle(size: int) -> Section:
    """Return the density of eigenvalues that large matrices have."""
    radius = math.sqrt(2 * size)
    grid = radius * np.sin(np.linspace(-np.pi / 2, np.pi / 2, 201))
    figure = Figure(
        title="Eigenvalues of large matrices fill a semicircle, half of them negative",
        x_axis=Axis("eigenvalue", unit="√2 standard deviations off the diagonal"),
        y_axis=Axis("share per unit"),
        layers=(Curve(grid, semicircle(grid, size), name="semicircle"),),
        caption=f"Off-diagonal variance 1/2: the radius is √(2n) = {radius:.4g}.",
    )
    return Section("The semicircle", figures=(figure,))
