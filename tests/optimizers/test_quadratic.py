"""Linear rules on a quadratic, and what momentum does on a slope, against the rules themselves."""

import jax.numpy as jnp
import numpy as np
import pytest
from scipy.optimize import minimize

from saddlescape import core, optimizers

EPS = np.finfo(np.float64).eps
RULES = {
    "gradient descent": optimizers.GradientDescent(0.3),
    "momentum": optimizers.Momentum(0.3, 0.7),
    "nesterov": optimizers.Nesterov(0.3, 0.7),
}
ALL = [optimizers.optimizer(name)(rate=0.01) for name in optimizers.OPTIMIZERS]
# A double eigenvalue: the radius is the root of a rounding, which is what decides its error.
DOUBLE = 100 * EPS**0.5


def stepped(rule, curvature, position, last):
    """Return (position, last step) after the rule itself has made one step."""
    if isinstance(rule, optimizers.GradientDescent):
        change, _ = rule.update(curvature * position, ())
        return position + change, change
    change, memory = rule.update(curvature * rule.interim(position, last), last)
    return position + change, memory


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("curvature", [-1.5, 0.0, 0.4, 3.0, 9.0])
def test_the_iteration_matrix_is_what_the_rule_does_to_basis_vectors(name, curvature):
    rule = RULES[name]
    columns = [stepped(rule, curvature, *map(jnp.asarray, basis)) for basis in np.eye(2)]
    matrix = optimizers.iteration_matrix(rule, curvature)
    np.testing.assert_allclose(matrix, np.array(columns).T, rtol=0, atol=8 * EPS)
    radius = np.abs(np.linalg.eigvals(matrix)).max()
    np.testing.assert_allclose(optimizers.spectral_radius(rule, curvature), radius, rtol=16 * EPS)


@pytest.mark.parametrize("rule", RULES.values(), ids=list(RULES))
def test_the_radius_passes_one_where_the_rule_says_it_is_unstable(rule):
    bound = float(rule.sharpness_bound())
    below, above = optimizers.spectral_radius(rule, np.array([0.999, 1.001]) * bound)
    assert below < 1 < above


@pytest.mark.parametrize("number", range(3))
def test_the_known_optimum_is_the_best_that_a_search_finds(number):
    smallest, largest = 1.0, 30.0
    known = optimizers.known_optima(smallest, largest)[number]
    kind, ends = type(known.rule), np.array([smallest, largest])
    assert optimizers.spectral_radius(known.rule, ends).max() == pytest.approx(
        known.radius, abs=DOUBLE
    )

    def radius(numbers):
        rate, *momentum = np.abs(numbers)
        if momentum and momentum[0] >= 1:
            return 2.0
        return float(optimizers.spectral_radius(kind(rate, *momentum), ends).max())

    best = [float(known.rule.rate)]
    if number:
        best.append(float(known.rule.momentum))
    found = min(
        minimize(radius, np.array(best) * scale, method="Nelder-Mead", tol=1e-12).fun
        for scale in (0.8, 1.0, 1.1)
    )
    # Near a double eigenvalue the radius has a cusp, at which a search stops short.
    assert found == pytest.approx(known.radius, abs=1e-6)


def test_a_map_is_the_radius_at_every_rate_and_momentum():
    curvatures, rates = np.array([1.0, 10.0]), np.array([0.05, 0.2, 0.4])
    swept = optimizers.radius_map(
        optimizers.Nesterov(), curvatures, rates, momenta=np.array([0.0, 0.5])
    )
    for q, rate in enumerate(rates):
        for a, momentum in enumerate(swept.momenta):
            rule = optimizers.Nesterov(float(rate), float(momentum))
            expected = max(
                np.abs(np.linalg.eigvals(optimizers.iteration_matrix(rule, c))).max()
                for c in curvatures
            )
            assert swept.radius[q, a] == pytest.approx(expected, rel=64 * EPS)
    assert swept.best[2] == swept.radius.min()


@pytest.mark.parametrize("rule", ALL, ids=lambda rule: rule.name)
def test_measured_gains_are_those_of_theory(rule):
    measured = optimizers.gain(rule, steps=20_000)  # 0.999 ** 20,000 = 2e-9 of Adam's memory
    assert measured.constant[-1] == pytest.approx(measured.constant_limit, rel=1e-8)
    assert measured.alternating[-1] == pytest.approx(measured.alternating_limit, rel=1e-8)


def test_momentum_grows_a_constant_step_tenfold_and_shrinks_an_alternating_one():
    limits = optimizers.gain(optimizers.Momentum(momentum=0.9))
    assert limits.constant[-1] == pytest.approx(10, rel=1e-12)
    assert limits.alternating[-1] == pytest.approx(1 / 1.9, rel=1e-12)


def test_a_rule_that_is_not_linear_has_no_iteration_matrix():
    with pytest.raises(core.InvalidInputError, match="not linear"):
        optimizers.iteration_matrix(optimizers.Adam(), 1.0)
    with pytest.raises(core.InvalidInputError, match="smallest"):
        optimizers.known_optima(2.0, 1.0)
    with pytest.raises(core.InvalidInputError, match="at least 1"):
        optimizers.gain(optimizers.Adam(), steps=0)


def test_a_steady_step_of_adam_has_the_size_of_the_rate():
    step = optimizers.steady_step(optimizers.Adam(0.5, delta=0.0), jnp.array([1e-3, -1e3]))
    np.testing.assert_allclose(np.asarray(step), [-0.5, 0.5], rtol=2 * EPS)
