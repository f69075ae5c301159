"""Where the landscape of a minibatch has its minima and saddles, and where it points to."""

import dataclasses

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from saddlescape.core import (
    CriticalPoint,
    EmpiricalLandscape,
    ShapeMismatchError,
    classify,
    find_critical_points,
)
from saddlescape.optimizers._directions import Vectors


@dataclasses.dataclass(frozen=True, eq=False)
class MinibatchPoints:
    """The critical points of minibatches, searched from those of the full loss.

    Args:
        full: m critical points of the loss of all samples.
        points: for each minibatch the m points that searches from there found; whether each is a
            critical point at all is `converged`.
        moved: how far each is from where it was, in parameters (Euclidean); NaN where none was
            found.
        nearest: the number of the point of the full loss that each is nearest to: another than its
            own where the search left it for a neighbour; -1 where none was found.
    """

    full: CriticalPoint
    points: tuple[CriticalPoint, ...]
    moved: Float[np.ndarray, "b m"]
    nearest: Int[np.ndarray, "b m"]

    @property
    def converged(self) -> Bool[np.ndarray, "b m"]:
        """Whether a critical point was found."""
        return np.stack([np.asarray(points.converged) for points in self.points])

    @property
    def index(self) -> Int[np.ndarray, "b m"]:
        """The number of negative eigenvalues of the minibatch's Hessian at each."""
        return np.stack([np.asarray(points.index) for points in self.points])

    @property
    def nullity(self) -> Int[np.ndarray, "b m"]:
        """The number of zero eigenvalues: many where a minibatch has fewer samples than p."""
        return np.stack([np.asarray(points.nullity) for points in self.points])

    @property
    def index_changed(self) -> Bool[np.ndarray, "b m"]:
        """Whether a point was found and its index is not that of the point of the full loss."""
        return self.converged & (self.index != np.asarray(self.full.index)[None])


def minibatch_points(
    landscape: EmpiricalLandscape, thetas: Vectors, batches: Int[Array, "b n"]
) -> MinibatchPoints:
    """Return the critical points of minibatches that searches from those of the full loss find.

    Args:
        landscape: of all samples.
        thetas: critical points of its loss, of any index, shape (m, p), float64.
        batches: the samples of each minibatch, such as a row of `data_orders`.

    Returns:
        the points, really found: Newton's method on the loss of the minibatch, to rounding, each
        classified by its spectrum. Costs b searches from m starts; compiled once.

    Raises:
        ShapeMismatchError: when the points do not fit the landscape.

    Example:
        >>> from saddlescape.core import Data, Network
        >>> data = Data([[1.0], [1.0]], [[1.0], [3.0]])
        >>> line = EmpiricalLandscape(Network((1, 1), bias=False), data)
        >>> minibatch_points(line, jnp.array([[2.0]]), jnp.array([[0], [1]])).moved.tolist()
        [[1.0], [1.0]]
    """
    thetas = landscape.ravel(thetas)
    full = classify(landscape, thetas)
    points = tuple(
        find_critical_points(landscape.minibatch(batch), thetas) for batch in jnp.asarray(batches)
    )
    ends = np.stack([np.asarray(of_one.theta) for of_one in points])
    far = np.linalg.norm(ends[:, :, None] - np.asarray(thetas)[None, None], axis=-1)  # b m m
    good = np.stack([np.asarray(of_one.converged) for of_one in points])
    moved = np.where(good, np.diagonal(far, axis1=1, axis2=2), np.nan)
    return MinibatchPoints(full, points, moved, np.where(good, far.argmin(-1), -1))


@dataclasses.dataclass(frozen=True, eq=False)
class Pointing:
    """Which minimum the negative gradient of each minibatch points to along a path.

    Args:
        cosines: of the angle between the negative gradient of the minibatch and the straight way to
            each minimum: 1 where it points there.
        full_cosines: the same for the gradient of all samples.
    """

    cosines: Float[np.ndarray, "t b k"]
    full_cosines: Float[np.ndarray, "t k"]

    @property
    def target(self) -> Int[np.ndarray, "t b"]:
        """The number of the minimum that each minibatch points to best."""
        return self.cosines.argmax(-1)

    @property
    def full_target(self) -> Int[np.ndarray, " t"]:
        """The number of the minimum that the gradient of all samples points to best."""
        return self.full_cosines.argmax(-1)

    @property
    def disagreement(self) -> Float[np.ndarray, " t"]:
        """The share of minibatches that point to another minimum than all samples together do."""
        return np.mean(self.target != self.full_target[:, None], axis=1)


def pointing(
    landscape: EmpiricalLandscape,
    thetas: Vectors,
    minima: Float[Array, "k p"] | Float[np.ndarray, "k p"],
    batches: Int[Array, "b n"],
) -> Pointing:
    """Return which minimum each minibatch's gradient points to, along a path.

    By the angle to the straight way there: what a step does now. Where the flow on a minibatch's
    own landscape would end is another question: `core.follow_flow` on `landscape.minibatch(...)`.

    Args:
        landscape: of all samples.
        thetas: the path, shape (t, p).
        minima: to choose from, shape (k, p).
        batches: the samples of each minibatch, such as a row of `data_orders`.

    Returns:
        the cosines. Costs t (b + 1) gradients, in one compiled call.

    Raises:
        ShapeMismatchError: when path or minima do not fit the landscape.

    Example:
        >>> from saddlescape.core import Data, Network
        >>> data = Data([[1.0], [1.0]], [[1.0], [3.0]])
        >>> line = EmpiricalLandscape(Network((1, 1), bias=False), data)
        >>> batches = jnp.array([[0], [1]])
        >>> pointing(line, jnp.array([[2.0]]), jnp.array([[0.0], [4.0]]), batches).target.tolist()
        [[0, 1]]
    """
    thetas, minima = jnp.asarray(thetas), jnp.asarray(minima)
    size = landscape.num_parameters
    if thetas.shape[1:] != (size,) or minima.shape[1:] != (size,):
        msg = f"path {thetas.shape} and minima {minima.shape}: give rows of {size} parameters"
        raise ShapeMismatchError(msg)
    cosines = np.asarray(_cosines(landscape, thetas, minima, jnp.asarray(batches)))
    return Pointing(cosines[:, 1:], cosines[:, 0])


@eqx.filter_jit
def _cosines(
    landscape: EmpiricalLandscape, thetas: Array, minima: Array, batches: Array
) -> Float[Array, "t c k"]:
    """Return the cosines at each point: of all samples, then of each minibatch."""

    def one(theta: Array) -> Array:
        own = jax.lax.map(lambda batch: landscape.minibatch(batch).gradient(theta), batches)
        slopes = jnp.concatenate([landscape.gradient(theta)[None], own])
        return _unit(-slopes) @ _unit(minima - theta[None]).T

    return jax.lax.map(one, thetas)


def _unit(vectors: Float[Array, "m p"]) -> Float[Array, "m p"]:
    """Return vectors of length 1; zero stays zero."""
    length = jnp.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / jnp.where(length > 0, length, 1.0)
