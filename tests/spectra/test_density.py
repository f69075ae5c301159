"""Density, trace and diagonal, against dense spectra."""

import numpy as np
import pytest
import scipy.stats

from saddlescape.core import FunctionLandscape, InvalidInputError
from saddlescape.spectra import Operator, density, diagonal, hessian_operator, trace

SIZE, RUNS = 120, 40
SPECTRA = {
    "normal": lambda draw: draw.normal(size=SIZE),
    "outliers of a flat bulk": lambda draw: np.r_[np.zeros(80), draw.uniform(0, 1, 37), -3, 8, 10],
    "two clusters": lambda _: np.r_[np.full(60, -1.0), np.full(60, 2.0)],
}


def rotated(values: np.ndarray, draw: np.random.Generator) -> np.ndarray:
    """Return a symmetric matrix with these eigenvalues."""
    basis = np.linalg.qr(draw.normal(size=(len(values), len(values))))[0]
    matrix = (basis * values) @ basis.T
    return (matrix + matrix.T) / 2


def operator_of(matrix: np.ndarray) -> Operator:
    return Operator(lambda vector: matrix @ vector, len(matrix))


def blurred(values: np.ndarray, grid: np.ndarray, width: float) -> np.ndarray:
    """Return the density of all eigenvalues, each replaced by a normal curve."""
    return scipy.stats.norm.pdf(grid[:, None], values, width).mean(axis=1)


@pytest.mark.parametrize("name", SPECTRA)
def test_the_dense_density_lies_within_the_band_in_the_stated_share_of_cases(name):
    """Counted over seeds and grid. Points of one run agree with one another, so the runs are the
    cases: their mean share may lie below 95 % by three of its standard errors."""
    draw = np.random.default_rng(1)
    values = SPECTRA[name](draw)
    operator = Operator(lambda v: values * v, SIZE)
    inside = []
    for seed in range(RUNS):
        found = density(operator, num_probes=6, num_steps=25, num_points=60, seed=seed)
        true = blurred(values, found.grid, found.width)
        inside.append(np.mean((found.lower <= true) & (true <= found.upper)))
    assert np.mean(inside) >= 0.95 - 3 * np.std(inside) / np.sqrt(RUNS)
    assert np.mean(inside) < 1  # a band that always holds would be too wide


def test_a_rotation_changes_only_which_probes_are_lucky():
    draw = np.random.default_rng(3)
    values = draw.normal(size=SIZE)
    found = density(operator_of(rotated(values, draw)), num_probes=200, num_steps=20)
    true = blurred(values, found.grid, found.width)
    assert np.abs(found.density - true).max() < 0.05 * true.max()


def test_weights_sum_to_one_and_the_density_to_one():
    draw = np.random.default_rng(4)
    found = density(operator_of(rotated(draw.normal(size=SIZE), draw)), num_steps=30)
    np.testing.assert_allclose(found.weights.sum(axis=1), 1, rtol=1e-13)
    step = found.grid[1] - found.grid[0]
    # Three widths beyond the last eigenvalue at least, 0.13 % of that eigenvalue are cut off.
    assert found.density.sum() * step == pytest.approx(1, abs=2e-3)


def test_all_steps_of_equal_eigenvalues_survive_the_breakdown():
    values = np.r_[np.full(10, -1.0), np.full(20, 2.0)]
    found = density(Operator(lambda v: values * v, 30), num_probes=100, num_steps=8)
    negative = np.where(found.nodes < 0, found.weights, 0).sum(axis=1)
    assert abs(negative.mean() - 1 / 3) < 4 * negative.std() / 10
    assert negative.std() == pytest.approx(np.sqrt(2 / 32 * (1 / 3) * (2 / 3)), rel=0.3)


def test_a_probe_is_the_same_whatever_their_number():
    operator = Operator(lambda v: np.linspace(-1, 1, 50) * v, 50)
    few, many = (density(operator, num_probes=n, num_steps=9, seed=5) for n in (2, 4))
    np.testing.assert_array_equal(few.nodes, many.nodes[:2])


def test_a_landscape_of_one_curvature_has_one_peak():
    bowl = FunctionLandscape(lambda v: (v**2).sum(), 5)
    found = density(hessian_operator(bowl, np.zeros(5)))
    assert found.grid[np.argmax(found.density)] == pytest.approx(2)


@pytest.mark.parametrize("name", SPECTRA)
def test_trace_and_diagonal_lie_within_their_standard_errors(name):
    draw = np.random.default_rng(6)
    matrix = rotated(SPECTRA[name](draw), draw)
    operator = operator_of(matrix)
    traces, entries = [], []
    for seed in range(RUNS):
        total = trace(operator, num_products=45, seed=seed)
        traces.append((total.value - np.trace(matrix)) / total.standard_error)
        found = diagonal(operator, num_products=45, seed=seed)
        entries.append((found.values - np.diag(matrix)) / found.standard_errors)
    limit = scipy.stats.t.ppf(0.975, 14)  # 15 probes
    # 40 cases at 95 %: fewer than 34 inside has a chance of 0.3 %.
    assert np.sum(np.abs(traces) <= limit) >= 34
    assert np.mean(np.abs(entries) <= limit) >= 0.93


def test_the_sketch_takes_outliers_out_of_the_error():
    draw = np.random.default_rng(7)
    matrix = rotated(np.r_[np.full(5, 100.0), draw.normal(size=95) / 100], draw)
    found = trace(operator_of(matrix), num_products=30)
    # Random signs alone have a variance of up to 2 |A|_F^2 / 30 = (26)^2.
    assert found.standard_error < 0.1
    assert found.value == pytest.approx(np.trace(matrix), abs=4 * found.standard_error)


def test_enough_products_are_exact():
    draw = np.random.default_rng(8)
    matrix = rotated(draw.normal(size=20), draw)
    np.testing.assert_allclose(diagonal(operator_of(matrix)).values, np.diag(matrix), atol=1e-13)
    assert trace(operator_of(matrix)).value == pytest.approx(np.trace(matrix), abs=1e-12)


def test_impossible_numbers_are_refused():
    operator = Operator(lambda v: v, 5)
    with pytest.raises(InvalidInputError, match="0 probes"):
        density(operator, num_probes=0)
    with pytest.raises(InvalidInputError, match="at least 6"):
        trace(operator, num_products=5)
