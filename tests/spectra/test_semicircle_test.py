"""The test against the semicircle is calibrated: p-values of random matrices are uniform."""

import numpy as np
import pytest
from scipy import stats

from saddlescape.core import InvalidInputError
from saddlescape.spectra import rank_correlation, semicircle_test

MATRICES = 99  # p-values are multiples of 1 / 100
TRIALS = 200  # fixed before looking


@pytest.fixture(scope="module")
def tests():
    """Tests of dense random matrices of 12 rows, scaled and shifted by what should not matter."""
    found = []
    for trial in range(TRIALS):
        draw = np.random.default_rng([17, trial])
        square = draw.normal(size=(12, 12))
        spectrum = np.linalg.eigvalsh(square + square.T) * 10.0 ** draw.uniform(-6, 6)
        found.append(semicircle_test(spectrum + draw.normal(), num_matrices=MATRICES, seed=trial))
    return found


@pytest.mark.parametrize("name", ["p_value", "ratio_p_value"])
def test_p_values_of_random_matrices_are_uniform(tests, name):
    values = np.array([getattr(test, name) for test in tests])
    for level in (0.1, 0.3, 0.5, 0.8):
        # Counts of rejections are binomial: within four standard deviations, and 1 / 100 of grain.
        spread = 4 * np.sqrt(level * (1 - level) / TRIALS) + 2 / (MATRICES + 1)
        assert abs(np.mean(values <= level) - level) <= spread


def test_the_table_for_independent_numbers_would_be_wrong(tests):
    """Eigenvalues repel: their distances are so small that the usual table never rejects."""
    usual = [stats.kstest(test.scaled, stats.semicircular.cdf).pvalue for test in tests]
    assert min(usual) > 0.5


def test_the_distance_is_that_of_scipy(tests):
    for test in tests[:20]:
        theirs = stats.kstest(test.scaled, stats.semicircular.cdf).statistic
        np.testing.assert_allclose(test.distance, theirs, rtol=1e-12)


def test_independent_values_two_bulks_and_outliers_are_rejected():
    draw = np.random.default_rng(5)
    apart = np.concatenate([draw.normal(-9, 1, 60), draw.normal(9, 1, 60)])
    for values in (draw.exponential(size=120), apart):
        assert semicircle_test(values, num_matrices=MATRICES).p_value == 1 / (MATRICES + 1)
    even = semicircle_test(draw.uniform(size=400), num_matrices=MATRICES)
    assert even.ratio < 0.45  # 0.386 for independent values, 0.531 for the GOE
    assert even.ratio_p_value <= 2 / (MATRICES + 1)


def test_scale_and_shift_change_nothing():
    values = np.random.default_rng(2).normal(size=30)
    plain, moved = (
        semicircle_test(part, num_matrices=MATRICES) for part in (values, 8 * values + 4)
    )
    assert (plain.p_value, plain.ratio_p_value) == (moved.p_value, moved.ratio_p_value)
    np.testing.assert_allclose(moved.radius, 8 * plain.radius, rtol=1e-12)


@pytest.mark.parametrize("values", [np.arange(3.0), np.ones(9), np.array([1.0, 2, 3, np.inf])])
def test_what_cannot_be_compared_is_refused(values):
    with pytest.raises(InvalidInputError, match="eigenvalues"):
        semicircle_test(values)


def test_ranks_correlate_as_scipy_says_and_permutations_agree():
    draw = np.random.default_rng(8)
    first = draw.integers(0, 5, 40).astype(float)  # many ties
    second = first + draw.normal(scale=4, size=40)
    mine, theirs = rank_correlation(first, second), stats.spearmanr(first, second)
    np.testing.assert_allclose([mine.rho, mine.p_value], list(theirs), rtol=1e-12)
    spread = 4 * np.sqrt(mine.p_value / mine.num_permutations) + 0.1 * mine.p_value
    assert abs(mine.permutation_p_value - mine.p_value) <= spread
    assert np.isnan(rank_correlation(np.ones(9), draw.normal(size=9)).rho)


def test_no_scale_that_numbers_have_changes_a_p_value():
    values = np.random.default_rng(2).normal(size=12)
    plain = semicircle_test(values, num_matrices=MATRICES)
    for exponent in (-900, 900):
        moved = semicircle_test(np.ldexp(values, exponent), num_matrices=MATRICES)
        assert (moved.distance, moved.p_value) == (plain.distance, plain.p_value)
        assert moved.radius == np.ldexp(plain.radius, exponent)


def test_what_has_no_ranks_has_no_p_value():
    first = np.array([1.0, np.nan, 3, 4, 5])
    for found in (rank_correlation(first, np.arange(5.0)), rank_correlation(first, first)):
        assert np.isnan([found.rho, found.p_value, found.permutation_p_value]).all()
    with pytest.raises(InvalidInputError, match="-5 permutations"):
        rank_correlation(np.arange(5.0), np.arange(5.0), num_permutations=-5)
