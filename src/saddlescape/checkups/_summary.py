"""A checkup as a sentence and as JSON values."""

import dataclasses
from typing import Any

from saddlescape.checkups._run import Checkup
from saddlescape.spectra import Density, Escape, Part, Trace, Verdict


def finding(found: Checkup) -> str:
    """Return the verdict as a sentence, with the way down where there is one.

    Args:
        found: a checkup.

    Returns:
        a sentence without its full stop.
    """
    told = found.verdict
    way = told.escape if told.is_critical else told.descent
    if way is None or way.drop <= 0:
        return told.sentence
    kind = "most negative curvature" if told.is_critical else "gradient"
    return (
        f"{told.sentence}; following the {kind}, the loss falls from {told.loss:.6g} to "
        f"{way.loss:.6g}"
    )


def summary(found: Checkup) -> dict[str, Any]:
    """Return a checkup as JSON values.

    Args:
        found: a checkup.

    Returns:
        a dictionary.
    """
    told = found.verdict
    return {
        "finding": finding(found),
        **verdict_values(told),
        "num_symmetries": found.num_symmetries,
        "density": _density(found.density),
        "trace": _trace(found.trace),
        "parts": [_part(part) for part in found.parts] or None,
        "theta": found.theta.tolist() if told.num_parameters <= 10_000 else None,
        "command": found.settings.command(),
        **found.setup.header(),
    }


def verdict_values(told: Verdict) -> dict[str, Any]:
    """Return a verdict as JSON values."""
    return {
        "answer": told.answer.value,
        "order": told.order,
        "is_exact": told.is_exact,
        "loss": told.loss,
        "gradient_norm": told.gradient_norm,
        "gradient_tolerance": told.gradient_tolerance,
        "flatness": told.flatness,
        "lowest": _pairs(told.lowest),
        "highest": _pairs(told.highest),
        "zero_bound": told.zero_bound,
        "nullity": told.nullity,
        "nullity_explained": told.num_explained,
        "excluded_below": told.excluded_below,
        "confidence": told.confidence,
        "escape": _way(told.escape),
        "descent": _way(told.descent),
        "layers": [{"name": name, "share": share} for name, share in told.shares],
        "num_products": told.num_products,
        "num_parameters": told.num_parameters,
        "eigenvalues": told.eigenvalues.tolist(),
        "note": told.note,
    }


def _density(found: Density | None) -> dict[str, Any] | None:
    """Return a density with its band; nodes and weights go with it."""
    if found is None:
        return None
    arrays = ("grid", "density", "lower", "upper", "nodes", "weights")
    return {
        **{name: getattr(found, name).tolist() for name in arrays},
        "width": found.width,
        "confidence": found.confidence,
        "quadrature_error": found.quadrature_error,
        "num_products": found.num_products,
    }


def _part(part: Part) -> dict[str, Any]:
    """Return one part of the Hessian."""
    return {
        "name": part.name,
        "lowest": _pairs(part.lowest),
        "highest": _pairs(part.highest),
        "trace": _trace(part.trace),
        "density": _density(part.density),
        "is_zero": part.is_zero,
        "num_products": part.num_products,
    }


def _trace(found: Trace | None) -> dict[str, float] | None:
    """Return a trace with its standard error."""
    return None if found is None else dataclasses.asdict(found)


def _pairs(pairs: Any) -> list[dict[str, float]]:
    """Return eigenvalues with their bounds."""
    told = zip(pairs.values.tolist(), pairs.bounds.tolist(), strict=True)
    return [{"value": value, "error": bound} for value, bound in told]


def _way(way: Escape | None) -> dict[str, float] | None:
    """Return a way down without its vector."""
    if way is None:
        return None
    return {"curvature": way.curvature, "step": way.step, "loss": way.loss, "drop": way.drop}
