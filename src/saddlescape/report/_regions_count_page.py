"""The page of counted regions: `saddlescape regions count --html PAGE`."""

import math

from saddlescape.regions import Bounds, CountedRegions, num_regions
from saddlescape.report._figures import Axis, Bars, Column, Curve, Figure, Page, Section, Table
from saddlescape.report._numbers import count
from saddlescape.report._tilting_movie import tilting_movie
from saddlescape.symmetry import digits, ratio_text

_MOST_BARS = 30
_TILTED = range(2, 8)  # lines that a picture can hold


def regions_count_page(
    counted: CountedRegions | None, bounds: Bounds | None = None, *, command: str = ""
) -> Page:
    """Return the page of regions in general position, and of the bounds of a deep network.

    Args:
        counted: regions of hyperplanes, or None.
        bounds: of a deep network, or None.
        command: what reproduces the numbers.

    Returns:
        a page of figures, a movie and tables as data; `write_page` makes the file.

    Example:
        >>> from saddlescape.regions import count_regions
        >>> regions_count_page(count_regions(4, 3)).finding
        '4 hyperplanes in general position cut 3-dimensional space into 15 regions, 1 of them bounded'
    """  # noqa: E501 - a finding is one line
    sections: list[Section] = []
    settings: list[tuple[str, str]] = []
    findings: list[str] = []
    if counted is not None:
        sections += [_by_dimension(counted), _growth(counted), _tilting(counted), _cover(counted)]
        settings += [("hyperplanes", f"{counted.hyperplanes:,}")]
        settings += [("dimension", f"{counted.dimension:,}")]
        findings.append(
            f"{counted.hyperplanes:,} hyperplanes in general position cut {counted.dimension}-"
            f"dimensional space into {_said(counted.regions)} regions, "
            f"{_said(counted.bounded)} of them bounded"
        )
    if bounds is not None:
        sections.append(_bounds(bounds))
        settings += [("network", "-".join(map(str, (bounds.inputs, *bounds.hidden))))]
        findings.append(
            f"no ReLU network {settings[-1][1]} has more than {_said(bounds.upper)} linear regions"
        )
    return Page(
        title="Regions cut by hyperplanes",
        finding="; ".join(findings),
        sections=tuple(sections),
        settings=tuple(settings),
        command=command,
    )


def _said(value: int) -> str:
    """Return an integer as pages write it."""
    return count(digits(value))


def _log10(value: int) -> float | None:
    """Return the logarithm of an integer of any size, None for 0."""
    return math.log10(value) if value else None


def _by_dimension(counted: CountedRegions) -> Section:
    """Return regions and bounded regions over the dimension: bars and the exact table."""
    n = counted.hyperplanes
    rows = counted.table[: _MOST_BARS + 1]
    last = next((row.dimension for row in rows if row.regions == 2**n), None)
    title = (
        f"From dimension {last} on {n} hyperplanes make all 2^{n} = {_said(2**n)} regions"
        if last is not None
        else f"{n:,} hyperplanes make more regions in every further dimension shown"
    )
    bars = Bars(
        heights=[_log10(row.regions) for row in rows],
        categories=[str(row.dimension) for row in rows],
        texts=[_said(row.regions) for row in rows] if len(rows) <= 10 else (),
    )
    columns = tuple(
        Column(name, format="count", note=note)
        for name, note in (
            ("dimension d", "of the space"),
            ("regions", "C(n, 0) + ... + C(n, d)"),
            ("bounded", "C(n - 1, d)"),
            ("added by the last hyperplane", "R(n - 1, d - 1)"),
        )
    )
    cells = [
        (row.dimension, digits(row.regions), digits(row.bounded), digits(row.added))
        for row in counted.table
    ]
    return Section(
        "Regions by dimension",
        "In general position any d of the hyperplanes meet in one point, and no d + 1 do. Any "
        "other position makes at most as many regions.",
        figures=(Figure(title, Axis("dimension"), Axis("regions, power of ten"), (bars,)),),
        tables=(Table(f"{n:,} hyperplanes: exact numbers", columns, cells, is_sortable=False),),
    )


