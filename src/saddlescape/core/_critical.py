"""Critical points and what they are: index, nullity and kind from the full spectrum."""

import enum

import equinox as eqx
import jax
import jax.numpy as jnp
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
    Kind.SADDLE: "some eigenvalues negative: their number is the order (index)",
    Kind.MAXIMUM: "all eigenvalues negative",
    Kind.FLAT: "none negative, some zero: second derivatives do not decide, third ones vanish",
    Kind.PLATEAU: "none negative, some zero, and the third derivative along them is not zero: "
    "the loss falls on one side",
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
    threshold: Float[Array, "*m"]
    """Eigenvalues smaller than this count as zero; see `eigenvalue_threshold`."""
    index: Int[Array, "*m"]
    """Number of negative eigenvalues."""
    nullity: Int[Array, "*m"]
    """Number of eigenvalues that are zero within `threshold`."""
    num_uncertain: Int[Array, "*m"]
    """Number of eigenvalues within a factor 10 of `threshold`: their sign or nullity is doubtful."""
    num_kinks: Int[Array, "*m"]
    """Samples so near a kink (ReLU) that the Hessian is one of several."""
    kind: Int[Array, "*m"]
    """A `Kind`."""
    outcome: Int[Array, "*m"]
    """How the search ended: an `Outcome`."""
    num_steps: Int[Array, "*m"]
    direction: Float[Array, "*m p"]
    """Unit vector along which the loss falls towards infinity; zero unless running there."""

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


def classify(landscape: Landscape, theta: Float[Array, "*m p"]) -> CriticalPoint:
    """Return what the points `theta` are: their gradient, full spectrum, index, nullity and kind.

    Args:
        landscape: the loss.
        theta: one point of shape (p,) or a batch (m, p), float64.

    Returns:
        the record; `outcome` is CONVERGED where the gradient is zero up to rounding, else
        OUT_OF_STEPS, or NOT_FINITE. Costs three Hessians and one eigendecomposition a point.

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
    theta = jnp.asarray(theta)
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
        msg = (
            f"theta is {theta.dtype}: an index is counted in float64 only. Call "
            "jax.config.update('jax_enable_x64', True) before making arrays"
        )
        raise PrecisionError(msg)
    if theta.ndim not in {1, 2} or theta.shape[-1] != landscape.num_parameters:
        msg = f"theta has shape {theta.shape}, wanted ({landscape.num_parameters},) or a batch of them"
        raise ShapeMismatchError(msg)


@eqx.filter_jit
def _classify_batch(landscape: Landscape, theta: Float[Array, "m p"]) -> CriticalPoint:
    return jax.lax.map(lambda one: describe(landscape, one), theta)


def describe(landscape: Landscape, theta: Theta) -> CriticalPoint:
    """Return the record of one point, inside compiled code."""  # noqa: DOC201
    loss, gradient, hessian = landscape.derivatives(theta)
    finite = jnp.isfinite(loss) & jnp.all(jnp.isfinite(gradient)) & jnp.all(jnp.isfinite(hessian))
    hessian = jnp.where(finite, hessian, jnp.eye(theta.size))
    eigenvalues, vectors = jnp.linalg.eigh(hessian)
    threshold = _threshold(landscape, theta, gradient, hessian, (eigenvalues, vectors))
    index = jnp.sum(eigenvalues < -threshold)
    zero = jnp.abs(eigenvalues) <= threshold
    nullity = jnp.sum(zero)
    size = jnp.abs(eigenvalues)
    critical = jnp.max(jnp.abs(gradient)) <= tolerances.gradient_tolerance(theta, hessian)
    slopes = jax.lax.cond(
        (index == 0) & (nullity > 0) & finite,
        lambda: _falls_on_one_side(landscape, theta, vectors, zero),
        lambda: jnp.zeros((), bool),
    )
    kind = _kind(critical, index, nullity, theta.size, slopes)
    outcome = jnp.where(critical, Outcome.CONVERGED, Outcome.OUT_OF_STEPS)
    integer = jnp.int32
    return CriticalPoint(
        theta=theta,
        loss=loss,
        gradient_norm=jnp.max(jnp.abs(gradient)),
        eigenvalues=eigenvalues,
        threshold=threshold,
        index=index.astype(integer),
        nullity=nullity.astype(integer),
        num_uncertain=jnp.sum((size > threshold / 10) & (size < 10 * threshold)).astype(integer),
        num_kinks=landscape.kinks(theta).astype(integer),
        kind=jnp.where(finite, kind, Kind.NOT_CRITICAL).astype(integer),
        outcome=jnp.where(finite, outcome, Outcome.NOT_FINITE).astype(integer),
        num_steps=jnp.zeros((), integer),
        direction=jnp.zeros_like(theta),
    )


def _threshold(landscape, theta, gradient, hessian, spectrum) -> Float[Array, ""]:
    """Return the zero threshold of this point, with the third derivative measured by two probes.

    One probe goes along the eigenvector of the smallest eigenvalue, whose sign is at stake, one
    along a generic direction.
    """
    eigenvalues, vectors = spectrum
    weakest = vectors[:, jnp.argmin(jnp.abs(eigenvalues))]
    generic = jnp.cos(1.0 + jnp.arange(theta.size))
    step = jnp.finfo(theta.dtype).eps ** tolerances.PROBE_STEP
    step *= jnp.maximum(1.0, jnp.max(jnp.abs(theta)))
    third = jnp.zeros(())
    for probe in (weakest, generic / jnp.linalg.norm(generic)):
        change = landscape.hessian(theta + step * probe) - hessian
        third = jnp.maximum(third, jnp.linalg.norm(change) / step)
    return tolerances.eigenvalue_threshold(
        jnp.max(jnp.abs(eigenvalues)), jnp.linalg.norm(gradient), third, theta.size
    )


def _falls_on_one_side(landscape, theta, vectors, zero) -> Bool[Array, ""]:
    """Return whether the slope along a generic zero mode is even: a third derivative, not a fourth.

    With h = eps**(1/5) the slope at +-h is T h^2 / 2 +- (lambda h + Q h^3 / 6): its even part shows
    T, its odd part what a flat minimum has.
    """
    generic = jnp.where(zero, jnp.cos(1.0 + jnp.arange(theta.size)), 0.0)
    mode = vectors @ (generic / jnp.linalg.norm(generic))
    eps = jnp.finfo(theta.dtype).eps
    step = eps**0.2 * jnp.maximum(1.0, jnp.max(jnp.abs(theta)))
    here, ahead, behind = (
        landscape.gradient(theta + t * mode) @ mode for t in (jnp.zeros(()), step, -step)
    )
    even, odd = (ahead + behind) / 2 - here, (ahead - behind) / 2
    rounding = 1e3 * eps * (1 + jnp.abs(landscape.loss(theta)))
    return (jnp.abs(even) > 4 * jnp.abs(odd)) & (jnp.abs(even) > rounding)


def _kind(critical, index, nullity, size: int, falls) -> Int[Array, ""]:
    """Return the kind that these counts mean."""
    definite = jnp.where(index == 0, Kind.MINIMUM, Kind.SADDLE)
    definite = jnp.where(index == size, Kind.MAXIMUM, definite)
    flat = jnp.where(falls, Kind.PLATEAU, Kind.FLAT)
    kind = jnp.where((index == 0) & (nullity > 0), flat, definite)
    return jnp.where(critical, kind, Kind.NOT_CRITICAL)
