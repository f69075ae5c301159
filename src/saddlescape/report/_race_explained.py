"""Why optimizers do what they do: saddles left, noise, minibatch landscapes, flows, the lecture."""

import numpy as np

from saddlescape.optimizers import Momentum, known_optima, radius_map
from saddlescape.races import Explanation, Races
from saddlescape.report._figures import (
    Axis,
    Column,
    Contours,
    Curve,
    Figure,
    Layer,
    Lines,
    Points,
    Section,
    Table,
)
from saddlescape.report._numbers import number

_CONDITION = 100.0
_MOST_ROWS = 40


def explained(races: Races, found: Explanation) -> tuple[Section, ...]:
    """Return the sections that explain a race."""
    return (
        *_escapes(races, found),
        *_noise(found),
        *_minibatches(races, found),
        _flows(races, found),
        _lecture(found),
    )


def _escapes(races: Races, found: Explanation) -> tuple[Section, ...]:
    """Return how long each optimizer stays beside a saddle."""
    if not found.escapes:
        return ()
    text = (
        f"Every optimizer at its best rate was set beside a saddle ({found.saddle_source}), on the "
        "eigenvector of its most negative eigenvalue."
    )
    figures = (escape_figure(races, found), quadratic_figure())
    return (Section("Leaving a saddle", text, figures=figures),)


def escape_figure(races: Races, found: Explanation) -> Figure:
    """Return the steps to leave the saddle over the distance of the start from it."""
    layers: list[Layer] = []
    marks: list[Layer] = []
    growth = []
    for tone, (near, flat) in enumerate(zip(found.escapes, found.quadratic_escapes, strict=True)):
        name = races.names[tone]
        layers.append(Curve(flat.distances, flat.steps[0], "", tone))
        told = [f"{name}: {number(step, 4)} steps" for step in near.steps[0]]
        marks.append(Points(near.distances, near.steps[0], name, tone, notes=told))
        if np.isfinite(near.steps[0][[0, -1]]).all():
            growth.append((near.steps[0][-1] - near.steps[0][0], name))
    plain = next((one for one in found.quadratic_escapes if one.rule.name == "gradient-descent"),
                 None)  # fmt: skip
    theory: list[Layer] = []
    if plain is not None:
        line = plain.line[0]
        theory.append(
            Lines(
                np.stack([plain.distances[:-1], line[:-1], plain.distances[1:], line[1:]], axis=1),
                "theory",
                -1,
                is_dashed=True,
            )
        )
    title = "Steps to leave a saddle, by the distance of the start"
    if len(growth) > 1:
        most, least = max(growth), min(growth)
        title = (
            f"A start 100,000 times nearer to the saddle costs {most[1]} {number(most[0], 3)} "
            f"steps more, {least[1]} {number(least[0], 3)}"
        )
    curvature = number(float(found.escapes[0].curvatures[0]), 3)
    return Figure(
        title=title,
        x_axis=Axis("distance e of the start from the saddle", "parameters", scale="log"),
        y_axis=Axis(f"steps until it is {found.escapes[0].leave:g} away", scale="log"),
        layers=(*theory, *layers, *marks),
        caption=f"Marks: measured at the saddle, whose lowest eigenvalue is {curvature}. Lines: "
        "measured on a quadratic saddle of that curvature; broken and black: ln("
        f"{found.escapes[0].leave:g} / e) / (rate |lambda|), the theory for gradient descent.",
        height=440,
    )


