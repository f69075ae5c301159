"""The page of `saddlescape regions decision`: a network opened layer by layer."""

import math
from collections.abc import Sequence

import numpy as np

from saddlescape.decisions import (
    Along,
    Decision,
    LayerView,
    finding,
    growth_finding,
    plane_of,
)
from saddlescape.regions import Bounds, Planes, borders
from saddlescape.report._clipping import clipped
from saddlescape.report._figures import (
    Arrows,
    Axis,
    Column,
    Curve,
    Figure,
    Heatmap,
    Layer,
    Lines,
    Page,
    Points,
    Section,
    Table,
)
from saddlescape.report._survey import pairs_of

_STEPS = 121  # of the shades, on each side
_MOST_POINTS = 400  # of each class
_MOST_LINES = 60  # neurons whose lines can still be told apart
_MOST_DRAWN = 3_000  # regions whose borders can be told apart
_ARROW = 0.055  # of the picture's diagonal
_TONES = 6
_MOST_EDGES = 12  # neurons of a layer that are seen one by one


def decision_page(found: Decision) -> Page:
    """Return the page of a network opened.

    Args:
        found: what `decisions.run` returned.

    Returns:
        a page of figures and tables as data.
    """
    header = found.setup.header()
    told = found.settings.model_dump(mode="json", exclude_defaults=True)
    used = {**told, "parameters": found.learned.num_parameters, "loss": found.loss}
    used["source"] = header["problem"]["source"]
    return Page(
        title=f"How a network decides: {found.setup.problem.name}",
        finding=finding(found),
        sections=(
            _inputs(found),
            _opened(found),
            _pulled(found),
            *(() if found.along is None else (_along(found.along),)),
        ),
        settings=tuple(pairs_of(used)),
        command=found.settings.command(),
        versions=tuple(pairs_of(header["versions"])),
    )


def _inputs(found: Decision) -> Section:
    """Return the data with the surface, the first hyperplanes, and the regions."""
    axes, marks = _axes(found), marks_of(found)
    pieces = sum(map(len, found.surface.values()))
    data = found.setup.problem.data
    has_classes = data is None or data.is_classification
    surface = Figure(
        f"The surface that parts {'the classes' if has_classes else 'above from below the mean'}: "
        f"{pieces:,} "
        f"{'straight pieces' if found.learned.is_relu else 'short segments'}",
        *axes,
        (shades(found), *marks, *_surface(found)),
        _outside(found) + "Tints are the network's label.",
        height=480,
        is_equal=True,
    )
    figures = [surface, view_figure(found, found.views[0], height=480)]
    if found.regions is not None and found.regions.num_regions <= _MOST_DRAWN:
        lines = Lines(borders(found.regions), "border between regions", -1)
        figures.append(
            Figure(
                f"{found.regions.num_regions:,} linear regions",
                *axes,
                (shades(found), lines, *_surface(found)),
                "The network is linear in each region; the surface is straight there.",
                height=480,
                is_equal=True,
            )
        )
    return Section(
        "The decision, in the plane of the inputs",
        "Every neuron of the first layer is a straight line, and its weight vector is the normal: "
        "arrows point to the side on which the neuron is active (its weighted sum is positive).",
        figures=tuple(figures),
    )


def _outside(found: Decision) -> str:
    """Return which slice is seen."""
    return "" if found.plane.is_whole else f"Slice: {found.plane.shown}. "


def _axes(found: Decision) -> tuple[Axis, Axis]:
    """Return the axes of the plane of the inputs."""
    plane = found.plane
    return Axis(plane.names[0], limits=plane.box[0]), Axis(plane.names[1], limits=plane.box[1])


def shades(found: Decision) -> Heatmap:
    """Return the network's label over the plane of the inputs, as tints."""
    sides = [np.linspace(low, high, _STEPS) for low, high in found.plane.box]
    at = np.stack(np.meshgrid(*sides), axis=-1).reshape(-1, 2)
    labels = found.learned.labels(found.learned.outputs(found.plane.places(at)))
    grid = labels.reshape(_STEPS, _STEPS) % _TONES
    return Heatmap(sides[0], sides[1], grid, has_scale=False, is_backdrop=True, has_tones=True)


