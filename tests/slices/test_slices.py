"""A slice is the loss at its places: exact, untouched, in the order it says."""

import jax.numpy as jnp
import numpy as np
import pytest
import torch

from saddlescape import bridges, slices
from saddlescape.core import (
    Data,
    EmpiricalLandscape,
    FunctionLandscape,
    InvalidInputError,
    Network,
    ShapeMismatchError,
)

EPS = np.finfo(float).eps
RNG = np.random.default_rng(4)
NETWORK = Network((2, 3, 1), "tanh")
LANDSCAPE = EmpiricalLandscape(NETWORK, Data(RNG.normal(size=(11, 2)), RNG.normal(size=(11, 1))))
THETA = np.asarray(NETWORK.starts(1, seed=2)[0])
PAIR = slices.random_directions(THETA.size, 2, 1)


def naive(landscape, theta, rows, places):
    """Return the losses one by one."""
    return [float(landscape.loss(jnp.asarray(theta + place @ rows))) for place in places]


@pytest.mark.parametrize("count", [4, 5, 40, 41])
@pytest.mark.parametrize("reach", [1.0, 0.3, (-0.25, 1.25), (-1.0, 2.0), (0.0, 1.0)])
def test_zero_is_on_every_grid_exactly_and_the_loss_there_is_that_of_the_origin(count, reach):
    """loss-landscapes never evaluates alpha = 0."""
    cut = slices.line(LANDSCAPE, THETA, PAIR[0], reach, count)
    along = cut.coordinates[0]
    assert np.all(np.diff(along) > 0)
    assert (along == 0).sum() == 1
    assert cut.at(cut.centre) == (0.0,)
    assert cut.loss == pytest.approx(float(LANDSCAPE.loss(jnp.asarray(THETA))), rel=8 * EPS)
    assert len(along) - count in {0, 1}


def test_a_plane_is_indexed_by_the_first_direction_first():
    """landscaper draws its planes transposed. f is not symmetric in its two arguments."""
    tilted = FunctionLandscape(lambda v: v[0] + 100 * v[1] ** 2, num_parameters=2)
    cut = slices.plane(tilted, np.zeros(2), np.eye(2), 2.0, 5)
    for i, x in enumerate(cut.coordinates[0]):
        for j, y in enumerate(cut.coordinates[1]):
            assert cut.losses[i, j] == x + 100 * y**2
    other = slices.on_grid(
        tilted, np.zeros(2), cut.directions, (np.array([0.0, 1.0, 3.0]), np.array([0.0, 2.0]))
    )
    assert other.losses.tolist() == [[0, 400], [1, 401], [3, 403]]


def test_losses_are_those_of_the_points_without_noise_or_smoothing():
    """landscaper adds random noise to the largest loss of every landscape."""
    cut = slices.plane(LANDSCAPE, THETA, PAIR, 3.0, 7)
    again = slices.plane(LANDSCAPE, THETA, PAIR, 3.0, 7)
    expected = np.reshape(naive(LANDSCAPE, THETA, PAIR.rows, cut.places), (7, 7))
    np.testing.assert_allclose(cut.losses, expected, rtol=32 * EPS)
    np.testing.assert_array_equal(cut.losses, again.losses)


def test_what_is_not_finite_stays_so_and_is_counted():
    """landscaper puts the mean in place of NaN."""
    wall = FunctionLandscape(lambda v: jnp.log(v[0]) + v[1] / v[0], num_parameters=2)
    cut = slices.line(wall, np.array([1.0, 0.0]), np.array([1.0, 0.0]), 2.0, 5)
    assert np.isnan(cut.losses).tolist() == [True, True, False, False, False]
    assert cut.num_not_finite == 2
    assert cut.lowest == cut.centre == (2,)


def test_the_numbers_are_the_same_whatever_the_chunk():
    places = np.linspace(-2, 2, 23)[:, None]
    found = [
        slices.losses_at(LANDSCAPE, THETA, PAIR[0], places, chunk) for chunk in (1, 2, 7, 23, 400)
    ]
    for other in found[1:]:
        np.testing.assert_array_equal(found[0], other)


def test_progress_is_told_chunk_by_chunk():
    told = []
    slices.losses_at(
        LANDSCAPE,
        THETA,
        PAIR[0],
        np.zeros((10, 1)),
        4,
        lambda done, all_: told.append((done, all_)),
    )
    assert told == [(4, 10), (8, 10), (10, 10)]


def test_gradients_along_a_slice_are_those_of_the_landscape():
    cut = slices.with_gradients(LANDSCAPE, slices.line(LANDSCAPE, THETA, PAIR[0], 1.0, 5))
    expected = [
        float(jnp.abs(LANDSCAPE.gradient(jnp.asarray(THETA + t * PAIR.rows[0]))).max())
        for t in cut.coordinates[0]
    ]
    np.testing.assert_allclose(cut.gradient_norm, expected, rtol=64 * EPS)


