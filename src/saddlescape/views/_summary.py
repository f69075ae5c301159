"""Slices as sentences and as JSON values."""

from typing import Any

import numpy as np
from jaxtyping import Float

from saddlescape.slices import Barrier, QuadraticModel, RelaxedSlice, Slice, barrier
from saddlescape.views._run import View, Walk


def finding(view: View) -> str:
    """Return what the slices show, as sentences joined by semicolons.

    Args:
        view: slices that were computed.

    Returns:
        text without its full stop.
    """
    if view.walk is not None:
        return _walked(view.walk)
    told = [slice_finding(view, number) for number in range(len(view.cuts))]
    return "; ".join(told)


def slice_finding(view: View, number: int) -> str:
    """Return what one slice shows.

    Args:
        view: slices that were computed.
        number: which.

    Returns:
        a sentence without its full stop.
    """
    cut, model = view.cuts[number], view.models[number]
    relaxed = view.relaxed[number] if view.relaxed else None
    if view.settings.is_between:
        told = _barrier_told(cut, relaxed)
    elif len(cut.coordinates) == 1:
        told = _line_told(cut, model, relaxed)
    else:
        told = _plane_told(cut, relaxed)
    lost = cut.num_not_finite
    return f"{told}; {lost:,} of {cut.losses.size:,} losses are not finite" if lost else told


def _line_told(cut: Slice, model: QuadraticModel, relaxed: RelaxedSlice | None) -> str:
    """Return how far the loss rises along a line, beside the quadratic model."""
    low, high = cut.coordinates[0][[0, -1]]
    name = _with_article(cut.directions.names[0])
    told = f"Along {name} the loss changes by {_changes(cut, cut.losses)}"
    quadratic = model.at(cut.places[[0, -1]]) - model.loss
    told += (
        f" at {low:.3g} and {high:.3g} (quadratic model {quadratic[0]:+.3g}, {quadratic[1]:+.3g}"
    )
    if relaxed is not None:
        told += f"; all else relaxed {_changes(cut, relaxed.losses, ', ')}"
    return f"{told}), {_lowest_told(cut, cut.losses, cut.lowest)}"


def _with_article(name: str) -> str:
    """Return the name of a direction within a sentence; a numbered one goes without article."""
    return name if name[-1].isdigit() and name.startswith("random") else f"the {name}"


def _changes(cut: Slice, losses: Float[np.ndarray, " _"], between: str = " and ") -> str:
    """Return how far the loss is above that of the centre at both ends."""
    return between.join(f"{loss - cut.loss:+.3g}" for loss in losses[[0, -1]])


def _plane_told(cut: Slice, relaxed: RelaxedSlice | None) -> str:
    """Return the range of the losses in a plane."""
    names = " and ".join(map(_with_article, cut.directions.names))
    told = f"In the plane of {names} the loss {_range_told(cut.losses)}"
    told += f", {_lowest_told(cut, cut.losses, cut.lowest)}"
    if relaxed is not None:
        told += f"; with all else relaxed it {_range_told(relaxed.losses)}"
    return told


def _range_told(losses: Float[np.ndarray, "..."]) -> str:
    """Return the lowest and the highest finite loss."""
    finite = losses[np.isfinite(losses)]
    if not len(finite):
        return "is nowhere finite"
    return f"goes from {finite.min():.4g} to {finite.max():.4g}"


def _lowest_told(cut: Slice, losses: Float[np.ndarray, "..."], place: tuple[int, ...]) -> str:
    """Return where the lowest loss is."""
    if place == cut.centre:
        return f"nowhere below the {cut.loss:.4g} of the centre"
    at = ", ".join(f"{value:.3g}" for value in cut.at(place))
    drop = cut.loss - float(losses[place])
    return f"lowest at ({at}), {drop:.3g} below the {cut.loss:.4g} of the centre"


def _barrier_told(cut: Slice, relaxed: RelaxedSlice | None) -> str:
    """Return the barrier between two checkpoints."""
    plain = barrier(cut)
    name = cut.directions.names[0].capitalize()
    told = f"{name} the barrier is {plain.height:.4g}, at {plain.at:.3g} of the way"
    if plain.height == 0:
        told = f"{name} there is no barrier"
    told += f"; the ends have loss {plain.ends[0]:.4g} and {plain.ends[1]:.4g}"
    if relaxed is not None:
        told += f"; with all else relaxed the barrier is {barrier(cut, relaxed.losses).height:.4g}"
    return told


