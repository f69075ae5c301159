"""The page of `saddlescape nfl priors`."""

from saddlescape.nofreelunch import (
    PUBLISHED,
    Estimate,
    NoisierTable,
    PriorsTable,
    estimate,
    priors_finding,
)
from saddlescape.report._figures import (
    Axis,
    Column,
    Curve,
    Figure,
    Lines,
    Page,
    Points,
    Section,
    Table,
)
from saddlescape.report._numbers import number


def priors_page(
    table: PriorsTable, noisy: NoisierTable, *, source: str = "", command: str = ""
) -> Page:
    """Return the page of priors that fit, and of data that look noisy.

    Args:
        table: what `saddlescape.nofreelunch.priors` returned.
        noisy: what `saddlescape.nofreelunch.noisier` returned.
        source: of the signals.
        command: what reproduces the numbers.

    Returns:
        a page of figures and tables as data; `write_page` makes the file.
    """
    seeds = table.plain.shape[1]
    return Page(
        title="Priors that fit",
        finding=priors_finding(table, noisy),
        sections=(_translation(table), _noise(noisy)),
        settings=(
            ("signals", source or "as given"),
            ("trainings of each network", f"{seeds} in order, {seeds} scrambled"),
            ("steps of Adam", f"{table.steps:,}, the rate falling to 0"),
            ("samples in each noisy set", f"{len(noisy.pair.x):,}"),
        ),
        command=command,
    )


def _translation(table: PriorsTable) -> Section:
    """Return accuracies in order and scrambled."""
    return Section(
        "Places that do not matter",
        "The signals are shapes at random places. A convolutional network looks for the same thing "
        "everywhere, so it is told something that is true of them. After one permutation of the "
        "coordinates, the same for all signals, a fully connected network can learn as much as "
        "before; what the convolutional one assumes is no longer true. All numbers here are "
        "estimates, with 95 % intervals over seeds by Student's t.",
        figures=(accuracy_figure(table),),
        tables=(accuracy_table(table),),
    )


def accuracy_figure(table: PriorsTable) -> Figure:
    """Return accuracies with intervals: two marks for each network, in order and scrambled."""
    names = [f"{one.name}" for one in table.classifiers]
    layers, bars = [], []
    for accuracy, lift, name, tone in (
        (table.plain, 0.12, "in order", 0), (table.scrambled, -0.12, "scrambled", 1)
    ):  # fmt: skip
        told = [estimate(100 * row) for row in accuracy]
        heights = [-i + lift for i in range(len(told))]
        layers.append(
            Points([one.mean for one in told], heights, name=name, tone=tone, notes=names)
        )
        bars += [
            (one.mean - (one.half_width or 0), y, one.mean + (one.half_width or 0), y)
            for one, y in zip(told, heights, strict=True)
        ]
    falls = [float((a - b).mean()) for a, b in zip(table.plain, table.scrambled, strict=True)]
    most = max(range(len(falls)), key=falls.__getitem__)
    known = [
        (value, -i + lift)
        for i, name in enumerate(names)
        for value, lift in zip(PUBLISHED.get(name, ()), (0.12, -0.12), strict=False)
    ]
    layers.append(
        Points(
            [x for x, _ in known], [y for _, y in known], name="published", tone=4,
            notes=["published"] * len(known),
        )
    )  # fmt: skip
    return Figure(
        title=f"Scrambling costs the {names[most]} network {100 * falls[most]:.0f} points",
        x_axis=Axis("test accuracy", "%"),
        y_axis=Axis(
            "",
            ticks=tuple((-i, name) for i, name in enumerate(names)),
            limits=(-len(names) + 0.5, 0.5),
        ),
        layers=(Lines(bars, tone=-2), *layers),
        caption="Lines are 95 % intervals over seeds. Published: Greydanus & Kobak (2024).",
        height=120 + 60 * len(names),
    )


def accuracy_table(table: PriorsTable) -> Table:
    """Return accuracies beside the published ones."""
    rows = [
        (
            one.name, table.num_parameters[i],
            _percent(estimate(table.plain[i])), *_known(one.name, 0),
            _percent(estimate(table.scrambled[i])), *_known(one.name, 1),
            _percent(estimate(table.train[0, i])),
        )
        for i, one in enumerate(table.classifiers)
    ]  # fmt: skip
    return Table(
        title="Test accuracies beside the published ones",
        columns=(
            Column("network", format="text"),
            Column("parameters", format="count"),
            Column("in order", "%", format="text"),
            Column("published", "%"),
            Column("scrambled", "%", format="text"),
            Column("published", "%"),
            Column(
                "on examples", "%", format="text", note="accuracy on the training set, in order"
            ),
        ),
        rows=rows,
        is_sortable=False,
        note=" ".join(f"{one.name}: {one.description}." for one in table.classifiers),
    )


def _percent(value: Estimate) -> str:
    """Return an accuracy in percent with its interval."""
    text = f"{100 * value.mean:.1f}"
    return text if value.half_width is None else f"{text} ± {100 * value.half_width:.1f}"


def _known(name: str, way: int) -> tuple[float | None]:
    """Return the published accuracy, where there is one."""
    return (PUBLISHED[name][way] if name in PUBLISHED else None,)


def _noise(noisy: NoisierTable) -> Section:
    """Return two data sets, two hypothesis classes, and who calls what noise."""
    return Section(
        "Which data set looks noisier?",
        "Both sets scatter about the same smooth curve, with the same distribution of distances. "
        "In one they were drawn at random; in the other they are a fast wave, the same function of "
        "x each time. To smooth functions both look equally noisy. To functions that may hold one "
        "wave, the second set has no noise. Noise is what a hypothesis class cannot express.",
        figures=(*(_scatter(noisy, data) for data in (0, 1)),),
        tables=(noise_table(noisy),),
    )


def _scatter(noisy: NoisierTable, data: int) -> Figure:
    """Return one data set with both fits."""
    pair, errors = noisy.pair, noisy.errors
    smooth, wave = (number(errors[kind][data].mean, 2) for kind in (0, 1))
    what = ("The noisy set", "The hidden wave")[data]
    return Figure(
        title=f"{what}: error {smooth} by smooth functions, {wave} with a wave",
        x_axis=Axis("x"),
        y_axis=Axis("y"),
        layers=(
            Points(pair.x, (pair.noisy, pair.hidden)[data], name="samples", tone=2),
            Curve(noisy.grid, noisy.fits[1][data], tone=-2),
            Curve(noisy.grid, noisy.fits[0][data], tone=1),
        ),
        caption="Dashed: the smooth function that fits best. Dotted: the one with a wave.",
        height=320,
    )


def noise_table(noisy: NoisierTable) -> Table:
    """Return cross-validated errors of both classes on both sets."""
    rows = [
        (
            ("smooth functions", "smooth functions plus a wave")[kind],
            *(
                f"{number(error.mean, 3)} ± {number(error.half_width, 1)}"
                for error in noisy.errors[kind]
            ),
        )
        for kind in (0, 1)
    ]
    return Table(
        title="Mean squared errors, cross-validated ten times",
        columns=(
            Column("fitted by", format="text"),
            Column("noisy set", format="text"),
            Column("hidden wave", format="text"),
        ),
        rows=rows,
        is_sortable=False,
        note=f"The variance of the noise, and of the wave, is {number(noisy.noise_variance, 3)}.",
    )
