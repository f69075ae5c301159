"""Why optimizers are fast or slow, as pictures: sharpness, effective rates, oscillation."""

from collections.abc import Sequence

import numpy as np

from saddlescape.races import Diagnosis
from saddlescape.report._figures import Axis, Curve, Figure, Layer, Lines, Points
from saddlescape.report._numbers import number

_MARKS = 12
_CURVATURE = "curvature: size of the Hessian eigenvalue"
_UNIT = "loss per parameter squared"


def stability_figure(found: Sequence[Diagnosis]) -> Figure:
    """Return the sharpness as a share of what each optimizer can bear, step by step."""
    layers: list[Layer] = []
    marks: list[Layer] = []
    over, ends = [], []
    for tone, one in enumerate(found):
        share = one.sharpness / one.bound
        shown = np.where(share > 0, share, np.nan)
        layers.append(Curve(one.steps, shown, "", tone))
        chosen = np.unique(np.linspace(0, len(shown) - 1, _MARKS).astype(int))
        told = [
            f"{one.name}: sharpness {number(float(s), 3)}, bound {number(one.bound, 3)}"
            for s in one.sharpness[chosen]
        ]
        marks.append(Points(one.steps[chosen], shown[chosen], one.name, tone, notes=told))
        if (share > 1).any():
            over.append(one.name)
        ends.append((float(share[-1]), one.name))
    first = min(int(one.steps[0]) for one in found)
    last = max(int(one.steps[-1]) for one in found)
    edge = Lines([(first, 1, last, 1)], "edge of stability", -1, is_dashed=True,
                 labels=["edge of stability"])  # fmt: skip
    nearest = min(ends, key=lambda pair: abs(np.log(abs(pair[0]) or 1e-300)))
    title = f"{nearest[1]} ends nearest to its edge of stability, at {number(nearest[0], 2)} of it"
    passed = f"; {' and '.join(over)} went beyond theirs" if over else "; none went beyond its own"
    return Figure(
        title=title + passed,
        x_axis=Axis("steps", scale="log"),
        y_axis=Axis("sharpness over the largest that is stable", scale="log"),
        layers=(edge, *layers, *marks),
        caption="The largest Hessian eigenvalue, scaled as the optimizer scales gradients, over "
        "its bound: 2 / rate for gradient descent, 2 (1 + momentum) / rate for momentum. Beyond 1 "
        "it would diverge on the quadratic that touches the loss there.",
        height=420,
    )


def effective_rates_figure(found: Sequence[Diagnosis]) -> Figure:
    """Return how far a step goes per unit of slope, in boring and in steep directions."""
    layers: list[Layer] = []
    gains = []
    for tone, one in enumerate(found):
        size, rate = np.abs(one.curvatures), one.effective_rates
        good = (size > 0) & np.isfinite(rate) & (rate > 0)
        layers.append(Points(size[good], rate[good], one.name, tone))
        steep = size >= 0.1 * size.max()
        if (good & steep).any() and (good & ~steep).any():
            gain = float(np.median(rate[good & ~steep]) / np.median(rate[good & steep]))
            gains.append((gain, one.name))
    title = "Effective learning rates in directions of every curvature"
    if gains:
        gain, name = max(gains)
        title = (
            f"{name} favours boring directions most: its effective rate there is "
            f"{number(gain, 2)} times that in steep ones"
        )
    return Figure(
        title=title,
        x_axis=Axis(_CURVATURE, _UNIT, scale="log"),
        y_axis=Axis("effective rate: step over slope", "parameter squared per loss", scale="log"),
        layers=tuple(layers),
        caption="Along each eigen-direction of the Hessian at the end of the path, over all steps. "
        "Steep directions have at least a tenth of the largest curvature. Rates against the slope "
        "are not drawn.",
        height=420,
    )


def oscillation_figure(found: Sequence[Diagnosis]) -> Figure:
    """Return how often steps turn round, in directions of every curvature."""
    layers: list[Layer] = []
    most = []
    for tone, one in enumerate(found):
        size = np.abs(one.curvatures)
        good = (size > 0) & np.isfinite(one.turns)
        layers.append(Points(size[good], one.turns[good], one.name, tone))
        if good.any():
            most.append((float(one.turns[good][size[good].argmax()]), one.name))
    share, name = max(most, default=(0.0, found[0].name))
    return Figure(
        title=f"Across the steepest direction {name} turns most often: in "
        f"{100 * share:.0f} % of its steps",
        x_axis=Axis(_CURVATURE, _UNIT, scale="log"),
        y_axis=Axis("share of steps that go back on the one before", limits=(-0.03, 1.03)),
        layers=tuple(layers),
        caption="1: every step turns round; 0: all go one way.",
        height=420,
    )
