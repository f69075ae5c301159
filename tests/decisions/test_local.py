"""Regions of a network beside the cells of the nearest sample."""

import itertools

import numpy as np
import pytest
import scipy.spatial
from hypothesis import given, settings
from hypothesis import strategies as st

from saddlescape import decisions, regions


def drawn(seed, widths=(2, 7, 5, 3), samples=40):
    """Return a random ReLU network, samples of three classes, and held-out points."""
    rng = np.random.default_rng(seed)
    layers = tuple(
        regions.Planes(rng.normal(size=(b, a)), 0.5 * rng.normal(size=b))
        for a, b in itertools.pairwise(widths)
    )
    points, labels = rng.normal(size=(samples, 2)), rng.integers(0, 3, samples)
    learned = decisions.Learned(layers, decisions.relu(len(widths) - 2))
    held = rng.normal(size=(100, 2)), rng.integers(0, 3, 100)
    return rng, learned, points, labels, decisions.compared(learned, 0.0, points, labels, held)


@pytest.fixture(scope="module", params=[0, 1])
def case(request):
    return drawn(request.param)


def forward(layers, at):
    """Return the outputs and all preactivations of a ReLU network, written out."""
    sums = []
    for weights, biases in layers[:-1]:
        sums.append(at @ weights.T + biases)
        at = np.maximum(sums[-1], 0)
    return at @ layers[-1].weights.T + layers[-1].biases, np.hstack(sums)


def test_shares_of_the_area_are_those_of_many_random_points(case):
    rng, learned, points, labels, row = case
    low, high = points.min(axis=0), points.max(axis=0)
    at = low + (high - low) * rng.random((100_000, 2))
    outputs, sums = forward(learned.layers, at)
    near = labels[scipy.spatial.cKDTree(points).query(at)[1]]
    visited = {p.tobytes() for p in forward(learned.layers, points)[1] > 0}
    empty = np.array([p.tobytes() not in visited for p in np.ascontiguousarray(sums > 0)])
    differ = outputs.argmax(axis=1) != near
    for told, hits in (
        (row.different, differ), (row.different_empty, differ & empty), (row.empty_area, empty),
    ):  # fmt: skip
        error = np.sqrt(max(told * (1 - told), 1e-12) / len(at))
        assert abs(hits.mean() - told) <= 4 * error


def test_empty_regions_hold_no_sample_and_the_others_do(case):
    _, learned, points, _, row = case
    patterns = forward(learned.layers, points)[1] > 0
    hits = (row.regions.patterns[:, None] == patterns[None]).all(axis=2).any(axis=1)
    assert (hits == ~row.is_empty).all()
    # All samples are in the box, so that every one is in some region.
    assert (row.regions.patterns[None] == patterns[:, None]).all(axis=2).any(axis=1).all()


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 10**6), st.integers(1, 30))
def test_shared_areas_of_every_sample_are_those_of_its_cell(seed, samples):
    rng = np.random.default_rng(seed)
    points = rng.normal(size=(samples, 2))
    layers = [(rng.normal(size=(4, 2)), rng.normal(size=4)), (np.ones((1, 4)), np.zeros(1))]
    cells = regions.plane_regions(layers)
    shared = decisions.shared_areas(cells, points)
    np.testing.assert_allclose(shared.areas.sum(), 4.0, rtol=1e-12)
    by_region = np.bincount(shared.regions, shared.areas, minlength=cells.num_regions)
    np.testing.assert_allclose(by_region, cells.areas, atol=1e-13)
    # Points inside a cell cut out with linear programs' own tool: half-planes of all others.
    middle = points[0]
    if samples > 2 and (np.abs(middle) < 1).all():
        others = np.delete(points, 0, axis=0)
        normals = others - middle
        limits = (normals * (others + middle) / 2).sum(axis=1)
        box = np.array([[1, 0, -1], [-1, 0, -1], [0, 1, -1], [0, -1, -1]])
        half = np.vstack([np.column_stack([normals, -limits]), box])
        corners = scipy.spatial.HalfspaceIntersection(half, middle).intersections
        wanted = scipy.spatial.ConvexHull(corners).volume
        found = shared.areas[shared.samples == 0].sum()
        np.testing.assert_allclose(found, wanted, rtol=1e-9)


def test_a_grid_of_samples_has_square_cells():
    """Corners where four cells meet are no exception."""
    grid = np.stack(np.meshgrid(np.arange(4.0), np.arange(4.0)), axis=-1).reshape(-1, 2)
    one = [(np.array([[0.0, 0.0]]), np.ones(1)), (np.ones((1, 1)), np.zeros(1))]
    cells = regions.plane_regions(one, ((-0.5, 3.5), (-0.5, 3.5)))
    shared = decisions.shared_areas(cells, grid)
    assert shared.areas.tolist() == [1.0] * 16


def test_areas_far_from_the_origin_keep_their_digits():
    grid = np.stack(np.meshgrid(np.arange(4.0), np.arange(4.0)), axis=-1).reshape(-1, 2)
    samples = grid + np.random.default_rng(0).normal(0, 0.1, grid.shape) + 1e6
    one = [(np.array([[0.0, 0.0]]), np.ones(1)), (np.ones((1, 1)), np.zeros(1))]
    box = ((1e6 - 0.5, 1e6 + 3.5),) * 2
    far = decisions.shared_areas(regions.plane_regions(one, box), samples).areas
    near = decisions.shared_areas(
        regions.plane_regions(one, ((-0.5, 3.5),) * 2), samples - 1e6
    ).areas
    np.testing.assert_allclose(far, near, rtol=1e-8)  # places have ten digits behind the point
    np.testing.assert_allclose(far.sum(), 16, rtol=1e-12)


def test_equal_samples_are_refused():
    one = [(np.array([[0.0, 0.0]]), np.ones(1)), (np.ones((1, 1)), np.zeros(1))]
    with pytest.raises(ValueError, match="equal"):
        decisions.shared_areas(regions.plane_regions(one), np.zeros((2, 2)))
