"""The law of the index, against published closed forms, integrals at 30 digits and matrices."""

import itertools
import math

import mpmath
import numpy as np
import pytest

from saddlescape.core import InvalidInputError
from saddlescape.spectra import EXACT_LIMIT, LARGE_DEVIATION_RATE, index_law, semicircle

ALL_POSITIVE = {
    1: 1 / 2,
    2: 1 / 2 - math.sqrt(2) / 4,
    3: 1 / 4 - math.sqrt(2) / (2 * math.pi),
    4: 1 / 4 - math.sqrt(2) / 16 - 1 / (2 * math.pi),
}
SIZES = range(1, EXACT_LIMIT + 1)


@pytest.mark.parametrize("size", ALL_POSITIVE)
def test_all_positive_has_the_published_probability(size):
    law = index_law(size, num_samples=0)
    # The closed form cancels, by up to 2^7: that many roundings of a half.
    assert law.exact[0] == pytest.approx(ALL_POSITIVE[size], abs=4 * 2**-53)


@pytest.mark.parametrize("size", SIZES)
def test_probabilities_sum_to_one_and_signs_may_be_exchanged(size):
    exact = index_law(size, num_samples=0).exact
    assert exact.min() > 0
    assert exact.sum() == pytest.approx(1, abs=4 * 2**-53)
    np.testing.assert_array_equal(exact, exact[::-1])


@pytest.mark.parametrize("size", [2, 4, 6, 8])
def test_all_positive_is_the_pfaffian_of_integrals_at_40_digits(size):
    """The naive twin: each double integral by hypergeometric functions, not by parts."""
    with mpmath.workdps(40):

        def corner(a, b):  # x^a y^b over 0 < x < y: x = y t, then y alone
            radial = mpmath.mpf(2) ** mpmath.mpf((a + b) / 2) * mpmath.gamma((a + b + 2) / 2)
            angle = mpmath.hyp2f1((a + b + 2) / 2, (a + 1) / 2, (a + 3) / 2, -1) / (a + 1)
            return radial * angle

        positive = mpmath.matrix(size, size)
        whole = mpmath.matrix(size, size)
        for i in range(size):
            for j in range(size):
                positive[i, j] = corner(i, j) - corner(j, i)
                half = mpmath.mpf(2) ** mpmath.mpf((i + j) / 2) / 2
                moments = half * mpmath.gamma((i + 1) / 2) * mpmath.gamma((j + 1) / 2)
                both = positive[i, j] * (1 - (-1) ** (i + j))
                whole[i, j] = both + moments * ((-1) ** i - (-1) ** j)
        expected = mpmath.sqrt(mpmath.det(positive) / mpmath.det(whole))
    found = index_law(size, num_samples=0).exact[0]
    assert found == pytest.approx(float(expected), rel=2**-51)


@pytest.mark.parametrize("size", [3, 5, 7])
def test_the_drawn_matrices_have_the_exact_law(size):
    """Chi squared of 8 indices at most: above 30 in fewer than 2 of 10,000 seeds."""
    law = index_law(size, num_samples=40_000)
    kept = law.exact * law.num_samples > 10
    expected = law.exact[kept] * law.num_samples
    assert np.sum((law.counts[kept] - expected) ** 2 / expected) < 30
    assert law.counts.sum() == 40_000


def test_the_drawn_matrices_have_the_law_of_whole_matrices_beyond_the_exact_ones():
    draw = np.random.default_rng(1)
    full = draw.normal(size=(20_000, 12, 12))
    indices = np.sum(np.linalg.eigvalsh(full + full.transpose(0, 2, 1)) < 0, axis=1)
    shares = np.bincount(indices, minlength=13) / len(full)
    law = index_law(12, num_samples=20_000)
    assert law.exact is None
    assert np.all(np.abs(law.shares - shares) < 4 * math.sqrt(2) * law.standard_errors)


def test_a_longer_run_begins_with_the_shorter_one():
    few, many = (index_law(9, num_samples=n, seed=3).counts for n in (5_000, 10_000))
    assert np.all(few <= many)
    assert not np.array_equal(few, index_law(9, num_samples=5_000, seed=4).counts)


def test_the_exact_law_falls_at_the_rate_of_large_deviations():
    """-ln P(0) / n^2 comes near (ln 3) / 4 from above, since the next term is of order n."""
    rates = [-math.log(index_law(n, num_samples=0).exact[0]) / n**2 for n in SIZES]
    assert all(a > b for a, b in itertools.pairwise(rates))
    second = np.diff([rate * n**2 for n, rate in zip(SIZES, rates, strict=True)], 2) / 2
    # Second differences of a n^2 + b n + c ln n: a up to c / n^2.
    assert second[-1] == pytest.approx(LARGE_DEVIATION_RATE, abs=1 / 6**2)


def test_independent_signs_are_binomial_for_every_size():
    assert index_law(4, num_samples=0).naive.tolist() == [1 / 16, 4 / 16, 6 / 16, 4 / 16, 1 / 16]
    large = index_law(400, num_samples=0).naive
    assert large.sum() == pytest.approx(1, rel=1e-11)  # logarithms of 2,000 lose three digits


def test_the_semicircle_is_the_density_of_a_large_matrix():
    size, draw = 600, np.random.default_rng(2)
    half = draw.normal(size=(size, size)) / 2
    values = np.sort(np.linalg.eigvalsh(half + half.T))
    grid = np.linspace(-math.sqrt(2 * size), math.sqrt(2 * size), 4_001)
    below = np.cumsum(semicircle(grid, size)) * (grid[1] - grid[0])
    assert below[-1] == pytest.approx(1, abs=1e-4)
    # Eigenvalues repel: the counts differ from the law by O(ln n) of n, not by sqrt n.
    at = np.interp(values, grid, below)
    assert np.abs(at - (np.arange(size) + 0.5) / size).max() < 4 * math.log(size) / size


@pytest.mark.parametrize(("size", "samples"), [(0, 10), (3, -1), (10**6, 1)])
def test_impossible_sizes_are_refused(size, samples):
    with pytest.raises(InvalidInputError, match="give a size from 1"):
        index_law(size, num_samples=samples)
