"""Points at infinity in an atlas: how they are stored, and which of them are the same."""

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from saddlescape.core import PointAtInfinity
from saddlescape.surveys._atlas import Atlas
from saddlescape.surveys._schema import INFINITY

# Two searches for one limit stop at gradients of some eps; with curvatures down to 1e-5 of the
# largest their positions, and so their spectra, agree to half of the digits of float64 at least.
_SAME = float(np.sqrt(np.finfo(float).eps))


def infinity_column(ends: Sequence[PointAtInfinity], count: int) -> pa.Array:
    """Return the column `infinity` of a block of `count` starts.

    Args:
        ends: where the block's starts lead that ran to infinity.
        count: how many starts the block has.

    Returns:
        one struct per start, null for those that did not run.
    """
    rows: list[dict[str, Any] | None] = [None] * count
    for end in ends:
        rows[end.row] = {
            "is_certified": end.is_certified,
            "runaway": end.runaway.label,
            "clusters": [list(cluster) for cluster in end.clusters],
            "loss": end.loss,
            "gradient_norm": end.gradient_norm,
            "index": end.index,
            "nullity": end.nullity,
            "kind": end.kind.label,
            "coordinates": end.coordinates.tolist(),
            "eigenvalues": end.eigenvalues.tolist(),
            "distances": list(end.distances),
            "losses": end.losses.tolist(),
            "largest": end.largest,
        }
    return pa.array(rows, INFINITY)


def points_at_infinity(atlas: Atlas) -> list[dict[str, Any]]:
    """Return the distinct points at infinity of an atlas, by loss, as JSON values.

    Two are the same when kind of runaway, index, nullity, loss and the whole spectrum in limit
    coordinates agree: symmetries of the network change none of these, and to differ by no symmetry
    and agree in all of them would be a coincidence.

    Args:
        atlas: a survey's folder.

    Returns:
        one dictionary per point: loss, gradient norm (the largest of its starts), index, nullity,
        kind, runaway, clusters, how often found, and the evidence of the start that represents it.
    """
    table = atlas.points(["start", "infinity"])
    rows = [
        {"start": start, **told}
        for start, told in zip(*(column.to_pylist() for column in table.columns), strict=True)
        if told is not None and told["is_certified"]
    ]
    rows.sort(key=lambda row: (row["index"], row["nullity"], row["runaway"], row["loss"]))
    groups: list[list[dict[str, Any]]] = []
    labels = ("index", "nullity", "runaway")
    for _, alike in itertools.groupby(rows, lambda row: tuple(row[name] for name in labels)):
        begun = len(groups)
        for row in alike:
            own = next((group for group in groups[begun:] if _is_same(group[0], row)), None)
            if own is None:
                groups.append([row])
            else:
                own.append(row)
    return sorted(map(_told, groups), key=lambda told: told["loss"])


def _is_same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Return whether two points of one kind agree in loss and spectrum."""
    spectra = np.array(one["eigenvalues"]), np.array(other["eigenvalues"])
    if spectra[0].shape != spectra[1].shape:
        return False
    return bool(
        abs(one["loss"] - other["loss"]) <= _SAME * abs(one["loss"]) + _SAME**2
        and np.abs(spectra[0] - spectra[1]).max() <= _SAME * np.abs(spectra[0]).max()
    )


def _told(group: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what is told of a group of starts."""
    best = min(group, key=lambda row: row["gradient_norm"])
    names = ("loss", "index", "nullity", "kind", "runaway", "clusters")
    return {
        **{name: best[name] for name in names},
        "gradient_norm": max(row["gradient_norm"] for row in group),
        "count": len(group),
        "representative": best["start"],
        "distances": best["distances"],
        "losses": best["losses"],
        "largest_parameter": best["largest"],
    }
