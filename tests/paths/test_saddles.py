"""Permutation points: critical, of the predicted nullity, and flat where they should be."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import saddlescape as ss
from saddlescape import paths, problems
from tests.paths.conftest import lecture, merged

EPS = np.finfo(np.float64).eps
CASES = [("g", (0, 2)), ("g", (2, 3)), ("sigmoid", (1, 2)), ("tanh", (2, 3))]


def naive_loss(problem):
    """Return the loss written down once more, in plain JAX."""
    g = problem.network.activations[0].reference
    inputs, targets = problem.data.inputs, problem.data.targets[:, 0]

    def loss(theta):
        weight, outgoing = theta[:8].reshape(4, 2), theta[8:]
        return jnp.mean((g(inputs @ weight.T) @ outgoing - targets) ** 2)

    return loss


@pytest.mark.parametrize(("activation", "pair"), CASES)
def test_index_and_nullity_are_those_of_a_naive_hessian(activation, pair):
    problem, _ = lecture(activation)
    saddle = merged(activation, pair).saddle
    loss = naive_loss(problem)
    theta = jnp.asarray(saddle.theta)
    eigenvalues = np.linalg.eigvalsh(np.asarray(jax.hessian(loss)(theta)))
    zero = 1e3 * EPS * np.abs(eigenvalues).max()
    assert float(jnp.abs(jax.grad(loss)(theta)).max()) <= 1e-12
    assert saddle.index == int((eigenvalues < -zero).sum())
    assert saddle.nullity == int((np.abs(eigenvalues) <= zero).sum())
    assert saddle.nullity >= saddle.predicted_nullity == 1
    assert saddle.loss == pytest.approx(float(loss(theta)), rel=1e-12)


def test_the_permutation_point_is_a_minimum_of_the_narrower_network():
    """Brea et al.: with the pair as one neuron it is a critical point of three neurons."""
    problem, _ = lecture("g")
    narrow = ss.Network((2, 3, 1), "g", bias=False)
    landscape = ss.EmpiricalLandscape(narrow, problem.data)
    points = ss.find_minima(landscape, narrow.starts(30, seed=0))
    losses = np.asarray(points.loss)[np.asarray(points.converged)]
    saddle = merged("g", (0, 2)).saddle
    assert np.abs(losses / saddle.loss - 1).min() <= 1e-9


@pytest.mark.parametrize(("activation", "pair"), CASES)
def test_the_index_along_the_valley_follows_the_signs_of_the_parting_curvature(activation, pair):
    """Index inside: of the merged network plus negative eigenvalues of B; outside, positive."""
    problem, landscape = lecture(activation)
    saddle = merged(activation, pair).saddle
    line = paths.valley(landscape, saddle)
    i, j = pair
    weight, outgoing = saddle.theta[:8].reshape(4, 2), saddle.theta[8:]
    inputs, targets = problem.data.inputs, problem.data.targets[:, 0]
    g = problem.network.activations[0].reference
    error = g(inputs @ weight.T) @ outgoing - targets
    bend = jax.vmap(jax.grad(jax.grad(g)))(inputs @ weight[i])
    by_sample = 2 * error * bend * (outgoing[i] + outgoing[j]) / len(targets)
    curvature = np.linalg.eigvalsh(np.asarray((by_sample[:, None] * inputs).T @ inputs))
    np.testing.assert_allclose(line.curvatures, curvature, rtol=1e-6, atol=1e-12)
    keep = [k for k in range(4) if k != j]
    narrow = ss.Network((2, 3, 1), activation, bias=False)
    small = outgoing.copy()
    small[i] += small[j]
    theta = np.concatenate([weight[keep].ravel(), small[keep]])
    point = ss.classify(ss.EmpiricalLandscape(narrow, problem.data), jnp.asarray(theta))
    negative, positive = int((curvature < 0).sum()), int((curvature > 0).sum())
    assert line.inside == int(point.index) + negative
    assert line.outside == int(point.index) + positive
    assert line.places == (0.0, 1.0)  # where one neuron does nothing, B counts on neither side
    np.testing.assert_array_equal(line.index[np.isin(line.shares, line.places)], point.index)
    at_ends = line.nullity[np.isin(line.shares, [0.0, 1.0])]
    np.testing.assert_array_equal(at_ends, 1 + 2)  # the sharing, and two weights that do nothing
    assert line.gradient_norm.max() <= 1e-12


def test_two_outputs_have_a_level_plane_but_only_one_assured_zero_eigenvalue():
    """Lecture 3.6 says two eigenvalues vanish; the Hessian is zero *on* the plane, no more."""
    draw = np.random.default_rng(5)
    inputs = draw.normal(size=(60, 2))
    targets = np.stack([np.tanh(inputs @ [1.0, 2.0]), np.cos(inputs @ [1.5, -0.5])], axis=1)
    data = ss.Data(inputs, targets)
    network, narrow = ss.Network((2, 2, 2), "softplus"), ss.Network((2, 1, 2), "softplus")
    landscape = ss.EmpiricalLandscape(network, data)
    found = ss.find_minima(ss.EmpiricalLandscape(narrow, data), narrow.starts(8, seed=0))
    best = int(np.argmin(np.where(np.asarray(found.converged), np.asarray(found.loss), np.inf)))
    (w, b), (a, c) = narrow.unflatten(found.theta[best])

    def wide(first):
        outgoing = jnp.stack([first, a[:, 0] - first], axis=1)
        pair = (jnp.concatenate([w, w]), jnp.concatenate([b, b]))
        return network.flatten([pair, (outgoing, c)])

    saddle = paths.permutation_point(landscape, wide(a[:, 0] / 2), 0, (0, 1))
    assert (saddle.predicted_nullity, saddle.assured_nullity) == (2, 1)
    assert saddle.nullity == 1
    assert saddle.loss == pytest.approx(float(found.loss[best]), rel=1e-12)
    hessian = np.asarray(landscape.hessian(jnp.asarray(saddle.theta)))
    for direction in np.eye(2):
        other = wide(a[:, 0] / 2 + 0.3 * direction)
        step = np.asarray(other) - saddle.theta
        assert float(landscape.loss(other)) == pytest.approx(saddle.loss, rel=1e-12)
        assert abs(step @ hessian @ step) <= 1e3 * EPS * np.abs(hessian).max()
        assert float(jnp.abs(landscape.gradient(other)).max()) > 1e-4  # level, not critical


@pytest.mark.parametrize(("activation", "pair"), CASES)
def test_every_exchange_of_labels_costs_nothing_from_there(activation, pair):
    problem, landscape = lecture(activation)
    saddle = merged(activation, pair).saddle
    neuron = next(k for k in range(4) if k not in pair)
    walk = paths.valley_walk(landscape, saddle, neuron)
    i, _ = pair
    order = list(range(4))
    order[i], order[neuron] = neuron, i
    end = saddle.theta.copy()
    end[:8] = saddle.theta[:8].reshape(4, 2)[order].ravel()
    end[8:] = saddle.theta[8:][order]
    np.testing.assert_allclose(walk.theta[-1], end, rtol=4 * EPS)
    scale = float(jnp.mean(problem.data.targets**2))
    assert walk.barrier - walk.loss.min() <= 64 * EPS * scale


def test_down_from_the_saddle_the_flow_returns_to_the_teacher():
    """So its barrier is the loss of the saddle, exactly: no lower pass through this point."""
    _, landscape = lecture("g")
    saddle = merged("g", (2, 3)).saddle
    ways = paths.descents(landscape, saddle.point)
    assert len(ways) == 4  # two negative eigenvalues, two sides
    for way in ways:
        assert way.is_minimum
        assert np.all(np.diff(way.line.loss[1:]) <= 64 * EPS)
        assert way.line.barrier == pytest.approx(saddle.loss, rel=1e-12)
    assert min(float(way.line.loss[-1]) for way in ways) < 1e-20


def test_a_walk_names_a_third_neuron():
    _, landscape = lecture("g")
    saddle = merged("g", (2, 3)).saddle
    with pytest.raises(ss.InvalidInputError, match="merged pair"):
        paths.valley_walk(landscape, saddle, 2)
    with pytest.raises(ss.InvalidInputError, match="two different neurons"):
        paths.valley_walk(landscape, saddle, 7)


def test_a_band_over_a_known_surface_settles_at_its_saddle():
    surface = problems.load("two-minima")
    low, high, saddle = surface.known_points
    assert (low.index, high.index, saddle.index) == (0, 0, 1)
    band = paths.elastic_band(surface.landscape, low.theta, high.theta, num_images=21)
    line = paths.straight_line(surface.landscape, low.theta, high.theta)
    # No way is lower than the saddle; a polygon passes it within its spacing squared.
    assert saddle.loss - 1e-12 <= band.barrier <= saddle.loss + 0.02 * abs(saddle.loss - low.loss)
    assert band.barrier <= line.barrier + 1e-12


@pytest.mark.parametrize("count", [0, 1])
def test_a_line_has_two_ends(count):
    surface = problems.load("double-well")
    with pytest.raises(ss.InvalidInputError, match="two"):
        paths.straight_line(surface.landscape, [-1.0], [1.0], num_corners=count)
    with pytest.raises(ss.InvalidInputError, match="two ends"):
        paths.elastic_band(surface.landscape, [-1.0], [1.0], num_images=count)
