"""The options table: one row for each exported landscape and finder, which puts it under contract.

A landscape or a finder without a row fails `tests/test_contracts.py`; with one, it is under every
test there. Rows are made when they are asked for, since building them compiles.
"""

from collections.abc import Callable
from typing import NamedTuple

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


class FinderCase(NamedTuple):
    """A finder, and the indices of the points it may end at in two dimensions."""

    finder: core.AbstractFinder
    indices: frozenset[int]


FINDERS: dict[str, Callable[[], FinderCase]] = {
    "core.MinimumFinder": lambda: FinderCase(core.MinimumFinder(), frozenset({0})),
    "core.AnyIndexFinder": lambda: FinderCase(core.AnyIndexFinder(), frozenset({0, 1, 2})),
    "core.FlowFinder": lambda: FinderCase(core.FlowFinder(), frozenset({0})),
    "core.GradientNormFinder": lambda: FinderCase(core.GradientNormFinder(), frozenset({0, 1, 2})),
    "core.IndexFinder": lambda: FinderCase(core.IndexFinder(order=0), frozenset({0})),
}

# Himmelblau's function has nine critical points. The first four starts lie beside its four minima,
# of which (3, 2) is exact and the others are roots found at 50 digits.
HIMMELBLAU_STARTS = np.array(
    [[2.9, 2.2], [-2.5, 3.0], [-3.5, -3.0], [3.4, -1.7], [0.1, 2.5], [-0.2, -0.8], [4.0, 0.3]]
)
HIMMELBLAU_MINIMA = np.array(
    [
        [3.0, 2.0],
        [-2.805118086952745, 3.131312518250573],
        [-3.779310253377747, -3.2831859912861696],
        [3.5844283403304917, -1.8481265269644036],
    ]
)
