"""Verdicts on points whose nature is known."""

import jax.numpy as jnp
import numpy as np
import pytest

from saddlescape.core import FunctionLandscape
from saddlescape.spectra import Answer, LanczosSettings, follow, shares_of, verdict

SIZE = 60
CURVATURES = jnp.concatenate([jnp.array([-3.0, -2.0]), jnp.linspace(0.5, 4, SIZE - 2)])


def quartic(theta):
    """Two directions down from 0, each to a valley: -c x^2 + x^4 is lowest at x^2 = c / 2."""
    return jnp.sum(CURVATURES * theta**2 / 2) + jnp.sum(theta**4) / 4


SADDLE = FunctionLandscape(quartic, SIZE)
MINIMUM = FunctionLandscape(lambda theta: jnp.sum((1 + theta**2) ** 2), SIZE)
ENDS = {"dense_limit": 0, "settings": LanczosSettings(tolerance=1e-9)}


@pytest.mark.parametrize("how", [{}, ENDS], ids=["dense", "Lanczos"])
def test_a_saddle_is_told_with_its_order_and_its_way_down(how):
    told = verdict(SADDLE, jnp.zeros(SIZE), **how)
    assert (told.answer, told.order) == (Answer.SADDLE, 2)
    np.testing.assert_allclose(told.lowest.values, [-3, -2], rtol=1e-12)
    assert abs(told.highest.values[-1] - 4) <= told.highest.bounds[-1]
    # -3 x^2 / 2 + x^4 / 4 is lowest at x = sqrt(3): -9/4
    assert told.escape.drop == pytest.approx(2.25, rel=1e-9)
    assert told.escape.step == pytest.approx(3**0.5, rel=1e-4)
    assert told.excluded_below <= 0
    assert told.is_exact == (how == {})


@pytest.mark.parametrize("how", [{}, ENDS], ids=["dense", "Lanczos"])
def test_a_minimum_has_no_way_down(how):
    told = verdict(MINIMUM, jnp.zeros(SIZE), **how)
    assert (told.answer, told.order, told.escape, told.descent) == (Answer.MINIMUM, 0, None, None)
    np.testing.assert_allclose(told.lowest.values, 4, rtol=1e-12)
    assert "minimum" in told.sentence


def test_a_point_on_a_slope_is_not_critical_and_goes_down_the_gradient():
    told = verdict(SADDLE, 0.1 * jnp.ones(SIZE))
    assert told.answer == Answer.NOT_CRITICAL
    assert told.descent.drop > 0
    gradient = np.asarray(SADDLE.gradient(0.1 * jnp.ones(SIZE)))
    cosine = -told.descent.direction @ gradient / np.linalg.norm(gradient)
    assert cosine == pytest.approx(1, abs=1e-14)


def test_a_slope_without_curvature_is_gradient_flat():
    flat = FunctionLandscape(lambda v: v[0] + v[1] ** 2 - v[2] ** 2, 3)
    assert verdict(flat, jnp.zeros(3)).answer == Answer.GRADIENT_FLAT
    assert verdict(flat, jnp.zeros(3), dense_limit=0).answer == Answer.GRADIENT_FLAT


def test_zero_modes_of_a_rotation_are_explained_by_it():
    """A ring: the loss depends on the radius alone, rotating keeps it."""
    ring = FunctionLandscape(lambda v: (v[0] ** 2 + v[1] ** 2 - 1) ** 2 + v[2] ** 2, 3)
    tangent = np.array([[0.0, 1.0, 0.0]])
    told = verdict(ring, jnp.array([1.0, 0.0, 0.0]), symmetry=tangent)
    assert (told.nullity, told.num_explained, told.answer) == (1, 1, Answer.MINIMUM)
    assert "1 flat" in told.sentence
    across = verdict(ring, jnp.array([1.0, 0.0, 0.0]), symmetry=np.array([[1.0, 0.0, 0.0]]))
    assert across.num_explained == 0
    ends = verdict(ring, jnp.array([1.0, 0.0, 0.0]), symmetry=tangent, dense_limit=0)
    assert (ends.num_explained, ends.nullity) == (1, None)


def test_a_monkey_saddle_is_no_minimum():
    monkey = FunctionLandscape(lambda v: v[0] ** 3 - 3 * v[0] * v[1] ** 2 + v[2] ** 2, 3)
    told = verdict(monkey, jnp.zeros(3))
    assert told.answer == Answer.AT_LEAST
    assert "third derivative" in told.note


def test_an_order_beyond_the_budget_is_a_lower_bound():
    many = FunctionLandscape(lambda v: jnp.sum(jnp.linspace(-1, 1, 300) * v**2), 300)
    settings = LanczosSettings(max_products=30)
    told = verdict(many, jnp.zeros(300), dense_limit=0, settings=settings)
    assert told.answer == Answer.AT_LEAST
    assert 2 <= told.order <= 150


def test_a_direction_is_told_by_the_blocks_it_lives_in():
    blocks = {"first": slice(0, 1), "rest": slice(1, SIZE)}
    told = verdict(SADDLE, jnp.zeros(SIZE), blocks=blocks)
    assert told.shares == (("first", 1.0), ("rest", 0.0))
    assert sum(share for _, share in shares_of(np.arange(1.0, SIZE + 1), blocks)) == pytest.approx(
        1
    )


def test_following_a_wall_finds_nothing():
    found = follow(MINIMUM, jnp.zeros(SIZE), np.eye(SIZE)[3], 4.0)
    assert (found.drop, found.step) == (0, 0)
