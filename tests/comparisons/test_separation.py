"""Separation: exact rows, what training finds never beats the bound, kept searches are read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saddlescape import comparisons, report

SMALL = {
    "teeth": 4, "bits": 4, "squares": 2, "trained_teeth": 1, "trained_bits": 0, "tries": 2,
    "rates": (0.03,), "seeds": 12, "epochs": 200, "trained_products": 1, "starts": 8, "steps": 300,
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("separation")


@pytest.fixture(scope="module")
def done(folder):
    return comparisons.separation(comparisons.SeparationSettings(**SMALL), out=folder)


def test_training_finds_the_smallest_sawtooth_and_nothing_smaller(done):
    one, two = done.searches
    assert (one.widths, one.fits) == ((1,), 0)  # a kink alone goes up or down, not both
    assert two.widths == (2,)
    assert two.fits > 0
    assert done.smallest("sawtooth", 1) == 2 == done.sawtooth[0]["fewest_shallow"]


def test_deep_and_shallow_are_told_equal(done):
    assert all(row["are_equal"] for row in done.sawtooth)
    assert [row["wrong"] for row in done.parity] == [0, 0, 0]
    assert [row["square_error"] for row in done.product] == [1 / 16, 1 / 64]
    # Where x and y are kinks and (x + y) / 2 is the middle of a piece, the bound is reached.
    assert [row["product_error"] for row in done.product] == [1 / 8, 1 / 32]


def test_searches_are_kept(done, folder):
    again = comparisons.separation(done.settings, out=folder)
    assert comparisons.separation_summary(again) == comparisons.separation_summary(done)


def test_the_page_draws_the_counts(done, tmp_path):
    page = report.separation_page(done)
    figure = page.sections[0].figures[-1]
    deep, shallow = [x for x in figure.layers if isinstance(x, report.Points)][:2]
    assert deep.y == (2, 4, 6, 8)
    assert shallow.y == (2, 4, 8, 16)
    assert "What training finds" in report.write_page(page, tmp_path / "page.html").read_text()


def test_counted_regions_are_those_of_the_formula(done):
    counts = done.region_counts
    # Sawtooth: 4 x 2. Parity of 2, 3 and 4 bits: 3 each. Square and product: 2 x 4.
    assert len(counts) == 8 + 9 + 8
    assert [one.counted for one in counts] == [one.formula for one in counts]
    told = {(one.function, one.network): one.counted for one in counts}
    assert told["sawtooth 4", "deep"] == done.sawtooth[3]["pieces"] == 16
    assert told["parity 3", "a unit per example"] == 5  # four corners of a cube, and the rest
    assert told["product 1", "deep"] == 6  # four cells, two of them cut by the diagonal


def test_functions_are_searched_for_from_the_bound_upwards(done):
    told = {(one.target, one.width): one for one in done.fits}
    assert told["sawtooth", 1].error >= 0.5  # a kink alone goes up or down, not both
    assert told["sawtooth", 2].is_enough
    assert done.smallest_fit("sawtooth", 1) == 2
    products = [one for one in done.fits if one.target == "product"]
    assert {one.allowed for one in products} == {1 / 8}
    assert [one.width for one in products] == list(range(1, len(products) + 1))
    assert done.smallest_fit("product", 1) == products[-1].width <= 2
    assert done.is_complete


@given(least=st.integers(1, 40), more=st.integers(0, 30), tries=st.integers(1, 12))
def test_the_width_that_is_told_is_the_narrowest(least, more, tries):
    enough, tried = least + more, []
    comparisons.narrowest(least, tries, lambda width: tried.append(width) or width >= enough)
    assert len(set(tried)) == len(tried)
    if max(tried) >= enough:
        assert min(x for x in tried if x >= enough) == enough
        assert enough == least or enough - 1 in tried
