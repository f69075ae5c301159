"""A relaxed slice is the minimum over everything orthogonal: closed forms, and SciPy."""

import jax.numpy as jnp
import numpy as np
import pytest
import scipy.optimize

from saddlescape import slices
from saddlescape.core import FunctionLandscape, InvalidInputError

EPS = np.finfo(float).eps
RNG = np.random.default_rng(6)
SIZE = 5
ROOT = RNG.normal(size=(SIZE, SIZE))
MATRIX = ROOT @ ROOT.T + np.eye(SIZE)
BOWL = FunctionLandscape(lambda v: v @ jnp.asarray(MATRIX) @ v / 2 + jnp.sum(v), SIZE)

X = RNG.normal(size=(40, 2))
Y = np.sin(X[:, 0]) * X[:, 1] + X[:, 0]
START = RNG.normal(size=6)
PAIR = slices.random_directions(6, 2, 1)


def residuals(v):
    """A network of two hidden neurons, written out."""
    return jnp.tanh(jnp.asarray(X) @ v[:4].reshape(2, 2)) @ v[4:] - jnp.asarray(Y)


LANDSCAPE = FunctionLandscape(lambda v: jnp.mean(residuals(v) ** 2) + 1e-2 * v @ v, 6)


@pytest.fixture(scope="module")
def minimum():
    """A minimum that SciPy finds, and plain Newton steps make exact."""
    theta = scipy.optimize.minimize(
        lambda v: float(LANDSCAPE.loss(jnp.asarray(v))),
        START,
        jac=lambda v: np.asarray(LANDSCAPE.gradient(jnp.asarray(v))),
    ).x
    for _ in range(4):
        _, gradient, hessian = LANDSCAPE.derivatives(jnp.asarray(theta))
        theta = theta - np.linalg.solve(np.asarray(hessian), np.asarray(gradient))
    return theta


@pytest.fixture(scope="module")
def cut(minimum):
    return slices.plane(LANDSCAPE, minimum, PAIR, 1.0, 5)


@pytest.fixture(scope="module")
def relaxed(cut):
    return slices.relax(LANDSCAPE, cut)


@pytest.mark.parametrize("limit", [0, 200])
def test_of_a_quadratic_the_relaxed_slice_is_the_schur_complement(limit):
    """Oblique directions of unequal length: what is orthogonal to both is what is minimized."""
    rows, origin = RNG.normal(size=(2, SIZE)), RNG.normal(size=SIZE)
    cut = slices.plane(BOWL, origin, rows, 1.5, 5)
    found = slices.relax(BOWL, cut, slices.RelaxSettings(newton_limit=limit))
    free = np.linalg.svd(rows)[2][2:]  # an orthonormal basis of the complement
    block = free @ MATRIX @ free.T
    for place, told in zip(cut.places, found.losses.ravel(), strict=True):
        base = origin + place @ rows
        slope = free @ (MATRIX @ base + 1)
        plain = base @ MATRIX @ base / 2 + base.sum()
        # The gradient is only as small as the tolerance, and the loss off by its square.
        exact = plain - slope @ np.linalg.solve(block, slope) / 2
        assert told == pytest.approx(exact, rel=1e3 * EPS, abs=1e3 * EPS * abs(plain) + 1e-14)
    assert found.num_unreached == 0
    assert found.method == ("L-BFGS" if limit == 0 else "Newton's method")


def test_a_relaxed_loss_is_never_above_the_plain_one(cut, relaxed):
    assert np.all(relaxed.losses <= cut.losses)
    assert (relaxed.losses < cut.losses - 1e-3).sum() > 16
    # At a minimum there is nothing to relax: two programs, one loss.
    assert relaxed.loss == pytest.approx(cut.loss, rel=8 * EPS)
    assert relaxed.num_unreached == 0
    assert relaxed.tolerance == EPS**0.5


def test_offsets_are_orthogonal_to_the_slice_and_have_the_loss_that_is_told(cut, relaxed):
    flat = relaxed.offsets.reshape(-1, cut.origin.size)
    np.testing.assert_allclose(flat @ PAIR.rows.T, 0, atol=64 * EPS * np.abs(flat).max())
    losses, norms = [], []
    for place, offset in zip(cut.places, flat, strict=True):
        theta = jnp.asarray(cut.origin + place @ PAIR.rows + offset)
        gradient = np.asarray(LANDSCAPE.gradient(theta))
        losses.append(float(LANDSCAPE.loss(theta)))
        norms.append(np.abs(gradient - PAIR.rows.T @ (PAIR.rows @ gradient)).max())
    np.testing.assert_allclose(relaxed.losses.ravel(), losses, rtol=256 * EPS)
    assert max(norms) <= relaxed.tolerance * (1 + 1e-3)
    np.testing.assert_allclose(relaxed.distance.ravel(), np.linalg.norm(flat, axis=1), rtol=8 * EPS)


