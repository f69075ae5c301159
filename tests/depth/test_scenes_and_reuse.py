"""Scenes, units and linear readers against plain formulas, loops and scikit-learn."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import sklearn.linear_model
import sklearn.neighbors
from hypothesis import given
from hypothesis import strategies as st

from saddlescape import depth
from saddlescape.core import InvalidInputError

EVERY = np.array([(s, c) for s in range(6) for c in range(6)])
EPS = np.finfo(np.float32).eps


def test_a_scene_depends_on_its_number_alone():
    few, many = depth.scenes(EVERY[:3], seed=1), depth.scenes(EVERY, seed=1)
    np.testing.assert_array_equal(few.images, many.images[:3])
    assert (many.images[0] != depth.scenes(EVERY, seed=2).images[0]).any()


def test_a_ball_covers_the_area_of_its_disc():
    balls = depth.scenes(np.array([[4, 5]] * 20), noise=0.0)
    for image, size in zip(balls.images, balls.sizes, strict=True):
        ground, most = image.min(), image.max()
        area = ((image[..., 0] - ground) / (most - ground)).sum()
        # Sixteen points per pixel: each of the 2 pi r pixels on the rim is off by less than 1/16.
        assert area == pytest.approx(np.pi * (0.9 * size) ** 2, abs=2 * np.pi * size / 16)


def test_the_color_of_a_scene_is_that_of_its_label():
    found = depth.scenes(EVERY, noise=0.0)
    for image, (_, color), (row, column) in zip(
        found.images, found.labels, found.centers, strict=True
    ):
        if _ in {0, 4, 5}:  # a house, a ball and a star hold their center
            pixel = image[int(row), int(column)]
            bright = {n for n, value in zip("rgb", pixel, strict=True) if value > 0.5 * pixel.max()}
            told = {"red": "r", "green": "g", "blue": "b", "yellow": "rg", "purple": "rb"}
            assert bright == set(told.get(depth.COLORS[color], "rgb"))


@given(held_out=st.integers(0, 30), seed=st.integers(0, 1_000))
def test_every_shape_and_color_is_seen_about_equally_often(held_out, seed):
    seen = depth.seen_combinations(held_out, np.random.default_rng(seed))
    assert seen.sum() == 36 - held_out
    for axis in (0, 1):
        counts = seen.sum(axis=axis)
        assert counts.min() >= 1
        assert np.ptp(counts) <= 1
    more = depth.seen_combinations(max(0, held_out - 1), np.random.default_rng(seed))
    assert (seen <= more).all()


def test_shares_of_variance_add_up_to_what_the_combination_tells():
    draw = np.random.default_rng(0)
    labels = np.repeat(EVERY, 5, axis=0)
    values = draw.normal(size=(180, 4)) + labels[:, :1] * draw.normal(size=(1, 4))
    shares = depth.variance_shares(values, labels)
    cells = values.reshape(36, 5, 4).mean(axis=1)
    np.testing.assert_allclose(shares.sum(axis=1), cells.var(axis=0) / values.var(axis=0))
    rows = cells.reshape(6, 6, 4).mean(axis=1)
    np.testing.assert_allclose(shares[:, 0], rows.var(axis=0) / values.var(axis=0))


@pytest.mark.parametrize("is_convolutional", [False, True])
def test_without_a_unit_is_without_its_weights(is_convolutional):
    network = depth.Architecture((24, 24, 3), (6, 5), (6, 6), is_convolutional)
    parameters = network.init(jax.random.key(3))
    found = depth.scenes(np.repeat(EVERY, 2, axis=0))
    asked = np.arange(72) % 3 > 0
    units = depth.units(network, parameters, found.images, found.labels, asked)
    x = jnp.asarray(found.images, jnp.float32)
    last = np.asarray(network.hidden(parameters, x)[-1])
    before = np.stack([h.argmax(1) for h in network.logits(parameters, x)], 1) == found.labels
    for unit in range(5):
        other = last.copy()
        other[..., unit] = last[..., unit].mean()
        heads = network.read(parameters, jnp.asarray(other))
        after = np.stack([h.argmax(1) for h in heads], 1) == found.labels
        lost = before[asked].mean(axis=0) - after[asked].mean(axis=0)
        # A tie may fall either way by rounding: one scene of 48.
        np.testing.assert_allclose(units.drops[unit], lost, atol=1 / 48 + EPS)


def test_a_linear_reader_is_ridge_regression_on_one_hot_labels():
    draw = np.random.default_rng(1)
    features, labels = draw.normal(size=(120, 7)), draw.integers(0, 4, 120)
    features[:, 0] += labels
    tests = draw.normal(size=(50, 7))
    ridge = sklearn.linear_model.Ridge(alpha=1e-3 * 120 * features.var(axis=0).mean())
    expected = ridge.fit(features, np.eye(4)[labels]).predict(tests).argmax(axis=1)
    np.testing.assert_array_equal(depth.probe(features, labels, tests), expected)


def test_the_nearest_neighbor_is_scikit_learns():
    draw = np.random.default_rng(2)
    features, labels = draw.normal(size=(60, 2, 3)), draw.integers(0, 6, (60, 2))
    tests = draw.normal(size=(40, 2, 3))
    model = sklearn.neighbors.KNeighborsClassifier(1).fit(features.reshape(60, 6), labels)
    found = depth.nearest(features, labels, tests)
    np.testing.assert_array_equal(found, model.predict(tests.reshape(40, 6)))


def test_neighbors_vote_for_each_label_and_nearer_ones_decide_ties():
    draw = np.random.default_rng(4)
    features, labels = draw.normal(size=(50, 3)), draw.integers(0, 3, (50, 2))
    tests = draw.normal(size=(30, 3))
    found = depth.nearest(features, labels, tests, 4)
    for place, answers in zip(tests, found, strict=True):
        near = np.argsort(((features - place) ** 2).sum(axis=1))[:4]
        for head, answer in enumerate(answers):
            votes = labels[near, head].tolist()
            best = {x for x in votes if votes.count(x) == votes.count(answer)}
            assert all(votes.count(x) <= votes.count(answer) for x in votes)
            if len(best) > 1:  # two each: of one neighbor each, the nearest; of pairs, the nearer
                ranks = {x: sum(i for i, vote in enumerate(votes) if vote == x) for x in best}
                assert ranks[answer] == min(ranks.values())


def test_labels_are_read_off_sums_of_probabilities():
    network = depth.Architecture((24, 24, 3), (7,), (36,))
    parameters = network.init(jax.random.key(5))
    found = depth.scenes(EVERY)
    x = jnp.asarray(found.images, jnp.float32)
    logits = np.asarray(network.logits(parameters, x)[0], float)
    grid = np.exp(logits).reshape(36, 6, 6)
    expected = np.stack([grid.sum(axis=2).argmax(axis=1), grid.sum(axis=1).argmax(axis=1)], axis=1)
    answers = depth.by_factor(network, parameters, found.images, (6, 6))
    np.testing.assert_array_equal(answers, expected)


@pytest.mark.parametrize(
    "make",
    [
        lambda: depth.scenes(np.array([[6, 0]])),
        lambda: depth.seen_combinations(31, np.random.default_rng(0)),
        lambda: depth.variance_shares(np.ones((3, 1)), np.array([[0, 0], [0, 1], [1, 0]])),
    ],
)
def test_scenes_that_cannot_be_are_refused(make):
    with pytest.raises(InvalidInputError, match="give"):
        make()
