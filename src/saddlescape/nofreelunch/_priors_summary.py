"""What priors change, as words and as values for JSON; all of it estimates with intervals."""

from typing import Any

from saddlescape.nofreelunch._noisier import NoisierTable
from saddlescape.nofreelunch._priors import Estimate, PriorsTable, estimate

PUBLISHED = {
    "logistic": (32.0, 32.0),
    "dense 100-100": (68.0, 68.0),
    "convolutional": (94.0, 56.0),
}
"""Test accuracies on MNIST-1D in percent, as it is and shuffled: Greydanus & Kobak (2024)."""


def said(value: Estimate, scale: float = 100.0, digits: int = 1) -> str:
    """Return an estimate with its interval.

    Args:
        value: the estimate.
        scale: multiplies it.
        digits: after the point.

    Returns:
        text.

    Example:
        >>> said(Estimate(0.917, 0.012))
        '91.7 ± 1.2'
    """
    text = f"{scale * value.mean:.{digits}f}"
    return text if value.half_width is None else f"{text} ± {scale * value.half_width:.{digits}f}"


def rivals(table: PriorsTable) -> tuple[int, int]:
    """Return the convolutional classifier, and the other one closest in parameters.

    Args:
        table: what `priors` returned.

    Returns:
        their numbers; the last and the first where there is no convolutional one.
    """
    names = [one.name for one in table.classifiers]
    first = names.index("convolutional") if "convolutional" in names else len(names) - 1
    others = [i for i in range(len(names)) if i != first] or [first]
    sizes = table.num_parameters
    return first, min(others, key=lambda i: abs(sizes[i] - sizes[first]))


def priors_finding(table: PriorsTable, noisy: NoisierTable) -> str:
    """Return what was found, in two sentences.

    Args:
        table: what `priors` returned.
        noisy: what `noisier` returned.

    Returns:
        the gain of the prior that fits, in order and scrambled; what each class calls noise.
    """
    first, second = rivals(table)
    plain, scrambled = (table.gain(first, second, is_scrambled=way) for way in (False, True))
    a, b = table.classifiers[first].name, table.classifiers[second].name
    (_, _), (noise, none) = noisy.errors
    factor = noise.mean / max(none.mean, 1e-300)
    second_part = (
        "Of two data sets that look equally noisy to smooth functions one is free of noise to "
        "another class."
        if factor > 1e6
        else f"Of two data sets one looks {factor:.3g} times as noisy as the other to one class."
    )
    return (
        f"The {a} network is {said(plain)} points ahead of {b}, of as many parameters, and "
        f"{said(scrambled)} points once the coordinates are scrambled. {second_part}"
    )


def priors_summary(table: PriorsTable, noisy: NoisierTable) -> dict[str, Any]:
    """Return both experiments as values for JSON.

    Args:
        table: what `priors` returned.
        noisy: what `noisier` returned.

    Returns:
        estimates with the half widths of 95 % intervals; accuracies in percent.
    """
    first, second = rivals(table)
    return {
        "finding": priors_finding(table, noisy),
        "steps": table.steps,
        "classifiers": [
            {
                "name": one.name, "description": one.description,
                "parameters": table.num_parameters[i],
                "plain": _accuracies(table.plain[i]), "scrambled": _accuracies(table.scrambled[i]),
                "train_plain": _accuracies(table.train[0, i]),
                "train_scrambled": _accuracies(table.train[1, i]),
                "published": dict(zip(("plain", "scrambled"), PUBLISHED[one.name], strict=True))
                if one.name in PUBLISHED else None,
            }
            for i, one in enumerate(table.classifiers)
        ],
        "gain": {
            "of": table.classifiers[first].name, "over": table.classifiers[second].name,
            "plain": _told(table.gain(first, second, is_scrambled=False), 100.0),
            "scrambled": _told(table.gain(first, second, is_scrambled=True), 100.0),
        },
        "noisier": {
            "noise_variance": noisy.noise_variance,
            "cross_validated_errors": [
                {"functions": kind, "data": data, **_told(noisy.errors[i][j])}
                for i, kind in enumerate(("smooth", "smooth plus a wave"))
                for j, data in enumerate(("noisy", "hidden wave"))
            ],
        },
    }  # fmt: skip


def _accuracies(values: Any) -> dict[str, Any]:
    """Return accuracies in percent, with their interval."""
    return {**_told(estimate(values), 100.0), "each": [100 * float(value) for value in values]}


def _told(value: Estimate, scale: float = 1.0) -> dict[str, Any]:
    """Return an estimate as values for JSON."""
    half = None if value.half_width is None else scale * value.half_width
    return {"mean": scale * value.mean, "half_width": half}
