"""The page of `saddlescape depth separation`: units that functions take, deep and shallow."""

from fractions import Fraction
from pathlib import Path
from typing import Any

from saddlescape.comparisons import Separation, separation_finding
from saddlescape.depth import pieces, sawtooth
from saddlescape.report._figures import (
    Axis,
    Column,
    Curve,
    Figure,
    Layer,
    Page,
    Points,
    Section,
    Table,
)
from saddlescape.report._html import write_page
from saddlescape.report._survey import pairs_of
from saddlescape.setups import versions

_SHOWN = (1, 2, 4)  # teeth of the sawtooths that are drawn


def separation_page(done: Separation) -> Page:
    """Return the page of depth separation.

    Args:
        done: what `saddlescape.comparisons.separation` returned.

    Returns:
        a page of figures and tables as data; `write_page` makes the file.
    """
    told = done.settings.model_dump(mode="json", exclude_none=True)
    return Page(
        title="Depth separation: functions that depth makes cheap",
        finding=separation_finding(done),
        sections=(
            _sawtooth(done),
            _parity(done),
            _product(done),
            _regions(done),
            *_searches(done),
        ),
        settings=tuple(pairs_of(told)),
        command=done.settings.command(),
        versions=tuple(pairs_of(versions())),
    )


def write_separation_page(done: Separation, path: str | Path) -> Path:
    """Write the page of depth separation.

    Args:
        done: what `saddlescape.comparisons.separation` returned.
        path: of the HTML file; a file that exists is replaced.

    Returns:
        the path.

    Raises:
        InvalidInputError: when the file cannot be written.
    """
    return write_page(separation_page(done), path)


def _line(x: list[int], y: list[int], name: str, tone: int) -> list[Layer]:
    """Return a curve with marks."""
    return [Curve(x, y, "", tone), Points(x, y, name, tone)]


def _sawtooth(done: Separation) -> Section:
    """Return the units of the sawtooth."""
    rows = done.sawtooth
    teeth = [row["teeth"] for row in rows]
    layers = _line(teeth, [row["deep"]["units"] for row in rows], "deep: one layer per tooth", 0)
    layers += _line(teeth, [row["fewest_shallow"] for row in rows], "one hidden layer, exactly", 1)
    for depth, tone in ((2, 2), (3, 3)):
        known = [row for row in rows if depth in row["bounds"]]
        if len(known) > 1:
            x, y = [row["teeth"] for row in known], [row["bounds"][depth] for row in known]
            layers += _line(x, y, f"{depth} layers: no fewer than", tone)
    equal, last = sum(row["are_equal"] for row in rows), rows[-1]
    figure = Figure(
        title=f"{last['deep']['units']} units with depth, {last['fewest_shallow']:,} without, "
        f"for {last['pieces']:,} pieces",
        x_axis=Axis("times the tent map is applied", ticks=tuple((k, str(k)) for k in teeth)),
        y_axis=Axis("hidden units", scale="log"),
        layers=tuple(layers),
        caption="A layer of w units makes at most w + 1 times as many linear pieces.",
    )
    columns = (
        Column("teeth", format="count"),
        Column("pieces", format="count", note="counted on the deep network, without rounding"),
        *(Column(name, format="count") for name in ("deep units", "deep parameters")),
        Column("units in one layer", format="count", note="the fewest: no network has fewer"),
        Column("parameters in one layer", format="count"),
        Column("no fewer than, same depth", format="count"),
    )
    table = Table(
        f"Deep and shallow are the same function for {equal} of {len(rows)} sawtooths",
        columns,
        tuple(
            (
                row["teeth"], row["pieces"], row["deep"]["units"], row["deep"]["parameters"],
                row["shallow"]["units"], row["shallow"]["parameters"],
                row["bounds"][row["teeth"]],
            )
            for row in rows
        ),
        note="They have the same kinks and the same values there, compared as fractions.",
    )  # fmt: skip
    shown = [k for k in _SHOWN if k <= done.settings.teeth]
    return Section(
        "The sawtooth of Telgarsky",
        "The tent map applied k times has 2^k linear pieces. A layer of two units applies it once; "
        "one hidden layer needs a kink, so a unit, for every piece.",
        figures=(*(_graph(k) for k in shown), figure),
        tables=(table,),
    )


def _graph(teeth: int) -> Figure:
    """Return the graph of a sawtooth."""
    network = sawtooth(teeth)
    kinks = pieces(network, Fraction(0), Fraction(1))
    values = [float(network([x])[0]) for x in kinks]
    return Figure(
        title=f"k = {teeth}: {len(kinks) - 1} pieces",
        x_axis=Axis("input", limits=(0, 1)),
        y_axis=Axis("output"),
        layers=(Curve([float(x) for x in kinks], values, "", 0),),
        height=200,
        is_small=True,
    )