def marks_of(found: Decision, points: np.ndarray | None = None) -> tuple[Points, ...]:
    """Return the samples, a colour and shape for each class."""
    seen = found.views[0].points if points is None else points
    names = found.setup.problem.target_names if found.learned.level is None else ()
    if found.learned.level is not None and found.setup.problem.data is not None:
        below = not found.setup.problem.data.is_classification
        names = ("below the mean", "above the mean") if below else found.setup.problem.target_names
    marks = []
    for label in np.unique(found.labels):
        # Samples may come in order, as those of a grid do: the first would be one corner.
        own = np.random.default_rng(0).permutation(np.flatnonzero(found.labels == label))
        at = seen[np.sort(own[:_MOST_POINTS])]
        name = str(names[label]) if label < len(names) else f"class {label}"
        marks.append(Points(at[:, 0], at[:, 1], name, int(label) % _TONES))
    return tuple(marks)


def _surface(found: Decision) -> list[Layer]:
    """Return the lines on which two classes part."""
    lines = [segment for part in found.surface.values() for segment in part.tolist()]
    if not lines:
        return []
    return [Lines(lines, "two classes part", -1, widths=[3.0] * len(lines))]


def view_figure(found: Decision, view: LayerView, height: int = 420) -> Figure:
    """Return the hyperplanes of a layer with their normals, among the activities it sees."""
    plane = view.plane
    lines, missed = hyperplane_lines(view.lines, plane.box)
    count = f"{view.num_neurons} hyperplane{'' if view.num_neurons == 1 else 's'}"
    layer = "The readout" if view.is_readout else f"Layer {view.number}"
    space = "the inputs" if view.number == 1 else f"the activities of layer {view.number - 1}"
    caption = f"Shown: {plane.shown}. "
    if not plane.is_whole:
        caption += (
            "Lines are where hyperplanes meet that plane, marks are the samples' feet on it: "
            f"{view.agreement:.1%} of the marks are on the side of the line on which the sample is "
            "of the hyperplane. "
        )
    caption += f"{missed} of {view.num_neurons} lie outside the picture." if missed else ""
    return Figure(
        f"{layer}: {count} among {space}",
        Axis(plane.names[0], limits=plane.box[0]),
        Axis(plane.names[1], limits=plane.box[1]),
        (*marks_of(found, view.points), *lines),
        caption.strip(),
        height=height,
        # One hyperplane on the plane of its normal stands upright, on any scales.
        is_equal=plane.is_whole or view.num_neurons > 1,
    )


def hyperplane_lines(
    planes: Planes, box: tuple[tuple[float, float], tuple[float, float]]
) -> tuple[list[Layer], int]:
    """Return lines with arrows toward their positive side, and how many lie outside the box."""
    segments = [clipped(w, float(b), box) for w, b in zip(*planes, strict=True)]
    kept = [i for i, segment in enumerate(segments) if segment is not None][:_MOST_LINES]
    if not kept:
        return [], len(segments)
    sides = [high - low for low, high in box]
    # A lone upright line is drawn on axes of their own scales.
    length = _ARROW * (math.hypot(*sides) if len(segments) > 1 else sides[0])
    arrows = [_arrow(segments[i], planes.weights[i], length) for i in kept]
    numbers = [str(i + 1) for i in kept]
    layers: list[Layer] = [
        Lines([segments[i] for i in kept], "neuron", -1),
        Arrows(arrows, "its active side", -1, labels=numbers),
    ]
    return layers, sum(segment is None for segment in segments)


def _arrow(
    segment: Sequence[float] | None, normal: np.ndarray, length: float
) -> tuple[float, float, float, float]:
    """Return an arrow from the middle of a segment along a normal."""
    x0, y0, x1, y1 = segment or (0.0, 0.0, 0.0, 0.0)
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    step = length * normal / np.linalg.norm(normal)
    return x, y, float(x + step[0]), float(y + step[1])


def _opened(found: Decision) -> Section:
    """Return every layer beyond the first in the space of its own inputs."""
    rows = [
        (
            "readout" if view.is_readout else f"layer {view.number}", i + 1,
            float(np.linalg.norm(view.planes.weights[i])), float(view.planes.biases[i]),
            float(view.active[i]),
        )
        for view in found.views
        for i in range(view.num_neurons)
    ]  # fmt: skip
    columns = (
        Column("", format="text"), Column("neuron", format="count"),
        Column("length of the normal"), Column("bias"),
        Column("samples on its active side", note="share"),
    )  # fmt: skip
    silent = sum(
        float(a) in {0.0, 1.0} for view in found.views if not view.is_readout for a in view.active
    )
    total = sum(found.learned.widths[1:-1])
    return Section(
        "Opened layer by layer",
        "A layer sees only the activities of the one below. There its neurons are hyperplanes "
        "again, and the readout parts the classes with one hyperplane for every two of them. Where "
        "no plane shows all neurons as they are, each is also shown alone, by the distance of "
        "every sample from it.",
        figures=tuple(
            figure
            for view in found.views[1:]
            for figure in (view_figure(found, view), *_edge_on(found, view))
        ),
        tables=(Table(f"{silent} of {total} hidden neurons part no samples", columns, rows),),
    )