def test_the_model_at_the_centre_agrees_with_the_slice_to_second_order():
    """Halving a small reach divides what is left by eight."""
    model = slices.quadratic_model(LANDSCAPE, THETA, PAIR)
    left = []
    for reach in (0.02, 0.01):
        cut = slices.plane(LANDSCAPE, THETA, PAIR, reach, 3)
        left.append(np.abs(cut.losses.ravel() - model.at(cut.places)).max())
    assert left[0] / left[1] == pytest.approx(8, rel=0.1)
    gradient = np.asarray(LANDSCAPE.gradient(jnp.asarray(THETA)))
    np.testing.assert_allclose(model.slope, PAIR.rows @ gradient, atol=64 * EPS)
    assert model.gradient_norm == np.abs(gradient).max()
    hessian = np.asarray(LANDSCAPE.hessian(jnp.asarray(THETA)))
    np.testing.assert_allclose(model.curvature, PAIR.rows @ hessian @ PAIR.rows.T, atol=1e3 * EPS)
    vector = np.linalg.eigh(hessian)[1][:, -1:].T
    steep = slices.quadratic_model(
        LANDSCAPE, THETA, slices.eigen_directions(vector, [np.linalg.eigvalsh(hessian)[-1]])
    )
    assert steep.curvature[0, 0] == pytest.approx(np.linalg.eigvalsh(hessian)[-1], rel=1e3 * EPS)


def test_a_barrier_is_measured_from_the_line_between_the_losses_of_the_ends():
    """(x^2 - 1)^2 + x/10: both ends count, so the tilt adds nothing."""
    wells = FunctionLandscape(lambda v: (v[0] ** 2 - 1) ** 2 + v[0] / 10, num_parameters=1)
    cut = slices.line(wells, [-1.0], slices.between([-1.0], [1.0]), (-0.25, 1.25), 61)
    found = slices.barrier(cut)
    assert (found.height, found.at) == (pytest.approx(1.0, rel=8 * EPS), 0.5)
    assert found.ends == (pytest.approx(-0.1), pytest.approx(0.1))
    assert cut.losses[0] > 1  # beyond the ends the loss is higher, which is no barrier
    with pytest.raises(InvalidInputError, match="a grid that holds 0 and 1"):
        slices.barrier(slices.line(wells, [-1.0], [1.0], 0.5, 3))


@pytest.fixture(scope="module")
def torch_model():
    torch.set_num_threads(1)
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.Tanh(), torch.nn.Linear(3, 1))
    inputs = np.random.default_rng(0).normal(size=(12, 2))
    batches = [(inputs, np.sin(inputs[:, :1]))]
    mse = torch.nn.functional.mse_loss
    return model.double(), bridges.torch.landscape(model, mse, batches, double=True), batches[0]


def test_a_torch_model_is_sliced_in_place_and_stays_as_it_was(torch_model):
    """loss-landscapes moves the model it is given."""
    model, landscape, (inputs, targets) = torch_model
    before = {name: value.clone() for name, value in model.state_dict().items()}
    theta = np.asarray(landscape.theta)
    shapes = [tuple(part.shape) for part in model.parameters()]
    drawn = slices.random_directions(theta.size, 1, 0)
    along = slices.filter_normalized(slices.filters_of(shapes), theta, drawn)
    told = []
    cut = slices.line(landscape, theta, along, 1.0, 5, lambda done, _: told.append(done))
    twin = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.Tanh(), torch.nn.Linear(3, 1))
    expected = []
    for t in cut.coordinates[0]:
        vector = torch.as_tensor(theta + t * along.rows[0])
        torch.nn.utils.vector_to_parameters(vector, twin.double().parameters())
        residual = twin(torch.as_tensor(inputs)) - torch.as_tensor(targets)
        expected.append(float((residual**2).mean().detach()))
    np.testing.assert_allclose(cut.losses, expected, rtol=64 * EPS)
    assert told == [1, 2, 3, 4, 5]
    for name, value in model.state_dict().items():
        assert torch.equal(value, before[name])
    short = slices.line(landscape, theta, along, 0.5, 2)
    relaxed = slices.relax(landscape, short, slices.RelaxSettings(tolerance=1e-3))
    assert np.all(relaxed.losses < short.losses)
    assert relaxed.num_unreached == 0


def test_what_does_not_fit_is_refused_in_a_sentence():
    with pytest.raises(ShapeMismatchError, match="give those of this landscape"):
        slices.line(LANDSCAPE, THETA[:4], PAIR[0])
    with pytest.raises(InvalidInputError, match="2 directions for a slice of 1"):
        slices.line(LANDSCAPE, THETA, PAIR)
    with pytest.raises(InvalidInputError, match="parallel"):
        slices.plane(LANDSCAPE, THETA, np.stack([THETA, 2 * THETA]))
    for reach, count in ((0.0, 5), (-1.0, 5), (np.nan, 5), (1.0, 1), ((2.0, 1.0), 5)):
        with pytest.raises(InvalidInputError, match="give a positive reach"):
            slices.grid(reach, count)
