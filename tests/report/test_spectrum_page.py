"""The page of a verdict shows the verdict."""

import jax.numpy as jnp
import numpy as np
import pytest

from saddlescape.core import FunctionLandscape
from saddlescape.report import Points, render_page, spectrum_page
from saddlescape.spectra import density, hessian_operator, verdict

SADDLE = FunctionLandscape(lambda v: v[0] ** 2 - v[1] ** 2 + v[1] ** 4, 2)
BLOCKS = {"first": slice(0, 1), "second": slice(1, 2)}


@pytest.fixture(scope="module")
def page():
    told = verdict(SADDLE, jnp.zeros(2), blocks=BLOCKS)
    return spectrum_page(told, told.sentence, {"problem": {"name": "toy"}}, {"at": "origin"})


def test_negative_and_positive_curvatures_are_told_apart(page):
    figure = page.sections[0].figures[0]
    assert figure.title == "1 of 2 curvatures negative"
    negative, positive = figure.layers
    assert isinstance(negative, Points)
    assert (negative.name, negative.x, negative.y) == ("negative", (1,), (-2.0,))
    assert (positive.name, positive.x, positive.y) == ("positive", (2,), (2.0,))


def test_the_way_down_is_the_loss_along_it(page):
    (figure,) = page.sections[1].figures
    curve, point, lowest = figure.layers
    assert curve.y == pytest.approx([x**4 - x**2 for x in curve.x], abs=1e-15)
    assert (point.x, point.y) == ((0.0,), (0.0,))
    assert lowest.y[0] == pytest.approx(-0.25, abs=1e-9)
    assert figure.title == "Along the most negative curvature the loss falls by 0.25"


def test_parts_are_sorted_by_their_share(page):
    (figure,) = page.sections[2].figures
    (bars,) = figure.layers
    assert (bars.categories, bars.heights) == (("second", "first"), (1.0, 0.0))


def test_the_page_is_drawn_for_a_point_known_by_its_ends(page):
    assert "saddle of order 1" in render_page(page)
    told = verdict(SADDLE, jnp.array([0.1, 0.2]), dense_limit=0)
    drawn = render_page(spectrum_page(told, told.sentence, {}, {}))
    assert "Not critical" in drawn
    assert "Along the negative gradient" in drawn


def test_the_density_is_drawn_inside_its_band_on_a_logarithm(page):
    told = verdict(SADDLE, jnp.zeros(2))
    found = density(hessian_operator(SADDLE, jnp.zeros(2)), num_probes=50)
    shown = spectrum_page(told, told.sentence, {}, {}, density=found)
    assert len(shown.sections) == len(page.sections)  # no blocks here, but a density
    (figure,) = shown.sections[1].figures
    band, curve = figure.layers
    assert figure.y_axis.scale == "log"
    assert np.all(np.array(band.low) <= curve.y)
    assert np.all(np.array(curve.y) <= band.high)
    peak = found.grid[np.argmax(found.density)]
    assert abs(abs(peak) - 2) < found.width  # curvatures are -2 and 2
    assert f"near {peak:.3g}" in figure.title
    assert "The density of the spectrum" in render_page(shown)
