"""Linear methods on a quadratic: their iteration matrix, how fast it contracts, and the best."""

import dataclasses
import math

import numpy as np
from jaxtyping import Float

from saddlescape.core import InvalidInputError
from saddlescape.optimizers._gradient_descent import GradientDescent
from saddlescape.optimizers._momentum import Momentum
from saddlescape.optimizers._nesterov import Nesterov
from saddlescape.optimizers._rule import Rule

Linear = GradientDescent | Momentum | Nesterov
_LINEAR = (GradientDescent, Momentum, Nesterov)


def iteration_matrix(rule: Rule, curvature: float) -> Float[np.ndarray, "2 2"]:
    """Return what one step on a quadratic of given curvature does to (position, last step).

    Args:
        rule: gradient descent, momentum or Nesterov.
        curvature: eigenvalue lambda of the Hessian, of any sign: the gradient is lambda x.

    Returns:
        M with (x, v) <- M (x, v). Momentum: [[1 - c, a], [-c, a]] with c = rate * curvature and
        a = momentum; Nesterov: a (1 - c) in place of a; gradient descent: a = 0.

    Raises:
        InvalidInputError: for a rule that is not linear.

    Example:
        >>> iteration_matrix(Momentum(rate=0.5, momentum=0.25), 1.0).tolist()
        [[0.5, 0.25], [-0.5, 0.25]]
    """
    rate, momentum = _numbers(rule)
    kept, pull = _entries(rule, rate, momentum, curvature)
    return np.array([[1 - pull, kept], [-pull, kept]], float)


def spectral_radius(
    rule: Rule, curvatures: float | Float[np.ndarray, "*c"]
) -> Float[np.ndarray, "*c"]:
    """Return by which factor a step shrinks or blows up the distance, in the long run.

    Args:
        rule: gradient descent, momentum or Nesterov.
        curvatures: eigenvalues of the Hessian, any shape and sign.

    Returns:
        the largest modulus of the eigenvalues of `iteration_matrix`: below 1 the rule converges.

    Raises:
        InvalidInputError: for a rule that is not linear.

    Example:
        >>> spectral_radius(GradientDescent(rate=0.5), np.array([1.0, 4.0])).tolist()
        [0.5, 1.0]
    """
    return _radius(rule, *_numbers(rule), np.asarray(curvatures, float))


@dataclasses.dataclass(frozen=True, eq=False)
class RadiusMap:
    """The spectral radius of a linear rule over its rate and momentum.

    Args:
        rule: whose numbers were swept.
        curvatures: of the quadratic; the slowest one decides.
        rates: the rates tried.
        momenta: the momenta tried; one 0 for gradient descent.
        radius: the largest spectral radius over the curvatures.
    """

    rule: Rule
    curvatures: Float[np.ndarray, " c"]
    rates: Float[np.ndarray, " q"]
    momenta: Float[np.ndarray, " a"]
    radius: Float[np.ndarray, "q a"]

    @property
    def best(self) -> tuple[float, float, float]:
        """Rate, momentum and radius where the radius is smallest on the grid."""
        q, a = np.unravel_index(self.radius.argmin(), self.radius.shape)
        return float(self.rates[q]), float(self.momenta[a]), float(self.radius[q, a])


def radius_map(
    rule: Rule,
    curvatures: Float[np.ndarray, " c"],
    rates: Float[np.ndarray, " q"],
    momenta: Float[np.ndarray, " a"] | None = None,
) -> RadiusMap:
    """Return the spectral radius of a linear rule, rate and momentum swept.

    Args:
        rule: gradient descent, momentum or Nesterov; its own numbers are not used.
        curvatures: eigenvalues of the Hessian.
        rates: to try.
        momenta: to try; left out, 200 from 0 to 0.995. Gradient descent has none.

    Returns:
        the map.

    Raises:
        InvalidInputError: for a rule that is not linear, or nothing to try.

    Example:
        >>> swept = radius_map(GradientDescent(), np.array([1.0, 3.0]), np.array([0.25, 0.5, 0.75]))
        >>> swept.best
        (0.5, 0.0, 0.5)
    """
    _numbers(rule)
    if isinstance(rule, GradientDescent):
        momenta = np.zeros(1)
    elif momenta is None:
        momenta = np.arange(200) / 201
    curvatures, rates, momenta = (np.asarray(a, float) for a in (curvatures, rates, momenta))
    if 0 in {curvatures.size, rates.size, momenta.size}:
        msg = "no curvature, rate or momentum was given: give at least one of each"
        raise InvalidInputError(msg)
    radius = _radius(rule, rates[:, None, None], momenta[:, None], curvatures).max(-1)
    return RadiusMap(rule, curvatures, rates, momenta, radius)


