"""Counting the regions that a command line asks for."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import typer

from saddlescape import regions
from saddlescape.cli._options import widths as read_widths
from saddlescape.core import InvalidInputError


class Found(NamedTuple):
    """The last network, what is told of all, and the polygons where there are some."""

    layers: tuple[regions.Planes, ...]
    told: dict[str, Any]
    plane: regions.PlaneRegions | None


def measured(
    asked: dict[str, Any],
    check: Callable[[], None],
    on_progress: Callable[[int], None] = lambda _: None,
) -> Found:
    """Return the regions of the networks that were asked for.

    Args:
        asked: options by name.
        check: raises when the user wants to stop; regions visited facet by facet are kept then.
        on_progress: called with how many of them were visited.

    Returns:
        the last network with its regions, and the counts of all.
    """
    files = asked["networks"]
    every = [regions.read_layers(file) for file in files] or [_random(asked)]
    counts = []

    def is_over(count: int) -> bool:
        on_progress(count)
        try:
            check()
        except KeyboardInterrupt:
            return True
        return False

    for layers in every[:-1]:
        check()
        counts.append(_regions(layers, asked, is_over)[0]["regions"])
    layers = every[-1]
    told, plane = _regions(layers, asked, is_over)
    counts.append(told["regions"])
    widths = (layers[0].weights.shape[1], *(len(layer.biases) for layer in layers))
    bounds = regions.deep_bounds(widths[0], widths[1:-1])
    told = {
        "widths": list(widths),
        **told,
        "along": [{"network": f, "regions": n} for f, n in zip(files, counts, strict=False)],
        "upper_bound": str(bounds.upper),
        "reachable": None if bounds.reachable is None else str(bounds.reachable),
        "typical": float(bounds.typical),
    }
    return Found(layers, told, plane)


def _random(asked: dict[str, Any]) -> tuple[regions.Planes, ...]:
    """Return a random network.

    Raises:
        typer.BadParameter: for widths that are none.
    """
    try:
        sizes = read_widths(asked["widths"]) or ()
    except typer.BadParameter as error:
        raise typer.BadParameter(str(error).replace("--hidden", "--widths")) from None
    return regions.random_network(sizes, asked["seed"] or 0)


def _regions(
    layers: tuple[regions.Planes, ...], asked: dict[str, Any], is_over: Callable[[int], bool]
) -> tuple[dict[str, Any], regions.PlaneRegions | None]:
    """Return what is told of the regions of one network.

    Raises:
        typer.BadParameter: for a disk where there is no plane.
    """
    d, box = layers[0].weights.shape[1], asked["box"] or (-2.0, 2.0)
    places = None if asked["through"] is None else _places(asked["through"], d)
    is_flat = not asked["everywhere"] and (d == 2 if places is None else len(places) == 3)
    if asked["ball"] is not None and not is_flat:
        msg = "--ball is a disk in a plane: give a network of two inputs, or --through three inputs"
        raise typer.BadParameter(msg)
    if places is not None and len(places) == 2:
        knots, patterns = regions.segment_regions(layers, *places)
        return _told("segment", patterns, knots=knots.tolist()), None
    if asked["everywhere"] or (d != 2 and places is None):
        return _traversed(layers, asked, None if asked["everywhere"] else box, is_over), None
    plane = None if places is None else np.vstack([places[0], places[1:] - places[0]])
    found = regions.plane_regions(layers, (box, box), plane=plane)
    told = _told("rectangle" if plane is None else "plane", found.patterns, box=list(box))
    told["whole"] = int(found.is_whole.sum())
    told["smallest_area"], told["largest_area"] = (float(f(found.areas)) for f in (np.min, np.max))
    if asked["ball"] is not None:
        middle = sum(box) / 2
        told["in_ball"] = int(found.meets_ball((middle, middle), asked["ball"]).sum())
    return told, found


def _traversed(
    layers: tuple[regions.Planes, ...],
    asked: dict[str, Any],
    box: tuple[float, float] | None,
    is_over: Callable[[int], bool],
) -> dict[str, Any]:
    """Return what is told of regions that were visited facet by facet."""
    most = asked["max_regions"] or 100_000
    found = regions.network_regions(layers, box=box, max_regions=most, is_over=is_over)
    told = _told("box" if box else "everywhere", found.patterns)
    told |= {"is_complete": found.is_complete, "mean_facets": float(found.num_facets.mean())}
    told["is_stopped"] = not found.is_complete and found.num_regions < most
    if box is None:
        told["bounded"] = int(found.is_bounded.sum())
    return told


def _told(where: str, patterns: np.ndarray, **more: Any) -> dict[str, Any]:
    """Return what is told of every kind of count."""
    live = patterns.any(axis=0) & ~patterns.all(axis=0)
    return {
        "where": where,
        "regions": len(patterns),
        "is_complete": True,
        "neurons": patterns.shape[1],
        "neurons_that_cut": int(live.sum()),
        **more,
    }


def _places(file: str, d: int) -> np.ndarray:
    """Return two or three inputs from a CSV file.

    Raises:
        InvalidInputError: when the file does not hold that.
    """
    found = regions.read_hyperplanes(file)
    places = np.column_stack(found)
    if places.shape[1] != d or len(places) not in {2, 3}:
        msg = f"{file} holds {len(places)} rows of {places.shape[1]}: give two or three of {d}"
        raise InvalidInputError(msg)
    return places
