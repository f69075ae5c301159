"""Ends of a spectrum, against NumPy's dense eigenvalues."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from saddlescape.core import InvalidInputError
from saddlescape.spectra import LanczosSettings, Operator, extremes

SIZE = 400
TIGHT = LanczosSettings(tolerance=1e-10)
SPECTRA = {
    "normal": lambda draw: draw.normal(size=SIZE),
    "few outliers of a flat bulk": lambda draw: np.r_[
        np.zeros(SIZE - 60), draw.uniform(0, 1, 57), -0.7, -0.5, 10
    ],
    "negative": lambda draw: -draw.exponential(size=SIZE),
    "tiny": lambda draw: 1e-12 * draw.normal(size=SIZE),
}


def rotated(values: np.ndarray, draw: np.random.Generator) -> np.ndarray:
    """Return a symmetric matrix with these eigenvalues."""
    basis = np.linalg.qr(draw.normal(size=(len(values), len(values))))[0]
    matrix = (basis * values) @ basis.T
    return (matrix + matrix.T) / 2


def operator_of(matrix: np.ndarray) -> Operator:
    return Operator(lambda vector: matrix @ vector, len(matrix))


@pytest.mark.parametrize("block", [1, 3])
@pytest.mark.parametrize("name", SPECTRA)
def test_both_ends_are_those_of_the_dense_matrix(name, block):
    draw = np.random.default_rng(1)
    matrix = rotated(SPECTRA[name](draw), draw)
    values = np.linalg.eigvalsh(matrix)
    ends = extremes(
        operator_of(matrix), 3, 2, settings=LanczosSettings(tolerance=1e-10, block=block)
    )
    assert ends.converged
    size = np.abs(values).max()
    np.testing.assert_allclose(ends.lowest.values, values[:3], rtol=0, atol=1e-10 * size)
    np.testing.assert_allclose(ends.highest.values, values[-2:], rtol=0, atol=1e-10 * size)


@given(seed=st.integers(0, 2**31 - 1), steps=st.integers(5, 60))
def test_an_eigenvalue_lies_within_every_bound_even_when_the_budget_is_short(seed, steps):
    draw = np.random.default_rng(seed)
    matrix = rotated(draw.normal(size=80), draw)
    values = np.linalg.eigvalsh(matrix)
    ends = extremes(operator_of(matrix), 2, 2, settings=LanczosSettings(max_products=steps))
    for pairs in (ends.lowest, ends.highest):
        nearest = np.abs(values[None] - pairs.values[:, None]).min(axis=1)
        assert np.all(nearest <= pairs.bounds)


@given(seed=st.integers(0, 2**31 - 1))
def test_ritz_values_never_claim_more_negative_eigenvalues_than_there_are(seed):
    draw = np.random.default_rng(seed)
    matrix = rotated(draw.normal(size=60) + 0.8, draw)
    values = np.linalg.eigvalsh(matrix)
    ends = extremes(operator_of(matrix), settings=LanczosSettings(max_products=25))
    assert np.all(ends.ritz >= values[: len(ends.ritz)] - 1e-12)  # rounding of |H| < 5
    assert np.sum(ends.ritz < 0) <= np.sum(values < 0)


def test_missed_bounds_how_far_an_end_may_lie_outside_in_most_runs():
    """The theorem allows 10 % of the runs to miss by more; here 40 runs of 6 steps are counted."""
    draw = np.random.default_rng(2)
    values = np.sort(draw.normal(size=300))
    beyond = 0
    for seed in range(40):
        settings = LanczosSettings(max_products=6, seed=seed)
        ends = extremes(Operator(lambda v: values * v, 300), settings=settings)
        assert not ends.converged
        beyond += ends.highest.values[-1] + ends.missed(0.9) < values[-1]
    assert beyond <= 4


def test_equal_eigenvalues_are_all_found():
    values = np.r_[np.full(5, -1.0), np.linspace(0, 1, 100)]
    ends = extremes(Operator(lambda v: values * v, 105), 6, 0, settings=LanczosSettings(block=5))
    np.testing.assert_allclose(ends.lowest.values, [-1] * 5 + [0], rtol=0, atol=1e-10)


def test_what_is_deflated_is_not_found_again():
    values = np.linspace(-1, 1, 50)
    known = np.eye(50)[:2]
    ends = extremes(Operator(lambda v: values * v, 50), 1, 1, settings=TIGHT, deflate=known)
    np.testing.assert_allclose(ends.lowest.values, values[2:3], rtol=0, atol=1e-10)
    assert np.abs(known @ ends.lowest.vectors.T).max() < 1e-14  # rounding of unit vectors


def test_a_basis_that_spans_everything_is_exact():
    ends = extremes(Operator(lambda v: 3 * v, 4), 2, 2, settings=TIGHT)
    assert ends.missed() == 0
    np.testing.assert_allclose([*ends.lowest.values, *ends.highest.values], 3, rtol=1e-14)


def test_a_restarted_run_finds_what_a_long_one_finds():
    """Gaps of 1/20,000 of the spread need more than the 300 vectors that are kept."""
    values = np.r_[-5e-5, np.linspace(0, 1, 2_500), 1.00005]
    settings = LanczosSettings(tolerance=1e-7, max_products=2_000)
    ends = extremes(Operator(lambda v: values * v, len(values)), 1, 1, settings=settings)
    assert ends.converged
    assert ends.num_products > 300
    # a residual of 1e-7 squared, over the gap of 5e-5
    np.testing.assert_allclose(ends.lowest.values, -5e-5, rtol=0, atol=2e-10)
    np.testing.assert_allclose(ends.highest.values, 1.00005, rtol=0, atol=2e-10)


@pytest.mark.parametrize("asked", [(0, 0), (3, 3), (-1, 1)])
def test_more_than_there_is_is_refused(asked):
    with pytest.raises(InvalidInputError, match="ask for at least one and at most all"):
        extremes(Operator(lambda v: v, 5), *asked)


def test_a_product_that_is_not_finite_is_refused():
    with pytest.raises(InvalidInputError, match="not finite"):
        extremes(Operator(lambda v: v * np.inf, 5))
