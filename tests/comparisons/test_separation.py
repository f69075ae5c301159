"""Separation: exact rows, what training finds never beats the bound, kept searches are read."""

import pytest

from saddlescape import comparisons, report

SMALL = {
    "teeth": 4, "bits": 4, "squares": 2, "trained_teeth": 1, "trained_bits": 0, "tries": 2,
    "rates": (0.03,), "seeds": 12, "epochs": 200,
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
