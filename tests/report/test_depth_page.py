"""The page of deep and shallow networks holds the numbers of its records."""

import numpy as np
import pytest

from saddlescape import comparisons, depth, problems, report

SHARES = {(False, 1): 0.5, (False, 2): 0.6, (True, 1): 0.7, (True, 2): 0.9}


@pytest.fixture(scope="module")
def done():
    """Networks nobody trained: the accuracy on test samples is a number of the architecture."""
    settings = comparisons.AccuracySettings(
        problem="digits", depths=(1, 2), parameters=1_500, sizes=(1_500, 3_000), deep=2, seeds=2,
        rates=(0.01, 0.1),
    )  # fmt: skip
    plan = {
        "equal parameters": group(1_500),
        "equal width": group(4_000),
        "sizes": group(1_500, 3_000),
    }
    trained = {x: made(x) for networks in plan.values() for x in networks}
    part = np.zeros((20, 8, 8, 1)), np.zeros((20, 1), int)
    samples = depth.Samples(*part, *part)
    return comparisons.Accuracy(settings, problems.load("spirals"), samples, plan, trained)


def group(*sizes):
    return tuple(
        depth.sized((8, 8, 1), (10,), layers, size, is_convolutional=kind)
        for kind in (False, True)
        for layers in (1, 2)
        for size in sizes
    )


def made(network):
    share = SHARES[network.is_convolutional, network.depth]
    right = np.zeros((2, 2, 20), bool)
    right[:, :, : round(20 * share)] = True
    return comparisons.Trained(
        network, np.array([0.01, 0.1]), epochs=np.full((2, 2), 4), train=np.ones((2, 2)),
        validation=np.array([[share, share], [0, 0]]), right=right, curve=np.zeros((2, 2, 4)),
    )  # fmt: skip


@pytest.fixture(scope="module")
def page(done):
    return report.accuracy_page(done)


def curves(figure):
    return [layer for layer in figure.layers if isinstance(layer, report.Curve)]


def test_accuracy_is_drawn_in_percent_against_layers(page):
    for figure in page.sections[0].figures:
        plain, convolutional = curves(figure)
        assert plain.x == convolutional.x == (1, 2)
        assert plain.y == pytest.approx((50, 60), rel=1e-12)
        assert convolutional.y == pytest.approx((70, 90), rel=1e-12)
        assert "fully connected best with 2, convolutional best with 2" in figure.title


def test_bands_are_the_intervals(page, done):
    band = next(x for x in page.sections[0].figures[0].layers if isinstance(x, report.Band))
    for low, high, one in zip(
        band.low, band.high, done.of("equal parameters", is_convolutional=False), strict=True
    ):
        interval = depth.over_runs_and_samples(one.answers)
        assert (low, high) == (100 * interval.low, 100 * interval.high)


def test_train_less_test_is_what_is_missing(page):
    test, train, gap = (curves(figure) for figure in page.sections[1].figures)
    for a, b, c in zip(test, train, gap, strict=True):
        assert np.subtract(b.y, a.y) == pytest.approx(np.array(c.y), rel=1e-12)


def test_statements_stand_with_their_verdicts(page):
    (table,) = page.sections[2].tables
    rows = {row[0]: row[1] for row in table.rows}
    assert rows["The larger a shallow fully connected network, the more it overfits"] == (
        "not decided"
    )
    assert "of 8 statements" in table.title


def test_the_page_is_written(page, tmp_path):
    text = report.write_page(page, tmp_path / "page.html").read_text()
    assert "saddlescape depth accuracy --problem digits" in text
