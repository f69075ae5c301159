"""The minimum that paths begin at: the teacher, or the lowest of some random starts."""

import dataclasses
from collections.abc import Callable
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from saddlescape import symmetry
from saddlescape.core import (
    CriticalPoint,
    Data,
    InvalidInputError,
    Kind,
    Landscape,
    MinimumFinder,
    Network,
    NotConvergedError,
    Outcome,
    find,
    find_minima,
)
from saddlescape.passages._descend import descended
from saddlescape.setups import MANY, Setup

_MORE_STEPS = 200  # of Newton's method, for a start of many parameters that gradients left nowhere


@dataclasses.dataclass(frozen=True, eq=False)
class Start:
    """A minimum, and where it comes from.

    Args:
        theta: shape (p,).
        loss: there.
        source: in words.
    """

    theta: Float[np.ndarray, " p"]
    loss: float
    source: str


def start_of(
    setup: Setup, num_starts: int, seed: int, check: Callable[[int], None] = lambda _: None
) -> Start:
    """Return the teacher where the student has its form, else the lowest minimum of some starts.

    Args:
        setup: what is studied.
        num_starts: random starts, where they are needed.
        seed: of the starts.
        check: called with the number of the start that is followed; may raise to stop.

    Returns:
        the minimum.

    Raises:
        InvalidInputError: for a surface, which has no neurons.
        NotConvergedError: when no start reached a minimum; the message says what helps.

    Notes:
        Up to 200 parameters Newton's method takes all starts at once. From there on each is led
        down by gradients, which takes a second for 870 parameters and 1,797 samples.
    """
    problem, network, landscape = setup.problem, setup.network, setup.landscape
    if network is None:
        msg = f"{problem.name!r} is a surface without neurons: choose a problem with data"
        raise InvalidInputError(msg)
    if problem.teacher is not None and network == problem.network and not _decays(setup):
        theta = np.asarray(problem.teacher)
        return Start(theta, float(landscape.loss(jnp.asarray(theta))), "the teacher")
    starts = network.starts(num_starts, seed=seed)
    search = _by_gradients if network.num_parameters >= MANY else _by_newton
    found = search(landscape, starts, check)
    count = int(np.isfinite(found.loss).sum())
    if not count:
        raise NotConvergedError(_why_none(num_starts, network, found.outcome))
    best = int(np.argmin(found.loss))
    which = f"the lowest of {count} minima" if count > 1 else "the only minimum"
    source = f"{which} from {num_starts} starts (number {best}, seed {seed})"
    return Start(found.theta[best], float(found.loss[best]), source)


class _Found(NamedTuple):
    """Where each start led: its place, the loss of an isolated minimum or infinity, the outcome."""

    theta: Float[np.ndarray, "m p"]
    loss: Float[np.ndarray, " m"]
    outcome: Int[np.ndarray, " m"]


def _by_newton(landscape: Landscape, starts: Array, check: Callable[[int], None]) -> _Found:
    """Return where Newton's method leads from all starts, in one compiled program."""
    check(0)
    return _found(find_minima(landscape, starts))


def _found(points: CriticalPoint) -> _Found:
    """Return what a search found."""
    outcome, kind, loss = (np.asarray(x) for x in (points.outcome, points.kind, points.loss))
    good = (outcome == Outcome.CONVERGED) & (kind == Kind.MINIMUM)
    return _Found(np.asarray(points.theta), np.where(good, loss, np.inf), outcome)


