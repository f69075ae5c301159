"""Diagnoses and explanations as JSON values."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from saddlescape.optimizers import known_optima
from saddlescape.races._diagnosis import Diagnosis
from saddlescape.races._explanation import Explanation
from saddlescape.races._run import Races


def told_diagnosis(found: Diagnosis) -> dict[str, Any]:
    """Return a diagnosis as JSON values.

    Args:
        found: of one optimizer.

    Returns:
        its fields, numbers that are not finite as None.
    """
    return {field.name: plain(getattr(found, field.name)) for field in dataclasses.fields(found)}


def told_explanation(races: Races, found: Explanation) -> dict[str, Any]:
    """Return an explanation as JSON values.

    Args:
        races: the race it explains.
        found: the explanation.

    Returns:
        saddle, escapes, approaches, noise, minibatches, evidence.
    """
    return plain({
        "saddle": {"source": found.saddle_source, "theta": found.saddle},
        "escapes": [
            {
                "optimizer": name,
                "curvature": float(near.curvatures[0]),
                "distances": near.distances,
                "leave": near.leave,
                "steps": near.steps[0],
                "steps_on_quadratic": quadratic.steps[0],
                "theory": quadratic.line[0],
                "exact": quadratic.exact[0],
                "alignment": near.alignment[0],
            }
            for name, near, quadratic in zip(
                races.names[: len(found.escapes)],
                found.escapes,
                found.quadratic_escapes,
                strict=True,
            )
        ],
        "approach_to_flow": [
            {
                "optimizer": name,
                "time": one.time,
                "rates": one.rates,
                "errors": one.errors,
                "orders": one.orders,
                "gradient_flow_errors": one.gradient_flow_errors,
                "gradient_flow_orders": one.gradient_flow_orders,
            }
            for name, one in zip(races.names, found.approaches, strict=True)
        ],
        "best_on_quadratic": [
            {"rule": one.rule.name, "radius": one.radius, "source": one.source}
            for one in known_optima(1.0, 100.0)
        ],
        "minibatches": _minibatches(found),
        "evidence": [{**dataclasses.asdict(one), "agrees": one.agrees} for one in found.evidence],
    })  # fmt: skip


def _minibatches(found: Explanation) -> dict[str, Any] | None:
    """Return what minibatches show as JSON values."""
    if found.noise is None:
        return None
    told: dict[str, Any] = {"samples": found.batch, "gradient": _noise(found)}
    if found.points is not None:
        points = found.points
        told["critical_points"] = {
            "of_minima": np.asarray(points.full.loss),
            "converged": points.converged,
            "moved": points.moved,
            "index": points.index,
            "nullity": points.nullity,
        }
    if found.pointing is not None:
        told["disagreement"] = found.pointing.disagreement
    return told


def _noise(found: Explanation) -> dict[str, Any]:
    """Return signal and noise of each parameter."""
    noise = found.noise
    names = ("mean", "second_moment", "variance", "ratio", "signal_to_noise", "count")
    return {name: getattr(noise, name) for name in names}


def plain(value: Any) -> Any:
    """Return what JSON can hold: lists for arrays, None for numbers that are not finite.

    Args:
        value: of dictionaries, sequences, arrays and numbers.

    Returns:
        the same in plain values.
    """
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        return plain(value.tolist())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain(one) for one in value]
    return None if isinstance(value, float) and not np.isfinite(value) else value
