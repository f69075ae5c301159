"""Effective rates, oscillation, stability and escape along trajectories whose answer is known."""

import jax.numpy as jnp
import numpy as np
import pytest

import saddlescape as ss
from saddlescape import core, optimizers

EPS = np.finfo(np.float64).eps
CURVATURES = np.array([0.5, 2.0, 18.0])


@pytest.fixture(scope="module")
def bowl():
    """A quadratic in turned coordinates: its eigen-directions are not the parameters."""
    turn = np.linalg.qr(np.random.default_rng(0).normal(size=(3, 3)))[0]
    hessian = jnp.asarray(turn @ np.diag(CURVATURES) @ turn.T)
    return ss.FunctionLandscape(lambda v: v @ (hessian @ v) / 2, num_parameters=3)


@pytest.fixture(scope="module")
def network():
    """A small network on noisy data."""
    draw = np.random.default_rng(5)
    inputs = draw.normal(size=(64, 2))
    targets = np.sin(inputs[:, :1]) + draw.normal(size=(64, 1))
    net = ss.Network((2, 3, 1), "tanh")
    return ss.EmpiricalLandscape(net, ss.Data(inputs, targets)), net.starts(1, seed=0)[0]


def test_plain_gradient_descent_has_its_own_rate_in_every_direction(bowl):
    run = optimizers.trajectory(bowl, optimizers.GradientDescent(0.01), jnp.ones(3), range(1, 21))
    found = optimizers.directions(bowl, jnp.zeros(3))
    np.testing.assert_allclose(found.curvatures, CURVATURES, rtol=64 * EPS)
    for along in (None, found):
        rates = optimizers.effective_rates(run.gradient, run.change, along)
        # A change is the difference of two parameters of size 1, divided by rate * gradient.
        np.testing.assert_allclose(rates.overall, 0.01, rtol=1e-11)


def test_a_direction_in_which_nothing_moves_has_no_rate():
    rates = optimizers.effective_rates(np.array([[1.0, 0.0]] * 3), np.array([[-0.5, 0.0]] * 3))
    assert rates.typical[0] == rates.overall[0] == 0.5
    assert np.isnan(rates.typical[1])
    assert np.isnan(rates.overall[1])


@pytest.mark.parametrize(
    "rule",
    [
        optimizers.GradientDescent(0.1),
        optimizers.Momentum(0.05, 0.8),
        optimizers.Nesterov(0.02, 0.8),
    ],
    ids=lambda rule: rule.name,
)
def test_the_share_of_turns_is_the_angle_of_the_eigenvalue(bowl, rule):
    run = optimizers.trajectory(bowl, rule, jnp.ones(3), range(1, 61))
    found = optimizers.directions(bowl, jnp.zeros(3))
    share = optimizers.oscillation(run.change, found).share
    expected = optimizers.expected_oscillation(rule, CURVATURES)
    # A turn by a fixed angle changes sign once per half turn: 59 pairs count to one or two in 59.
    # (Many more steps, and the fastest direction is below the rounding of the others.)
    np.testing.assert_allclose(share, expected, rtol=0, atol=2 / 59)


@pytest.mark.parametrize("rule", [optimizers.GradientDescent(0.1), optimizers.Adam(0.05)])
def test_sharpness_is_the_largest_eigenvalue_numpy_finds(network, rule):
    landscape, start = network
    run = optimizers.trajectory(landscape, rule, start, [1, 5, 30])
    told = optimizers.stability(landscape, rule, run.theta, run.scaling)
    for t, theta in enumerate(run.theta):
        hessian = np.asarray(landscape.hessian(jnp.asarray(theta)))
        # D^(1/2) H D^(1/2) and D H have the same eigenvalues.
        scaled = np.linalg.eigvals(run.scaling[t][:, None] * hessian).real.max()
        assert told.sharpness[t] == pytest.approx(np.linalg.eigvalsh(hessian)[-1], rel=1e-12)
        assert told.scaled_sharpness[t] == pytest.approx(scaled, rel=1e-10)
    assert told.bound == pytest.approx(float(rule.sharpness_bound()))