def _by_gradients(landscape: Landscape, starts: Array, check: Callable[[int], None]) -> _Found:
    """Return where gradients, and Newton's method at the end, lead from each start.

    Where that finds no minimum at all, damped Newton's method goes on from where it ended, start
    after start, until one is found.
    """
    ends = list(descended(landscape, np.asarray(starts), check))
    theta = np.array([end if minimum is None else minimum for end, minimum in ends])
    loss = np.array([
        np.inf if minimum is None else float(landscape.loss(jnp.asarray(minimum)))
        for _, minimum in ends
    ])  # fmt: skip
    outcome = np.where(np.isfinite(loss), Outcome.CONVERGED, Outcome.OUT_OF_STEPS)
    finder = MinimumFinder(max_steps=_MORE_STEPS, max_coarse_steps=0)
    for number, end in enumerate(theta):
        if np.isfinite(loss).any():
            break
        check(number)
        one = _found(find(finder, landscape, jnp.asarray(end)[None]))
        theta[number], loss[number], outcome[number] = one.theta[0], one.loss[0], one.outcome[0]
    return _Found(theta, loss, outcome)


def refuse_continuum(setup: Setup) -> None:
    """Raise where every minimum is one of a continuum, so that no search can find an isolated one.

    Args:
        setup: what is studied.

    Raises:
        InvalidInputError: then, with the cure.
    """
    network, data = setup.network, setup.problem.data
    if network is None or data is None or _decays(setup):
        return
    reason = _continuum(network, data)
    if reason:
        msg = (
            f"{reason}, so each minimum is one of a continuum, if it is not at infinity, and no "
            "path begins there: give --weight-decay 1e-3, which ends that"
        )
        raise InvalidInputError(msg)


def _continuum(network: Network, data: Data) -> str:
    """Return what can be changed at no cost without weight decay; "" where nothing is known to be.

    A neuron of a homogeneous activation scales against its outgoing weights; a softmax does not see
    what all its inputs have in common; a combination of inputs that is zero for every sample takes
    any weight.
    """
    scaled = [g.name for g in network.activations[:-1] if g.is_homogeneous]
    if scaled:
        return f"a neuron of {scaled[0]} can be scaled at no cost (softplus, for one, cannot)"
    if data.is_classification and network.activations[-1].name == "identity":
        return "a constant added to the outputs of every class changes no probability"
    inputs = np.asarray(data.inputs)
    if network.biases[0]:
        inputs = np.column_stack([inputs, np.ones(len(inputs))])
    rank, size = int(np.linalg.matrix_rank(inputs)), inputs.shape[1]
    if rank < size:
        bias = ", the bias among them" if network.biases[0] else ""
        return f"only {rank} of the {size} inputs{bias} are linearly independent in these samples"
    return ""


def flipped(setup: Setup, start: Start, layer: int, pair: tuple[int, int] | None) -> Start:
    """Return the same minimum with the pair's second neuron turned upside down.

    Args:
        setup: what is studied; the layer's activation is odd.
        start: the minimum.
        layer: the hidden layer, from 0.
        pair: two of its neurons.

    Returns:
        a minimum of the same loss: all weights into and out of that neuron have the other sign.
    """
    if setup.network is None or pair is None:
        return start
    element = symmetry.identity_element(setup.network)
    factors = [np.array(each, float) for each in element.factors]
    factors[layer][pair[1]] = -1.0
    element = dataclasses.replace(element, factors=tuple(factors))
    theta = np.asarray(symmetry.apply(setup.network, element, start.theta))
    source = f"{start.source}, neuron {pair[1]} turned upside down"
    return Start(theta, start.loss, source)


def _decays(setup: Setup) -> bool:
    """Return whether weight decay moves the minimum away from the teacher."""
    return setup.settings.weight_decay > 0


def _why_none(num_starts: int, network: Network, outcome: np.ndarray) -> str:
    """Return why no start led to an isolated minimum, and the cure."""
    ends = [Outcome(int(end)) for end in outcome]
    most = max(set(ends), key=ends.count)
    advice = most.advice
    if most == Outcome.CONVERGED:
        advice = "They are flat, one of a continuum: give --weight-decay 1e-4, or fewer neurons."
    return (
        f"none of {num_starts} starts of {network!r} reached an isolated minimum "
        f"({ends.count(most)} ended as {most.label}). {advice}"
    )
