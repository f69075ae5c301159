"""Points at infinity: what a start that runs to infinity runs to, found to machine precision."""

import dataclasses
import itertools

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

from saddlescape.core._critical import CriticalPoint, Kind, check_points, describe_known
from saddlescape.core._empirical import EmpiricalLandscape
from saddlescape.core._errors import InvalidInputError
from saddlescape.core._finders._descent import begin, descend, is_zero
from saddlescape.core._finders._settle import settle
from saddlescape.core._jet_landscape import JetLandscape
from saddlescape.core._jets import Merger, from_jets, to_jets
from saddlescape.core._landscape import Landscape, Theta
from saddlescape.core._mergers import mergers
from saddlescape.core._outcome import Outcome
from saddlescape.core._runaways import Curve, Runaway, curves, scaled
from saddlescape.core._tolerances import GRADIENT_ULPS

_EPS = float(np.finfo(float).eps)
_STEPS = 300  # Newton steps in limit coordinates; four to eight are the rule
_EVALUATIONS = 600  # of settling, where those were not enough
DISTANCES = (0.2, 0.1, 0.05, 0.02, 0.01)
"""Where the loss is looked at along a channel: spread of the merging neurons over their length."""
_IN_SIGHT = 0.1  # share of its loss that a start out of steps may be above the limit it is given
_NUDGE = _EPS**0.25  # of weights, to see a parabola above rounding
_ROUNDINGS = 4096.0  # by so many eps the loss of two finite networks may differ without meaning


@dataclasses.dataclass(frozen=True, eq=False)
class PointAtInfinity:
    """Where one start that ran to infinity leads, with the evidence.

    Index, nullity and kind are those of the loss as a function of the limit coordinates; they mean
    something where `is_certified`.
    """

    row: int
    """Of the start in the batch."""
    runaway: Runaway
    """What happens to the neurons."""
    neurons: tuple[tuple[int, int], ...]
    """Those that run away, (hidden layer, number)."""
    clusters: tuple[tuple[int, ...], ...]
    """Those that merge, numbers in their layer; empty for other runaways."""
    is_certified: bool
    """Whether the gradient in limit coordinates is zero up to rounding, and the loss falls along
    the channel from finite parameters to the limit's."""
    loss: float
    gradient_norm: float
    """Largest entry of the gradient in limit coordinates."""
    eigenvalues: np.ndarray
    """Of the Hessian in limit coordinates, ascending."""
    index: int
    nullity: int
    kind: Kind
    coordinates: np.ndarray
    """The free limit coordinates; `landscape` is a function of these."""
    landscape: Landscape | None
    """The loss in limit coordinates; None where there are none."""
    distances: tuple[float, ...]
    """Places along the channel: spread of the neurons over their length, falling; where nothing
    merges the factor of a neuron's weights, or how far along a ray, in units of 1 + |theta|."""
    channel: np.ndarray
    """Parameters there, finite, in the network's own order, shape (len(distances), p)."""
    losses: np.ndarray
    """The loss there."""
    largest: float
    """The largest parameter at the last of these places."""

    def __repr__(self) -> str:
        """Return the point in words."""
        if not self.is_certified:
            return f"<not certified, {self.runaway.label}: loss {self.loss:.6g}>"
        return (
            f"<{self.kind.label} at infinity, {self.runaway.label}: loss {self.loss:.6g}, gradient "
            f"{self.gradient_norm:.1e}, index {self.index}, nullity {self.nullity}>"
        )


