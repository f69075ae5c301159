"""A network opened, as a sentence and as JSON values."""

from typing import Any

import numpy as np

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
    words = f"{pieces:,} {kind} part the classes{where}"
    if not pieces:
        words = f"no two classes part{where}"
    if found.regions is not None:
        words = f"{found.regions.num_regions:,} linear regions, {words}"
    names = sorted({g.name for g in learned.activations})
    return (
        f"{' and '.join(names)} network {shape} labels {found.accuracy:.1%} of "
        f"{len(found.labels):,} samples as they are: {words}"
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
        "command": found.settings.command(),
        **found.setup.header(),
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
