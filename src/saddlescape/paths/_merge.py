"""Merging two neurons: from a minimum through the permutation point to its mirror image."""

import math
from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from saddlescape.core import InvalidInputError, Landscape
from saddlescape.paths._flow import FlowEnd, flow
from saddlescape.paths._follow import Followed, Follower, Station
from saddlescape.paths._network_of import network_of, refuse_record, vector_of
from saddlescape.paths._pair import PairCoordinates, pair_coordinates
from saddlescape.paths._path import Path
from saddlescape.paths._polygon import highest_loss, lengths, losses
from saddlescape.paths._saddle import PermutationPoint, described, polished
from saddlescape.paths._settle import settle
from saddlescape.paths._space import FixedDistance, FreeSpace, Mark

Vector = Float[np.ndarray, " p"]

_NEAR = 0.1  # how far Newton's method may go to the permutation point, relative to 1 + |theta|


def merge(
    landscape: Landscape,
    theta: Any,
    layer: int,
    pair: Any,
    *,
    first: float = 1.0,
    on_station: Callable[[float], None] = lambda _: None,
    max_steps: int = 5_000,
) -> Path:
    """Return the path on which two neurons of a minimum merge and exchange their labels.

    The distance of their incoming weight vectors (biases included) is reduced from its value at the
    minimum to 0, all other parameters at a minimum of the loss under that constraint; then the same
    way is gone back with the labels exchanged. Where the constrained minimum disappears the path
    relaxes at fixed distance along the gradient flow to the next one. So the path is connected, and
    its highest loss is an upper bound of the barrier between the two permuted minima.

    Args:
        landscape: the loss of a network.
        theta: a minimum, shape (p,), float64.
        layer: the hidden layer, from 0.
        pair: the two neurons, from 0.
        first: the distance is first reduced to this share of itself at once, all else unchanged,
            and the path relaxes there: another of several constrained minima. 1 for none of that.
        on_station: called with the distance now at every step; may raise to stop.
        max_steps: steps after which the path ends where it is, those refused and those down
            relaxations among them. The lecture problem takes at most 1,600.

    Returns:
        the path; `reached` says whether the neurons met at a critical point, `reason` why not.

    Raises:
        InvalidInputError: for a layer or pair the network does not have, a theta that is no
            isolated minimum, equal neurons, or a share that is not in (0, 1].

    Notes:
        Costs some 200 to 1,500 Hessians: half a second to a few seconds for a dozen parameters,
        half a minute for 870 and 1,797 samples.

    References:
        Brea, Simsek, Illing & Gerstner (2019), Weight-space symmetry in deep networks gives rise to
        permutation saddles, arXiv 1907.02911, section 3.

    Example:
        >>> from saddlescape import problems
        >>> from saddlescape.core import EmpiricalLandscape
        >>> lecture = problems.lecture()
        >>> landscape = EmpiricalLandscape(lecture.network, lecture.data)
        >>> path = merge(landscape, lecture.teacher, layer=0, pair=(2, 3))
        >>> path.reached, path.saddle.index, path.saddle.nullity, round(path.barrier, 6)
        (True, 2, 1, 0.012353)
    """
    at = pair_coordinates(network_of(landscape), layer, pair)
    if not isinstance(first, int | float) or not 0 < first <= 1:
        msg = f"first is {first}: give the share of the distance to begin at, above 0 and at most 1"
        raise InvalidInputError(msg)
    start = begun(landscape, at, theta)
    space = FixedDistance(landscape, at, float(at.distance(start)))
    followed = _follow(space, start, first, on_station, max_steps)
    last = followed.stations[-1].here
    saddle, reason = None, followed.reason
    if not reason:
        saddle, reason = _arrival(landscape, at, last)
    return _assembled(landscape, at, followed, saddle, reason)