def quadratic_figure() -> Figure:
    """Return the spectral radius of momentum over rate and momentum, with the best by formula."""
    rates, momenta = np.geomspace(3e-3, 0.04, 181), np.linspace(0, 0.99, 133)
    curvatures = np.geomspace(1.0, _CONDITION, 50)
    swept = radius_map(Momentum(), curvatures, rates, momenta)
    rate, momentum, radius = swept.best
    ball = next(one for one in known_optima(1.0, _CONDITION) if isinstance(one.rule, Momentum))
    formula = float(ball.rule.rate), float(getattr(ball.rule, "momentum"))  # noqa: B009
    shown = np.where(swept.radius < 1, swept.radius, np.nan)
    return Figure(
        title=f"On a valley of condition {_CONDITION:g} momentum contracts fastest at the known "
        f"formula: {number(ball.radius, 4)} a step; best of the sweep {number(radius, 4)}",
        x_axis=Axis("learning rate", scale="log"),
        y_axis=Axis("momentum"),
        layers=(
            Contours(rates, momenta, shown.T, "distance kept in a step",
                     levels=(0.82, 0.84, 0.87, 0.9, 0.93, 0.96, 0.98, 0.99)),
            Points([rate], [momentum], "best of the sweep", 1),
            Points([formula[0]], [formula[1]], "Polyak's formula", 2),
        ),
        caption="The spectral radius of the iteration on a quadratic with curvatures from 1 to "
        f"{_CONDITION:g}, the slowest of which decides. Blank: it diverges. {ball.source}.",
        height=440,
    )  # fmt: skip


def _noise(found: Explanation) -> tuple[Section, ...]:
    """Return signal and noise of every parameter's gradient."""
    noise = found.noise
    if noise is None:
        return ()
    signal = np.abs(noise.signal_to_noise)
    size, root = np.abs(noise.mean), np.sqrt(noise.second_moment)
    good = (size > 0) & (root > 0)
    share = float(np.mean(signal[good] < 0.5)) if good.any() else 0.0
    low, high = (float(f(root[good])) if good.any() else 1.0 for f in (np.min, np.max))
    figure = Figure(
        title=f"{number(100 * share, 3)} % of the parameters have a gradient that is mostly noise",
        x_axis=Axis("root of the second moment of the gradient", "loss per parameter", "log"),
        y_axis=Axis("size of its mean", "loss per parameter", "log"),
        layers=(
            Lines([(low, low, high, high)], "no noise", -1, is_dashed=True),
            Points(root[good], size[good], "parameter", 0,
                   notes=[f"parameter {i}" for i in np.flatnonzero(good)]),
        ),
        caption=f"Over {noise.count} minibatches of {found.batch} samples, halfway along the first "
        "path. Mostly noise: the mean is less than half of the root of the second moment, by which "
        "RMSProp and Adam divide.",
        height=420,
    )  # fmt: skip
    columns = (
        Column("parameter", format="count"),
        Column("mean", "loss per parameter", digits=3),
        Column("second moment", "squared", digits=3),
        Column("variance", "squared", digits=3),
        Column("mean / second moment", digits=3),
        Column("mean / root", digits=3, note="the size of a step in units of the rate"),
    )
    order = np.argsort(-np.nan_to_num(signal))[:_MOST_ROWS]
    fields = (noise.mean, noise.second_moment, noise.variance, noise.ratio, noise.signal_to_noise)
    rows = [(int(i), *(_finite(float(field[i])) for field in fields)) for i in order]
    cut = f" The {_MOST_ROWS} least noisy of {len(signal)}." if len(signal) > _MOST_ROWS else ""
    table = Table(
        "Signal and noise of every parameter's gradient", columns, tuple(rows),
        note="The second moment is the mean of the squares, not the variance." + cut,
    )  # fmt: skip
    return (Section("Signal and noise", figures=(figure,), tables=(table,)),)


def _finite(value: float) -> float | None:
    """Return a number, None where it is not finite."""
    return value if np.isfinite(value) else None


def _minibatches(races: Races, found: Explanation) -> tuple[Section, ...]:
    """Return where minibatches have their minima, and where they point."""
    points = found.points
    if points is None:
        return ()
    good = points.converged & ~points.index_changed
    columns = (
        Column("minimum", format="count"),
        Column("loss", "of all samples", digits=4),
        Column("minima of minibatches", "found", format="text"),
        Column("moved", "median, parameters", digits=3),
        Column("moved", "most", digits=3),
        Column("ended at a saddle", format="count"),
        Column("flat directions", "most", format="count"),
    )
    count = len(points.points)
    rows = [
        (
            i, float(points.full.loss[i]), f"{int(good[:, i].sum())} of {count}",
            *((float(np.median(moved)), float(moved.max())) if moved.size else (None, None)),
            int(points.index_changed[:, i].sum()), int(points.nullity[:, i].max()),
        )
        for i, moved in enumerate(points.moved[good[:, i], i] for i in range(good.shape[1]))
    ]  # fmt: skip
    table = Table(
        "Where the minima are in the landscapes of minibatches", columns, tuple(rows),
        note=f"{count} minibatches of {found.batch} samples; their critical points are found by "
        "Newton's method from the minima of all samples, and classified. Copies of a minimum under "
        "a permutation of neurons count each.",
    )  # fmt: skip
    figures = () if found.pointing is None else (pointing_figure(races, found),)
    return (Section("The landscapes of minibatches", figures=figures, tables=(table,)),)


