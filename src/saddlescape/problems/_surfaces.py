"""Surfaces in one and two parameters whose critical points are known in closed form."""

import dataclasses
from collections.abc import Callable
from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Float

from saddlescape.core import FunctionLandscape
from saddlescape.problems._names import NAMES
from saddlescape.problems._problem import KnownPoint, Problem

Theta = Float[Array, " p"]
Scalar = Float[Array, ""]


@dataclasses.dataclass(frozen=True)
class Known:
    """A critical point as plain numbers: made into arrays when a surface is asked for."""

    theta: tuple[float, ...]
    loss: float
    index: int
    nullity: int
    kind: str


class Surface(NamedTuple):
    """A function, the box in which to start, its critical points, and where it comes from."""

    function: Callable[[Theta], Scalar]
    box: tuple[tuple[float, float], ...]
    points: tuple[Known, ...]
    source: str


def _double_well(theta: Theta) -> Scalar:
    (x,) = theta
    return (x**2 - 1) ** 2


def _monkey_saddle(theta: Theta) -> Scalar:
    x, y = theta
    return x**3 - 3 * x * y**2


def _plateau(theta: Theta) -> Scalar:
    return theta[0] ** 3


def _two_minima(theta: Theta) -> Scalar:
    # Along the valley y = x/2 the slope is 3/8 x (x - 1) (x + 2).
    x, y = theta
    return 1 + (3 * x**4 + 4 * x**3 - 12 * x**2) / 32 + (y - x / 2) ** 2 / 2


def _deep_linear(theta: Theta) -> Scalar:
    first, second = theta
    return (second * first - 1) ** 2


def _narrow_valley(theta: Theta) -> Scalar:
    # Curvature 1 along (3, 4) / 5, 100 across.
    x, y = theta
    along, across = (3 * x + 4 * y) / 5, (3 * y - 4 * x) / 5
    return (along**2 + 100 * across**2) / 2


def _rosenbrock(theta: Theta) -> Scalar:
    x, y = theta
    return (1 - x) ** 2 + 100 * (y - x**2) ** 2


def _beale(theta: Theta) -> Scalar:
    x, y = theta
    return (1.5 - x * (1 - y)) ** 2 + (2.25 - x * (1 - y**2)) ** 2 + (2.625 - x * (1 - y**3)) ** 2


_CALCULUS = "Calculus; no licence applies."
_ROSENBROCK = (
    "Rosenbrock (1960), An automatic method for finding the greatest or least value of a function, "
    "The Computer Journal 3: 175-184. No licence applies."
)
_BEALE = (
    "Beale (1958), On an iterative method for finding a local minimum of a function of more than "
    "one variable, Princeton technical report 25; problem 5 of More, Garbow & Hillstrom (1981), "
    "Testing unconstrained optimization software, ACM TOMS 7: 17-41. No licence applies."
)
_LINEAR = (
    "Baldi & Hornik (1989), Neural networks and principal component analysis, Neural Networks 2: "
    "53-58. No licence applies."
)
SURFACES = {
    "double-well": Surface(
        _double_well,
        ((-2.0, 2.0),),
        (
            Known((-1.0,), 0.0, 0, 0, "minimum"),
            Known((1.0,), 0.0, 0, 0, "minimum"),
            Known((0.0,), 1.0, 1, 0, "maximum"),
        ),
        _CALCULUS,
    ),
    "monkey-saddle": Surface(
        _monkey_saddle,
        ((-1.0, 1.0), (-1.0, 1.0)),
        (Known((0.0, 0.0), 0.0, 0, 2, "saddle"),),
        _CALCULUS,
    ),
    "plateau": Surface(_plateau, ((-1.0, 1.0),), (Known((0.0,), 0.0, 0, 1, "plateau"),), _CALCULUS),
    "two-minima": Surface(
        _two_minima,
        ((-3.0, 2.0), (-2.0, 2.0)),
        (
            Known((-2.0, -1.0), 0.0, 0, 0, "minimum"),
            Known((1.0, 0.5), 27 / 32, 0, 0, "minimum"),
            Known((0.0, 0.0), 1.0, 1, 0, "saddle"),
        ),
        _CALCULUS,
    ),
    "deep-linear": Surface(
        _deep_linear,
        ((-2.0, 2.0), (-2.0, 2.0)),
        (
            Known((0.0, 0.0), 1.0, 1, 0, "saddle"),
            Known((1.0, 1.0), 0.0, 0, 1, "flat"),
            Known((-1.0, -1.0), 0.0, 0, 1, "flat"),
            Known((2.0, 0.5), 0.0, 0, 1, "flat"),
        ),
        _LINEAR,
    ),
    "narrow-valley": Surface(
        _narrow_valley,
        ((-2.0, 2.0), (-2.0, 2.0)),
        (Known((0.0, 0.0), 0.0, 0, 0, "minimum"),),
        _CALCULUS,
    ),
    "rosenbrock": Surface(
        _rosenbrock,
        ((-2.0, 2.0), (-1.0, 3.0)),
        (Known((1.0, 1.0), 0.0, 0, 0, "minimum"),),
        _ROSENBROCK,
    ),
    "beale": Surface(
        _beale,
        ((-4.5, 4.5), (-4.5, 4.5)),
        (
            Known((3.0, 0.5), 0.0, 0, 0, "minimum"),
            Known((0.0, 1.0), 14.203125, 1, 0, "saddle"),
            # Where the gradient vanishes y is 1, 1/2 or the real root of 3y^3 + 11y^2 + 10y + 5.
            Known((0.10053793732415836, -2.644513585023125), 9.86451228475556, 1, 0, "saddle"),
        ),
        _BEALE,
    ),
}


def surface(name: str) -> Problem:
    """Return a surface by name, with its known critical points."""
    entry = SURFACES[name]
    return Problem(
        name=name,
        description=NAMES[name],
        source=entry.source,
        landscape=FunctionLandscape(entry.function, num_parameters=len(entry.box)),
        known_points=tuple(
            KnownPoint(jnp.asarray(at.theta), at.loss, at.index, at.nullity, at.kind)
            for at in entry.points
        ),
        box=entry.box,
    )