def _start(landscape: Landscape, theta: Any) -> Vector:
    """Return theta as a vector, polished to a minimum at rounding level; raise if it is none."""
    refuse_record(theta)
    theta = np.asarray(landscape.ravel(theta))
    if theta.dtype != np.float64 or theta.shape != (landscape.num_parameters,):
        msg = (
            f"theta is {theta.dtype} of shape {theta.shape}: "
            f"give float64 of shape ({landscape.num_parameters},)"
        )
        raise InvalidInputError(msg)
    if not np.isfinite(theta).all():
        msg = "theta holds numbers that are not finite: begin at a minimum"
        raise InvalidInputError(msg)
    here = settle(FreeSpace(landscape), theta)
    if here is None or here.index > 0:
        what = (
            "no critical point is near" if here is None else f"it is a saddle of index {here.index}"
        )
        msg = (
            f"theta is not a minimum ({what}): begin at one, "
            "find_minima(landscape, theta[None]).theta[0] leads to it"
        )
        raise InvalidInputError(msg)
    if not here.is_stable:
        msg = (
            "theta is one of a continuum of minima: its Hessian is singular (relu's scaling, more "
            "neurons than needed). With weight decay, EmpiricalLandscape(..., weight_decay=1e-4), "
            "minima are isolated"
        )
        raise InvalidInputError(msg)
    moved = np.linalg.norm(here.theta - theta)
    return theta if moved <= 1e3 * np.finfo(float).eps * np.linalg.norm(theta) else here.theta


def minimum_near(landscape: Landscape, theta: Any) -> Vector | None:
    """Return the isolated minimum that Newton's method finds next to theta.

    Args:
        landscape: the loss.
        theta: a place near it, shape (p,), as a descent leaves it.

    Returns:
        the minimum, its gradient zero up to rounding; None where Newton's method finds none or one
        of a continuum. Costs some three to five Hessians.

    Example:
        >>> from saddlescape.core import FunctionLandscape
        >>> wells = FunctionLandscape(lambda v: (v[0] ** 2 - 1) ** 2, num_parameters=1)
        >>> minimum_near(wells, jnp.array([1.1])).round(12).tolist()
        [1.0]
    """
    here = settle(FreeSpace(landscape), np.asarray(landscape.ravel(theta)))
    return here.theta if here is not None and here.is_stable else None


def is_merged(landscape: Landscape, theta: Any, layer: int, pair: Any) -> bool:
    """Return whether two neurons have equal incoming weights already, so there is no way to go.

    Args:
        landscape: the loss of a network.
        theta: parameters, shape (p,).
        layer: the hidden layer, from 0.
        pair: the two neurons, from 0.

    Returns:
        whether their distance is below half of theta's digits.

    Raises:
        InvalidInputError: for a layer or pair the network does not have.

    Example:
        >>> from saddlescape import problems
        >>> from saddlescape.core import EmpiricalLandscape
        >>> lecture = problems.lecture()
        >>> landscape = EmpiricalLandscape(lecture.network, lecture.data)
        >>> is_merged(landscape, lecture.teacher, 0, (0, 1))
        False
    """
    at = pair_coordinates(network_of(landscape), layer, pair)
    return _is_merged(at, vector_of(landscape, theta))


def _is_merged(at: PairCoordinates, theta: Vector) -> bool:
    """Return whether the distance of a pair is below half of theta's digits."""
    return not float(at.distance(theta)) > np.sqrt(np.finfo(float).eps) * np.linalg.norm(theta)


def begun(landscape: Landscape, at: PairCoordinates, theta: Any) -> Vector:
    """Return the minimum a path begins at; raise where there is nothing to merge."""
    theta = _start(landscape, theta)
    if _is_merged(at, theta):
        i, j, apart = *at.pair, float(at.distance(theta))
        msg = (
            f"neurons {i} and {j} of layer {at.layer} have equal incoming weights already "
            f"(distance {apart:.1e}): classify(landscape, theta) says what the point is"
        )
        raise InvalidInputError(msg)
    return theta