def continue_to_infinity(
    landscape: Landscape, points: CriticalPoint
) -> tuple[PointAtInfinity, ...]:
    """Return where the starts that ran to infinity, or out of steps, lead in the limit.

    Args:
        landscape: the loss of a network on data.
        points: a batch that a finder returned.

    Returns:
        one record for each such start, in their order. Where no critical point at infinity is
        found, the record says what grows and how the loss changes along that ray. A start out of
        steps is only given a limit whose loss it has nearly reached.

    Raises:
        InvalidInputError: for a landscape without a network, whose limits are not known.

    Example:
        >>> from saddlescape.core import Data, Network, find_minima
        >>> x = jnp.linspace(-2.0, 2.0, 41)[:, None]
        >>> slope = Data(x, 0.5 * jnp.tanh(x) + x / jnp.cosh(x) ** 2)
        >>> network = Network((1, 2, 1), "tanh", bias=False)
        >>> landscape = EmpiricalLandscape(network, slope)
        >>> points = find_minima(landscape, jnp.array([[1.2, 0.9, 4.0, -3.5]]))
        >>> (point,) = continue_to_infinity(landscape, points)
        >>> point.coordinates.round(9).tolist()
        [1.0, 1.0, 0.5]
    """
    if not isinstance(landscape, EmpiricalLandscape):
        msg = (
            f"{type(landscape).__name__} has no network: points at infinity are known for an "
            "EmpiricalLandscape only"
        )
        raise InvalidInputError(msg)
    check_points(landscape, landscape.ravel(points.theta))
    ends = (Outcome.RUNNING_TO_INFINITY, Outcome.OUT_OF_STEPS)
    rows = np.flatnonzero(np.isin(np.asarray(points.outcome), ends))
    thetas, directions = np.asarray(points.theta), np.asarray(points.direction)
    losses = np.asarray(points.loss)
    found = (
        _continue(landscape, int(row), thetas[row], float(losses[row]), directions[row])
        for row in rows
    )
    stopped = np.asarray(points.outcome) == Outcome.OUT_OF_STEPS
    return tuple(
        dataclasses.replace(
            point,
            is_certified=point.is_certified
            and not (stopped[point.row] and point.loss < (1 - _IN_SIGHT) * losses[point.row]),
        )
        for point in found
    )


def _continue(
    landscape: EmpiricalLandscape, row: int, theta: np.ndarray, loss: float, direction: np.ndarray
) -> PointAtInfinity:
    """Return the first guess that is certified, else what grows along the ray.

    A degenerate limit gives way to a later guess that is not: there more neurons merge.
    """
    guesses = mergers(landscape.network, theta) if float(landscape.weight_decay) == 0 else []
    best: PointAtInfinity | None = None
    for settles, merger in itertools.product((False, True), guesses):
        found = None if best and settles else _at_limit(landscape, row, theta, merger, settles)
        if found is None or not (found.is_certified and _is_below(found.loss, loss)):
            continue
        if found.nullity == 0:
            return found
        best = best or found
    return best or _along_ray(landscape, row, theta, direction)


def _is_below(limit: float, loss: float) -> bool:
    """Return whether the limit's loss is no higher than the start's, up to rounding."""
    return limit <= loss + _ROUNDINGS * _EPS * abs(loss)


def _at_limit(
    landscape: EmpiricalLandscape, row: int, theta: np.ndarray, merger: Merger, settles: bool
) -> PointAtInfinity | None:
    """Return the critical point in limit coordinates below theta; None where there is none."""
    network = landscape.network
    jets = to_jets(network, theta, merger)
    if jets is None:
        return None
    limit, free = jets
    jet_landscape = JetLandscape(
        network, landscape.kind, merger.layer, merger.sizes, landscape.chunks,
        jnp.asarray(limit), jnp.asarray(free, jnp.int32),
    )  # fmt: skip
    point, is_found = _search(jet_landscape, jnp.asarray(limit[free]))
    if bool(is_found) == settles:
        return None
    if settles:  # a program of its own: few ever need it
        point = _settle(jet_landscape, point.theta)
    point = jax.tree.map(np.asarray, point)
    limit = np.asarray(limit).copy()
    limit[free] = point.theta
    with np.errstate(all="ignore"):
        channel = np.stack([from_jets(network, limit, merger, t) for t in DISTANCES])
    losses = _losses(landscape, channel)
    # Stricter than for finite points: large limit coordinates mean that more runs away.
    strict = GRADIENT_ULPS * _EPS * min(1.0, float(np.abs(point.eigenvalues).max()))
    reached = bool(point.outcome == Outcome.CONVERGED) and bool(point.gradient_norm <= strict)
    return PointAtInfinity(
        row=row,
        runaway=_MERGING[max(merger.sizes)] if len(merger.sizes) == 1 else Runaway.SEVERAL,
        neurons=tuple((merger.layer, n) for cluster in merger.clusters for n in cluster),
        clusters=merger.clusters,
        is_certified=reached and falls(losses, float(point.loss)),
        loss=float(point.loss),
        gradient_norm=float(point.gradient_norm),
        eigenvalues=point.eigenvalues,
        index=int(point.index),
        nullity=int(point.nullity),
        kind=Kind(int(point.kind)),
        coordinates=point.theta,
        landscape=jet_landscape,
        distances=DISTANCES,
        channel=channel,
        losses=losses,
        largest=float(np.abs(channel[-1]).max()),
    )


