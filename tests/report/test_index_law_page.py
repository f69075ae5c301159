"""The page of the law of the index shows the law."""

import math

import pytest

from saddlescape.report import index_law_page, render_page
from saddlescape.spectra import index_law


@pytest.fixture(scope="module")
def page():
    return index_law_page(index_law(4, num_samples=5_000), command="saddlescape index law --size 4")


def test_the_law_stands_on_a_logarithm_beside_both_estimates(page):
    (figure,) = page.sections[0].figures
    assert figure.y_axis.scale == "log"
    layers = {layer.name: layer for layer in figure.layers}
    assert layers["exact"].y[0] == pytest.approx(0.00245670925978622)
    assert layers["independent signs"].y == (1 / 16, 4 / 16, 6 / 16, 4 / 16, 1 / 16)
    assert layers["exp(-(ln 3)/4 n²)"].y == pytest.approx([1 / 81, 1 / 81])
    band = layers["± 2 standard errors"]
    assert all(low < high for low, high in zip(band.low, band.high, strict=True))


def test_all_positive_is_shown_for_every_exact_size(page):
    (figure,) = page.sections[1].figures
    exact, naive, rate = figure.layers
    assert exact.y[1] == pytest.approx(1 / 2 - math.sqrt(2) / 4)
    assert naive.y[7] == 2**-8
    assert rate.y[1] == pytest.approx(1 / 3)
    assert "4,000,000 times too many" in figure.title  # 2^-8 / 9.69e-10


@pytest.mark.parametrize(("size", "samples"), [(1, 100), (4, 0), (200, 500)])
def test_the_page_is_drawn_for_every_kind_of_law(size, samples):
    drawn = render_page(index_law_page(index_law(size, num_samples=samples)))
    assert "The semicircle" in drawn