def pointing_figure(races: Races, found: Explanation) -> Figure:
    """Return how many minibatches point to another minimum than all samples, along the path."""
    assert found.pointing is not None  # noqa: S101 - the caller has looked
    share = found.pointing.disagreement
    steps = races.trajectories[0].steps[: len(share)]
    where = np.linspace(0, len(share) - 1, min(len(share), 12)).round().astype(int)
    mean = 100 * float(share.mean())
    return Figure(
        title=f"{number(mean, 3)} % of the minibatches point to another minimum than all samples",
        x_axis=Axis("steps", scale="log"),
        y_axis=Axis("minibatches that point elsewhere", "share", limits=(0, 1.02)),
        layers=(Curve(steps, share, "", 0), Points(steps[where], share[where], races.names[0], 0)),
        caption=f"Along the path of {races.names[0]} from the first start: the minimum to which "
        "the straight way has the largest cosine with the negative gradient.",
        height=340,
    )


def _flows(races: Races, found: Explanation) -> Section:
    """Return how the optimizers approach their flows."""
    layers: list[Layer] = []
    columns = (
        Column("optimizer", format="text"),
        Column("order", "to its own flow", digits=4, note="error ~ rate to this power"),
        Column("error", "at the smallest rate", digits=3),
        Column("order", "to the gradient flow", digits=4),
        Column("error", "from the gradient flow", digits=3),
    )
    rows = []
    for tone, (name, one) in enumerate(zip(races.names, found.approaches, strict=True)):
        layers.append(Curve(one.rates, one.errors, "", tone))
        layers.append(Points(one.rates, one.errors, name, tone))
        told = (one.orders[-1], one.errors[-1], one.gradient_flow_orders[-1])
        rows.append((name, *map(_finite, (*told, one.gradient_flow_errors[-1]))))
    own, plain = (sum(row[place] is not None and row[place] > 0.5 for row in rows)
                  for place in (1, 3))  # fmt: skip
    figure = Figure(
        title=f"{plain} of {len(rows)} optimizers approach the gradient flow as the rate goes to "
        f"0; {own} approach the flow of their own",
        x_axis=Axis("learning rate", scale="log"),
        y_axis=Axis("distance from its own flow", "parameters", scale="log"),
        layers=tuple(layers),
        caption="The largest component of the difference, at one time, from the flow that the rule "
        "follows at rate 0: the gradient flow for linear rules. Runs have 250 to 2,000 steps; the "
        "order shows where those are many beside 1 / (1 - decay), 1,000 for Adam.",
        height=420,
    )
    table = Table("The observed order", columns, tuple(rows),
                  note="The flow is integrated with its error controlled (order 8).")  # fmt: skip
    return Section("As the rate goes to 0", figures=(figure,), tables=(table,))


def _lecture(found: Explanation) -> Section:
    """Return the statements of the lecture beside what was measured."""
    columns = (
        Column("claim", format="text"),
        Column("the lecture says", format="text"),
        Column("it holds this for", format="text"),
        Column("measured", format="text", note="true, false, or not supported by this landscape"),
        Column("numbers", format="text"),
        Column("how", format="text"),
    )
    rows = [
        (one.claim, one.statement, "true" if one.said else "false", one.verdict, one.measured,
         one.method)
        for one in found.evidence
    ]  # fmt: skip
    agree = sum(one.agrees for one in found.evidence)
    title = f"{agree} of {len(rows)} statements are measured as the lecture says"
    return Section("What the lecture says", tables=(Table(title, columns, tuple(rows)),))