def _parity(done: Separation) -> Section:
    """Return the units of parity."""
    rows = done.parity
    bits = [row["bits"] for row in rows]
    layers: list[Layer] = []
    names = {
        "deep": "deep: the sawtooth of the sum",
        "shallow": "one hidden layer",
        "local": "a unit per example",
        "bound": "one layer: no fewer than",
    }
    for tone, (kind, name) in enumerate(names.items()):
        units = [_units(row[kind]) for row in rows]
        layers += _line(bits, units, name, tone)
    last = rows[-1]
    figure = Figure(
        title=f"Parity of {last['bits']} bits: {_units(last['deep'])} units with depth, "
        f"{_units(last['shallow'])} without, not {last['local']:,}",
        x_axis=Axis("bits", ticks=tuple((k, str(k)) for k in bits)),
        y_axis=Axis("hidden units", scale="log"),
        layers=tuple(layers),
        caption="One hidden layer needs as many units as bits here, not exponentially many: that "
        "holds for a unit per example. The lower bound is not known to be sharp.",
    )
    wrong = sum(row["wrong"] for row in rows)
    columns = (
        Column("bits", format="count"),
        Column("corners compared", format="count"),
        Column("wrong", format="count"),
        *(Column(name, "units", format="count") for name in ("deep", "one layer", "per example")),
        Column("no fewer than", "units", format="count"),
    )
    table = Table(
        f"Every corner of every cube is compared, {wrong} are wrong",
        columns,
        tuple(
            (row["bits"], row["corners"], row["wrong"], *(_units(row[kind]) for kind in names))
            for row in rows
        ),
    )
    return Section(
        "Parity, the generalised XOR",
        "The parity of bits is a sawtooth of their sum, so depth needs 2 log2(d + 1) units.",
        figures=(figure,),
        tables=(table,),
    )


def _units(value: Any) -> int:
    """Return the number of units of a network, or a number as it is."""
    return value["units"] if isinstance(value, dict) else value


def _product(done: Separation) -> Section:
    """Return the accuracy of products."""
    rows = done.product
    errors = [row["square_error"] for row in rows]
    kinds = {
        "deep": [row["square"]["units"] for row in rows],
        "one hidden layer, equal pieces": [row["shallow_square"]["units"] for row in rows],
        "one layer: no fewer than": [row["fewest_shallow_units"] for row in rows],
    }
    layers: list[Layer] = []
    for tone, (name, units) in enumerate(kinds.items()):
        layers += [Curve(errors, units, "", tone), Points(errors, units, name, tone)]
    last = rows[-1]
    figure = Figure(
        title=f"x^2 to {last['square_error']:.1e}: {last['square']['units']} units with depth, at "
        f"least {last['fewest_shallow_units']:,} without",
        x_axis=Axis("largest error on [0, 1]", scale="log"),
        y_axis=Axis("hidden units", scale="log"),
        layers=tuple(layers),
        caption="No ReLU network is a parabola: with depth each layer makes the error a quarter, "
        "with one layer twice the units do.",
    )
    columns = (
        Column("layers", format="count"),
        Column("units", format="count"),
        Column("error of x^2", digits=3),
        Column("units in one layer", format="count", note="same error, equal pieces"),
        Column("no fewer than", "units in one layer", format="count"),
        Column("units for x y", format="count"),
        Column("error of x y", "on a grid", digits=3),
        Column("no more than", digits=3),
        Column("units in one layer for the same", "x y", format="count"),
        Column("no fewer than", "for the same", format="count"),
    )
    table = Table(
        "Squares and products",
        columns,
        tuple(
            (
                row["layers"], row["square"]["units"], row["square_error"],
                row["shallow_square"]["units"], row["fewest_shallow_units"],
                row["product"]["units"], row["product_error"], row["product_error_bound"],
                row["shallow_product"]["units"], row["fewest_for_the_same"],
            )
            for row in rows
        ),
    )  # fmt: skip
    return Section("Products", "Made of squares, and squares of sawtooths (Yarotsky 2017).",
                   figures=(figure,), tables=(table,))  # fmt: skip


def _regions(done: Separation) -> Section:
    """Return the linear regions of every network, counted and by formula."""
    counts = done.region_counts
    same = sum(one.counted == one.formula for one in counts)
    columns = (
        Column("function", format="text"),
        Column("inputs", format="text"),
        Column("network", format="text"),
        *(Column(name, format="count") for name in ("units", "regions", "by formula")),
        Column("regions per unit", digits=3),
    )
    rows = [
        (
            one.function, one.where, one.network, one.units, one.counted, one.formula,
            one.counted / one.units,
        )
        for one in counts
    ]  # fmt: skip
    table = Table(
        f"{same} of {len(counts)} numbers of regions are those of the formula",
        columns,
        tuple(rows),
        note="Formulas: 2^k for k teeth and for the square of k layers; d for parity of d bits, "
        "2^(d-1) + 1 with a unit per example (2 for two bits); 3/2 4^k for the product.",
    )
    return Section(
        "Linear regions",
        "A region is a set of inputs with the same active units. Regions are counted one by one, "
        "on the interval, in the square or in the cube, with weights that floating-point numbers "
        "hold exactly. Deep and shallow have equally many, as they are the same function: depth "
        "takes fewer units for them.",
        tables=(table,),
    )


