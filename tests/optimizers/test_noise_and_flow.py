"""Noise over minibatches, running averages, gradient flow, minibatch landscapes, the evidence."""

import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate import solve_ivp

import saddlescape as ss
from saddlescape import core, optimizers

EPS = np.finfo(np.float64).eps


@pytest.fixture(scope="module")
def line():
    """A linear network, so that minima are least squares, on noisy data."""
    draw = np.random.default_rng(2)
    inputs = draw.normal(size=(32, 2))
    targets = inputs @ np.array([[1.0], [-2.0]]) + draw.normal(size=(32, 1))
    landscape = ss.EmpiricalLandscape(ss.Network((2, 1), bias=False), ss.Data(inputs, targets))
    return landscape, inputs, targets


def test_the_exercise_of_the_lecture_to_the_digit():
    noise = optimizers.gradient_noise(np.array([[1.1, 0.1, 1.1], [0.9, 0.1, -0.9]]))
    np.testing.assert_allclose(noise.mean, [1.0, 0.1, 0.1], rtol=8 * EPS)
    np.testing.assert_allclose(noise.second_moment, [1.01, 0.01, 1.01], rtol=8 * EPS)
    assert noise.ratio.round(3).tolist() == [0.990, 10.0, 0.099]
    np.testing.assert_allclose(noise.variance, [0.01, 0, 1], rtol=64 * EPS, atol=EPS)


def test_single_samples_average_to_the_full_gradient(line):
    landscape, inputs, targets = line
    theta = np.array([0.3, 0.7])
    noise = optimizers.minibatch_noise(landscape, jnp.asarray(theta), jnp.arange(32)[:, None])
    own = 2 * (inputs @ theta - targets[:, 0])[:, None] * inputs
    np.testing.assert_allclose(noise.mean, own.mean(0), rtol=1e-13)
    np.testing.assert_allclose(noise.second_moment, (own**2).mean(0), rtol=1e-13)
    np.testing.assert_allclose(noise.variance, own.var(0), rtol=1e-12)


@pytest.mark.parametrize("decay", [0.0, 0.5, 0.9, 0.99])
def test_a_running_average_reaches_back_as_far_as_a_geometric_series(decay):
    measured = optimizers.window(decay)
    # The sum is cut where the weight that is left is eps, times a reach of some thousand.
    assert measured.reach == pytest.approx(1 / (1 - decay), rel=1e-11)
    assert measured.effective_count == pytest.approx((1 + decay) / (1 - decay), rel=1e-11)


def test_adam_keeps_the_running_averages_and_corrects_them():
    gradients = np.random.default_rng(0).normal(size=(20, 3))
    rule = optimizers.Adam()
    state = rule.init(jnp.zeros(3))
    for gradient in gradients:
        _, state = rule.update(jnp.asarray(gradient), state)
    for ours, values, decay in ((state.s, gradients, 0.9), (state.r, gradients**2, 0.999)):
        expected = optimizers.running_average(values, decay)[-1]
        np.testing.assert_allclose(np.asarray(ours), expected, rtol=0, atol=64 * EPS)
    exact = optimizers.running_average(np.full((50, 1), 7.0), 0.999, corrected=True)
    # 1 - 0.999^t loses three digits to cancellation at the first steps.
    np.testing.assert_allclose(exact, 7, rtol=1e4 * EPS)


