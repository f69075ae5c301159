"""Critical points and what they are: index, nullity and kind from the full spectrum."""

import enum
from collections import Counter
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jax.core import Tracer
from jaxtyping import Array, Bool, Float, Int

from saddlescape.core import _tolerances as tolerances
from saddlescape.core._errors import NotConvergedError, PrecisionError, ShapeMismatchError
from saddlescape.core._landscape import Landscape, Theta
from saddlescape.core._outcome import Outcome


class Kind(enum.IntEnum):
    """What a point is, as far as its derivatives decide."""

    NOT_CRITICAL = 0
    MINIMUM = 1
    SADDLE = 2
    MAXIMUM = 3
    FLAT = 4
    PLATEAU = 5

    @property
    def label(self) -> str:
        """The kind in words."""
        return self.name.lower().replace("_", " ")

    @property
    def meaning(self) -> str:
        """What the kind says about the eigenvalues of the Hessian."""
        return _MEANING[self]


_MEANING = {
    Kind.NOT_CRITICAL: "the gradient is not zero",
    Kind.MINIMUM: "all eigenvalues positive",
    Kind.SADDLE: "some eigenvalues negative: their number is the order (index); of index 0 where "
    "only the third derivative shows that the loss falls, as at a monkey saddle",
    Kind.MAXIMUM: "all eigenvalues negative",
    Kind.FLAT: "none negative, some zero: second derivatives do not decide, third ones vanish",
    Kind.PLATEAU: "one parameter, second derivative zero, third not: the loss falls on one side",
}


class CriticalPoint(eqx.Module):
    """A point with the evidence for what it is; a batch has a leading axis m on every field.

    Index, nullity and kind are only meaningful where `outcome` is `CONVERGED`.
    """

    theta: Float[Array, "*m p"]
    loss: Float[Array, "*m"]
    gradient_norm: Float[Array, "*m"]
    """Largest absolute entry of the gradient."""
    eigenvalues: Float[Array, "*m p"]
    """Of the Hessian, ascending."""
    bounds: Float[Array, "*m p"]
    """For each eigenvalue, the size below which it counts as zero: rounding, plus four times what a
    Newton step changes it by."""
    index: Int[Array, "*m"]
    """Number of negative eigenvalues."""
    nullity: Int[Array, "*m"]
    """Number of eigenvalues that are zero within `bounds`."""
    num_uncertain: Int[Array, "*m"]
    """Number of eigenvalues within a factor 10 of their bound: sign or nullity is doubtful."""
    num_kinks: Int[Array, "*m"]
    """Samples so near a kink (ReLU) that the Hessian is one of several."""
    kind: Int[Array, "*m"]
    """A `Kind`."""
    outcome: Int[Array, "*m"]
    """How the search ended: an `Outcome`."""
    num_steps: Int[Array, "*m"]
    direction: Float[Array, "*m p"]
    """Unit vector along which the loss falls towards infinity; zero unless running there."""

    def __repr__(self) -> str:
        """Return the point in words, or how many of what a batch holds."""
        if isinstance(self.loss, Tracer):
            return "CriticalPoint(traced)"
        if self.theta.ndim > 1:
            ends = Counter(Outcome(int(end)).label for end in jnp.ravel(self.outcome))
            counts = ", ".join(f"{count:,} {end}" for end, count in ends.most_common())
            return f"<{self.theta.shape[0]:,} points: {counts}>"
        kind, end = Kind(int(self.kind)), Outcome(int(self.outcome))
        what = kind.label if end == Outcome.CONVERGED else f"not critical ({end.label})"
        return (
            f"<{what}: loss {float(self.loss):.6g}, gradient {float(self.gradient_norm):.1e}, "
            f"index {int(self.index)}, nullity {int(self.nullity)}>"
        )

    def __len__(self) -> int:
        """Return the number of points of a batch."""
        return self.theta.shape[0]

    def __getitem__(self, item) -> "CriticalPoint":
        """Return some points of a batch."""
        return jax.tree.map(lambda leaf: leaf[item], self)

    @property
    def converged(self) -> Bool[Array, "*m"]:
        """Whether each search ended at a critical point."""
        return self.outcome == Outcome.CONVERGED

    def require(self) -> "CriticalPoint":
        """Return the point itself if every search converged.

        Returns:
            self.

        Raises:
            NotConvergedError: for the first search that did not, with its advice.
        """
        outcome, steps = jnp.ravel(self.outcome), jnp.ravel(self.num_steps)
        bad = [int(i) for i in jnp.flatnonzero(outcome != Outcome.CONVERGED)[:1]]
        if bad:
            end = Outcome(int(outcome[bad[0]]))
            norm = float(jnp.ravel(self.gradient_norm)[bad[0]])
            msg = (
                f"start {bad[0]}: no critical point: {end.label} after {int(steps[bad[0]])} steps, "
                f"gradient norm {norm:.1e}. {end.advice}"
            )
            raise NotConvergedError(msg)
        return self