_MERGING = {2: Runaway.DERIVATIVE, 3: Runaway.SECOND_DERIVATIVE}


def falls(losses: np.ndarray, limit: float) -> bool:
    """Return whether losses fall along a channel and down to the limit's, up to rounding.

    Args:
        losses: along the channel.
        limit: the loss at its end.

    Returns:
        whether each is below the one before by more than rounding, or level and at the end.

    Example:
        >>> falls(np.array([3.0, 2.0]), 1.0), falls(np.array([1.0, 2.0]), 0.5)
        (True, False)
    """
    told = np.append(losses, limit)
    slack = _ROUNDINGS * _EPS * np.abs(told[:-1]) + _EPS**2
    return bool(np.all(np.isfinite(told)) and np.all(np.diff(told) <= slack) and told[0] >= limit)


def _along_ray(
    landscape: EmpiricalLandscape, row: int, theta: np.ndarray, direction: np.ndarray
) -> PointAtInfinity:
    """Return the record of a start without a known limit: what grows, and the losses."""
    size = theta.size
    ways = [_tuned(landscape, way) for way in curves(landscape.network, theta, direction)]
    told = [_losses(landscape, way.thetas) for way in ways]
    lower = [np.all(np.diff(losses) <= 0) and losses[-1] < losses[0] for losses in told]
    chosen = lower.index(True) if any(lower) else -1
    curve, losses = ways[chosen], told[chosen]
    if not any(lower):  # it runs along some other curve: these do not show what becomes of it
        curve = curve._replace(runaway=Runaway.UNKNOWN)
    channel = curve.thetas
    return PointAtInfinity(
        row=row, runaway=curve.runaway, neurons=curve.neurons, clusters=(), is_certified=False,
        loss=float(losses.min()), gradient_norm=float("nan"), eigenvalues=np.full(size, np.nan),
        index=0, nullity=0, kind=Kind.NOT_CRITICAL, coordinates=theta, landscape=None,
        distances=curve.distances, channel=channel, losses=losses,
        largest=float(np.abs(channel[-1]).max()),
    )  # fmt: skip


def _tuned(landscape: EmpiricalLandscape, curve: Curve) -> Curve:
    """Return the curve with the outgoing weights of its neuron where the loss is lowest.

    Outgoing weights of the last hidden layer make the squared error a parabola, which three points
    determine; elsewhere the second pass is nearer.
    """
    if curve.runaway not in {Runaway.STEP, Runaway.RELU, Runaway.LINEAR}:
        return curve
    (neuron,), thetas = curve.neurons, curve.thetas
    for _ in range(2):
        trials = [
            np.stack([scaled(landscape.network, theta, neuron, 1.0, by) for theta in thetas])
            for by in (1 - _NUDGE, 1.0, 1 + _NUDGE)
        ]
        below, here, above = (_losses(landscape, trial) for trial in trials)
        with np.errstate(all="ignore"):
            factors = 1 - _NUDGE * (above - below) / (2 * (above - 2 * here + below))
        factors = np.where(np.isfinite(factors) & (np.abs(factors - 1) < 1), factors, 1.0)
        thetas = np.stack([
            scaled(landscape.network, theta, neuron, 1.0, float(by))
            for theta, by in zip(thetas, factors, strict=True)
        ])  # fmt: skip
    return curve._replace(thetas=thetas)


@eqx.filter_jit
def _search(landscape: JetLandscape, start: Theta) -> tuple[CriticalPoint, Bool[Array, ""]]:
    """Return where Newton's method on the limit function leads, and whether that is critical."""
    state = descend(landscape, begin(start), _STEPS)
    known = (state.loss, state.gradient, state.hessian)
    return describe_known(landscape, state.theta, known)[0], is_zero(state)


@eqx.filter_jit
def _settle(landscape: JetLandscape, start: Theta) -> CriticalPoint:
    """Return where settling leads from where Newton's method crawled."""
    here = settle(landscape, start, _EVALUATIONS).here
    return describe_known(landscape, here.theta, (here.loss, here.gradient, here.hessian))[0]


@eqx.filter_jit
def _all_losses(landscape: EmpiricalLandscape, thetas: Float[Array, "m p"]) -> Float[Array, " m"]:
    return jax.lax.map(landscape.loss, thetas)


def _losses(landscape: EmpiricalLandscape, thetas: np.ndarray) -> np.ndarray:
    """Return the loss at some points."""
    return np.asarray(_all_losses(landscape, jnp.asarray(thetas)))