def _growth(counted: CountedRegions) -> Section:
    """Return how regions grow with the number of hyperplanes, beside n^d / d! and 2^n."""
    d, last = counted.dimension, max(counted.hyperplanes, 2 * counted.dimension, 4)
    ns = sorted({round(last ** (i / 60)) for i in range(61)})
    regions = [math.log10(num_regions(n, d)) for n in ns]
    top = max(regions)
    layers = [Curve(ns, regions, "regions", 0)]
    power = [(n, d * math.log10(n) - math.lgamma(d + 1) / math.log(10)) for n in ns]
    for name, tone, curve in (
        ("n^d / d!", 1, power),
        ("2^n", 2, [(n, n * math.log10(2)) for n in ns]),
    ):
        kept = [(n, value) for n, value in curve if 0 <= value <= top + 0.5]
        if len(kept) > 1:
            layers.append(Curve([n for n, _ in kept], [y for _, y in kept], name, tone))
    return Section(
        "Regions by number of hyperplanes",
        f"Up to {d} hyperplanes each doubles the regions; for many more than {d} the number grows "
        f"like n^{d} / {d}!.",
        figures=(
            Figure(
                f"The number of regions turns from 2^n to the order of n^{d}",
                Axis("hyperplanes n", scale="log"),
                Axis("regions, power of ten"),
                tuple(layers),
            ),
        ),
    )


def _tilting(counted: CountedRegions) -> Section:
    """Return the argument behind the formula, in the plane."""
    lines = min(max(counted.hyperplanes, _TILTED.start), _TILTED.stop - 1)
    return Section(
        "Why: the tilting argument",
        "The last of n hyperplanes is itself cut by the others, into R(n - 1, d - 1) pieces, and "
        "each piece parts one region in two: R(n, d) = R(n - 1, d) + R(n - 1, d - 1). In the plane "
        "this can be watched: parallel lines make one region more than there are lines, and when "
        "they are tilted every crossing makes one region more.",
        figures=(tilting_movie(lines),),
    )


def _cover(counted: CountedRegions) -> Section:
    """Return what one neuron can do with as many points."""
    n, separable = counted.hyperplanes, counted.separable_dichotomies
    rows = [
        ("dichotomies of the points", digits(2**n)),
        ("separable by one hyperplane", digits(separable)),
        ("not separable", digits(2**n - separable)),
    ]
    columns = (Column("", format="text"), Column("number", format="count"))
    title = (
        f"One neuron with bias separates {_said(separable)} of {_said(2**n)} dichotomies of "
        f"{n:,} points"
    )
    return Section(
        "The same sum, of points: Cover's theorem",
        "A dichotomy names a class for every point. In weight space every point is a hyperplane "
        "through the origin, and every region one separable dichotomy.",
        tables=(Table(title, columns, rows, is_sortable=False),),
    )


def _bounds(bounds: Bounds) -> Section:
    """Return the bounds of a deep network."""
    reachable = None if bounds.reachable is None else _said(bounds.reachable)
    rows = [
        ("some network has at least", reachable, "Montúfar et al. 2014, theorem 5"),
        ("usual at random starts and in training", ratio_text(bounds.typical),
         "Hanin & Rolnick 2019: N^d / d! of N neurons, an order of magnitude"),
        ("no network has more than", _said(bounds.upper), "Serra et al. 2018, theorem 1"),
        ("simpler bound, layer by layer", _said(bounds.product), "Montúfar 2017"),
    ]  # fmt: skip
    columns = (
        Column("linear regions", format="text"),
        Column("number", format="text"),
        Column("source", format="text"),
    )
    return Section(
        "Linear regions of a deep ReLU network",
        "Every layer cuts what the layers below leave of the input space, whose dimension can only "
        "fall on the way up."
        + (
            " A layer narrower than the inputs is outside the lower bound." if not reachable else ""
        ),
        tables=(Table("Bounds of this architecture", columns, rows, is_sortable=False),),
    )
