"""Permutation points: where two neurons coincide, and the flat valley that leads through them."""

import dataclasses
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float, Int

from saddlescape.core import CriticalPoint, Landscape, classify
from saddlescape.paths._network_of import is_flat, network_of, require_flat, vector_of
from saddlescape.paths._pair import PairCoordinates, pair_coordinates
from saddlescape.paths._space import FreeSpace

Vector = Float[np.ndarray, " p"]

_MAX_STEPS = 50
_SHARES = (-0.5, 0.0, 0.25, 0.5, 0.75, 1.0, 1.5)


@dataclasses.dataclass(frozen=True, eq=False)
class PermutationPoint:
    """A critical point at which two neurons have equal incoming weights.

    Args:
        point: what it is, with its full spectrum; outgoing weights shared half and half.
        layer: the hidden layer, from 0.
        pair: the two neurons, from 0.
        predicted_nullity: eigenvalues said to vanish: one per neuron of the next layer, as the
            outgoing weights of the pair can be shared at equal loss; none with weight decay.
        assured_nullity: eigenvalues that do vanish by symmetry: 1, none with weight decay. With
            several neurons above, other shares have equal loss but no zero gradient, so the Hessian
            vanishes *on* those directions, yet they need not be eigenvectors.
    """

    point: CriticalPoint
    layer: int
    pair: tuple[int, int]
    predicted_nullity: int
    assured_nullity: int

    def __repr__(self) -> str:
        """Return the point in words."""
        i, j = self.pair
        return f"<neurons {i} and {j} of layer {self.layer} merged: {self.point!r}>"

    @property
    def theta(self) -> Vector:
        """Where it is, shape (p,)."""
        return np.asarray(self.point.theta)

    @property
    def loss(self) -> float:
        """The loss there."""
        return float(self.point.loss)

    @property
    def index(self) -> int:
        """The number of negative eigenvalues."""
        return int(self.point.index)

    @property
    def nullity(self) -> int:
        """The number of eigenvalues that vanish."""
        return int(self.point.nullity)


def permutation_point(
    landscape: Landscape, theta: Any, layer: int, pair: Any
) -> PermutationPoint | None:
    """Return the critical point with two neurons merged that Newton's method finds from theta.

    Args:
        landscape: the loss of a network.
        theta: parameters near it, shape (p,); the pair is merged at its mean first.
        layer: the hidden layer, from 0.
        pair: the two neurons, from 0.

    Returns:
        the point, its gradient zero up to rounding on the full landscape; None where Newton's
        method finds none. Its index is whatever it is.

    Raises:
        InvalidInputError: for a layer or pair the network does not have.

    Notes:
        Newton's method runs in the coordinates of the merged network alone: on the full landscape
        the Hessian is singular there by construction.

    Example:
        >>> from saddlescape import problems
        >>> from saddlescape.core import EmpiricalLandscape
        >>> lecture = problems.lecture()
        >>> landscape = EmpiricalLandscape(lecture.network, lecture.data)
        >>> merged = permutation_point(landscape, lecture.teacher, 0, (2, 3))
        >>> merged.index, merged.nullity, merged.predicted_nullity
        (2, 1, 1)
    """
    at = pair_coordinates(network_of(landscape), layer, pair)
    theta = polished(landscape, at, vector_of(landscape, theta))
    return None if theta is None else described(landscape, at, theta)


def merged_point(landscape: Landscape, theta: Any, layer: int, pair: Any) -> PermutationPoint:
    """Return the record of a permutation point that is known already.

    Args:
        landscape: the loss of a network.
        theta: the point, shape (p,), as `permutation_point` found it.
        layer: the hidden layer, from 0.
        pair: the two neurons, from 0.

    Returns:
        the point, classified anew.

    Raises:
        InvalidInputError: for a layer or pair the network does not have.
    """
    at = pair_coordinates(network_of(landscape), layer, pair)
    return described(landscape, at, vector_of(landscape, theta))


def described(landscape: Landscape, at: PairCoordinates, theta: Vector) -> PermutationPoint:
    """Return the record of a permutation point."""
    point = jax.tree.map(np.asarray, classify(landscape, jnp.asarray(theta)))
    free = is_flat(landscape)
    predicted = len(at.outgoing_difference) if free else 0
    return PermutationPoint(point, at.layer, at.pair, predicted, int(free))


