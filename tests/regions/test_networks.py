"""Linear regions of ReLU networks against regioncam, dense sampling and arrangements."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from regioncam import Regioncam

from saddlescape import regions
from saddlescape.core import InvalidInputError

EPS = np.finfo(float).eps
BOX = ((-2.0, 2.0), (-2.0, 2.0))


def passed(layers, inputs):
    """Return patterns and outputs of a network, layer by layer."""
    active, values = [], inputs
    for weights, biases in layers[:-1]:
        values = values @ weights.T + biases
        active.append(values > 0)
        values = np.maximum(values, 0)
    return np.hstack(active), values @ layers[-1].weights.T + layers[-1].biases


def rows(patterns):
    """Return patterns as a set."""
    return {*map(bytes, patterns)}


def in_torch(layers):
    """Return the network as PyTorch has it, in the single precision of regioncam."""
    modules = []
    for weights, biases in layers:
        linear = torch.nn.Linear(*weights.T.shape)
        linear.weight.data = torch.tensor(weights, dtype=torch.float32)
        linear.bias.data = torch.tensor(biases, dtype=torch.float32)
        modules += [linear, torch.nn.ReLU()]
    return torch.nn.Sequential(*modules[:-1])


SHAPES = [(2, 5, 1), (2, 16, 1), (2, 8, 8, 1), (2, 32, 32, 32, 1), (2, 64, 64, 1), (2, 70, 3, 2)]


@pytest.mark.parametrize("widths", SHAPES)
def test_regioncam_counts_the_same_regions(widths):
    layers = regions.random_network(widths, seed=1)
    theirs = Regioncam(size=2)
    theirs.add(in_torch(layers))
    assert regions.plane_regions(layers, BOX).num_regions == theirs.num_faces


@pytest.mark.parametrize("widths", SHAPES)
def test_every_sampled_pattern_is_listed_and_every_region_holds_its_point(widths):
    layers = regions.random_network(widths, seed=2)
    found = regions.plane_regions(layers, BOX)
    assert (passed(layers, found.points)[0] == found.patterns).all()
    assert len(rows(found.patterns)) == found.num_regions
    samples = np.random.default_rng(0).uniform(-2, 2, size=(5_000, 2))
    assert rows(passed(layers, samples)[0]) <= rows(found.patterns)


@given(st.integers(0, 10_000))
def test_regions_tile_the_rectangle(seed):
    found = regions.plane_regions(regions.random_network((2, 9, 7, 1), seed), BOX)
    assert found.areas.sum() == pytest.approx(16, abs=16 * found.num_regions * EPS * 16)
    assert (found.areas > 0).all()


def test_one_layer_in_a_large_rectangle_is_an_arrangement():
    layers = regions.random_network((2, 9, 1), seed=3)
    found = regions.plane_regions(layers, ((-1e3, 1e3), (-1e3, 1e3)))
    cut = regions.arrangement(*layers[0])
    assert rows(found.patterns) == rows(cut.signs)
    assert found.is_whole.sum() == cut.num_bounded
    everywhere = regions.network_regions(layers)
    assert everywhere.is_complete
    assert rows(everywhere.patterns) == rows(cut.signs)
    assert everywhere.is_bounded.sum() == cut.num_bounded


def test_affine_maps_are_the_network_on_their_regions():
    layers = regions.random_network((2, 12, 9, 3), seed=4)
    found = regions.plane_regions(layers, BOX)
    slopes, offsets = regions.affine_maps(layers, found.patterns)
    told = np.einsum("rkd,rd->rk", slopes, found.points) + offsets
    size = np.abs(slopes).max() * 4 + np.abs(offsets).max()
    assert np.abs(told - passed(layers, found.points)[1]).max() <= 100 * EPS * size  # 23 products


def test_corners_carry_the_outputs():
    layers = regions.random_network((2, 20, 20, 2), seed=5)
    found = regions.plane_regions(layers, BOX)
    gap = np.abs(found.outputs - passed(layers, found.places)[1]).max()
    assert gap <= 2_000 * EPS * np.abs(found.outputs).max()  # interpolated up to forty times


@pytest.mark.parametrize("widths", [(1, 8, 8, 1), (3, 10, 1), (3, 7, 6, 1), (4, 6, 5, 1)])
def test_the_traversal_finds_every_sampled_pattern_in_any_dimension(widths):
    layers = regions.random_network(widths, seed=6)
    found = regions.network_regions(layers)
    assert found.is_complete
    assert (passed(layers, found.points)[0] == found.patterns).all()
    samples = 3 * np.random.default_rng(1).normal(size=(5_000, widths[0]))
    assert rows(passed(layers, samples)[0]) <= rows(found.patterns)


def test_the_traversal_of_one_layer_in_space_is_an_arrangement():
    layers = regions.random_network((3, 8, 1), seed=7)
    cut, found = regions.arrangement(*layers[0]), regions.network_regions(layers)
    order = [{bytes(row): i for i, row in enumerate(cut.signs)}[bytes(p)] for p in found.patterns]
    assert sorted(order) == list(range(regions.num_regions(8, 3)))
    assert (found.is_bounded == cut.is_bounded[order]).all()
    assert (found.num_facets == cut.facets().sum(axis=1)[order]).all()


def test_the_traversal_of_a_square_agrees_with_its_polygons():
    layers = regions.random_network((2, 10, 10, 1), seed=8)
    found = regions.network_regions(layers, box=(-2.0, 2.0))
    polygons = regions.plane_regions(layers, BOX)
    assert rows(found.patterns) == rows(polygons.patterns)
    sides = dict(zip(map(bytes, polygons.patterns), polygons.sizes, strict=True))
    # Corners of neighbours within a side are no corners of the region: polygons are minimal.
    assert [sides[bytes(p)] for p in found.patterns] == found.num_facets.tolist()


def test_beyond_six_inputs_linear_programs_find_the_same():
    """Seven inputs, of which the network sees two: regions are those of the plane, unbounded."""
    weights, biases = regions.random_network((2, 4, 1), seed=9)[0]
    wide = (np.hstack([weights, np.zeros((4, 5))]), biases), (np.ones((1, 4)), np.zeros(1))
    found = regions.network_regions(wide)
    assert found.num_regions == regions.num_regions(4, 2)
    assert not found.is_bounded.any()


@pytest.mark.parametrize("inputs", [1, 2, 3, 7])
def test_walls_that_lie_on_one_another_or_on_the_box_are_crossed_once(inputs):
    """Parallel walls at sums 0, 1, 1 and 2 of the inputs; with one input 0 and 1 are the ends."""
    hidden = np.ones((4, inputs)), -np.array([0.0, 1.0, 1.0, 2.0])
    found = regions.network_regions([hidden, (np.ones((1, 4)), np.zeros(1))], box=(0.0, 1.0))
    assert found.is_complete
    assert found.num_regions == min(inputs, 3)
    assert ((found.points > 0) & (found.points < 1)).all()


def test_a_search_that_is_cut_short_says_so():
    found = regions.network_regions(regions.random_network((3, 8, 8, 1)), max_regions=10)
    assert found.num_regions == 10
    assert not found.is_complete


@given(st.integers(0, 10_000))
def test_a_segment_passes_through_the_regions_of_the_plane(seed):
    layers = regions.random_network((2, 8, 8, 1), seed)
    start, end = np.array([-1.9, -1.3]), np.array([1.7, 1.6])
    knots, patterns = regions.segment_regions(layers, start, end)
    middles = start + ((knots[1:] + knots[:-1]) / 2)[:, None] * (end - start)
    assert (passed(layers, middles)[0] == patterns).all()
    assert (patterns[1:] != patterns[:-1]).any(axis=1).all()
    assert rows(patterns) <= rows(regions.plane_regions(layers, BOX).patterns)


def test_a_plane_through_many_inputs_is_a_network_of_two():
    layers = regions.random_network((6, 9, 9, 1), seed=10)
    plane = np.random.default_rng(2).normal(size=(3, 6))
    found = regions.plane_regions(layers, BOX, plane=plane)
    places = plane[0] + found.points @ plane[1:]
    assert (passed(layers, places)[0] == found.patterns).all()


def test_regions_in_a_disk_are_those_that_some_point_of_the_disk_is_in():
    layers = regions.random_network((2, 12, 12, 1), seed=11)
    found = regions.plane_regions(layers, BOX)
    meets = found.meets_ball((0.3, 0.1), 0.6)
    angles = np.random.default_rng(3).uniform(0, 2 * np.pi, 20_000)
    radii = 0.6 * np.sqrt(np.random.default_rng(4).uniform(0, 1, 20_000))
    disk = np.array([0.3, 0.1]) + (radii * np.array([np.cos(angles), np.sin(angles)])).T
    assert rows(passed(layers, disk)[0]) <= rows(found.patterns[meets])
    nearest = [
        np.hypot(*(found.polygon(int(i)) - [0.3, 0.1]).T).max() for i in np.flatnonzero(~meets)
    ]
    assert min(nearest) >= 0.6
    assert not found.meets_ball((0.3, 0.1), 1e-3).all()


def test_the_output_is_zero_where_the_picture_says():
    layers = regions.random_network((2, 16, 16, 1), seed=12)
    found = regions.plane_regions(layers, BOX)
    segments = regions.zero_lines(found)
    values = passed(layers, segments.reshape(-1, 2))[1]
    assert len(segments)
    assert np.abs(values).max() <= 2_000 * EPS * np.abs(found.outputs).max()  # two interpolations


def test_neurons_that_are_dead_or_turn_together_cut_nothing_more():
    """Three neurons turn exactly at the walls of the two below; in the square nothing is on."""
    dead = [
        (np.eye(2), np.array([-9.0, -9.0])),
        (np.ones((3, 2)), np.zeros(3)),
        (np.ones((1, 3)), np.zeros(1)),
    ]
    assert regions.plane_regions(dead, BOX).num_regions == 1
    assert regions.network_regions(dead).num_regions == 4


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda n: regions.plane_regions(n[:1]), "at least one hidden layer"),
        (lambda n: regions.plane_regions(n[::-1]), "give"),
        (lambda n: regions.plane_regions(n, ((1.0, -1.0), (0.0, 1.0))), "low, high"),
        (lambda n: regions.network_regions(n, box=(1.0, -1.0)), "the lower first"),
        (lambda n: regions.network_regions(n, start=np.zeros(3)), "2 coordinates"),
        (lambda n: regions.zero_lines(regions.plane_regions(n), 1), "outputs 0 to 0"),
    ],
)
def test_what_is_no_network_is_refused(call, words):
    with pytest.raises(InvalidInputError, match=words):
        call(regions.random_network((2, 3, 1)))


def test_a_file_holds_the_network_that_was_written(tmp_path):
    layers = regions.random_network((2, 4, 3, 1))
    arrays = {f"weight_{i}": layer.weights for i, layer in enumerate(layers)}
    arrays |= {f"bias_{i}": layer.biases for i, layer in enumerate(layers)}
    np.savez(tmp_path / "network.npz", **arrays)
    for found, wanted in zip(regions.read_layers(tmp_path / "network.npz"), layers, strict=True):
        assert (found.weights == wanted.weights).all()
        assert (found.biases == wanted.biases).all()


def test_a_walk_that_is_ended_keeps_what_it_visited():
    layers = regions.random_network((3, 6, 1), seed=0)
    whole = regions.network_regions(layers)
    part = regions.network_regions(layers, is_over=lambda count: count >= 5)
    assert whole.is_complete
    assert not part.is_complete
    assert part.num_regions == 5
    assert np.array_equal(part.patterns, whole.patterns[:5])