def _edge_on(found: Decision, view: LayerView) -> list[Figure]:
    """Return every neuron on the plane of its own normal, where all samples are on their side."""
    if view.agreement == 1.0:
        return []
    figures = []
    for i in range(min(view.num_neurons, _MOST_EDGES)):
        alone = Planes(view.planes.weights[i : i + 1], view.planes.biases[i : i + 1])
        if not alone.weights.any():
            continue
        plane = plane_of(view.activities, alone)
        lines, _ = hyperplane_lines(plane.traces(alone), plane.box)
        figures.append(
            Figure(
                f"Neuron {i + 1} of layer {view.number}: {view.active[i]:.0%} on its active side",
                Axis("distance", limits=plane.box[0]),
                Axis("along it", limits=plane.box[1]),
                (*marks_of(found, plane.coordinates(view.activities)), *lines),
                height=230,
                is_small=True,
            )
        )
    return figures


def _pulled(found: Decision) -> Section:
    """Return the zero set of every neuron in the plane of the inputs."""
    figures = []
    for depth, neurons in enumerate(found.zeros):
        seen = [i for i, segments in enumerate(neurons) if len(segments)]
        layers: list[Layer] = [
            Lines(neurons[i], f"neuron {i + 1}", i % _TONES, i % 12 >= _TONES)
            for i in seen[:_MOST_LINES]
        ]
        bent = sum(len(neurons[i]) > 1 for i in seen)
        words = f"{bent} of {len(neurons)} neurons are bent lines" if depth else "straight lines"
        figures.append(
            Figure(
                f"Layer {depth + 1}: {words}",
                *_axes(found),
                (*marks_of(found), *layers),
                f"{len(neurons) - len(seen)} of {len(neurons)} change nowhere in the picture."
                if len(seen) < len(neurons)
                else "",
                height=420,
                is_equal=True,
            )
        )
    return Section(
        "Every neuron, pulled back to the inputs",
        "Where each neuron's weighted sum is zero, in the plane of the inputs. A neuron of a "
        "higher layer is straight in every region of the layers below and bends on their borders.",
        figures=tuple(figures),
    )


def _along(told: Along) -> Section:
    """Return the regions along training, beside the bounds, and the loss."""
    steps = Axis("step of Adam", scale="log", floor=0.5, floor_label="start")
    at = [max(int(step), 0.4) for step in told.steps]

    def curves(counts: np.ndarray, bounds: Bounds) -> tuple[Curve, ...]:
        lines = (
            ("none has more (Serra et al.)", bounds.upper, 1),
            ("some network has (Montúfar et al.)", bounds.reachable, 2),
            ("usual order (Hanin & Rolnick)", bounds.typical, 3),
        )
        flat = [
            Curve(at, [float(y)] * len(at), name, tone) for name, y, tone in lines if y is not None
        ]
        return (Curve(at, counts, "counted", 0), *flat)

    regions = Axis("linear regions", scale="log")
    columns = (
        Column("step", format="count"), Column("loss"), Column("regions", format="count"),
        Column("on the segment", format="count"),
    )  # fmt: skip
    rows = list(zip(told.steps, told.losses, told.counts, told.crossed, strict=True))
    ends = f"{int(told.crossed[0]):,} to {int(told.crossed[-1]):,}"
    return Section(
        "Along training",
        "Counted in the rectangle of the pictures, and on the segment between a sample of one "
        "class and one of another. Bounds are for the whole plane, and the whole line.",
        figures=(
            Figure(growth_finding(told), steps, regions, curves(told.counts, told.bounds)),
            Figure(
                f"On the segment: from {ends} regions",
                steps,
                regions,
                curves(told.crossed, told.line_bounds),
            ),
            Figure(
                f"The loss, from {told.losses[0]:.3g} to {told.losses[-1]:.3g}",
                steps,
                Axis("loss", scale="log"),
                (Curve(at, told.losses, "loss", 0),),
            ),
        ),
        tables=(Table("Every checkpoint", columns, rows, is_sortable=False),),
    )