def polished(landscape: Landscape, at: PairCoordinates, theta: Vector) -> Vector | None:
    """Return the critical point of the merged network next to theta; None if there is none."""
    space, kept = FreeSpace(landscape), at.shared
    theta, best = at.merged(theta), np.inf
    for _ in range(_MAX_STEPS):
        here = space.at(theta)
        gradient = at.turned(here.residual)[kept]
        slope = float(np.max(np.abs(gradient)))
        if not here.is_finite or (slope <= here.tolerance and slope > best / 2):
            break
        best = min(best, slope)
        hessian = at.turned_matrix(here.hessian)[np.ix_(kept, kept)]
        step = np.zeros_like(theta)
        # The smallest step: a flat direction of the merged network is not moved along.
        step[kept] = -np.linalg.lstsq(hessian, gradient, rcond=None)[0]
        theta = at.merged(theta + at.turned(step))
    here = space.at(theta)
    return theta if here.is_finite and here.slope <= here.tolerance else None


@dataclasses.dataclass(frozen=True, eq=False)
class Valley:
    """The line a_i = mu c, a_j = (1 - mu) c of permutation points of one function and loss.

    Args:
        shares: values of mu at which the Hessian was taken, shape (v,).
        index: measured there, shape (v,).
        nullity: measured there, shape (v,).
        gradient_norm: measured there, shape (v,).
        places: the values of mu at which the index changes, exactly: 0 and 1, where one of the
            two neurons has no outgoing weights; none where it is the same there too.
        curvatures: eigenvalues of sum over outputs of c_k B_k, see Notes, shape (d,).

    Notes:
        With w_i = w + (1 - mu) e and w_j = w - mu e all mixed second derivatives with e vanish at
        the permutation point, and the Hessian is congruent to that of the merged network, zeros for
        the sharing, and mu (1 - mu) B with B = sum over samples of d loss / d z(next layer) . c
        g''(z) x x^T, where the next layer has one neuron. So between 0 and 1 the index is that of
        the merged network plus the negative eigenvalues of B, outside plus the positive ones
        (Fukumizu & Amari 2000, theorem 3). Where it has several, outgoing weights that differ
        otherwise than c have mixed derivatives with e, M = sum of (d loss / d z . delta) g'(z) x
        for delta orthogonal to c: what remains is the index of the merged network, plus the rank of
        M, plus the negative eigenvalues of +-B where M^T vanishes.
    """

    shares: Float[np.ndarray, " v"]
    index: Int[np.ndarray, " v"]
    nullity: Int[np.ndarray, " v"]
    gradient_norm: Float[np.ndarray, " v"]
    places: tuple[float, ...]
    curvatures: Float[np.ndarray, " d"]

    @property
    def inside(self) -> int:
        """The index for 0 < mu < 1."""
        return int(self.index[np.flatnonzero((self.shares > 0) & (self.shares < 1))[0]])

    @property
    def outside(self) -> int:
        """The index for mu < 0 and mu > 1."""
        return int(self.index[np.flatnonzero((self.shares < 0) | (self.shares > 1))[0]])


def valley(landscape: Landscape, merged: PermutationPoint) -> Valley:
    """Return the index along the flat valley through a permutation point.

    Args:
        landscape: the loss of a network.
        merged: a permutation point of it.

    Returns:
        index and nullity at seven places on the line, and where exactly the index changes.

    Raises:
        InvalidInputError: with weight decay, where there is no such valley.

    Example:
        >>> from saddlescape import problems
        >>> from saddlescape.core import EmpiricalLandscape
        >>> lecture = problems.lecture()
        >>> landscape = EmpiricalLandscape(lecture.network, lecture.data)
        >>> line = valley(landscape, permutation_point(landscape, lecture.teacher, 0, (2, 3)))
        >>> line.inside, line.outside, line.places
        (2, 0, (0.0, 1.0))
    """
    require_flat(landscape)
    at = pair_coordinates(network_of(landscape), merged.layer, merged.pair)
    middle, shares = at.turned(merged.theta), np.array(_SHARES)
    thetas = np.repeat(middle[None], len(shares), axis=0)
    # (a_i - a_j) / sqrt 2 = (2 mu - 1) (a_i + a_j) / sqrt 2
    thetas[:, at.outgoing[1]] = (2 * shares - 1)[:, None] * middle[at.outgoing[0]]
    points = classify(landscape, jnp.asarray(at.turned(thetas)))
    hessian = at.turned_matrix(np.asarray(landscape.hessian(jnp.asarray(merged.theta))))
    block = 2 * hessian[np.ix_(at.difference, at.difference)]  # at mu = 1/2: B / 4 on e = sqrt 2 q
    index, nullity = np.asarray(points.index), np.asarray(points.nullity)
    return Valley(
        shares=shares,
        index=index,
        nullity=nullity,
        gradient_norm=np.asarray(points.gradient_norm),
        places=(0.0, 1.0) if len(set(index.tolist())) > 1 else (),
        curvatures=np.linalg.eigvalsh(block),
    )