def classify(landscape: Landscape, theta: Any) -> CriticalPoint:
    """Return what the points `theta` are: their gradient, full spectrum, index, nullity and kind.

    Args:
        landscape: the loss.
        theta: one point of shape (p,) or a batch (m, p), float64; or a pytree, for a landscape
            made from a function of one.

    Returns:
        the record; `outcome` is CONVERGED where the gradient is zero up to rounding, else
        NOT_SEARCHED, or NOT_FINITE. Costs two Hessians and one eigendecomposition a point.

    Raises:
        PrecisionError: in lower precision than float64.
        ShapeMismatchError: when theta does not fit the landscape.

    Example:
        >>> from saddlescape.core import FunctionLandscape
        >>> saddle = FunctionLandscape(lambda v: v[0] ** 2 - v[1] ** 2, num_parameters=2)
        >>> point = classify(saddle, jnp.zeros(2))
        >>> int(point.index), Kind(int(point.kind)).label
        (1, 'saddle')
    """
    theta = landscape.ravel(theta)
    check_points(landscape, theta)
    flat = theta.reshape(-1, theta.shape[-1])
    points = _classify_batch(landscape, flat)
    return jax.tree.map(lambda leaf: leaf.reshape(*theta.shape[:-1], *leaf.shape[1:]), points)


def check_points(landscape: Landscape, theta: Array) -> None:
    """Raise unless theta is float64 and fits the landscape.

    Args:
        landscape: the loss.
        theta: points, shape (..., p).

    Raises:
        PrecisionError: in lower precision than float64.
        ShapeMismatchError: when the last axis is not p long.
    """
    if theta.dtype != jnp.float64:
        cure = (
            "make it float64 (theta.astype('float64'))"
            if jnp.zeros(()).dtype == jnp.float64
            else "call jax.config.update('jax_enable_x64', True) before making arrays"
        )
        msg = f"theta is {theta.dtype}: an index is counted in float64 only; {cure}"
        raise PrecisionError(msg)
    if theta.ndim not in {1, 2} or theta.shape[-1] != landscape.num_parameters:
        wanted = f"({landscape.num_parameters},) or a batch of them"
        msg = f"theta has shape {theta.shape}, wanted {wanted}"
        raise ShapeMismatchError(msg)


@eqx.filter_jit
def _classify_batch(landscape: Landscape, theta: Float[Array, "m p"]) -> CriticalPoint:
    return jax.lax.map(lambda one: describe(landscape, one), theta)


def describe(landscape: Landscape, theta: Theta) -> CriticalPoint:
    """Return the record of one point, inside compiled code."""
    return describe_known(landscape, theta, landscape.derivatives(theta))[0]


def describe_known(
    landscape: Landscape, theta: Theta, derivatives: tuple[Array, Theta, Array]
) -> tuple[CriticalPoint, Theta, Theta]:
    """Return the record of a point, its lowest eigenvector, and Newton's step from there."""
    loss, gradient, hessian = derivatives
    finite = jnp.isfinite(loss) & jnp.all(jnp.isfinite(gradient)) & jnp.all(jnp.isfinite(hessian))
    hessian = jnp.where(finite, hessian, jnp.eye(theta.size))
    gradient = jnp.where(finite, gradient, jnp.inf)
    spectrum = jnp.linalg.eigh(hessian)
    bounds, newton = _bounds(landscape, theta, gradient, hessian, spectrum)
    eigenvalues, vectors = spectrum
    size, zero = jnp.abs(eigenvalues), jnp.abs(eigenvalues) <= bounds
    index, nullity = jnp.sum((eigenvalues < 0) & ~zero), jnp.sum(zero)
    norm = jnp.max(jnp.abs(gradient))
    critical = norm <= tolerances.gradient_tolerance(theta, hessian)
    falls = jax.lax.cond(
        (index == 0) & (nullity > 0) & critical,
        lambda: _falls_on_one_side(landscape, theta, spectrum, zero),
        lambda: jnp.zeros((), bool),
    )
    outcome = jnp.where(critical, Outcome.CONVERGED, Outcome.NOT_SEARCHED)
    integer = jnp.int32
    point = CriticalPoint(
        theta=theta,
        loss=loss,
        gradient_norm=norm,
        eigenvalues=eigenvalues,
        bounds=bounds,
        index=index.astype(integer),
        nullity=nullity.astype(integer),
        num_uncertain=jnp.sum((size > bounds / 10) & (size < 10 * bounds)).astype(integer),
        num_kinks=landscape.kinks(theta).astype(integer),
        kind=_kind(critical, index, nullity, theta.size, falls).astype(integer),
        outcome=jnp.where(finite, outcome, Outcome.NOT_FINITE).astype(integer),
        num_steps=jnp.zeros((), integer),
        direction=jnp.zeros_like(theta),
    )
    return point, vectors[:, 0], newton


