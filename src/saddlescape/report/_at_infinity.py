"""Points at infinity on an atlas's page: their table, and the loss along their channels."""

from saddlescape.core import Runaway
from saddlescape.report._figures import Axis, Column, Curve, Figure, Section, Table
from saddlescape.report._numbers import number
from saddlescape.report._survey import Survey

_MOST_ROWS = 200
_MOST_CURVES = 6
_EXPLANATION = (
    "Here some neurons grow equal while their outgoing weights grow without bound and cancel. "
    "What they add up to tends to a neuron and its derivatives, c g(w·x) + (v·x) g'(w·x) for two "
    "of them: a function of finite coordinates, in which the search was carried on. Loss, index "
    "and nullity are those of this limit; no finite network has it."
)


def infinity_sections(survey: Survey) -> tuple[Section, ...]:
    """Return the section on points at infinity; none where there are none.

    Args:
        survey: what the atlas holds.

    Returns:
        one section, with a table and a figure, or nothing.
    """
    if not survey.infinity:
        return ()
    figure = channel_figure(survey)
    return (
        Section(
            "Points at infinity",
            _EXPLANATION,
            figures=(figure,) if figure else (),
            tables=(infinity_table(survey), _meanings(survey)),
        ),
    )


def infinity_table(survey: Survey) -> Table:
    """Return one row per distinct point at infinity.

    Args:
        survey: what the atlas holds.

    Returns:
        the table, the lowest loss first.
    """
    columns = (
        Column("point", format="count"),
        Column("loss", note="of the limit function, mean over samples"),
        Column("gradient norm", digits=2, note="largest entry, in limit coordinates"),
        Column("index", format="count", note="negative Hessian eigenvalues"),
        Column("nullity", format="count", note="zero Hessian eigenvalues"),
        Column("kind", format="text"),
        Column("what merges", format="text"),
        Column("times found", format="count"),
        Column("loss on the way", note="of a finite network in the channel, the farthest checked"),
        Column("largest parameter there", digits=3),
    )
    rows = [
        (
            position, point["loss"], point["gradient_norm"], point["index"], point["nullity"],
            point["kind"], point["runaway"], point["count"], point["losses"][-1],
            point["largest_parameter"],
        )
        for position, point in enumerate(survey.infinity[:_MOST_ROWS])
    ]  # fmt: skip
    total, starts = len(survey.infinity), sum(point["count"] for point in survey.infinity)
    cut = f"The {_MOST_ROWS} lowest. " if total > _MOST_ROWS else ""
    note = f"{cut}Every channel's loss was checked to fall towards that of the limit."
    points, ends = "point" if total == 1 else "points", "start" if starts == 1 else "starts"
    title = f"{total:,} distinct {points} at infinity from {starts:,} {ends}"
    return Table(title, columns, rows, note=note)


def _meanings(survey: Survey) -> Table:
    """Return what the runaways that occur are."""
    found = {point["runaway"] for point in survey.infinity}
    rows = [(way.label, way.meaning) for way in Runaway if way.label in found]
    columns = (Column("what merges", format="text"), Column("what it means", format="text"))
    return Table("What happens to the neurons", columns, rows, is_sortable=False)


def channel_figure(survey: Survey) -> Figure | None:
    """Return how far above the limit's the loss is along the channels most often found.

    Args:
        survey: what the atlas holds.

    Returns:
        the figure; None where all losses are the limit's up to rounding.
    """
    often = sorted(enumerate(survey.infinity), key=lambda item: -item[1]["count"])[:_MOST_CURVES]
    curves = []
    for position, point in often:
        above = [
            (distance, loss - point["loss"])
            for distance, loss in zip(point["distances"], point["losses"], strict=True)
            if loss > point["loss"]
        ]
        if len(above) > 1:
            x, y = zip(*above, strict=True)
            curves.append(Curve(x, y, f"point {position}", tone=len(curves)))
    if not curves:
        return None
    factor = min(min(curve.y) / max(curve.y) for curve in curves)
    return Figure(
        title="Along every channel the loss falls to its limit: "
        f"down to {number(100 * factor, 2)} % of the first excess",
        x_axis=Axis("distance of the merging neurons, relative to their length", scale="log"),
        y_axis=Axis("loss above the limit's (mean over samples)", scale="log"),
        layers=tuple(curves),
        caption="Each line is a row of finite networks: nearer neurons, larger outgoing weights. "
        f"{'The points found most often. ' if len(survey.infinity) > _MOST_CURVES else ''}"
        "A slope of two decades per decade is what merging neurons of equal spacing leave.",
    )