def _follow(
    space: FixedDistance,
    start: Vector,
    first: float,
    on_station: Callable[[float], None],
    max_steps: int,
) -> Followed:
    """Return the way to distance 0, after the first jump where one is asked for."""
    here = space.at(start)
    if first == 1.0:
        return Follower(space, here, on_station, max_steps).run()
    distance = first * space.unit
    way = flow(
        space, space.placed(start, distance), lambda: on_station(distance), max_steps=max_steps
    )
    relaxing = [Station(station, is_relaxing=True) for station in way.stations]
    begun = (Station(here.marked(), is_relaxing=False), *relaxing)
    if way.end is not FlowEnd.MINIMUM:
        where = "runs to infinity" if way.end is FlowEnd.INFINITY else "finds no minimum"
        return Followed(begun, (), f"the relaxation at distance {distance:.4g} {where}")
    rest = Follower(space, way.last, on_station, max_steps - way.num_steps).run()
    return Followed(begun[:-1] + rest.stations, rest.folds, rest.reason)


def _arrival(
    landscape: Landscape, at: PairCoordinates, last: Mark
) -> tuple[PermutationPoint | None, str]:
    """Return the permutation point next to the last station, or why there is none."""
    theta = polished(landscape, at, last.theta)
    size = 1 + np.linalg.norm(last.theta)
    if theta is not None and np.linalg.norm(theta - last.theta) <= _NEAR * size:
        return described(landscape, at, theta), ""
    difference = np.abs(at.turned(last.theta)[at.outgoing_difference]).max()
    return None, (
        "the outgoing weights of the pair grow as the distance goes to 0 (their difference is "
        f"{math.sqrt(2) * difference:.3g}): a channel to infinity, with no permutation point at "
        "its end"
    )


def _assembled(
    landscape: Landscape,
    at: PairCoordinates,
    followed: Followed,
    saddle: PermutationPoint | None,
    reason: str,
) -> Path:
    """Return both halves as one record."""
    stations = [station.here for station in followed.stations]
    half = np.array([here.theta for here in stations])
    slope, index = [here.slope for here in stations], [here.index for here in stations]
    relaxing = [station.is_relaxing for station in followed.stations]
    if saddle is None:
        theta, turn = half, len(half)
    else:
        theta = np.concatenate([half, saddle.theta[None], at.exchanged(half[::-1])])
        turn = len(half) + 1
        slope.append(float(saddle.point.gradient_norm))
        index.append(saddle.index)
        relaxing.append(False)

    def both(values: list) -> np.ndarray:
        return np.array(values if saddle is None else values + values[-2::-1])

    loss = losses(landscape, theta)
    mirrored = np.abs(loss - loss[::-1]) if saddle is not None else np.zeros(1)
    return Path(
        layer=at.layer,
        pair=at.pair,
        theta=theta,
        arclength=lengths(theta),
        distance=at.distance(theta),
        loss=loss,
        gradient=both(slope),
        index=both(index),
        relaxing=both(relaxing),
        folds=followed.folds,
        saddle=saddle,
        reason=reason,
        # The second half has the same losses: its middle places are not looked at again.
        barrier=highest_loss(landscape, theta[:turn]),
        asymmetry=float(mirrored.max() / np.abs(loss).max()),
    )


def mirror(landscape: Landscape, theta: Any, layer: int, pair: Any) -> Float[jnp.ndarray, " p"]:
    """Return theta with the labels of two neurons exchanged: where their path ends.

    Args:
        landscape: the loss of a network.
        theta: parameters, shape (p,).
        layer: the hidden layer, from 0.
        pair: the two neurons, from 0.

    Returns:
        the exchanged parameters, shape (p,).

    Raises:
        InvalidInputError: for a layer or pair the network does not have.
    """
    at = pair_coordinates(network_of(landscape), layer, pair)
    return jnp.asarray(at.exchanged(vector_of(landscape, theta)))
