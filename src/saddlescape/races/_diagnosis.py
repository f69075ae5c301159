"""Why an optimizer was fast or slow: what was measured along its path."""

import dataclasses

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float, Int

from saddlescape.optimizers import (
    Trajectory,
    directions,
    effective_rates,
    oscillation,
    stability,
    trajectory,
)
from saddlescape.races._ends import MOST_PARAMETERS
from saddlescape.races._run import Races

_FIRST = 1_000  # steps in a row, looked at for turns: records thin out, and tell nothing of those


@dataclasses.dataclass(frozen=True, eq=False)
class Diagnosis:
    """What was measured along the path of one optimizer at its best rate, from the first start.

    Args:
        name: of the optimizer.
        rate: its learning rate.
        steps: after how many steps the sharpness was measured, shape (t,).
        sharpness: of the Hessian scaled as the optimizer scales gradients, shape (t,).
        bound: the largest scaled sharpness at which it is stable on a quadratic.
        curvatures: eigenvalues of the Hessian at the end of the path, shape (p,).
        effective_rates: change over gradient along each eigen-direction, shape (p,).
        turns: the share of the first 1,000 steps that go back on the one before, in each direction.
    """

    name: str
    rate: float
    steps: Int[np.ndarray, " t"]
    sharpness: Float[np.ndarray, " t"]
    bound: float
    curvatures: Float[np.ndarray, " p"]
    effective_rates: Float[np.ndarray, " p"]
    turns: Float[np.ndarray, " p"]


def diagnose(races: Races) -> tuple[Diagnosis, ...]:
    """Return why optimizers were fast or slow.

    Args:
        races: a race that has been run.

    Returns:
        one record for each optimizer whose path from the first start stays finite. None beyond 400
        parameters, where the Hessians would take longer than the race. Costs about 200 Hessians and
        1,000 steps an optimizer.

    Example:
        >>> from saddlescape.races import RaceSettings, run
        >>> settings = RaceSettings(
        ...     problem="two-minima", optimizers=("momentum",), rates=(0.1,), steps=500, seeds=1
        ... )
        >>> (found,) = diagnose(run(settings))
        >>> round(found.bound, 6), found.curvatures.round(3).tolist()
        (38.0, [0.653, 1.722])
    """
    if races.setup.landscape.num_parameters > MOST_PARAMETERS:
        return ()
    return tuple(
        _diagnosis(races, number, path)
        for number, path in enumerate(races.trajectories)
        if np.isfinite(path.theta).all() and np.isfinite(path.gradient).all()
    )


def _diagnosis(races: Races, number: int, path: Trajectory) -> Diagnosis:
    """Return what is measured along one path."""
    landscape = races.setup.landscape
    found = directions(landscape, landscape.ravel(jnp.asarray(path.theta[-1])))
    sharp = stability(landscape, path.rule, path.theta, path.scaling)
    rates = effective_rates(path.gradient, path.change, found)
    return Diagnosis(
        name=races.names[number],
        rate=races.best_rate(number),
        steps=path.steps,
        sharpness=sharp.scaled_sharpness,
        bound=sharp.bound,
        curvatures=found.curvatures,
        effective_rates=rates.overall,
        turns=oscillation(_in_a_row(races, path).change, found).share,
    )


def _in_a_row(races: Races, path: Trajectory) -> Trajectory:
    """Return the first steps of a path, every one of them."""
    settings, landscape = races.settings, races.setup.landscape
    return trajectory(
        landscape,
        path.rule,
        landscape.ravel(jnp.asarray(path.before[0])),
        range(1, max(2, min(settings.steps, _FIRST)) + 1),
        batch=settings.batch,
        seed=settings.seed,
    )