def _bounds(landscape, theta, gradient, hessian, spectrum) -> tuple[Theta, Theta]:
    """Return how small each eigenvalue may be and still count, and the Newton step used for it."""
    eigenvalues, vectors = spectrum
    rounding = tolerances.rounding_threshold(jnp.max(jnp.abs(eigenvalues)), theta.size)
    # What underflows is lost: at 1e-160 the gradient of x^3 is zero, its Hessian is not.
    limits = jnp.finfo(theta.dtype)
    along = vectors.T @ gradient + limits.tiny / limits.eps
    safe = jnp.where(jnp.abs(eigenvalues) > rounding, eigenvalues, jnp.inf)
    step = -vectors @ (along / safe)
    length, size = jnp.linalg.norm(step), jnp.linalg.norm(theta)
    # Theta is rounded itself: a step too small to change it would show no change of the Hessian.
    stretch = jnp.clip(length, 4 * limits.eps * size, 1 + size) / length
    step = jnp.where(jnp.isfinite(length) & (length > 0), step * stretch, 0.0)
    change = landscape.hessian(theta + step) - hessian
    changes = jnp.abs(jnp.sum(vectors * (change @ vectors), axis=0))
    bounds = tolerances.eigenvalue_bounds(rounding, jnp.where(length > 0, changes, 0.0))
    return bounds, step


def _falls_on_one_side(landscape, theta, spectrum, zero) -> Bool[Array, ""]:
    """Return whether the slope along a generic zero mode is even: a third derivative, not a fourth.

    With h = eps**(1/5) the slope at +-h is T h^2 / 2 +- (lambda h + Q h^3 / 6): its even part shows
    T, its odd part what a flat minimum has.
    """
    eigenvalues, vectors = spectrum
    generic = jnp.where(zero, jnp.cos(1.0 + jnp.arange(theta.size)), 0.0)
    mode = vectors @ (generic / jnp.linalg.norm(generic))
    eps = jnp.finfo(theta.dtype).eps
    step = eps**0.2 * jnp.maximum(1.0, jnp.max(jnp.abs(theta)))
    here, ahead, behind = jax.lax.map(
        lambda t: landscape.gradient(theta + t * mode) @ mode,
        jnp.stack([jnp.zeros_like(step), step, -step]),
    )
    even, odd = (ahead + behind) / 2 - here, (ahead - behind) / 2
    reach = jnp.abs(theta) + step  # theta = 0 is moved too, and rounds there
    rounding = tolerances.gradient_rounding(jnp.max(jnp.abs(eigenvalues)), reach)
    return (jnp.abs(even) > 4 * jnp.abs(odd)) & (jnp.abs(even) > rounding)


def _kind(critical, index, nullity, size: int, falls) -> Int[Array, ""]:
    """Return the kind that these counts mean."""
    definite = jnp.where(index == 0, Kind.MINIMUM, Kind.SADDLE)
    definite = jnp.where(index == size, Kind.MAXIMUM, definite)
    one_sided = Kind.PLATEAU if size == 1 else Kind.SADDLE  # x^3; the monkey saddle, x^3 + y^2
    flat = jnp.where(falls, one_sided, Kind.FLAT)
    kind = jnp.where((index == 0) & (nullity > 0), flat, definite)
    return jnp.where(critical, kind, Kind.NOT_CRITICAL)
