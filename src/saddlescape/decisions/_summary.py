"""A network opened, as a sentence and as JSON values."""

from typing import Any

import numpy as np

from saddlescape.decisions._along import Along
from saddlescape.decisions._run import Decision
from saddlescape.decisions._views import LayerView


def finding(found: Decision) -> str:
    """Return what the pictures show, as a sentence.

    Args:
        found: a network opened.

    Returns:
        a sentence without its full stop.
    """
    learned = found.learned
    shape = "-".join(map(str, learned.widths))
    pieces = sum(map(len, found.surface.values()))
    where = "" if found.plane.is_whole else f" in {found.plane.shown}"
    kind = "straight pieces" if learned.is_relu else "short segments"
    data = found.setup.problem.data
    has_classes = data is None or data.is_classification
    parted = "the classes" if has_classes else "above from below the mean target"
    words = f"{pieces:,} {kind} part {parted}{where}"
    if not pieces:
        words = f"nothing parts {parted}{where}"
    if found.regions is not None:
        words = f"{found.regions.num_regions:,} linear regions, {words}"
    names = " and ".join(sorted({g.name for g in learned.activations}))
    done = "labels" if has_classes else "puts"
    how = "rightly" if has_classes else "on the right side of their mean"
    return (
        f"The {names} network {shape} {done} {found.accuracy:.1%} of {len(found.labels):,} "
        f"samples {how}: {words}"
    )


def summary(found: Decision) -> dict[str, Any]:
    """Return a network opened as JSON values.

    Args:
        found: a network opened.

    Returns:
        a dictionary.
    """
    cells = found.regions
    return {
        "finding": finding(found),
        "widths": list(found.learned.widths),
        "activations": [g.name for g in found.learned.activations],
        "loss": found.loss,
        "accuracy": found.accuracy,
        "level": found.learned.level,
        "plane": {
            "shown": found.plane.shown,
            "frame": found.plane.frame.tolist(),
            "box": [list(limits) for limits in found.plane.box],
        },
        "regions": None if cells is None else cells.num_regions,
        "surface": [
            {"classes": list(pair), "segments": segments.tolist()}
            for pair, segments in found.surface.items()
        ],
        "layers": [_layer(view) for view in found.views],
        "zero_sets": [[s.tolist() for s in layer] for layer in found.zeros],
        "along": _along(found.along),
        "command": found.settings.command(),
        **found.setup.header(),
    }


def growth_finding(told: Along) -> str:
    """Return how the number of regions changed along training, as a sentence.

    Args:
        told: the counts.

    Returns:
        a sentence without its full stop.
    """
    first, last, most = (int(n) for n in (told.counts[0], told.counts[-1], told.counts.max()))
    kind = "grows" if last > first else "falls" if last < first else "stays"
    return (
        f"Along training the number of regions {kind} from {first:,} to {last:,} (most {most:,}), "
        f"the loss falls from {told.losses[0]:.3g} to {told.losses[-1]:.3g}"
    )


def _along(told: Along | None) -> dict[str, Any] | None:
    """Return the counts along training as JSON values."""
    if told is None:
        return None
    both = {"plane": told.bounds, "line": told.line_bounds}
    return {
        "finding": growth_finding(told),
        "steps": told.steps.tolist(),
        "losses": told.losses.tolist(),
        "regions": told.counts.tolist(),
        "regions_on_segment": told.crossed.tolist(),
        "segment": told.ends.tolist(),
        "bounds": {
            name: {
                "reachable": None if b.reachable is None else str(b.reachable),
                "upper": str(b.upper),
                "typical": float(b.typical),
            }
            for name, b in both.items()
        },
    }


def _layer(view: LayerView) -> dict[str, Any]:
    """Return a layer as JSON values."""
    lengths = np.linalg.norm(view.planes.weights, axis=1)
    return {
        "number": view.number,
        "is_readout": view.is_readout,
        "weights": view.planes.weights.tolist(),
        "biases": view.planes.biases.tolist(),
        "distances": [
            float(b / size) if size else None
            for b, size in zip(view.planes.biases, lengths, strict=True)
        ],
        "active": view.active.tolist(),
        "shown": view.plane.shown,
        "variance_shown": view.plane.share,
        "sides_shown_rightly": view.agreement,
    }
