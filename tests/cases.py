"""The options table: one row for each exported landscape and finder, which puts it under contract.

A landscape or a finder without a row fails `tests/test_contracts.py`; with one, it is under every
test there. Rows are made when they are asked for, since building them compiles.
"""

from collections.abc import Callable
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np

import saddlescape as ss
from saddlescape import core


class LandscapeCase(NamedTuple):
    """A landscape, and what is needed to try it at any point."""

    landscape: core.Landscape
    scale: float = 1.0


def _regression() -> LandscapeCase:
    draw = np.random.default_rng(7)
    data = ss.Data(draw.normal(size=(13, 2)), draw.normal(size=(13, 1)), draw.uniform(1, 2, 13))
    return LandscapeCase(ss.EmpiricalLandscape(ss.Network((2, 3, 1), "tanh"), data))


def _himmelblau() -> LandscapeCase:
    return LandscapeCase(
        ss.FunctionLandscape(
            lambda v: (v[0] ** 2 + v[1] - 11) ** 2 + (v[0] + v[1] ** 2 - 7) ** 2, num_parameters=2
        ),
        scale=3.0,
    )


LANDSCAPES: dict[str, Callable[[], LandscapeCase]] = {
    "core.EmpiricalLandscape": _regression,
    "core.FunctionLandscape": _himmelblau,
}

# What a finder needs beyond a landscape and starts, to be tried on Himmelblau's function.
FINDERS: dict[str, dict] = {
    "core.find_minima": {},
    "core.find_critical_points": {},
    "core.follow_gradient_flow": {},
}

# Himmelblau's nine critical points: four minima of loss 0, four saddles, one maximum.
HIMMELBLAU_STARTS = jnp.asarray(
    [[2.9, 2.2], [-2.5, 3.0], [-3.5, -3.0], [3.4, -1.5], [0.1, 2.5], [-0.2, -0.8], [4.0, 0.0]]
)
