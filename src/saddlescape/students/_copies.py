"""The copies that symmetry makes of a solution: counted exactly, their losses computed."""

import dataclasses

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from saddlescape import symmetry
from saddlescape.core import EmpiricalLandscape, Network, key_for

_MOST = 50_000  # copies whose losses are all computed
_DRAWN = 1_000  # where there are more
_LANES = 64  # copies at once
_EPS = float(np.finfo(np.float64).eps)


@dataclasses.dataclass(frozen=True)
class Copies:
    """What permutations, and sign flips where the activation is odd, make of a solution.

    Args:
        number: how many different points, an exact integer.
        group_order: how many symmetries there are: n!, times 2^n where the activation is odd.
        num_fixing: symmetries that leave the solution where it is; 1 is the identity alone.
        reason: why there are others, in words; "" where there are none.
        num_evaluated: copies whose loss was computed.
        is_all: whether those are all; otherwise they were drawn at random.
        loss_difference: the largest difference of their losses from that of the solution.
        rounding: a bound on the difference that rounding alone makes.
    """

    number: int
    group_order: int
    num_fixing: int
    reason: str
    num_evaluated: int
    is_all: bool
    loss_difference: float
    rounding: float


def copies_of(landscape: EmpiricalLandscape, theta: Float[Array, " p"], seed: int) -> Copies:
    """Return how many copies a solution has, and how far their losses are from its own."""
    network = landscape.network
    # Equal neurons of a converged point are equal far better than half of the digits.
    row = np.asarray(theta)
    orbit = symmetry.orbit(network, row, tolerance=_EPS**0.5 * float(np.linalg.norm(row)))
    is_all = orbit.size <= _MOST
    points = list(orbit) if is_all else _drawn(network, row, seed)
    losses = np.asarray(_losses(landscape, jnp.asarray(np.stack(points))))
    loss = float(landscape.loss(theta))
    return Copies(
        number=orbit.size,
        group_order=orbit.group_order,
        num_fixing=orbit.stabilizer.order,
        reason=orbit.stabilizer.reason,
        num_evaluated=len(points),
        is_all=is_all,
        loss_difference=float(np.abs(losses - loss).max()),
        rounding=_rounding(landscape, row, loss),
    )


def _rounding(landscape: EmpiricalLandscape, row: np.ndarray, loss: float) -> float:
    """Return a bound on what summing in another order changes in the loss.

    An output is a sum of h terms of size |a g| at most |a|: its error is at most h eps times the
    sum of the sizes, and the loss of a sample changes by at most twice that (cross-entropy has
    slope 1 in every logit; squared error a slope of twice the residual, below 2 (1 + loss)). The
    mean over n samples and the decay's sum over p squares add (n + p) eps of the loss.
    """
    outgoing = np.abs(np.asarray(landscape.network.unflatten(jnp.asarray(row))[-1].weight)).sum()
    terms = landscape.network.widths[-2] + landscape.network.widths[0] + 8
    slope = 2 * (1 + loss)
    return _EPS * (terms * slope * float(outgoing) + (landscape.num_samples + row.size) * loss)


def _drawn(network: Network, row: np.ndarray, seed: int) -> list[np.ndarray]:
    """Return random copies; number i depends on the seed and i alone."""
    keys = (key_for(seed, "copies", i) for i in range(_DRAWN))
    elements = (symmetry.random_element(network, key) for key in keys)
    return [np.asarray(symmetry.apply(network, element, row)) for element in elements]


@eqx.filter_jit
def _losses(landscape: EmpiricalLandscape, thetas: Float[Array, "m p"]) -> Float[Array, " m"]:
    """Return the loss of every row."""
    return jax.lax.map(landscape.loss, thetas, batch_size=_LANES)


def copies_in_words(copies: Copies) -> str:
    """Return how many copies a solution has and how far their losses differ, in a sentence.

    Args:
        copies: of a solution.

    Returns:
        a sentence without its full stop.
    """
    few = "" if copies.num_fixing == 1 else f" ({copies.reason})"
    which = "all of them" if copies.is_all else f"{copies.num_evaluated:,} of them, drawn at random"
    told = copies.loss_difference
    equal = "equal" if told == 0 else f"equal to {told:.1g}"
    if told > copies.rounding:
        equal = f"different by up to {told:.1g}, more than rounding explains"
    return (
        f"The best solution has {symmetry.short(copies.number)} equivalent copies{few}; the losses "
        f"of {which} are {equal}"
    )