def _searches(done: Separation) -> tuple[Section, ...]:
    """Return what training found."""
    if not done.searches and not done.fits:
        return ()
    columns = (
        Column("function", format="text"),
        Column("layers", format="count"),
        Column("widths", format="text"),
        Column("runs that fit", format="count"),
        Column("runs", format="count"),
    )
    rows = [
        (
            f"{one.target} {one.number}", len(one.widths), ", ".join(map(str, one.widths)),
            one.fits, one.runs,
        )
        for one in done.searches
    ]  # fmt: skip
    deep = [one for one in done.searches if len(one.widths) > 1]
    fits, runs = sum(one.fits for one in deep), sum(one.runs for one in deep)
    return (
        Section(
            "What training finds",
            "Networks are trained to tell the points of the sawtooth (i / 2^k, alternating) or the "
            "corners of the cube apart, from the lower bound of units upwards until a run names "
            "all of them; then in the shape of the deep network. That a network exists does not "
            "say that training finds it, and that none is found does not say that none exists. "
            "Below, one hidden layer is trained to be the function itself: the best network of all "
            "starts, by its largest error.",
            figures=_near(done),
            tables=(
                *_fit_tables(done),
                Table(
                    f"Training finds the deep network in {fits} of {runs} runs",
                    columns,
                    tuple(rows),
                    is_sortable=False,
                ),
            ),
        ),
    )


def _near(done: Separation) -> tuple[Figure, ...]:
    """Return the error of products by hidden units: exact constructions and what training finds."""
    found = [one for one in done.fits if one.target == "product"]
    if not found:
        return ()
    rows = done.product
    errors = [row["product_error_bound"] for row in rows]
    lines = {
        "deep, exact": ([row["product"]["units"] for row in rows], errors),
        "the same function in one layer": ([x["shallow_product"]["units"] for x in rows], errors),
        "one layer, trained": ([one.width for one in found], [one.error for one in found]),
    }
    layers: list[Layer] = []
    for tone, (name, (units, off)) in enumerate(lines.items()):
        layers += [Curve(units, off, "", tone), Points(units, off, name, tone)]
    least = [max(1, row["fewest_shallow_units"]) for row in rows]
    layers.append(Curve(least, errors, "one layer: no fewer than", 3))
    goals = range(1, done.settings.trained_products + 1)
    reached = [(m, done.smallest_fit("product", m)) for m in goals]
    best = [(m, units) for m, units in reached if units]
    title = "No width that was tried is near enough to a product"
    if best:
        m, units = best[-1]
        title = (
            f"x y to {2 / 4 ** (m + 1):.2g}: training finds {units} units in one layer, the deep "
            f"construction takes {9 * m}"
        )
    return (
        Figure(
            title=title,
            x_axis=Axis("hidden units", scale="log"),
            y_axis=Axis("largest error of x y on the unit square", scale="log"),
            layers=tuple(layers),
            caption="For coarse products one hidden layer is the smaller network: the deep "
            "construction only wins where the error is small, as its units grow with the logarithm "
            "of 1 / error, and those of one layer with its root. Errors of the deep network are "
            "those that are proven, errors of trained ones are measured on a grid.",
        ),
    )


def _fit_tables(done: Separation) -> tuple[Table, ...]:
    """Return every width at which training looked for a function."""
    if not done.fits:
        return ()
    columns = (
        Column("function", format="text"),
        Column("units", "in one layer", format="count"),
        Column("largest error", digits=3),
        Column("wanted", digits=3),
        Column("near enough", format="text"),
        Column("starts", format="count"),
    )
    rows = [
        (
            f"{one.target} {one.number}", one.width, one.error, one.allowed,
            "yes" if one.is_enough else "no", one.starts,
        )
        for one in done.fits
    ]  # fmt: skip
    asked = dict.fromkeys((one.target, one.number) for one in done.fits)
    smallest = [(f"{what} {n}", done.smallest_fit(what, n)) for what, n in asked]
    told = ", ".join(f"{name}: {units or 'none found'}" for name, units in smallest)
    note = (
        "Wanted: a twentieth of the sawtooth's height; for a product what is proven for the deep "
        "network of so many layers. A network of one layer within less than half the height of a "
        "sawtooth crosses its middle 2^k times, so it has 2^k - 1 units at least."
    )
    title = f"Smallest single layer found (units): {told}"
    return (Table(title, columns, tuple(rows), is_sortable=False, note=note),)
