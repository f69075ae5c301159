"""Clouds on surfaces whose points are known: what is counted is true."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from saddlescape import clouds
from saddlescape.core import InvalidInputError
from saddlescape.report import cloud_page, render_page

SURFACE = {"problem": "two-minima", "starts": 48, "max_index": 1, "matrices": 19}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("clouds") / "cloud"


@pytest.fixture(scope="module")
def surface(folder):
    return clouds.run(clouds.CloudSettings.checked(**SURFACE), out=folder)


def test_every_known_point_of_a_surface_is_in_its_cloud_once(surface):
    known = sorted((one.loss, one.index) for one in surface.setup.problem.known_points)
    found = sorted(
        zip(surface.distinct.loss.tolist(), surface.distinct.index.tolist(), strict=True)
    )
    np.testing.assert_allclose(found, known, atol=1e-15)
    assert surface.counts.sum() == surface.ends.count("accepted")


def test_what_is_stored_is_what_was_found_and_only_what_is_missing_is_searched(surface, folder):
    again = []
    for file in sorted(folder.glob("block-*.parquet"))[-1:]:
        file.unlink()
    seen = clouds.run(clouds.CloudSettings.checked(**SURFACE), again.append, folder)
    np.testing.assert_array_equal(seen.points.theta, surface.points.theta)
    assert seen.ends == surface.ends
    assert again[-1].done == again[-1].total == 48
    with pytest.raises(InvalidInputError, match="starts is 48 there, 49 here"):
        clouds.run(clouds.CloudSettings.checked(**{**SURFACE, "starts": 49}), out=folder)


def test_loss_and_index_of_three_points_correlate_as_counted_by_hand(surface):
    told = clouds.correlations(surface)
    # Losses 0, 27/32, 1 and index 0, 0, 1: ranks 1, 2, 3 and 1.5, 1.5, 3, so rho = sqrt(3) / 2.
    assert told["index / p"].rho == pytest.approx(math.sqrt(3) / 2)
    assert told["mean index / p of each distinct loss"].size == 3
    assert "not seen to rise together" in clouds.finding(surface)  # three points prove nothing


def test_the_steps_beside_the_saddle_are_those_of_a_plain_loop(surface):
    told = clouds.escapes(surface).measured
    row = clouds.escapes(surface).number
    saddle = np.asarray(surface.distinct.theta[row])
    slope = jax.jit(surface.setup.landscape.gradient)
    bend = np.asarray(surface.setup.landscape.hessian(jnp.asarray(saddle)))
    way, rate = np.linalg.eigh(bend)[1][:, 0], float(told.rule.rate)
    theta, count = saddle + told.distances[0] * way, 0
    while np.linalg.norm(theta - saddle) < told.leave:
        theta, count = theta - rate * np.asarray(slope(jnp.asarray(theta))), count + 1
    assert abs(told.steps[0, 0] - count) <= 1  # the eigenvector's sign is free: the two sides bend
    # Whole steps: the exact number on a quadratic, rounded up.
    np.testing.assert_allclose(told.steps[0], np.ceil(told.exact[0]), atol=1)


def test_the_page_and_the_summary_tell_the_same(surface):
    result = clouds.summary(surface, clouds.spectra_of(surface), clouds.escapes(surface))
    page = cloud_page(surface, (), clouds.escapes(surface))
    assert page.finding == result["finding"]
    assert sum(row["found"] for row in result["by_index"]) == surface.ends.count("accepted")
    assert sum(sum(ends.values()) for ends in result["ends"].values()) == 48
    marks = page.sections[0].figures[0].layers
    assert sorted(x for layer in marks for x in layer.x) == [0, 0, 0.5]
    assert sum(size for layer in marks for size in layer.sizes) == surface.counts.sum()
    drawn = render_page(page)
    assert "The time beside a saddle" in drawn


def test_a_surface_without_points_ends_without_an_error():
    slope = clouds.run(clouds.CloudSettings.checked(problem="plateau", starts=6, max_index=0))
    # x^3 has one degenerate point, reached only up to rounding: whatever is found is that one.
    assert np.abs(np.asarray(slope.distinct.theta)).max(initial=0.0) < 1e-4
    assert clouds.spectra_of(slope) == ()
    assert "points" in clouds.summary(slope)
    render_page(cloud_page(slope))