def _walked(walk: Walk) -> str:
    """Return how near a trajectory is to its plane, and what that does to the loss."""
    farthest = float(np.nanmax(walk.distances))
    ratio = worst_ratio(walk)
    told = (
        f"The plane holds {100 * walk.plane.shares.sum():.3g} % of the variance of the trajectory, "
        f"which runs up to {farthest:.3g} beside it"
    )
    if ratio is None:
        return told
    return f"{told}; the loss in the plane is off by up to {ratio:.3g} times from the true one"


def worst_ratio(walk: Walk) -> float | None:
    """Return the largest ratio between the losses in the plane and the true ones.

    Args:
        walk: a trajectory beside its plane.

    Returns:
        at least 1; None where a loss is not positive and finite.
    """
    both = np.stack([walk.losses, walk.foot_losses])
    if not (np.isfinite(both).all() and (both > 0).all()):
        return None
    return float(np.exp(np.abs(np.log(both[0] / both[1])).max()))


def summary(view: View) -> dict[str, Any]:
    """Return slices as JSON values.

    Args:
        view: slices that were computed.

    Returns:
        a dictionary; losses that are not finite are the words nan and inf.
    """
    return {
        "finding": finding(view),
        "slices": [_cut(view, number) for number in range(len(view.cuts))],
        "trajectory": None if view.walk is None else _walk(view.walk),
        "num_unreached": view.num_unreached,
        "num_parameters": view.setup.landscape.num_parameters,
        "command": view.settings.command(),
        **view.setup.header(),
    }


def _cut(view: View, number: int) -> dict[str, Any]:
    """Return one slice."""
    cut, model = view.cuts[number], view.models[number]
    relaxed = view.relaxed[number] if view.relaxed else None
    told = {
        "finding": slice_finding(view, number),
        "directions": list(cut.directions.names),
        "source": cut.directions.source,
        "cosine": cut.directions.cosine,
        "loss": _json(model.loss),
        "gradient_norm": _json(model.gradient_norm),
        "slope": _json(model.slope),
        "curvature": _json(model.curvature),
        "coordinates": _json(cut.coordinates),
        "losses": _json(cut.losses),
        "lowest": {"at": cut.at(cut.lowest), "loss": _json(cut.losses[cut.lowest])},
        "num_not_finite": cut.num_not_finite,
        "barrier": None,
        "relaxed": None,
    }
    if relaxed is not None:
        told["relaxed"] = {
            "losses": _json(relaxed.losses),
            "gradient_norm": _json(relaxed.gradient_norm),
            "distance": _json(relaxed.distance),
            "tolerance": relaxed.tolerance,
            "method": relaxed.method,
            "num_unreached": relaxed.num_unreached,
        }
    if view.settings.is_between:
        told["barrier"] = _barrier(barrier(cut))
        if relaxed is not None:
            told["relaxed"]["barrier"] = _barrier(barrier(cut, relaxed.losses))
    return told


def _barrier(found: Barrier) -> dict[str, Any]:
    """Return a barrier."""
    return {"height": _json(found.height), "at": found.at, "ends": _json(found.ends)}


def _walk(walk: Walk) -> dict[str, Any]:
    """Return a trajectory without its parameters."""
    return {
        "shares": _json(walk.plane.shares),
        "coordinates": _json(walk.coordinates),
        "distances": _json(walk.distances),
        "losses": _json(walk.losses),
        "foot_losses": _json(walk.foot_losses),
    }


def _json(value: Any) -> Any:
    """Return numbers as JSON has them; those that it lacks as words."""
    if isinstance(value, tuple | list):
        return [_json(one) for one in value]
    if isinstance(value, np.ndarray):
        return _json(value.tolist())
    number = float(value)
    return number if np.isfinite(number) else str(number)


def arrays(view: View) -> dict[str, Any]:
    """Return everything that was computed, as arrays for an npz file.

    Args:
        view: slices that were computed.

    Returns:
        arrays by name; those of the second of two lines end in ``_2``.
    """
    told: dict[str, Any] = {}
    for number, cut in enumerate(view.cuts):
        end = f"_{number + 1}" if number else ""
        told |= {f"origin{end}": cut.origin, f"directions{end}": cut.directions.rows}
        told |= {f"coordinates{end}_{i}": along for i, along in enumerate(cut.coordinates)}
        told[f"losses{end}"] = cut.losses
        if view.relaxed:
            one = view.relaxed[number]
            told |= {f"relaxed{end}": one.losses, f"offsets{end}": one.offsets}
            told[f"projected_gradient{end}"] = one.gradient_norm
    if view.walk is not None:
        told |= {"trajectory": view.walk.coordinates, "distances": view.walk.distances}
        told |= {"true_losses": view.walk.losses, "foot_losses": view.walk.foot_losses}
    return told
