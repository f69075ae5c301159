"""Newton's method in a space, from a good guess to rounding level."""

from collections.abc import Callable

import numpy as np
import scipy.linalg
from jaxtyping import Float
from scipy.sparse.linalg import LinearOperator, cg

from saddlescape.paths._space import LARGE, Glance, Here, Space

_MAX_STEPS = 12  # from a good guess three to five do; more means there was no good guess
_PATIENCE = 4  # steps after which the error has fallen tenfold, or there was no good guess
_NEAR = 0.3  # a step longer than this, relative to 1 + |theta|, has lost the branch
_STILL = 1e-4  # a Newton step so short, relative to 1 + |theta|, has nowhere else to go
_ROUGH = 1e3  # times rounding: enough where rounding itself stops the search earlier

_SOLVED = 1e-3  # what conjugate gradients leave of a residual: each step gains as much
_MAX_PRODUCTS = 60  # in one solve; a factor from nearby needs three to twenty


def settle(space: Space, theta: Float[np.ndarray, " p"]) -> Here | None:
    """Return the critical point of a space next to theta, whatever its index; None if lost.

    Args:
        space: where to stay.
        theta: a guess in the space, shape (p,).

    Returns:
        the space as seen from there, with `error` at most 1 or as small as rounding allows.
    """
    here, before = space.at(theta), np.inf
    first = space.error(here)
    for number in range(_MAX_STEPS):
        error = space.error(here)
        slow = number >= _PATIENCE and error > first / 10
        if not here.is_finite or error > 10 * before or slow:
            return None
        if error <= 1:
            return here
        step = newton_step(here)
        if error <= _ROUGH and error > before / 2:
            # Beyond a fold the residual can be as small, but Newton's step is not.
            return here if np.linalg.norm(step) <= _STILL * _size(here) else None
        before = min(before, error)
        if not np.linalg.norm(step) <= _NEAR * _size(here):
            return None
        here = space.at(space.moved(here, step))
    return here if space.error(here) <= 1 else None


def _size(here: Glance) -> float:
    """Return 1 + |theta|, which lengths are compared with."""
    return 1 + float(np.linalg.norm(here.theta))


def newton_step(here: Here) -> Float[np.ndarray, " t"]:
    """Return Newton's step towards the critical point; NaN where the Hessian is singular."""
    if here.factored is not None:
        return -scipy.linalg.cho_solve(here.factored, here.residual)
    try:
        return -np.linalg.solve(here.matrix, here.residual)
    except np.linalg.LinAlgError:
        return np.full_like(here.residual, np.nan)


def approach(
    space: Space, near: Here, theta: Float[np.ndarray, " p"]
) -> Float[np.ndarray, " p"] | None:
    """Return a guess improved by Newton steps that form no Hessian; None where they fail.

    Each is solved by conjugate gradients on products with the Hessian, preconditioned by the factor
    of the constrained Hessian nearby. `settle` judges the end by the Hessian there.

    Args:
        space: where to stay.
        near: a point nearby where the constrained Hessian is positive definite.
        theta: a guess in the space, shape (p,).

    Returns:
        the improved guess; the same where few parameters make Hessians cheap.
    """
    if theta.size < LARGE or near.factored is None:
        return theta
    here, before = space.glance(theta, near), np.inf
    for _ in range(_MAX_STEPS):
        error = space.error(here)
        if error <= 1 or (before < _ROUGH and error > before / 2):
            return here.theta
        if not error <= before:
            return None
        step = _conjugate(space, near, here)
        if step is None or not np.linalg.norm(step) <= _NEAR * _size(here):
            return None
        before, here = error, space.glance(space.moved(here, step), here)
    return None


def _conjugate(space: Space, near: Here, here: Glance) -> Float[np.ndarray, " t"] | None:
    """Return Newton's step to a part in a thousand; None where conjugate gradients do not end."""

    def operator(function: Callable[[np.ndarray], np.ndarray]) -> LinearOperator:
        shape = (here.residual.size, here.residual.size)
        return LinearOperator(shape, matvec=function, dtype=float)  # pyright: ignore[reportCallIssue]

    step, missed = cg(
        operator(lambda vector: space.times(here, vector)),
        -here.residual,
        rtol=_SOLVED,
        maxiter=_MAX_PRODUCTS,
        M=operator(lambda v: scipy.linalg.cho_solve(near.factored, v, check_finite=False)),
    )
    return None if missed else step
