"""Every tolerance of the core: derived from eps and from what was measured, with the reason.

`eps` is the rounding unit of the dtype, H the Hessian, g the gradient, K a bound on the third
derivative. Scaling the loss scales every threshold alike.
"""

import jax.numpy as jnp
from jaxtyping import Array, Float

Scalar = Float[Array, ""]

GRADIENT_ULPS = 4096.0
"""A gradient is zero below this many eps (9.1e-13): Newton from 1e-6 lands there in one step."""

ROUNDING_ULPS = 16.0
"""Entries of H sum over samples and units: their error was seen up to 3 eps |H|, so five times that."""

PROBE_STEP = 1 / 3
"""Third derivatives are differences of H over eps**(1/3): rounding and truncation then balance."""


def gradient_tolerance(theta: Float[Array, " p"], hessian: Float[Array, "p p"]) -> Scalar:
    """Return the max-norm below which the gradient is zero up to rounding.

    The larger of two: `GRADIENT_ULPS` eps, shrunk where H is small so that a flat region is not
    taken for a critical point; and what moving every parameter by some eps does to the gradient,
    eps |H| |theta|, below which no float64 theta can go.
    """  # noqa: DOC201
    eps = jnp.finfo(theta.dtype).eps
    size = jnp.abs(hessian)
    floor = ROUNDING_ULPS * eps * jnp.max(size @ jnp.abs(theta))
    return jnp.maximum(floor, GRADIENT_ULPS * eps * jnp.minimum(1.0, jnp.max(size)))


def eigenvalue_threshold(
    hessian_norm: Scalar, gradient_length: Scalar, third: Scalar, num_parameters: int
) -> Scalar:
    """Return the size below which an eigenvalue of the Hessian cannot be told from zero.

    Two errors add. Rounding: p eps |H| bounds what forming H and its eigenvalues costs. Position:
    the true critical point is where g = 0; by Kantorovich's theorem Newton's iteration reaches one
    at which the signs of the eigenvalues are those seen here if K |g| / lambda^2 < 1/2 for all of
    them. With twice that margin the bound is |lambda| > 2 sqrt(K |g|). It also catches degenerate
    points: near x^m = 0, m >= 3, lambda = m (m - 1) x^(m - 2) lies below it at every distance x.
    """  # noqa: DOC201
    eps = jnp.finfo(hessian_norm.dtype).eps
    rounding = ROUNDING_ULPS * num_parameters * eps * hessian_norm
    return rounding + 2 * jnp.sqrt(third * gradient_length)
