"""Estimates of what was not seen, against worlds in which it is known."""

import numpy as np
import pytest

from saddlescape import symmetry
from saddlescape.core import InvalidInputError


def test_the_share_of_the_unseen_is_unbiased_and_its_error_is_the_one_stated():
    """2,000 surveys of 300 starts in a world of 60 classes, most of them rare."""
    random = np.random.default_rng(0)
    chances = 1 / np.arange(1, 61) ** 1.5
    chances /= chances.sum()
    surveys = random.multinomial(300, chances, size=2_000)
    truth = np.array([chances[counts == 0].sum() for counts in surveys])
    found = [symmetry.unseen(counts) for counts in surveys]
    errors = np.array([estimate.share for estimate in found]) - truth
    stated = np.mean([estimate.standard_error**2 for estimate in found]) ** 0.5
    # The bias is below 1/300 of a class of that chance; 5 standard errors of the mean besides.
    assert abs(errors.mean()) <= 1 / 300**1.5 + 5 * errors.std() / 2_000**0.5
    assert 0.9 <= stated / errors.std() <= 1.1


def test_the_bound_on_the_number_of_classes_is_sharp_where_all_are_as_likely():
    random = np.random.default_rng(1)
    surveys = random.multinomial(150, np.full(60, 1 / 60), size=500)
    bounds = [symmetry.unseen(counts).num_classes for counts in surveys]
    seen = np.mean(surveys > 0, axis=0).sum()
    assert seen < 57
    # The ratio of two counts of about ten is biased by a few percent.
    assert abs(np.mean(bounds) - 60) < 0.05 * 60


def test_the_bound_is_below_the_truth_where_most_classes_are_rare():
    random = np.random.default_rng(2)
    chances = 1 / np.arange(1, 201) ** 1.5
    surveys = random.multinomial(300, chances / chances.sum(), size=500)
    found = [symmetry.unseen(counts) for counts in surveys]
    bound = np.mean([estimate.num_classes for estimate in found])
    assert np.mean([estimate.num_seen for estimate in found]) + 10 < bound < 180


def test_classes_all_found_often_leave_nothing_unseen():
    found = symmetry.unseen([10, 20, 30])
    assert (found.share, found.standard_error, found.num_classes) == (0.0, 0.0, 3.0)


def test_classes_never_found_change_nothing():
    assert symmetry.unseen([3, 1, 0, 0]) == symmetry.unseen([3, 1])


@pytest.mark.parametrize("counts", [[], [0, 0], [3, -1]])
def test_counts_that_are_none_are_refused(counts):
    with pytest.raises(InvalidInputError, match="at least one above 0"):
        symmetry.unseen(counts)


def test_the_interval_holds_the_number_of_equally_frequent_classes_as_often_as_it_says():
    random = np.random.default_rng(3)
    surveys = random.multinomial(150, np.full(60, 1 / 60), size=1_000)
    ends = np.array([symmetry.unseen(counts).interval for counts in surveys])
    held = np.mean((ends[:, 0] <= 60) & (ends[:, 1] >= 60))
    # 95 % of 1,000 surveys, at most 5 standard errors of 0.7 % away.
    assert abs(held - 0.95) < 5 * (0.95 * 0.05 / 1_000) ** 0.5


def test_the_interval_of_ten_points_in_five_classes_by_hand():
    """f1 = 3, f2 = 1, n = 10: 4.05 unseen, variance 0.9 9/2 + 0.81 27 + 0.81 81/4 = 42.3225."""
    factor = np.exp(1.959964 * np.log(1 + 42.3225 / 4.05**2) ** 0.5)
    low, high = symmetry.unseen([5, 2, 1, 1, 1]).interval
    assert (low, high) == pytest.approx((5 + 4.05 / factor, 5 + 4.05 * factor), rel=1e-12)
    assert (round(low, 2), round(high, 1)) == (5.44, 42.0)


@pytest.mark.parametrize("counts", [[1], [1, 1], [2, 2], [9, 9, 9], [1, 2], [1, 5], [1] * 40])
def test_the_interval_begins_at_what_was_seen_or_above_and_holds_the_bound(counts):
    found = symmetry.unseen(counts)
    assert found.num_seen <= found.interval[0] <= found.num_classes <= found.interval[1] < np.inf


def test_whole_numbers_hold_the_classes_where_nearly_all_were_seen():
    """The lower end lies above what was seen, so that as it stands it misses most of the time."""
    surveys = np.random.default_rng(4).multinomial(80, np.full(20, 1 / 20), size=1_000)
    low, high = np.array([symmetry.unseen(counts).interval for counts in surveys]).T
    assert np.mean((low <= 20) & (high >= 20)) < 0.6
    assert np.mean((np.floor(low) <= 20) & (np.ceil(high) >= 20)) >= 0.95
