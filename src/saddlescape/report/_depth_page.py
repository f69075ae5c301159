"""The page of `saddlescape depth accuracy`: accuracy by depth and by size."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from saddlescape.comparisons import (
    Accuracy,
    Statement,
    Trained,
    finding,
    gap,
    named,
    row,
    spread_of_sizes,
    statements,
)
from saddlescape.depth import Interval, over_runs, over_runs_and_samples
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
from saddlescape.report._html import write_page
from saddlescape.report._survey import pairs_of
from saddlescape.setups import versions

Measure = Callable[[Trained], Interval]


def accuracy_page(done: Accuracy) -> Page:
    """Return the page of deep and shallow networks.

    Args:
        done: what `saddlescape.comparisons.accuracy` returned.

    Returns:
        a page of figures and tables as data; `write_page` makes the file.
    """
    told = done.settings.model_dump(mode="json", exclude_none=True)
    used = {"samples to train and choose": f"{len(done.samples.inputs):,}"}
    used |= {"samples to test": f"{len(done.samples.test_inputs):,}"}
    used |= {"optimizer": "Adam, float32", "source": done.problem.source}
    return Page(
        title=f"Deep against shallow: {done.problem.name}",
        finding=finding(done),
        sections=(
            _depths(done),
            _sizes(done),
            Section("What the intervals support", tables=(statement_table(statements(done)),)),
            Section(
                "Every network",
                "Each tried all learning rates from all seeds; rate and end of training were "
                "chosen on a validation part that each seed draws anew. All seeds share the "
                "samples to train and choose: intervals do not tell what others would give.",
                tables=(_networks(done), _rates(done)),
            ),
        ),
        settings=tuple(pairs_of({**told, **used})),
        command=done.settings.command(),
        versions=tuple(pairs_of(versions())),
    )


def write_accuracy_page(done: Accuracy, path: str | Path) -> Path:
    """Write the page of deep and shallow networks.

    Args:
        done: what `saddlescape.comparisons.accuracy` returned.
        path: of the HTML file; a file that exists is replaced.

    Returns:
        the path.

    Raises:
        InvalidInputError: when the file cannot be written.
    """
    return write_page(accuracy_page(done), path)


def _test(one: Trained) -> Interval:
    """Return the accuracy on test samples."""
    return over_runs_and_samples(one.answers)


def _train(one: Trained) -> Interval:
    """Return the accuracy on the training part."""
    return over_runs(one.train[one.best])


def _gap(one: Trained) -> Interval:
    """Return how much better the training part is."""
    return over_runs_and_samples(gap(one))


def _line(
    group: Sequence[Trained], x: Iterable[int], measure: Measure, name: str, tone: int
) -> list[Layer]:
    """Return a measure of networks with its interval, in percent."""
    x = list(x)
    found = [measure(one) for one in group]
    mean, low, high = (
        [100 * getattr(interval, end) for interval in found] for end in ("mean", "low", "high")
    )
    if measure is not _gap:  # Student's intervals do not know that there is no more than all
        low, high = np.clip(low, 0, 100), np.clip(high, 0, 100)
    return [
        Band(x, low, high, f"{name}, 95 %", tone),
        Curve(x, mean, "", tone),
        Points(x, mean, name, tone, notes=[named(one) for one in group]),
    ]


def _depths(done: Accuracy) -> Section:
    """Return accuracy by the number of layers."""
    figures = [_by_depth(done, name) for name in ("equal parameters", "equal width")]
    return Section(
        "Accuracy by depth",
        "As in figure 6.6 of Goodfellow et al. (2016), but with the number of parameters fixed, "
        "and then the width. Convolution also sees further with every layer, so a curve of its "
        "own does not tell depth from the size of the field it sees.",
        figures=tuple(figures),
    )


def _by_depth(done: Accuracy, experiment: str) -> Figure:
    """Return test accuracy by depth, both kinds."""
    layers: list[Layer] = []
    heads = []
    for kind in sorted({x.is_convolutional for x in done.architectures}):
        group = done.of(experiment, is_convolutional=kind)
        layers += _line(
            group, (one.architecture.depth for one in group), _test, group[0].kind, kind
        )
        best = max(group, key=lambda one: one.validation[one.best].mean())
        heads.append(f"{best.kind} best with {best.architecture.depth}")
    depths = sorted(set(done.settings.depths))
    which = (
        f"{done.settings.parameters:,} parameters"
        if experiment == "equal parameters"
        else f"width {done.settings.width} and {done.settings.channels} channels"
    )
    exact = f" Numbers of parameters are within {100 * spread_of_sizes(done):.1f} % of that."
    return Figure(
        title=f"At {which}: {', '.join(heads)}",
        x_axis=Axis("hidden layers", ticks=tuple((depth, str(depth)) for depth in depths)),
        y_axis=Axis("test accuracy", "%"),
        layers=tuple(layers),
        caption="Mean over seeds at the rate that is best on the validation parts; bands are 95 % "
        "intervals over seeds and test samples. The best depth is chosen on validation parts too."
        + exact
        * (experiment == "equal parameters"),
    )


def _sizes(done: Accuracy) -> Section:
    """Return accuracy by the number of parameters."""
    tops = {}
    for name, measure in (("test", _test), ("train", _train), ("gap", _gap)):
        tops[name] = _by_size(done, measure)
    plain = done.of("sizes", is_convolutional=False)
    half = len(plain) // 2
    shallow = plain[half - 1]
    best = max(done.of("sizes", is_convolutional=True) or plain[half:], key=_validated)
    sizes = f"{shallow.architecture.num_parameters:,} parameters"
    titles = {
        "test": f"Best by validation: {named(best)}",
        "train": f"The shallow fully connected network of {sizes} reaches "
        f"{100 * _train(shallow).mean:.0f} % on its training part",
        "gap": f"Of that, {100 * _gap(shallow).mean:.0f} points are missing on test samples; "
        f"{100 * _gap(best).mean:.0f} points for the best network",
    }
    labels = {"test": "test accuracy", "train": "accuracy on the training part"}
    units = {"gap": "percentage points"}
    return Section(
        "Accuracy by the number of parameters",
        "As in figure 6.7 of Goodfellow et al. (2016): shallow and deep, fully connected and "
        "convolutional; what the training part gains and test samples do not is overfitting.",
        figures=tuple(
            Figure(
                title=titles[name],
                x_axis=Axis("parameters", scale="log"),
                y_axis=Axis(labels.get(name, "train less test accuracy"), units.get(name, "%")),
                layers=tuple(layers),
                caption="Bands are 95 % intervals.",
            )
            for name, layers in tops.items()
        ),
    )


def _validated(one: Trained) -> float:
    """Return the accuracy on the validation parts at the best rate."""
    return float(one.validation[one.best].mean())


def _by_size(done: Accuracy, measure: Measure) -> list[Layer]:
    """Return a measure by size, for every kind, shallow and deep."""
    layers: list[Layer] = []
    for kind in sorted({x.is_convolutional for x in done.architectures}):
        group = done.of("sizes", is_convolutional=kind)
        for deep in (False, True):
            part = [one for one in group if (one.architecture.depth > 1) == deep]
            count = part[0].architecture.depth
            name = f"{part[0].kind}, {count} layer{'s' * (count > 1)}"
            sizes = (one.architecture.num_parameters for one in part)
            layers += _line(part, sizes, measure, name, 2 * deep + kind)
    return layers


def statement_table(found: Sequence[Statement]) -> Table:
    """Return the statements with their differences and verdicts.

    Args:
        found: the statements.

    Returns:
        the table.
    """
    columns = (
        Column("statement", format="text"),
        Column("verdict", format="text", note="at the 95 % level, each statement on its own"),
        Column("difference", "percentage points", format="text"),
        Column("of", format="text"),
        Column("first", format="text"),
        Column("second", format="text"),
    )
    rows = [
        (one.text, one.verdict, spread(one.difference), one.quantity, one.first, one.second)
        for one in found
    ]
    held = sum(one.verdict == "supported" for one in found)
    return Table(
        f"{held} of {len(found)} statements are supported",
        columns,
        tuple(rows),
        is_sortable=False,
        note="Differences are first less second, between runs of the same seed, with 95 % "
        "intervals, each on its own: one in twenty that are zero is decided by chance. Not decided "
        "means that these runs support neither the statement nor its opposite.",
    )


def spread(interval: Interval) -> str:
    """Return an interval in percent, as text."""
    return f"{100 * interval.mean:.1f} [{100 * interval.low:.1f}, {100 * interval.high:.1f}]"


def _networks(done: Accuracy) -> Table:
    """Return one row per architecture."""
    columns = (
        Column("kind", format="text"),
        Column("layers", format="count"),
        Column("width", format="count"),
        Column("parameters", format="count"),
        Column("rate", digits=2),
        Column("epochs", "mean", digits=3),
        Column("runs at the last epoch", format="count"),
        Column("train", "%", digits=3),
        Column("validation", "%", digits=3),
        Column("test", "%, 95 %", format="text"),
    )
    rows = [_row(row(done.trained[x])) for x in done.architectures]
    at_edge = sum(row(done.trained[x])["is_rate_at_edge"] for x in done.architectures)
    note = (
        f"For {at_edge} networks the best rate is the smallest or the largest that was tried: "
        "others might be better. " if at_edge else ""
    )  # fmt: skip
    found = [row(done.trained[x])["runs_at_last_epoch"] for x in done.architectures]
    runs = len(found) * done.settings.seeds
    note += (
        f"{sum(found)} of these {runs} runs were stopped by the last epoch, not because their "
        "validation part got no better: more epochs might help them."
    )
    return Table("Every network at its best rate", columns, tuple(rows), note=note)


def _row(found: dict[str, Any]) -> tuple:
    """Return the cells of a network."""
    return (
        found["kind"], found["depth"], found["width"], found["parameters"], found["rate"],
        found["epochs"], found["runs_at_last_epoch"], 100 * found["train"]["mean"],
        100 * found["validation"],
        spread(Interval(**found["test"])),
    )  # fmt: skip


def _rates(done: Accuracy) -> Table:
    """Return the accuracy on the validation parts at every rate."""
    first = done.trained[done.architectures[0]]
    columns = (
        Column("kind", format="text"),
        Column("layers", format="count"),
        Column("width", format="count"),
        *(Column(f"rate {rate:g}", "%", digits=3) for rate in first.rates),
    )
    rows = [
        (
            one.kind, one.architecture.depth, one.architecture.widths[0],
            *(100 * np.mean(one.validation, axis=1)),
        )
        for one in (done.trained[x] for x in done.architectures)
    ]  # fmt: skip
    return Table("Accuracy on the validation parts at every rate", columns, tuple(rows))
