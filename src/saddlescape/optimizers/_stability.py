"""The edge of stability: sharpness along a trajectory against what the rule can bear."""

import dataclasses

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float
from scipy.sparse.linalg import ArpackNoConvergence, LinearOperator, eigsh

from saddlescape.core import Landscape, ShapeMismatchError
from saddlescape.optimizers._directions import Vectors
from saddlescape.optimizers._rule import Rule

_DENSE = 500  # parameters; beyond, products with the Hessian are cheaper than the Hessian
_TOLERANCE = 1e-8  # relative, of the largest eigenvalue from products


@dataclasses.dataclass(frozen=True, eq=False)
class Stability:
    """How sharp the landscape is along a trajectory, and how sharp the rule can bear it.

    Args:
        rule: the optimizer.
        sharpness: the largest eigenvalue of the Hessian H, loss per parameter squared.
        scaled_sharpness: of S^(1/2) H S^(1/2), S the rule's scaling after each step; equal to
            `sharpness` for linear rules.
        bound: the largest scaled sharpness at which the rule is stable on a quadratic. For Adam it
            is the bound once the correction of the bias has faded.
    """

    rule: Rule
    sharpness: Float[np.ndarray, " t"]
    scaled_sharpness: Float[np.ndarray, " t"]
    bound: float

    @property
    def is_unstable(self) -> Bool[np.ndarray, " t"]:
        """Whether the rule would diverge on the quadratic that touches the landscape there."""
        return self.scaled_sharpness > self.bound


def stability(
    landscape: Landscape, rule: Rule, thetas: Vectors, scalings: Vectors | None = None
) -> Stability:
    """Return sharpness and scaled sharpness at points of a trajectory, and the rule's bound.

    Args:
        landscape: the loss, of all samples.
        rule: the optimizer, with its rate.
        thetas: the points, shape (t, p).
        scalings: `rule.scaling` of the state at each, shape (t, p), all positive; left out for
            linear rules, whose scaling is 1.

    Returns:
        two eigenvalues per point, exact up to rounding for up to 500 parameters: t Hessians and
        their eigenvalues in one compiled call. Beyond, by Lanczos iterations (ARPACK) on products
        with the Hessian to a relative error of 1e-8, some 20 to 100 products per eigenvalue; NaN
        where they do not converge.

    Raises:
        ShapeMismatchError: when points and scalings do not fit.

    References:
        Cohen et al. (2021), Gradient descent on neural networks typically occurs at the edge of
        stability; Cohen et al. (2022), Adaptive gradient methods at the edge of stability.

    Example:
        >>> from saddlescape.core import FunctionLandscape
        >>> from saddlescape.optimizers import GradientDescent
        >>> bowl = FunctionLandscape(lambda v: 3 * v[0] ** 2 + v[1] ** 2, num_parameters=2)
        >>> measured = stability(bowl, GradientDescent(rate=0.25), jnp.ones((1, 2)))
        >>> measured.sharpness.tolist(), measured.bound
        ([6.0], 8.0)
    """
    thetas = jnp.asarray(thetas)
    wanted = (len(thetas), landscape.num_parameters)
    if thetas.shape != wanted or (scalings is not None and scalings.shape != wanted):
        given = thetas.shape if scalings is None else f"{thetas.shape} and {scalings.shape}"
        msg = f"points (and scalings) of shape {given}, wanted {wanted}: one row per step"
        raise ShapeMismatchError(msg)
    sharpest = _dense if landscape.num_parameters <= _DENSE else _by_products
    roots = jnp.ones_like(thetas) if scalings is None else jnp.sqrt(jnp.asarray(scalings))
    if scalings is None:
        scaled = plain = sharpest(landscape, thetas, roots[:, None])[:, 0]
    else:
        both = jnp.stack([jnp.ones_like(roots), roots], axis=1)
        plain, scaled = sharpest(landscape, thetas, both).T
    return Stability(rule, plain, scaled, float(rule.sharpness_bound()))


def _dense(
    landscape: Landscape, thetas: Float[Array, "t p"], roots: Float[Array, "t r p"]
) -> Float[np.ndarray, "t r"]:
    """Return the largest eigenvalue of D H D at each point for each diagonal D."""
    return np.asarray(_dense_compiled(landscape, thetas, roots))


@eqx.filter_jit
def _dense_compiled(landscape: Landscape, thetas: Array, roots: Array) -> Array:
    """Return the largest eigenvalues, in one compiled call."""

    def one(point: tuple[Array, Array]) -> Array:
        theta, diagonals = point
        hessian = landscape.hessian(theta)
        scaled = diagonals[:, :, None] * hessian[None] * diagonals[:, None, :]
        return jnp.linalg.eigvalsh(scaled)[:, -1]

    return jax.lax.map(one, (thetas, roots))


def _by_products(
    landscape: Landscape, thetas: Float[Array, "t p"], roots: Float[Array, "t r p"]
) -> Float[np.ndarray, "t r"]:
    """Return the same from products, each point's search begun at the eigenvector before."""
    found = np.full(roots.shape[:2], np.nan)
    size = thetas.shape[1]
    noise = np.random.default_rng(0).normal(size=size) / np.sqrt(size)
    begin = [noise] * roots.shape[1]
    for t, theta in enumerate(thetas):
        for r, diagonal in enumerate(roots[t]):
            operator = LinearOperator(  # pyright: ignore[reportCallIssue]
                shape=(size, size),
                dtype=np.float64,
                matvec=lambda v, d=diagonal, at=theta: np.asarray(_product(landscape, at, d, v)),  # pyright: ignore[reportCallIssue]
            )
            try:
                values, vectors = eigsh(
                    operator,
                    k=1,
                    which="LA",
                    v0=begin[r],
                    tol=_TOLERANCE,  # pyright: ignore[reportArgumentType]
                )
            except ArpackNoConvergence:
                continue
            # Never an eigenvector alone: the iteration would see no other.
            found[t, r], begin[r] = values[0], vectors[:, 0] + 0.1 * noise
    return found


@eqx.filter_jit
def _product(landscape: Landscape, theta: Array, diagonal: Array, vector: Array) -> Array:
    """Return D H D times a vector."""
    return diagonal * landscape.hvp(theta, diagonal * vector.reshape(diagonal.shape))