@dataclasses.dataclass(frozen=True)
class Optimum:
    """The numbers of a linear rule that are said to contract fastest.

    Args:
        rule: with these numbers.
        radius: the distance shrinks by this factor a step, by the formula.
        source: of the formula.
    """

    rule: Linear
    radius: float
    source: str


def known_optima(smallest: float, largest: float) -> tuple[Optimum, ...]:
    """Return the known best numbers of each linear rule for curvatures in an interval.

    Args:
        smallest: the smallest curvature, mu > 0.
        largest: the largest, L >= mu.

    Returns:
        gradient descent at 2 / (mu + L); Polyak's heavy ball; Nesterov's best on quadratics
        (Lessard et al. 2016); and Nesterov as it is usually tuned for any convex function, which is
        not the best on quadratics.

    Raises:
        InvalidInputError: unless 0 < smallest <= largest.

    Example:
        >>> [round(best.radius, 4) for best in known_optima(1.0, 100.0)]
        [0.9802, 0.8182, 0.8847, 0.9]
    """
    if not 0 < smallest <= largest < math.inf:
        msg = f"curvatures from {smallest} to {largest}: give 0 < smallest <= largest"
        raise InvalidInputError(msg)
    condition = largest / smallest
    root, root3 = math.sqrt(condition), math.sqrt(3 * condition + 1)
    ball = (root - 1) / (root + 1)
    return (
        Optimum(
            GradientDescent(2 / (smallest + largest)),
            (condition - 1) / (condition + 1),
            "rate 2 / (mu + L): Polyak (1987), section 1.4",
        ),
        Optimum(
            Momentum(4 / (math.sqrt(largest) + math.sqrt(smallest)) ** 2, ball**2),
            ball,
            "rate 4 / (sqrt L + sqrt mu)^2, momentum ((sqrt k - 1) / (sqrt k + 1))^2, k = L / mu: "
            "Polyak (1964)",
        ),
        Optimum(
            Nesterov(4 / (3 * largest + smallest), (root3 - 2) / (root3 + 2)),
            1 - 2 / root3,
            "rate 4 / (3 L + mu), momentum (r - 2) / (r + 2), r = sqrt(3 k + 1): Lessard, Recht & "
            "Packard (2016), proposition 1",
        ),
        Optimum(
            Nesterov(1 / largest, ball),
            1 - 1 / root,
            "rate 1 / L, momentum (sqrt k - 1) / (sqrt k + 1): Nesterov (2004), section 2.2",
        ),
    )


def _numbers(rule: Rule) -> tuple[float, float]:
    """Return rate and momentum of a linear rule, or raise."""
    if not isinstance(rule, _LINEAR):
        msg = (
            f"{type(rule).__name__} is not linear in the gradient: give GradientDescent, Momentum "
            "or Nesterov"
        )
        raise InvalidInputError(msg)
    return float(rule.rate), 0.0 if isinstance(rule, GradientDescent) else float(rule.momentum)


def _entries(rule: Rule, rate, momentum, curvature) -> tuple:
    """Return what is kept of the last step, and how hard the slope pulls."""
    pull = rate * curvature
    return (momentum * (1 - pull) if isinstance(rule, Nesterov) else momentum + 0 * pull), pull


def _radius(rule: Rule, rate, momentum, curvatures) -> np.ndarray:
    """Return the spectral radius; everything broadcasts."""
    kept, pull = _entries(rule, rate, momentum, curvatures)
    trace, determinant = 1 - pull + kept, kept  # (1 - pull) kept + pull kept = kept
    discriminant = trace**2 - 4 * determinant
    real = (np.abs(trace) + np.sqrt(np.maximum(discriminant, 0))) / 2
    return np.where(discriminant < 0, np.sqrt(np.maximum(determinant, 0)), real)