def test_the_flow_is_scipys():
    landscape = ss.FunctionLandscape(
        lambda v: (v[0] ** 2 - 1) ** 2 + (v[1] - v[0]) ** 2, num_parameters=2
    )
    start, times = np.array([0.2, 1.5]), np.array([0.1, 1.0, 3.0])
    ours = optimizers.gradient_flow(landscape, jnp.asarray(start), times)

    def velocity(t, v):
        x, y = v
        return [-(4 * x * (x**2 - 1) - 2 * (y - x)), -2 * (y - x)]

    twin = solve_ivp(velocity, (0, 3), start, t_eval=times, method="DOP853", rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(ours.theta, twin.y.T, rtol=0, atol=1e-8)
    assert np.all(np.diff(ours.loss) < 0)


@pytest.mark.parametrize(
    "rule",
    [optimizers.GradientDescent(), optimizers.Momentum(), optimizers.Nesterov()],
    ids=lambda rule: rule.name,
)
def test_linear_rules_approach_the_gradient_flow_at_first_order(rule):
    landscape = ss.FunctionLandscape(lambda v: v @ v / 2 + v[0] ** 4, num_parameters=2)
    measured = optimizers.approach(landscape, rule, jnp.ones(2), 1.0, steps=(500, 1_000, 2_000))
    np.testing.assert_allclose(measured.orders, 1, rtol=0, atol=0.1)
    np.testing.assert_array_equal(measured.errors, measured.gradient_flow_errors)


@pytest.mark.parametrize(
    "rule",
    [optimizers.RMSProp(delta=0.1), optimizers.Adam(square_decay=0.9, delta=0.1)],
    ids=lambda rule: rule.name,
)
def test_scaled_rules_approach_their_own_flow_and_not_the_gradient_flow(rule):
    landscape = ss.FunctionLandscape(lambda v: 4 * v @ v, num_parameters=2)
    start = jnp.array([1.0, 2.0])
    measured = optimizers.approach(landscape, rule, start, 0.3, steps=(1_000, 2_000, 4_000))
    np.testing.assert_allclose(measured.orders, 1, rtol=0, atol=0.1)
    assert np.abs(measured.gradient_flow_orders).max() < 0.1


def test_minima_of_minibatches_of_a_linear_network_are_least_squares(line):
    landscape, inputs, targets = line
    full = np.linalg.lstsq(inputs, targets, rcond=None)[0].T
    batches = optimizers.data_orders(32, 8, 4, runs=1, seed=0)[0]
    found = optimizers.minibatch_points(landscape, jnp.asarray(full), batches)
    for number, batch in enumerate(np.asarray(batches)):
        own = np.linalg.lstsq(inputs[batch], targets[batch], rcond=None)[0].T
        # Two solvers of one linear system, whose condition is below 100.
        np.testing.assert_allclose(np.asarray(found.points[number].theta), own, atol=1e-11)
        assert found.moved[number, 0] == pytest.approx(np.linalg.norm(own - full), rel=1e-9)
    assert found.converged.all()
    assert not found.index_changed.any()


def test_a_gradient_points_to_the_minimum_with_the_largest_cosine(line):
    landscape, inputs, targets = line
    theta, minima = np.array([[0.5, 0.5]]), np.array([[2.0, -2.0], [-3.0, 1.0]])
    batches = optimizers.data_orders(32, 8, 4, runs=1, seed=0)[0]
    told = optimizers.pointing(landscape, jnp.asarray(theta), jnp.asarray(minima), batches)
    for number, batch in enumerate(np.asarray(batches)):
        slope = inputs[batch].T @ (inputs[batch] @ theta[0] - targets[batch, 0])
        ways = minima - theta
        expected = ways @ -slope / np.linalg.norm(slope) / np.linalg.norm(ways, axis=1)
        np.testing.assert_allclose(told.cosines[0, number], expected, rtol=1e-12)
        assert told.target[0, number] == expected.argmax()


def test_evidence_agrees_with_the_lecture_where_data_are_noisy_and_not_where_they_are_fitted(line):
    landscape, inputs, targets = line
    full = np.linalg.lstsq(inputs, targets, rcond=None)[0].T
    minima, path = jnp.asarray(np.concatenate([full, full])), jnp.asarray(full + 0.1)
    batches = optimizers.data_orders(32, 8, 4, runs=1, seed=0)[0]
    points = optimizers.minibatch_points(landscape, minima, batches)
    ways = optimizers.pointing(landscape, path, minima, batches)
    elsewhere, changing = optimizers.minibatch_evidence(points, ways)
    # The two minima given are one and the same, so no minibatch can prefer the other.
    assert (elsewhere.agrees, changing.agrees) == (True, False)
    assert all(one.agrees for one in optimizers.rule_evidence())
    fitted = ss.EmpiricalLandscape(
        landscape.network, ss.Data(inputs, inputs @ np.array([[1.0], [-2.0]]))
    )
    teacher = jnp.array([[1.0, -2.0], [1.0, -2.0]])
    points = optimizers.minibatch_points(fitted, teacher, batches)
    assert optimizers.minibatch_evidence(points, ways)[0].verdict == "not supported"


def test_what_cannot_be_averaged_or_followed_is_refused(line):
    landscape, *_ = line
    with pytest.raises(core.InvalidInputError, match="decay"):
        optimizers.window(1.0)
    with pytest.raises(core.InvalidInputError, match="at least one row"):
        optimizers.gradient_noise(np.zeros((0, 2)))
    with pytest.raises(core.InvalidInputError, match="increasing"):
        optimizers.gradient_flow(landscape, jnp.zeros(2), [1.0, 0.5])
    with pytest.raises(core.InvalidInputError, match="increasing steps"):
        optimizers.approach(landscape, optimizers.Adam(), jnp.zeros(2), 1.0, steps=(5, 5))
    with pytest.raises(core.ShapeMismatchError, match="rows of 2"):
        optimizers.pointing(landscape, jnp.ones((1, 3)), jnp.ones((1, 3)), jnp.zeros((1, 1), int))