@pytest.mark.parametrize("place", [(0, 0), (4, 1), (2, 4)])
def test_scipys_constrained_search_finds_nothing_lower_nearby(cut, relaxed, place):
    """SLSQP keeps the coordinates by linear constraints and knows nothing of projections."""
    wanted = PAIR.rows @ (cut.origin + np.array(cut.at(place)) @ PAIR.rows)
    start = cut.origin + np.array(cut.at(place)) @ PAIR.rows + relaxed.offsets[place]
    found = scipy.optimize.minimize(
        lambda v: float(LANDSCAPE.loss(jnp.asarray(v))),
        start + 1e-2 * RNG.normal(size=start.size),
        jac=lambda v: np.asarray(LANDSCAPE.gradient(jnp.asarray(v))),
        method="SLSQP",
        constraints=scipy.optimize.LinearConstraint(PAIR.rows, wanted, wanted),
        options={"ftol": 1e-13, "maxiter": 500},
    )
    assert found.success
    assert relaxed.losses[place] == pytest.approx(found.fun, rel=1e-8)


def test_newton_and_quasi_newton_find_the_same_losses(minimum):
    line = slices.line(LANDSCAPE, minimum, PAIR[0], 0.5, 3)
    first = slices.relax(LANDSCAPE, line)
    second = slices.relax(LANDSCAPE, line, slices.RelaxSettings(1e-7, newton_limit=0))
    np.testing.assert_allclose(first.losses, second.losses, rtol=1e-10)


def test_the_pass_from_the_outside_in_finds_a_valley_that_opens_only_there():
    """Another valley begins on the far side; seen from x = 0 there is only the first."""

    def loss(v):
        x, y = v
        return (y**2 - 1) ** 2 + 0.8 * y * (1 - x) + x**2 / 10 + 0.3 * y

    double = FunctionLandscape(loss, 2)
    cut = slices.line(double, np.array([0.0, -1.0]), np.array([1.0, 0.0]), 4.0, 33)
    found = slices.relax(double, cut)
    for x, told in zip(cut.coordinates[0], found.losses, strict=True):
        flat = np.roots([4, 0, -4, 0.8 * (1 - x) + 0.3])
        lowest = min(float(loss((x, y.real))) for y in flat if abs(y.imag) < 1e-9)
        assert told >= lowest - 64 * EPS  # terms of size 10 cancel
        if x >= 1.5:  # seen only from the end of the line, where it is the only one
            assert told == pytest.approx(lowest, rel=0, abs=64 * EPS)


def test_points_that_did_not_get_there_are_counted():
    slow = FunctionLandscape(lambda v: v[0] ** 2 + (v[1] - v[0]) ** 4, 2)
    cut = slices.line(slow, np.zeros(2), np.array([1.0, 0.0]), 1.0, 5)
    found = slices.relax(slow, cut, slices.RelaxSettings(max_steps=2))
    assert found.num_unreached == 4  # all but the centre
    assert np.all(found.losses <= cut.losses)
    steps = slices.relax(slow, cut)  # Newton's steps shrink y - x by a third: a degenerate valley
    assert steps.num_unreached == 0
    np.testing.assert_allclose(steps.losses, cut.coordinates[0] ** 2, atol=1e-9)


def test_losses_that_are_not_finite_do_not_stop_the_others():
    wall = FunctionLandscape(lambda v: jnp.log(v[0]) ** 2 + v[1] ** 2, 2)
    cut = slices.line(wall, np.array([1.0, 1.0]), np.array([1.0, 0.0]), 2.0, 5)
    found = slices.relax(wall, cut)
    np.testing.assert_array_equal(found.losses[:2], [np.nan, np.inf])
    np.testing.assert_allclose(found.losses[2:], np.log([1, 2, 3]) ** 2, rtol=0, atol=1e-14)
    assert found.num_unreached == 2


def test_settings_that_cannot_be_are_refused():
    for wrong in ({"tolerance": 0.0}, {"max_steps": 0}):
        with pytest.raises(InvalidInputError, match="give a positive tolerance"):
            slices.RelaxSettings(**wrong)


def test_a_relaxed_slice_leaves_the_saddles_of_the_complement():
    wells = FunctionLandscape(lambda v: v[0] ** 2 + (v[1] ** 2 - 1) ** 2, num_parameters=2)
    cut = slices.line(wells, np.zeros(2), np.array([1.0, 0.0]), count=5)  # on the ridge
    found = slices.relax(wells, cut)
    places = np.array([cut.at((i,))[0] for i in range(5)])
    np.testing.assert_allclose(found.losses, places**2, atol=1e-14)
    np.testing.assert_allclose(np.abs(found.offsets[:, 1]), 1, atol=1e-7)
