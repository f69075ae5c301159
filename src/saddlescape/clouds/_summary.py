"""What a cloud found, in one sentence and as JSON values."""

import dataclasses
import math
from collections import Counter
from typing import Any

import numpy as np

from saddlescape.clouds._evidence import Escapes, Spectrum, correlations
from saddlescape.clouds._run import ENDS, GRADIENT, Cloud
from saddlescape.core import Kind
from saddlescape.spectra import RankCorrelation

_LEVEL = 0.05  # of chance, above which nothing is claimed


def finding(cloud: Cloud) -> str:
    """Return what was found, in one sentence.

    Args:
        cloud: a cloud.

    Returns:
        how many distinct points of which indices, whether loss and index rise together, and what
        was rejected.
    """
    count, total = len(cloud.distinct), len(cloud.points)
    ends = Counter(cloud.ends)
    lost = (
        f"{ends['impostor']:,} gradient-flat impostors and {ends['runaway']:,} runaways were "
        "rejected"
    )
    if not count:
        return f"{total:,} searches found no critical point; {lost}."
    index = np.asarray(cloud.distinct.index)
    some = "point" if count == 1 else "points"
    told = (
        f"{total:,} searches found {count:,} distinct critical {some} of index {index.min()} to "
        f"{index.max()}"
    )
    first, *_, once = correlations(cloud).values()
    if math.isnan(first.rho):
        return f"{told}, too few to compare loss and index; {lost}."
    verb = _verb(first.rho, first.permutation_p_value)
    alone = "" if math.isnan(once.rho) else f", {once.rho:.2f} over {once.size:,} distinct losses"
    return f"{told}: {verb} (Spearman {first.rho:.2f}, p = {first.p_value:.1g}{alone}); {lost}."


def _verb(rho: float, p_value: float) -> str:
    """Return what a correlation says."""
    if p_value > _LEVEL:
        return "loss and index are not seen to rise together"
    return "the higher the loss, the more escape directions" if rho > 0 else "loss falls with index"


def summary(
    cloud: Cloud, spectra: tuple[Spectrum, ...] = (), escaped: Escapes | None = None
) -> dict[str, Any]:
    """Return a cloud as JSON values.

    Args:
        cloud: a cloud.
        spectra: tested.
        escaped: from a saddle of it.

    Returns:
        finding, ends by method, points, correlations, rates, spectra and escape times.
    """
    header = cloud.setup.header()
    return {
        "finding": finding(cloud),
        "problem": header["problem"]["name"],
        "network": header["network"],
        "num_parameters": cloud.num_parameters,
        "searches": len(cloud.points),
        "gradient_at_most": GRADIENT,
        "ends": {
            name: {end: cloud.ends_of(name)[end] for end in ENDS}
            for name in dict.fromkeys(cloud.methods)
        },
        "by_index": by_index(cloud),
        "correlations": {name: _correlation(one) for name, one in correlations(cloud).items()},
        "points": [_point(cloud, row) for row in range(len(cloud.distinct))],
        "spectra": [_spectrum(cloud, one) for one in spectra],
        "escape": None if escaped is None else _escape(escaped),
        "seconds": float(cloud.seconds.sum()),
        "seed": cloud.settings.seed,
        "command": cloud.settings.command(),
        "versions": header["versions"],
    }


def by_index(cloud: Cloud) -> list[dict[str, Any]]:
    """Return, for each index, what was found and how fast.

    Args:
        cloud: a cloud.

    Returns:
        rows with distinct points, searches that ended there, those per minute of searching, and
        the range of losses.
    """
    index, loss = np.asarray(cloud.distinct.index), np.asarray(cloud.distinct.loss)
    minutes = max(float(cloud.seconds.sum()) / 60, 1e-9)
    rows = []
    for one in np.unique(index):
        here = index == one
        found = int(cloud.counts[here].sum())
        rows.append({
            "index": int(one),
            "distinct": int(here.sum()),
            "found": found,
            "found_per_minute": found / minutes,
            "distinct_per_minute": int(here.sum()) / minutes,
            "lowest_loss": float(loss[here].min()),
            "median_loss": float(np.median(loss[here])),
            "highest_loss": float(loss[here].max()),
        })  # fmt: skip
    return rows


def _correlation(one: RankCorrelation) -> dict[str, Any]:
    """Return a correlation as JSON values."""
    told = dataclasses.asdict(one)
    return {k: v if isinstance(v, int) else _number(v) for k, v in told.items()}


def _number(value: float) -> float | None:
    """Return a number, None where there is none."""
    return None if math.isnan(value) else value


def _point(cloud: Cloud, row: int) -> dict[str, Any]:
    """Return a distinct point as JSON values."""
    point = cloud.distinct[row]
    return {
        "loss": float(point.loss),
        "index": int(point.index),
        "nullity": int(point.nullity),
        "kind": Kind(int(point.kind)).label,
        "gradient_norm": float(point.gradient_norm),
        "found": int(cloud.counts[row]),
        "copies": str(cloud.groups.copies[row]),
        "is_family": bool(cloud.groups.is_family[row]),
        "theta": np.asarray(point.theta).tolist(),
    }


def _spectrum(cloud: Cloud, one: Spectrum) -> dict[str, Any]:
    """Return a tested spectrum as JSON values."""
    point, test = cloud.distinct[one.number], one.test
    return {
        "point": one.number,
        "index": int(point.index),
        "nullity": int(point.nullity),
        "eigenvalues": one.nonzero.tolist(),
        "center": test.center,
        "radius": test.radius,
        "distance": test.distance,
        "p_value": test.p_value,
        "null_95": float(np.quantile(test.null_distances, 0.95)),
        "gap_ratio": test.ratio,
        "gap_ratio_p_value": test.ratio_p_value,
        "gap_ratio_of_random_matrices": float(np.median(test.null_ratios)),
    }


def _escape(escaped: Escapes) -> dict[str, Any]:
    """Return escape times as JSON values."""
    told = escaped.measured
    return {
        "point": escaped.number,
        "curvature": float(told.curvatures[0]),
        "rate": float(told.rule.rate),
        "leave": told.leave,
        "distances": told.distances.tolist(),
        "steps": [_number(float(steps)) for steps in told.steps[0]],
        "formula": told.line[0].tolist(),
        "exact_on_a_quadratic": told.exact[0].tolist(),
    }
