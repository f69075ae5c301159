"""Priors that fit: networks with equal parameters, and what looks like noise."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats
from sklearn.linear_model import LogisticRegression

from saddlescape.core import Data, InvalidInputError
from saddlescape.nofreelunch import (
    FREQUENCY,
    Convolutional,
    Dense,
    Linear,
    default_classifiers,
    dense_like,
    estimate,
    noisier,
    noisy_pair,
    priors,
)

EPS32 = np.finfo(np.float32).eps


def bumps(num_samples, rng):
    """Return signals with a rising or a falling step of three points at a random place."""
    labels = rng.integers(0, 2, num_samples)
    signals = rng.normal(size=(num_samples, 24)) * 0.2
    for signal, label in zip(signals, labels, strict=True):
        place = rng.integers(0, 21)
        signal[place : place + 3] += [1, 0, -1] if label else [-1, 0, 1]
    return Data(signals, labels)


@pytest.fixture(scope="module")
def table():
    """A dense and a convolutional network on signals with translation structure."""
    rng = np.random.default_rng(3)
    kinds = (Dense(8), Convolutional(6))
    return priors(bumps(150, rng), bumps(400, rng), kinds, num_seeds=6, steps=250)


def test_convolution_wins_where_places_do_not_matter_and_not_when_they_are_scrambled(table):
    plain, scrambled = (table.gain(1, 0, is_scrambled=way) for way in (False, True))
    assert plain.mean - plain.half_width > 0.05
    assert scrambled.mean < plain.mean / 2
    assert table.plain.shape == table.scrambled.shape == (2, 6)


def test_a_dense_network_does_not_see_that_coordinates_are_scrambled(table):
    """Its starts are drawn alike for each coordinate: accuracies differ by chance alone."""
    difference = table.plain[0] - table.scrambled[0]
    # 400 test signals each: standard errors of 0.025, times the root of 2 over 6 seeds.
    assert abs(difference.mean()) < 4 * 0.025 * (2 / 6) ** 0.5


def test_a_convolution_is_the_sum_it_is_written_as():
    net = Convolutional(3)
    parameters = net.init(jax.random.key(0), 20, 4)
    signals = np.random.default_rng(0).normal(size=(5, 20)).astype(np.float32)
    found = np.asarray(net.logits(parameters, jnp.asarray(signals)))
    for signal, row in zip(signals.astype(float), found, strict=True):
        values = signal[:, None]
        for (weights, biases), kernel in zip(parameters[:-1], net.kernels, strict=True):
            padded = np.pad(values, ((1, 1), (0, 0)))
            starts = range(0, len(padded) - kernel + 1, 2)
            values = np.array(
                [
                    np.maximum(0, padded[i : i + kernel].ravel() @ np.asarray(weights) + biases)
                    for i in starts
                ]
            )
        weights, biases = parameters[-1]
        wanted = values.ravel() @ np.asarray(weights) + np.asarray(biases)
        # Four layers of sums of at most 15 terms of order one, in single precision.
        np.testing.assert_allclose(row, wanted, rtol=0, atol=100 * EPS32)


def test_parameters_are_counted_as_they_are_made():
    for net in default_classifiers(40, 10):
        leaves = jax.tree.leaves(net.init(jax.random.key(1), 40, 10))
        assert sum(leaf.size for leaf in leaves) == net.num_parameters(40, 10)


def test_equal_parameters_are_nearly_equal():
    conv = Convolutional()
    dense = dense_like(conv, 40, 10)
    most = conv.num_parameters(40, 10)
    assert dense.num_parameters(40, 10) <= most < Dense(dense.width + 1).num_parameters(40, 10)


def test_logistic_regression_is_that_of_sklearn():
    """On separate clusters both are right on the same signals."""
    rng = np.random.default_rng(1)
    labels = rng.integers(0, 3, 600)
    signals = rng.normal(size=(600, 6)) + 1.5 * np.eye(3, 6)[labels]
    train, test = (Data(signals[part], labels[part]) for part in (slice(300), slice(300, 600)))
    found = priors(train, test, [Linear()], num_seeds=1, steps=800, batch=300)
    model = LogisticRegression(C=1e6).fit(signals[:300], labels[:300])
    wanted = model.score(signals[300:], labels[300:])
    # Batches are drawn with replacement: a few of 300 signals near a boundary may differ.
    assert abs(float(found.plain[0, 0]) - wanted) <= 5 / 300
    assert abs(float(found.scrambled[0, 0]) - wanted) <= 5 / 300


def test_an_interval_is_students():
    values = [0.2, 0.5, 0.1, 0.9]
    low, high = stats.ttest_1samp(values, 0).confidence_interval(0.95)
    found = estimate(values)
    assert found.mean == pytest.approx((low + high) / 2, rel=1e-14)
    assert found.half_width == pytest.approx((high - low) / 2, rel=1e-12)
    assert estimate([0.3]).half_width is None


@pytest.fixture(scope="module")
def noisy():
    return noisier(num_seeds=3)


def test_two_sets_look_equally_noisy_to_smooth_functions_and_one_is_free_of_noise(noisy):
    (first, second), (noise, none) = noisy.errors
    # Means of 200 squares with variance 1/2 of their mean squared: 5 %, times the root of 2 / 3.
    assert abs(first.mean - second.mean) < 4 * 0.05 * (2 / 3) ** 0.5 * noisy.noise_variance
    assert noise.mean > noisy.noise_variance * 0.8
    assert none.mean < 1e-24  # squares of rounding errors of numbers of order one


def test_distances_from_the_curve_have_one_distribution():
    """The arcsine law: of noise because it was drawn so, of the wave because x was."""
    pair = noisy_pair(4_000, 0.5, seed=4)
    law = stats.arcsine(loc=-(0.5**0.5), scale=2 * 0.5**0.5)
    for y in (pair.noisy, pair.hidden):
        assert stats.kstest(y - pair.curve, law.cdf).pvalue > 1e-3
    wave = np.cos(2 * np.pi * FREQUENCY * pair.x) * 0.5**0.5
    # Rounding of an angle of 232 radians and a sum of order one.
    np.testing.assert_allclose(pair.hidden - pair.curve, wave, rtol=0, atol=1e-13)


def test_what_cannot_be_compared_is_refused():
    values, classes = Data([[0.0], [1.0]], [0.5, 1.0]), Data([[0.0], [1.0]], [0, 1])
    with pytest.raises(InvalidInputError, match="not class labels"):
        priors(values, values)
    with pytest.raises(InvalidInputError, match="no test part"):
        priors(classes, None)
    with pytest.raises(InvalidInputError, match="at least 1 of each"):
        priors(classes, classes, num_seeds=0)
    with pytest.raises(InvalidInputError, match="at least 40"):
        noisy_pair(10)
