"""The page of an arrangement: `saddlescape regions arrangement --html PAGE`."""

import numpy as np

from saddlescape.regions import Arrangement, growth, num_regions
from saddlescape.report._clipping import clipped
from saddlescape.report._figures import (
    Axis,
    Bars,
    Column,
    Curve,
    Figure,
    Layer,
    Lines,
    Movie,
    Page,
    Points,
    Section,
    Table,
)

_MOST_LINES, _MOST_POINTS, _MOST_ROWS = 60, 2_000, 200
_MOST_WORK = 20_000_000  # regions times hyperplanes: seconds


def arrangement_page(cut: Arrangement, *, command: str = "") -> Page:
    """Return the page of an arrangement.

    Args:
        cut: hyperplanes and their regions.
        command: what reproduces it.

    Returns:
        a page of figures, in the plane also a movie, and tables as data.

    Example:
        >>> from saddlescape.regions import arrangement, random_hyperplanes
        >>> arrangement_page(arrangement(*random_hyperplanes(3, 2))).finding
        '3 hyperplanes cut 2-dimensional space into 7 regions, 1 of them bounded'
    """
    n, d = cut.weights.shape
    most = num_regions(n, d)
    settings = [("hyperplanes", f"{n:,}"), ("dimension", f"{d:,}")]
    settings += [("rank of the normals", f"{cut.rank}")]
    settings += [("in general position", "yes" if cut.is_general else "no")]
    if np.isfinite(cut.closest):
        settings += [("closest decision, in rounding errors", f"{cut.closest:.3g}")]
    left = "" if most == cut.num_regions else f"; in general position there would be {most:,}"
    small = cut.num_regions * max(n, 1) <= _MOST_WORK
    return Page(
        title="Regions of an arrangement of hyperplanes",
        finding=f"{n:,} hyperplanes cut {d}-dimensional space into {cut.num_regions:,} regions, "
        f"{cut.num_bounded:,} of them bounded{left}",
        sections=(*_plane(cut), *(_counts(cut) if small else ()), _list(cut)),
        settings=tuple(settings),
        command=command,
    )


def _plane(cut: Arrangement) -> tuple[Section, ...]:
    """Return the picture of lines in a plane, one after another."""
    n, d = cut.weights.shape
    if d != 2 or not 0 < n <= _MOST_LINES or cut.num_regions > _MOST_POINTS:
        return ()
    box = box_of(cut)
    segments = [clipped(w, float(b), box) for w, b in zip(cut.weights, cut.biases, strict=True)]
    nowhere = (None,) * 4
    drawn = [segment or nowhere for segment in segments]
    counts = growth(cut).tolist()
    frames = []
    for k in range(n + 1):
        lines = [segment if i < k - 1 else nowhere for i, segment in enumerate(drawn)]
        newest = drawn[k - 1] if k else nowhere
        frames.append((
            (Lines(lines, "line", -1), Lines([newest], "newest line", 1, widths=[2.5])),
            (Points([k], [counts[k]], "regions", 0),),
        ))  # fmt: skip
    axes = Axis("input 1", limits=box[0]), Axis("input 2", limits=box[1])
    plane = Figure("", *axes, _insides(cut, box), height=420, is_equal=True)
    best = [num_regions(k, 2) for k in range(n + 1)]
    counted = Figure(
        "",
        Axis("lines", limits=(0, n)),
        Axis("regions", limits=(0, 1.05 * best[-1])),
        _curves(range(n + 1), best, counts),
        height=420,
    )
    movie = Movie(
        title=f"Each of {n} lines parts as many regions as the lines before cut it into",
        panels=(plane, counted),
        frames=tuple(frames),
        captions=tuple(f"{k} lines: {counts[k]:,} regions" for k in range(n + 1)),
        start=n,
        stills=tuple(sorted({n // 2, n})),
        caption="Marks: one point inside every region of all lines, where it is in sight.",
    )
    return (Section("In the plane", figures=(movie,)),)


def box_of(cut: Arrangement) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return a square that holds the points of most bounded regions, and of others nearby."""
    near = cut.points[cut.is_bounded] if cut.num_bounded > 2 else cut.points
    middle = np.median(near, axis=0)
    radius = 1.6 * float(np.quantile(np.abs(near - middle).max(axis=1), 0.85)) or 1.0
    (a, b), (c, e) = ((float(m - radius), float(m + radius)) for m in middle)
    return (a, b), (c, e)


def _insides(cut: Arrangement, box: tuple) -> tuple[Layer, ...]:
    """Return a mark inside every region in sight, bounded ones and others."""
    (a, b), (c, e) = box
    x, y = cut.points.T
    seen = (x > a) & (x < b) & (y > c) & (y < e)
    layers = []
    for name, tone, chosen in (
        ("bounded", 0, seen & cut.is_bounded),
        ("unbounded", 2, seen & ~cut.is_bounded),
    ):
        if chosen.any():
            layers.append(Points(x[chosen], y[chosen], name, tone))
    return tuple(layers)


def _counts(cut: Arrangement) -> tuple[Section, ...]:
    """Return how the regions grow with the hyperplanes, and how many facets they have."""
    n, d = cut.weights.shape
    if not n:
        return ()
    counts = growth(cut)[1:].tolist()
    best, ks = [num_regions(k, d) for k in range(1, n + 1)], range(1, n + 1)
    sizes, numbers = np.unique(cut.facets().sum(axis=1), return_counts=True)
    mean = float((sizes * numbers).sum() / cut.num_regions)
    grown = Figure(
        "Every hyperplane adds as many regions as it is cut into"
        if counts == best
        else "Hyperplanes that are parallel, concurrent or repeated add fewer regions",
        Axis("hyperplanes, in the order given"),
        Axis("regions", scale="log"),
        _curves(ks, best, counts),
    )
    walls = Figure(
        f"A region has {mean:.2f} facets on average, of {n} hyperplanes",
        Axis("facets"),
        Axis("regions"),
        (Bars(heights=numbers, categories=[str(size) for size in sizes]),),
        caption=f"In general position the average tends to {2 * d} for many hyperplanes.",
    )
    return (Section("How many", figures=(grown, walls)),)


def _curves(ks: range, best: list[int], counts: list[int]) -> tuple[Layer, ...]:
    """Return the growth of these regions, and of those in general position where they are more."""
    ours = Curve(ks, counts, "regions", 0)
    return (ours,) if counts == best else (Curve(ks, best, "general position", -2), ours)


def _list(cut: Arrangement) -> Section:
    """Return the first regions as a table."""
    columns = (
        Column("region", format="count"),
        Column("signs", format="text", note="of w.x + b, hyperplane by hyperplane"),
        Column("bounded", format="text"),
        Column("a point inside", format="text"),
    )
    shown = min(cut.num_regions, _MOST_ROWS)
    rows = [
        (
            i,
            "".join("+" if above else "-" for above in cut.signs[i][:80]),
            bool(cut.is_bounded[i]),
            ", ".join(f"{x:.4g}" for x in cut.points[i][:6]),
        )
        for i in range(shown)
    ]
    left = cut.num_regions - shown
    note = f"{left:,} more: --out FILE writes them all." if left else ""
    title = f"{cut.num_bounded:,} of {cut.num_regions:,} regions are bounded"
    return Section("The regions", tables=(Table(title, columns, rows, note=note),))
