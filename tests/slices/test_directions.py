"""Directions are orthonormal, seeded, and as long as they claim; each peer's defect is a test."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from saddlescape import slices
from saddlescape.core import (
    Data,
    EmpiricalLandscape,
    InvalidInputError,
    Network,
    ShapeMismatchError,
)

EPS = np.finfo(float).eps


@given(size=st.sampled_from([2, 700]), seed=st.integers(0, 2**31 - 1))
def test_random_directions_are_orthonormal_to_rounding(size, seed):
    """landscaper 1.4 leaves out a normalization: two directions there have |cos| 0.985 and more."""
    rows = slices.random_directions(size, 2, seed).rows
    np.testing.assert_allclose(rows @ rows.T, np.eye(2), rtol=0, atol=16 * EPS)


def test_a_seed_gives_the_same_directions_whatever_else_was_drawn():
    """Unseeded draws of landscaper and gradfield differ at every call."""
    first = slices.random_directions(50, 2, 3)
    np.random.default_rng().normal(size=3)
    again, more = slices.random_directions(50, 2, 3), slices.random_directions(50, 3, 3)
    np.testing.assert_array_equal(first.rows, again.rows)
    # Another number of columns: Householder's products are summed in another order.
    np.testing.assert_allclose(more.rows[:2], first.rows, rtol=0, atol=16 * EPS)
    assert abs(float(first.rows[0] @ slices.random_directions(50, 1, 4).rows[0])) < 0.9
    assert first.source == "random, seed 3"


def test_the_first_direction_is_the_draw_itself_made_a_unit():
    """Gram and Schmidt keep the first; a direction of the wrong sign would flip the picture."""
    from saddlescape.core import key_for  # noqa: PLC0415

    drawn = np.asarray(jax.random.normal(key_for(5, "slice direction", 0), (40,)))
    rows = slices.random_directions(40, 2, 5).rows
    np.testing.assert_allclose(rows[0], drawn / np.linalg.norm(drawn), rtol=0, atol=8 * EPS)


NETWORK = Network((3, 4, 2), "relu")
THETA = np.asarray(NETWORK.starts(1, seed=1)[0])


def naive_filters(theta, row):
    """Return a direction normalized neuron by neuron, by the layers of the network."""
    layers = []
    pairs = zip(
        NETWORK.unflatten(jnp.asarray(theta)), NETWORK.unflatten(jnp.asarray(row)), strict=True
    )
    for here, along in pairs:
        lengths = np.linalg.norm(here.weight, axis=1) / np.linalg.norm(along.weight, axis=1)
        layers.append((along.weight * lengths[:, None], jnp.zeros_like(along.bias)))
    return np.asarray(NETWORK.flatten(layers))


def test_every_neuron_of_the_direction_is_as_long_as_that_of_theta():
    drawn = slices.random_directions(THETA.size, 2, 0)
    found = slices.filter_normalized(slices.filters_of(NETWORK), THETA, drawn)
    expected = [naive_filters(THETA, row) for row in drawn.rows]
    np.testing.assert_allclose(found.rows, expected, rtol=8 * EPS)
    one, other = found.rows
    cosine = abs(one @ other) / np.linalg.norm(one) / np.linalg.norm(other)
    assert drawn.cosine < 16 * EPS < found.cosine  # they are no longer orthogonal, and say so
    assert found.cosine == pytest.approx(cosine, rel=1e-12)
    assert found.source == "random, seed 0, filter-normalized"


def test_the_shapes_of_a_network_and_those_of_torch_give_the_same_filters():
    shapes = [(4, 3), (4,), (2, 4), (2,)]
    np.testing.assert_array_equal(slices.filters_of(shapes), slices.filters_of(NETWORK))
    kernels = slices.filters_of([(2, 3, 2, 2), (2,)])  # a convolution: a filter a channel
    assert np.bincount(kernels + 1).tolist() == [2, 12, 12]


@given(scale=st.floats(1e-2, 1e2))
def test_a_network_of_other_scale_but_the_same_function_has_the_same_slice(scale):
    """What filter normalization is for: relu(c z) = c relu(z), so c and 1/c change nothing."""
    first, last = NETWORK.unflatten(jnp.asarray(THETA))
    nothing = jnp.zeros_like(first.bias), jnp.zeros_like(last.bias)
    thetas = [
        NETWORK.flatten([(first.weight * c, nothing[0]), (last.weight / c, nothing[1])])
        for c in (1.0, scale)
    ]
    drawn, filters = slices.random_directions(THETA.size, 1, 0), slices.filters_of(NETWORK)
    cuts = [
        slices.line(LANDSCAPE, theta, slices.filter_normalized(filters, theta, drawn), count=5)
        for theta in thetas
    ]
    np.testing.assert_allclose(cuts[0].losses, cuts[1].losses, rtol=200 * EPS)


RNG = np.random.default_rng(3)
LANDSCAPE = EmpiricalLandscape(NETWORK, Data(RNG.normal(size=(9, 3)), RNG.normal(size=(9, 2))))


def test_what_cannot_be_a_direction_is_refused():
    eye = np.eye(2)
    with pytest.raises(InvalidInputError, match="has length 0"):
        slices.Directions(np.zeros((1, 3)), ("d",), "given")
    with pytest.raises(InvalidInputError, match="1 names for 2"):
        slices.Directions(eye, ("d",), "given")
    with pytest.raises(InvalidInputError, match="at most 3"):
        slices.random_directions(3, 4, 0)
    with pytest.raises(InvalidInputError, match="length 0"):
        slices.between(eye[0], eye[0])
    with pytest.raises(ShapeMismatchError, match="two vectors of one network"):
        slices.between(eye[0], np.zeros(3))
    given_ = slices.random_directions(4, 1, 0)
    with pytest.raises(ShapeMismatchError, match="give those of one network"):
        slices.filter_normalized(np.zeros(5, dtype=int), np.zeros(4), given_)
    with pytest.raises(InvalidInputError, match="no filter of theta has a length"):
        slices.filter_normalized(np.zeros(4, dtype=int), np.zeros(4), given_)
