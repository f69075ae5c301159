"""Beyond some 200 parameters no Hessian is formed between stations: the same is asked of them."""

import jax.numpy as jnp
import numpy as np
import pytest
from scipy.optimize import minimize

import saddlescape as ss
from saddlescape import paths

EPS = np.finfo(np.float64).eps
NETWORK = ss.Network((24, 8, 2), "tanh")  # 218 parameters
PAIR = (0, 1)


@pytest.fixture(scope="module")
def landscape():
    """Two classes, told by the sign of a product of two of 24 inputs."""
    inputs = np.random.default_rng(5).normal(size=(80, 24))
    labels = (inputs[:, 0] * inputs[:, 1] > 0).astype(int)
    return ss.EmpiricalLandscape(NETWORK, ss.Data(inputs, labels), weight_decay=3e-3)


@pytest.fixture(scope="module")
def path(landscape):
    """A path that folds several times and meets."""

    def both(theta):
        return tuple(map(np.asarray, landscape.loss_and_gradient(jnp.asarray(theta))))

    start, options = NETWORK.starts(1, seed=0)[0], {"maxiter": 2_000, "gtol": 1e-7, "ftol": 1e-16}
    found = minimize(both, start, jac=True, method="L-BFGS-B", options=options)
    return paths.merge(landscape, found.x, 0, PAIR)


def constrained(landscape, theta):
    """Return gradient and Hessian on the sphere of fixed distance, by Lagrange's multiplier.

    Of L - c |w_0 - w_1|^2 / 2, whose gradient vanishes, the Hessian is taken on the tangent.
    """
    weights = np.arange(8 * 24).reshape(8, 24)
    first, second = (np.append(weights[neuron], 8 * 24 + neuron) for neuron in PAIR)
    square = np.zeros((theta.size, theta.size))
    square[first, first] = square[second, second] = 1.0
    square[first, second] = square[second, first] = -1.0
    normal = square @ theta
    gradient, hessian = (
        np.asarray(of(jnp.asarray(theta))) for of in (landscape.gradient, landscape.hessian)
    )
    multiplier = gradient @ normal / (normal @ normal)
    basis = np.linalg.svd(normal[None])[2][1:]
    curved = basis @ (hessian - multiplier * square) @ basis.T
    return gradient - multiplier * normal, curved, hessian


def test_every_station_off_a_relaxation_is_a_constrained_minimum(landscape, path):
    still = [i for i in range(1, path.turn) if not path.relaxing[i]]
    assert len(still) > 30
    for i in still[:: len(still) // 15]:
        gradient, curved, _ = constrained(landscape, path.theta[i])
        assert np.abs(gradient).max() <= 1e-11
        assert np.linalg.eigvalsh(curved)[0] > 0


def test_at_every_fold_an_eigenvalue_of_the_constrained_hessian_goes_to_zero(landscape, path):
    """So a fold is a place where the branch ends, and no failure of the search."""
    ends = [i for i in range(1, path.turn) if path.relaxing[i] and not path.relaxing[i - 1]]
    assert len(ends) == len(path.folds) >= 3
    for end, fold in zip(ends, path.folds, strict=True):
        lowest = [
            np.linalg.eigvalsh(constrained(landscape, path.theta[i])[1])[0]
            for i in (end - 5, end - 1)
        ]
        assert 0 < lowest[1] < lowest[0] / 2
        assert path.distance[end - 1] == pytest.approx(fold.distance, rel=8 * EPS)
        assert fold.relaxed_to < fold.loss


def test_the_index_told_is_the_number_of_negative_eigenvalues(landscape, path):
    for i in range(0, path.turn, path.turn // 15):
        eigenvalues = np.linalg.eigvalsh(constrained(landscape, path.theta[i])[2])
        rounding = len(eigenvalues) * EPS * np.abs(eigenvalues).max()
        assert np.abs(eigenvalues).min() > 100 * rounding  # no sign is in doubt here
        assert path.index[i] == np.sum(eigenvalues < 0)
    assert len(set(path.index.tolist())) > 1


def test_relaxations_fall_at_fixed_distance(path):
    for i in range(1, path.turn):
        if path.relaxing[i] and path.relaxing[i - 1]:
            assert abs(path.distance[i] - path.distance[i - 1]) <= 64 * EPS * path.distance[i]
            assert path.loss[i] <= path.loss[i - 1] * (1 + 64 * EPS)


def test_where_the_pair_meets_all_derivatives_vanish(landscape, path):
    assert path.reached, path.reason
    weight, bias = NETWORK.unflatten(jnp.asarray(path.saddle.theta))[0]
    np.testing.assert_allclose(weight[0], weight[1], atol=4 * EPS)
    assert bias[0] == pytest.approx(bias[1], abs=4 * EPS)
    assert float(jnp.abs(landscape.gradient(jnp.asarray(path.saddle.theta))).max()) <= 1e-12
    assert path.saddle.index >= 1
