"""Every tolerance of the core: derived from eps and from what was measured, with the reason.

`eps` is the rounding unit of the dtype, H the Hessian, g the gradient. Scaling the loss scales
every threshold alike.
"""

import jax.numpy as jnp
from jaxtyping import Array, Float

Scalar = Float[Array, ""]

GRADIENT_ULPS = 4096.0
"""A gradient is zero below this many eps (9.1e-13): Newton from 1e-6 lands there in one step."""

ROUNDING_ULPS = 16.0
"""The error of H was measured up to 3.9 eps |H| in norm (one hidden layer of tanh against extended
precision, 9 to 41 parameters, 1 to 8,000 samples), eigenvalues that are zero by symmetry up to
2 eps |H|: four times the larger. The factor p on top bounds the error of the eigenvalues."""

MARGIN = 4.0
"""An eigenvalue is trusted where a Newton step changes it by less than a quarter of itself."""


def gradient_tolerance(theta: Float[Array, " p"], hessian: Float[Array, "p p"]) -> Scalar:
    """Return the max-norm below which the gradient is zero up to rounding.

    The larger of two: `GRADIENT_ULPS` eps, shrunk where H is small so that a flat region is not
    taken for a critical point; and what moving every parameter by some eps does to the gradient,
    eps |H| |theta|, below which no float64 theta can go.
    """
    eps = jnp.finfo(theta.dtype).eps
    size = jnp.abs(hessian)
    floor = ROUNDING_ULPS * eps * jnp.max(size @ jnp.abs(theta))
    return jnp.maximum(floor, GRADIENT_ULPS * eps * jnp.minimum(1.0, jnp.max(size)))


def gradient_rounding(hessian_norm: Scalar, theta: Float[Array, " p"]) -> Scalar:
    """Return how far a slope may be from zero by rounding alone: p eps |H| |theta|."""
    eps = jnp.finfo(theta.dtype).eps
    return ROUNDING_ULPS * theta.size * eps * hessian_norm * jnp.max(jnp.abs(theta))


def rounding_threshold(hessian_norm: Scalar, num_parameters: int) -> Scalar:
    """Return p eps |H|, which bounds what forming H and its eigenvalues costs."""
    eps = jnp.finfo(hessian_norm.dtype).eps
    return ROUNDING_ULPS * num_parameters * eps * hessian_norm


def eigenvalue_bounds(rounding: Scalar, changes: Float[Array, " p"]) -> Float[Array, " p"]:
    """Return, for each eigenvalue, the size below which it cannot be told from zero.

    Two errors add: rounding; and position, because the gradient that was reached is not zero, so
    the true critical point is a Newton step s = -H^+ g away. `changes` holds
    |v^T (H(theta + s) - H) v| for each eigenvector v. The margin makes degenerate points count as
    zero at every distance x: near x^m = 0, m >= 3, that change is 1 - (1 - 1/(m-1))^(m-2) >= 1/2 of
    the eigenvalue itself.
    """  # noqa: DOC201
    return rounding + MARGIN * changes
