"""Grouping an atlas's points modulo symmetry, and the summary every face prints."""

import dataclasses
from collections import Counter
from typing import Any

import numpy as np
import pyarrow as pa

from saddlescape import symmetry
from saddlescape.core import Network, Outcome
from saddlescape.surveys._atlas import Atlas
from saddlescape.surveys._finding import finding
from saddlescape.surveys._infinity import points_at_infinity
from saddlescape.surveys._teacher import teacher_found

_NUMBER = {outcome.label: int(outcome) for outcome in Outcome}


@dataclasses.dataclass  # not frozen: the protocol of `symmetry.classes` has plain attributes
class Found:
    """An atlas's points as arrays, as `symmetry.classes` reads them."""

    theta: np.ndarray
    loss: np.ndarray
    gradient_norm: np.ndarray
    eigenvalues: np.ndarray
    index: np.ndarray
    nullity: np.ndarray
    outcome: np.ndarray


def found(points: pa.Table) -> Found:
    """Return the points of an atlas as arrays.

    Args:
        points: what `Atlas.points()` returns.

    Returns:
        the arrays, one row per start.
    """
    count = points.num_rows
    return Found(
        theta=_matrix(points["theta"], count),
        loss=points["loss"].to_numpy(),
        gradient_norm=points["gradient_norm"].to_numpy(),
        eigenvalues=_matrix(points["eigenvalues"], count),
        index=points["index"].to_numpy(),
        nullity=points["nullity"].to_numpy(),
        outcome=np.array([_NUMBER[label] for label in points["outcome"].to_pylist()], int),
    )


def write_classes(atlas: Atlas, network: Network | None) -> None:
    """Group the atlas's converged points modulo symmetry and store the classes.

    Args:
        atlas: with points.
        network: whose symmetries count; None for a surface, which has none.
    """
    points = atlas.points()
    arrays = found(points)
    grouped = symmetry.classes(network, arrays)
    rows = np.asarray(grouped.representatives, int)
    kinds = points["kind"].take(pa.array(rows, pa.int64()))
    starts = points["start"].to_numpy()
    atlas.write_classes(
        pa.table(
            {
                "class": np.arange(len(rows), dtype=np.int32),
                "loss": arrays.loss[rows],
                "gradient_norm": arrays.gradient_norm[rows],
                "index": arrays.index[rows],
                "nullity": arrays.nullity[rows],
                "kind": kinds,
                "count": np.asarray(grouped.counts, np.int64),
                "copies": [str(copies) for copies in grouped.copies],
                "is_family": np.asarray(grouped.is_family, bool),
                "spread": np.asarray(grouped.spreads, float),
                "theta": pa.array(list(arrays.theta[rows]), pa.list_(pa.float64())),
                "eigenvalues": pa.array(list(arrays.eigenvalues[rows]), pa.list_(pa.float64())),
                "representative": starts[rows],
                "members": pa.array(
                    [starts[grouped.members(number)].tolist() for number in range(len(rows))],
                    pa.list_(pa.int64()),
                ),
            }
        )
    )


def summary(atlas: Atlas) -> dict[str, Any]:
    """Return what a survey found as JSON values: what `--json` prints.

    Args:
        atlas: a survey's folder.

    Returns:
        starts, converged, outcomes, the largest gradient norm of a converged start, the classes
        sorted by loss, the points at infinity alike, how many starts found the teacher (None where
        there is none), seconds, and the finding in a sentence.
    """
    points = atlas.points(["outcome", "gradient_norm"])
    outcomes = Counter(points["outcome"].to_pylist())
    norms = points["gradient_norm"].to_numpy()
    converged = np.array(
        [o == Outcome.CONVERGED.label for o in points["outcome"].to_pylist()], bool
    )
    columns = ("loss", "gradient_norm", "index", "nullity", "kind", "count", "copies")
    rows = atlas.classes().select(columns).to_pylist()
    teacher = teacher_found(atlas)
    return {
        "finding": finding(atlas),
        "starts": points.num_rows,
        "converged": int(converged.sum()),
        "outcomes": dict(outcomes.most_common()),
        "max_gradient_norm": float(norms[converged].max()) if converged.any() else None,
        "classes": sorted(
            ({**row, "copies": int(row["copies"])} for row in rows), key=lambda row: row["loss"]
        ),
        "at_infinity": outcomes[Outcome.AT_INFINITY.label],
        "points_at_infinity": points_at_infinity(atlas),
        "teacher": None if teacher is None else dataclasses.asdict(teacher),
        "seconds": atlas.header.get("seconds", {}).get("search"),
    }


def _matrix(column: pa.ChunkedArray, count: int) -> np.ndarray:
    """Return a column of equally long lists as a matrix."""
    if not count:
        return np.zeros((0, 0))
    return column.combine_chunks().flatten().to_numpy().reshape(count, -1)
