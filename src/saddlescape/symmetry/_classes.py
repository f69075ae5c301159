"""Critical points grouped modulo the symmetries of the network."""

import numpy as np

from saddlescape.core import InvalidInputError, Network, ShapeMismatchError
from saddlescape.symmetry._canonical import canonical_rows
from saddlescape.symmetry._group import order
from saddlescape.symmetry._grouping import (
    Candidates,
    Grouping,
    adopt,
    cut,
    gather_families,
    gather_isolated,
)
from saddlescape.symmetry._inputs import as_rows, real_numbers, require_network, require_tolerance
from saddlescape.symmetry._records import Classes, CriticalPoints
from saddlescape.symmetry._stabilizer import is_surely_free, precision, stabilizer_order
from saddlescape.symmetry._uncertainty import (
    Points,
    amplification,
    rescaling_dimension,
    uncertainty,
)


def classes(
    network: Network | None, points: CriticalPoints, tolerance: float | None = None
) -> Classes:
    """Return the distinct points of a batch of critical points, modulo symmetry.

    Two isolated points are the same when index and loss agree and some symmetry brings them closer
    than the sum of their errors (see `tolerance`). Points with zero eigenvalues lie on flat
    families, where members differ by where on the family the search stopped: those with the same
    index, nullity and loss form one class, marked `is_family`.

    Args:
        network: whose symmetries count; None for the trivial group.
        points: a batch of critical points; rows whose outcome is not 0 get the label -1.
        tolerance: the largest Euclidean distance between equal isolated points. Unless told, each
            point's error is bounded by its gradient over its smallest eigenvalue plus rounding.

    Returns:
        the classes, sorted by loss.

    Raises:
        ShapeMismatchError: when the arrays do not fit together or the network.
        InvalidInputError: when the network, the points or the tolerance are none, or a converged
            point holds a number that is not finite.

    Notes:
        Cost: sorts of m rows and one comparison of canonical forms per class; assignment problems
        only between classes whose loss, index and sorted parameters agree. A point whose smallest
        eigenvalue is above the zero threshold in one search and below it in another is one class
        (isolated) if the eigenvalue seen as such explains the distance.
    """
    if network is not None:
        require_network(network)
    require_tolerance(tolerance)
    chosen, rows = _read(network, points)
    labels = np.full(len(np.asarray(points.outcome)), -1)
    if not len(rows):
        empty, none = np.zeros(0), np.zeros(0, dtype=np.int64)
        return Classes(labels, none, empty, none, (), empty, np.zeros(0, dtype=bool))
    error = uncertainty(chosen, amplification(network, chosen.theta))
    if tolerance is not None:
        # Half for each of the two points compared.
        position, gradient = np.full(len(rows), tolerance / 2), np.zeros(len(rows))
        error = error._replace(position=position, gradient=gradient)
    family = chosen.nullity > rescaling_dimension(network, chosen.theta)
    kinds = np.stack([family, chosen.index, np.where(family, chosen.nullity, 0)], axis=1)
    groups = np.unique(kinds, axis=0, return_inverse=True)[1].ravel()
    groups = cut(groups, chosen.loss, error.loss)
    forms = canonical_rows(network, chosen.theta)
    candidates = Candidates(network, forms, error, chosen)
    grouping = Grouping.alone(len(rows))
    isolated = np.flatnonzero(~family)
    gather_isolated(grouping, candidates, isolated, groups[isolated])
    on_family = adopt(grouping, candidates, np.flatnonzero(family))
    gather_families(grouping, candidates, on_family, groups[on_family])
    return _summary(network, chosen, (labels, rows, family, error.position), grouping)


def _summary(
    network: Network | None, chosen: Points, context: tuple[np.ndarray, ...], grouping: Grouping
) -> Classes:
    """Return the classes sorted by loss, with rows counted in the whole batch again."""
    labels, rows, family, error = context
    leaders, members = np.unique(grouping.leader, return_inverse=True)
    by_loss = np.argsort(chosen.loss[leaders], kind="stable")
    leaders, members = leaders[by_loss], np.argsort(by_loss)[members]
    labels[rows] = members
    spreads = np.zeros(len(leaders))
    np.maximum.at(spreads, members, grouping.distance)
    return Classes(
        labels=labels,
        representatives=rows[leaders],
        losses=chosen.loss[leaders],
        counts=np.bincount(members),
        copies=_copies(network, chosen.theta[leaders], error[leaders]),
        spreads=spreads,
        is_family=family[leaders],
    )


def _copies(network: Network | None, rows: np.ndarray, tolerance: np.ndarray) -> tuple[int, ...]:
    """Return the size of each row's orbit, by the exact count where invariants do not settle it."""
    if network is None:
        return (1,) * len(rows)
    total = order(network)
    # A point whose position is hardly known would count as symmetric: equal neurons are equal far
    # better than that.
    tolerance = np.minimum(tolerance, _EQUAL * np.linalg.norm(rows, axis=1))
    free = is_surely_free(network, rows, tolerance)
    return tuple(
        total if free[i] else total // stabilizer_order(network, rows[i], float(tolerance[i]))
        for i in range(len(rows))
    )


def _read(network: Network | None, points: CriticalPoints) -> tuple[Points, np.ndarray]:
    """Return the converged points as host arrays, and their rows in the batch.

    Raises:
        ShapeMismatchError: when the arrays do not fit together or the network.
        InvalidInputError: when a converged point holds a number that is not finite.
    """
    if not isinstance(points, CriticalPoints):
        msg = f"points are a {type(points).__name__}: call classes(network, points), in this order"
        raise InvalidInputError(msg)
    outcome = real_numbers(points.outcome, "outcome")
    num_points = len(outcome) if outcome.ndim == 1 else -1
    arrays = {name: real_numbers(getattr(points, name), name) for name in _FIELDS}
    for name, values in arrays.items():
        wanted = 2 if name in {"theta", "eigenvalues"} else 1
        if values.ndim != wanted or len(values) != num_points:
            msg = (
                f"{name} has shape {values.shape} beside outcomes of shape {outcome.shape}: "
                "give a batch, one row per point"
            )
            raise ShapeMismatchError(msg)
    eps = precision(np.asarray(points.theta))
    rows = np.flatnonzero(outcome == 0)
    arrays = {name: values[rows] for name, values in arrays.items()}
    for name, values in arrays.items():
        bad = np.flatnonzero(~np.isfinite(values).all(axis=tuple(range(1, values.ndim))))
        if len(bad):
            msg = (
                f"{name} of point {rows[bad[0]]} is not finite though its search converged: "
                "leave it out, or set its outcome"
            )
            raise InvalidInputError(msg)
    arrays["theta"] = as_rows(network, arrays["theta"])
    exact = {"index", "nullity"}
    host = {k: v.astype(np.int64 if k in exact else np.float64) for k, v in arrays.items()}
    return Points(**host, eps=eps), rows


_EQUAL = 1e-6  # neurons closer than this, relative to the length of theta, are copies
_FIELDS = ("theta", "loss", "gradient_norm", "eigenvalues", "index", "nullity")
