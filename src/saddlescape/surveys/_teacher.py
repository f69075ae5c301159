"""Students and their teacher: which starts at zero loss found the teacher, up to a symmetry."""

import dataclasses
import math
import sys
from typing import Any

import numpy as np
import pyarrow as pa

from saddlescape import symmetry
from saddlescape.core import Network, Outcome
from saddlescape.problems import Problem
from saddlescape.surveys._atlas import Atlas
from saddlescape.surveys._finding import zero_loss

_EPS = sys.float_info.epsilon

# A search stops at a gradient of rounding size, so within rounding over the smallest curvature of
# the point it found; points that agree in half of their digits are the same by any curvature that
# a Hessian in these numbers can show, and other points of zero loss are far away.
_SAME = math.sqrt(_EPS)


@dataclasses.dataclass(frozen=True)
class TeacherFound:
    """How many starts found the teacher of their problem.

    Args:
        zero_loss: how many starts reached a critical point of zero loss.
        equal: how many of these are the teacher moved by a symmetry of the network.
        max_distance: of these, the largest distance modulo symmetry, relative to the length of the
            teacher's parameters; None where there are none.
        max_distance_roundings: the same in units of rounding, 2.2e-16.
    """

    zero_loss: int
    equal: int
    max_distance: float | None
    max_distance_roundings: float | None


def teacher_of(problem: Problem, network: Network | None) -> list[float] | None:
    """Return the teacher's parameters, for the header of an atlas.

    Args:
        problem: with or without a teacher.
        network: the student.

    Returns:
        the numbers; None where there is no teacher or its architecture is not the student's.
    """
    if problem.teacher is None or network is None or repr(problem.network) != repr(network):
        return None
    return np.asarray(problem.teacher, float).tolist()


def teacher_found(atlas: Atlas) -> TeacherFound | None:
    """Return how many starts found the teacher, and how exactly.

    Args:
        atlas: a survey's folder.

    Returns:
        the counts and the largest distance; None for a problem without a teacher of the student's
        architecture, or an atlas that does not name it.
    """
    described, teacher = atlas.header.get("network"), atlas.header.get("teacher")
    if not described or teacher is None:
        return None
    network = _network(described)
    points = atlas.points(["start", "theta", "loss", "outcome"])
    ended = points["outcome"].to_numpy(zero_copy_only=False) == Outcome.CONVERGED.label
    points = points.filter(pa.array(ended & (points["loss"].to_numpy() < zero_loss(atlas))))
    if not points.num_rows:
        return TeacherFound(0, 0, None, None)
    distances = _distances(network, np.asarray(teacher), points, atlas)
    equal = distances[distances <= _SAME]
    largest = float(equal.max()) if len(equal) else None
    return TeacherFound(
        zero_loss=points.num_rows,
        equal=len(equal),
        max_distance=largest,
        max_distance_roundings=None if largest is None else largest / _EPS,
    )


def _network(described: dict[str, Any]) -> Network:
    """Return the network that a header describes."""
    return Network(
        described["widths"],
        described["activations"],
        bias=described["biases"],
        output=described["output"],
    )


def _distances(network: Network, teacher: np.ndarray, points: pa.Table, atlas: Atlas) -> np.ndarray:
    """Return each point's distance from the teacher modulo symmetry, over the teacher's length.

    Canonical forms, all at once, give a distance that some symmetry attains. Where it is large
    another symmetry may come closer (a near tie of the canonical order), which an assignment tells:
    for one member of each class, and for the others where that one is the teacher.
    """
    thetas = np.stack(points["theta"].to_numpy(zero_copy_only=False))
    goal = np.asarray(symmetry.canonical(network, teacher))
    length = float(np.linalg.norm(goal)) or 1.0
    forms = np.asarray(symmetry.canonical(network, thetas))
    distances = np.linalg.norm(forms - goal, axis=1) / length
    rows_of_class: dict[int, list[int]] = {}
    label = _labels(atlas)
    for row in np.flatnonzero(distances > _SAME).tolist():
        start = points["start"][row].as_py()
        rows_of_class.setdefault(label.get(start, -1 - row), []).append(row)
    for rows in rows_of_class.values():
        for row in rows:
            distances[row] = symmetry.distance(network, forms[row], goal) / length
            if distances[row] > _SAME:
                break
    return distances


def _labels(atlas: Atlas) -> dict[int, int]:
    """Return the class of each start that is in one."""
    members = atlas.classes()["members"].to_pylist()
    return {start: number for number, starts in enumerate(members) for start in starts}