def test_beyond_500_parameters_products_find_the_same_sharpness():
    weights = jnp.arange(1.0, 601.0)
    landscape = ss.FunctionLandscape(lambda v: v @ (weights * v) / 2, num_parameters=600)
    told = optimizers.stability(
        landscape, optimizers.RMSProp(), jnp.ones((2, 600)), jnp.full((2, 600), 0.5)
    )
    np.testing.assert_allclose(told.sharpness, 600, rtol=1e-8)
    np.testing.assert_allclose(told.scaled_sharpness, 300, rtol=1e-8)


def test_gradient_descent_leaves_a_quadratic_saddle_after_the_exact_number_of_steps():
    curvatures, distances = [-0.3, -2.0], [1e-2, 1e-5, 1e-9]
    (plain,) = optimizers.escape_quadratic(
        [optimizers.GradientDescent(0.05)], distances, curvatures
    )
    exact = np.log(1 / np.array(distances))[None] / np.log1p(0.05 * -np.array(curvatures))[:, None]
    np.testing.assert_array_equal(plain.steps, np.ceil(exact))
    np.testing.assert_allclose(plain.exact, exact, rtol=1e-12)
    assert np.all(plain.line < plain.exact)  # x > ln(1 + x)
    np.testing.assert_allclose(plain.alignment, 1, rtol=4 * EPS)


def test_momentum_leaves_at_the_growth_of_its_iteration_matrix_and_adam_at_none():
    rules = [optimizers.Momentum(0.01), optimizers.Nesterov(0.01), optimizers.Adam(0.01)]
    *heavy, adam = optimizers.escape_quadratic(rules, [1e-3, 1e-5, 1e-7], [-1.0])
    for one in heavy:
        expected = 1 / np.log(optimizers.spectral_radius(one.rule, -1.0))
        # Steps are whole numbers: two of them over ln(10^4) = 9.2.
        assert one.slopes[0] == pytest.approx(expected, abs=2 / 9.2)
    assert abs(adam.slopes[0]) < 1  # its steps do not shrink with the gradient
    assert np.isnan(adam.exact).all()


def test_a_saddle_of_a_landscape_is_left_as_its_quadratic_is():
    landscape = ss.FunctionLandscape(
        lambda v: v[0] ** 2 - v[1] ** 2 / 2 + v[1] ** 4, num_parameters=2
    )
    rules, distances = [optimizers.GradientDescent(0.05)], [1e-4, 1e-6, 1e-8]
    (real,) = optimizers.escape(landscape, rules, jnp.zeros(2), distances, leave=0.1)
    (model,) = optimizers.escape_quadratic(rules, distances, [-1.0], leave=0.1)
    # x^4 weakens the slope by 4 x^2 <= 4 % near the end: a few steps of some hundred.
    np.testing.assert_allclose(real.steps, model.steps, rtol=0, atol=3)


def test_what_is_no_saddle_is_refused(bowl):
    with pytest.raises(core.InvalidInputError, match="nothing falls"):
        optimizers.escape(bowl, [optimizers.GradientDescent()], jnp.zeros(3), [1e-3])
    with pytest.raises(core.InvalidInputError, match="distances"):
        optimizers.escape_quadratic([optimizers.GradientDescent()], [2.0], [-1.0])
    with pytest.raises(core.InvalidInputError, match="negative"):
        optimizers.escape_quadratic([optimizers.GradientDescent()], [0.5], [1.0])
    with pytest.raises(core.ShapeMismatchError, match="one row per step"):
        optimizers.stability(bowl, optimizers.Adam(), jnp.ones((2, 2)))
    steps, found = np.ones((2, 2)), optimizers.directions(bowl, jnp.zeros(3))
    with pytest.raises(core.ShapeMismatchError, match="same landscape"):
        optimizers.effective_rates(steps, steps, found)
