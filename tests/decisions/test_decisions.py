"""Hyperplanes, regions and surfaces of a network opened are where evaluation finds them."""

import json

import numpy as np
import pytest

from saddlescape import decisions, regions, setups
from saddlescape.cli import main

EPS = np.finfo(float).eps

# |x - y| - 1/2 on the unit square, by two rectifiers: XOR.
XOR = {
    "weight_0": np.array([[1.0, -1.0], [-1.0, 1.0]]), "bias_0": np.zeros(2),
    "weight_1": np.ones((1, 2)), "bias_1": np.array([-0.5]),
}  # fmt: skip


def opened(**asked):
    """Return a network opened as it is before training."""
    settings = decisions.DecisionSettings(**asked)
    setup = setups.prepare(settings)
    rng = np.random.default_rng(1)
    layers = tuple(
        regions.Planes(rng.normal(size=shape), 0.5 * rng.normal(size=shape[0]))
        for shape in setup.network.shapes
    )
    learned = decisions.Learned(layers, setup.network.activations[:-1])
    return decisions.opened(settings, setup, learned)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with the XOR network and its four samples."""
    made = tmp_path_factory.mktemp("xor")
    np.savez(made / "xor.npz", **XOR)
    (made / "xor.csv").write_text("x,y,class\n0,0,a\n0,1,b\n1,0,b\n1,1,a\n")
    return made


@pytest.fixture(scope="module")
def trained():
    """A small ReLU network, on the spirals."""
    return opened(problem="spirals", hidden=(6, 5))


def test_xor_by_hand_has_the_known_pictures(folder):
    found = decisions.run(
        decisions.DecisionSettings(
            data=str(folder / "xor.csv"), target="class", network=str(folder / "xor.npz")
        )
    )
    assert found.accuracy == 1.0
    assert found.regions.num_regions == 2  # both neurons have the diagonal
    (segments,) = found.surface.values()
    # Two straight pieces, x - y = +-1/2, on which a neuron's activity is 1/2.
    assert len(segments) == 2
    ends = segments.reshape(-1, 2)
    np.testing.assert_allclose(np.abs(ends[:, 0] - ends[:, 1]), 0.5, rtol=8 * EPS)
    first, readout = found.views
    assert first.active.tolist() == [0.25, 0.25]
    assert first.agreement == readout.agreement == 1.0
    # Inputs are scaled to +-1. In its own space the readout sees three points and h1 + h2 = 1/2.
    assert sorted({tuple(p) for p in readout.points.tolist()}) == [(0, 0), (0, 2), (2, 0)]
    assert readout.planes.weights.tolist() == [[1.0, 1.0]]
    assert readout.planes.biases.tolist() == [-0.5]


def test_every_zero_set_is_where_the_weighted_sum_vanishes(trained):
    learned = trained.learned
    for depth, neurons in enumerate(trained.zeros):
        weights, biases = learned.layers[depth]
        for i, segments in enumerate(neurons):
            share = np.linspace(0, 1, 7)[:, None, None]
            places = (segments[:, :2] + share * (segments[:, 2:] - segments[:, :2])).reshape(-1, 2)
            seen = learned.activities(places)[depth]
            sums = seen @ weights[i] + biases[i]
            size = np.abs(seen) @ np.abs(weights[i]) + np.abs(biases[i])
            assert (np.abs(sums) <= 4096 * EPS * size.max(initial=0.0)).all()


def test_labels_of_regions_are_the_networks(trained):
    cells = trained.regions
    outputs = np.add.reduceat(cells.outputs[cells.corners], cells.begins, axis=0)
    mean = outputs / cells.sizes[:, None]  # linear inside, so the mean of the corners is exact
    labels = trained.learned.labels(trained.learned.outputs(cells.points))
    assert (mean.argmax(axis=1) == labels).all()


def test_the_readouts_plane_shows_every_sample_on_its_side(trained):
    readout = trained.views[-1]
    assert readout.agreement == 1.0
    outputs = trained.learned.outputs(trained.inputs)
    distance = (outputs[:, 0] - outputs[:, 1]) / np.linalg.norm(readout.planes.weights)
    np.testing.assert_allclose(readout.points[:, 0], distance, atol=1e3 * EPS * abs(distance).max())


def test_the_command_writes_what_was_found(folder, capsys):
    page = folder / "page.html"
    words = ["--data", str(folder / "xor.csv"), "--target", "class"]
    words += ["--network", str(folder / "xor.npz"), "--json", "-", "--html", str(page)]
    assert main(["regions", "decision", *words]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["regions"] == 2
    assert told["accuracy"] == 1.0
    assert "2 linear regions" in page.read_text()


def test_smooth_zero_sets_are_traced_to_rounding():
    found = opened(problem="penguins", hidden=(4, 3), activation="tanh")
    assert found.regions is None
    learned = found.learned
    weights, biases = learned.layers[1]
    for i, segments in enumerate(found.zeros[1]):
        sums = learned.activities(segments.reshape(-1, 2))[1] @ weights[i] + biases[i]
        assert (np.abs(sums) <= 64 * EPS * (np.abs(weights[i]).sum() + abs(biases[i]))).all()
    for pair, segments in found.surface.items():
        outputs = learned.outputs(segments.reshape(-1, 2))
        # Where three classes meet a segment ends inside a cell: zero to second order of its size.
        assert (np.abs(learned.parting(pair, outputs)) <= 1e-3 * np.abs(outputs).max()).all()
        assert (outputs.max(axis=1) - outputs[:, pair[0]] <= 1e-3 * np.abs(outputs).max()).all()
    assert set(found.surface) <= {(0, 1), (0, 2), (1, 2)}
    assert len(found.surface) >= 2


def test_a_surface_has_no_network_to_open():
    with pytest.raises(ValueError, match="surface"):
        decisions.run(decisions.DecisionSettings(problem="beale"))


def test_more_inputs_are_seen_on_a_slice_through_three_samples():
    found = opened(problem="digits", hidden=(4,), samples=60)
    frame = found.plane.frame
    np.testing.assert_allclose(frame[1:] @ frame[1:].T, np.eye(2), atol=8 * EPS)
    words = found.plane.shown.replace(",", "").split()
    chosen = found.inputs[[int(word) for word in words if word.isdigit()]]
    assert len(chosen) == 3
    seen = found.plane.places(found.plane.coordinates(chosen))
    np.testing.assert_allclose(seen, chosen, atol=64 * EPS * np.abs(chosen).max())
    # The slice of a network of many inputs is a network of two.
    shares = found.regions.points
    outputs = found.learned.outputs(found.plane.places(shares))
    ends = np.add.reduceat(found.regions.outputs[found.regions.corners], found.regions.begins)
    mean = ends / found.regions.sizes[:, None]
    np.testing.assert_allclose(mean, outputs, atol=1e-12 * np.abs(outputs).max())


def test_distributed_against_local_is_told(capsys, tmp_path):
    page = tmp_path / "page.html"
    words = ["--problem", "spirals", "--samples", "30", "--widths", "3", "--starts", "1"]
    words += ["--steps", "5", "--json", "-", "--html", str(page)]
    assert main(["regions", "local", *words]) == 0
    told = json.loads(capsys.readouterr().out)
    (row,) = told["networks"]
    assert row["parameters"] == 3 * 3 + 2 * 4
    assert row["regions"] <= 7  # three lines
    assert 0 <= row["different_area_empty"] <= row["different_area"] <= 1
    assert told["nearest_numbers_per_cell"] == 3
    assert f"{row['regions']} regions" in page.read_text()
