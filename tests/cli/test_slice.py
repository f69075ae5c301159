"""`saddlescape slice`: what is printed, stored and drawn is the loss at its points."""

import json

import jax.numpy as jnp
import numpy as np
import pytest

from saddlescape import report, views
from saddlescape.cli import main
from saddlescape.setups import SetupSettings, prepare

EPS = np.finfo(float).eps
LECTURE = ["slice", "--problem", "lecture", "--activation", "tanh"]


def told(capsys, *words: str) -> dict:
    """Return the JSON of a command, and its exit code under ``exit``."""
    code = main([*words, "--json", "-"])
    return json.loads(capsys.readouterr().out) | {"exit": code}


@pytest.fixture(scope="module")
def lecture():
    return prepare(SetupSettings(problem="lecture", activation="tanh"))


def naive(setup, theta, rows, coordinates):
    """Return the losses on a grid, one by one."""
    shape = [len(along) for along in coordinates]
    losses = np.empty(shape)
    for place in np.ndindex(*shape):
        at = np.array([along[i] for along, i in zip(coordinates, place, strict=True)])
        losses[place] = float(setup.landscape.loss(jnp.asarray(theta + at @ rows)))
    return losses


def test_along_eigenvectors_the_curvature_is_the_eigenvalue(capsys, lecture, tmp_path):
    out = tmp_path / "slice.npz"
    result = told(capsys, *LECTURE, "--at", "teacher", "--grid", "9", "--out", str(out))
    theta = np.asarray(lecture.problem.teacher)
    values, columns = np.linalg.eigh(np.asarray(lecture.landscape.hessian(jnp.asarray(theta))))
    kept = np.load(out)
    for number, value in ((0, values[0]), (1, values[-1])):
        cut = result["slices"][number]
        assert cut["curvature"][0][0] == pytest.approx(value, rel=1e-9, abs=100 * EPS * values[-1])
        row = kept["directions" if number == 0 else "directions_2"][0]
        assert abs(row @ columns[:, 0 if number == 0 else -1]) == pytest.approx(1)
        expected = naive(lecture, theta, row[None], (cut["coordinates"][0],))
        np.testing.assert_allclose(cut["losses"], expected, rtol=1e3 * EPS, atol=EPS**2)
        assert cut["lowest"]["at"] == [0.0]
    assert (result["exit"], result["num_unreached"]) == (0, 0)
    assert "nowhere below" in result["finding"]


def test_a_plane_is_stored_first_direction_first_and_drawn_with_rows_for_y(capsys, tmp_path):
    words = ["--at", "start", "--along", "filter", "--dimensions", "2", "--grid", "5"]
    out, page = tmp_path / "slice.npz", tmp_path / "page.html"
    result = told(capsys, *LECTURE, *words, "--seed", "3", "--out", str(out), "--html", str(page))
    kept, (cut,) = np.load(out), result["slices"]
    setup = prepare(SetupSettings(problem="lecture", activation="tanh"))
    coordinates = kept["coordinates_0"], kept["coordinates_1"]
    expected = naive(setup, kept["origin"], kept["directions"], coordinates)
    np.testing.assert_allclose(kept["losses"], expected, rtol=1e3 * EPS)
    np.testing.assert_array_equal(kept["losses"], cut["losses"])
    assert cut["source"] == "random, seed 3, filter-normalized"
    assert cut["cosine"] > 1e-6
    assert "--seed 3" in result["command"]
    assert "In a plane" in page.read_text()
    again = told(capsys, *LECTURE, *words, "--seed", "3")
    assert again["slices"] == result["slices"]
    other = told(capsys, *LECTURE, *words, "--seed", "4")
    assert other["slices"][0]["losses"] != cut["losses"]


def test_between_checkpoints_both_ends_are_on_the_grid_and_the_barrier_is_told(
    capsys, lecture, tmp_path
):
    """Two permuted copies of the teacher: both ends have loss zero, what is between has not."""
    theta = np.asarray(lecture.problem.teacher)
    first, last = lecture.network.unflatten(jnp.asarray(theta))
    order = np.array([1, 0, 2, 3])
    other = lecture.network.flatten([(first.weight[order], None), (last.weight[:, order], None)])
    np.savez(tmp_path / "a.npz", theta=theta)
    np.savez(tmp_path / "b.npz", theta=np.asarray(other))
    words = ["--at", str(tmp_path / "a.npz"), "--along", str(tmp_path / "b.npz"), "--relaxed"]
    page = tmp_path / "page.html"
    result = told(capsys, *LECTURE, *words, "--grid", "13", "--html", str(page))
    (cut,) = result["slices"]
    assert cut["directions"] == ["from a.npz to b.npz"]
    assert {0.0, 1.0} <= set(cut["coordinates"][0])
    assert max(cut["barrier"]["ends"]) < 1e-25  # squares of rounding
    share = cut["coordinates"][0]
    inside = [loss for at, loss in zip(share, cut["losses"], strict=True) if 0 <= at <= 1]
    assert cut["barrier"]["height"] == pytest.approx(max(inside), abs=1e-25)
    relaxed = cut["relaxed"]
    assert all(low <= high for low, high in zip(relaxed["losses"], cut["losses"], strict=True))
    assert 0 < relaxed["barrier"]["height"] < cut["barrier"]["height"]
    assert "From a.npz to b.npz the barrier is" in page.read_text()
    assert "with all else relaxed the barrier is" in result["finding"]


def test_a_trajectory_is_drawn_in_its_plane_and_told_how_far_it_is_from_it(
    capsys, lecture, tmp_path
):
    draw = np.random.default_rng(0)
    thetas = np.asarray(lecture.starts(0, 1, 0))[0] + np.cumsum(draw.normal(size=(9, 12)), 0) / 9
    np.savez(tmp_path / "walk.npz", thetas=thetas)
    settings = views.SliceSettings(
        problem="lecture", activation="tanh", trajectory=str(tmp_path / "walk.npz"), grid=7
    )
    view = views.run(settings)
    middle = thetas - thetas.mean(axis=0)
    _, sizes, rows = np.linalg.svd(middle)
    apart = np.linalg.norm(middle - middle @ rows[:2].T @ rows[:2], axis=1)
    np.testing.assert_allclose(view.walk.distances, apart, rtol=1e-9, atol=1e-12)
    held = (sizes[:2] ** 2).sum() / (sizes**2).sum()
    assert view.walk.plane.shares.sum() == pytest.approx(held)
    losses = [float(lecture.landscape.loss(jnp.asarray(theta))) for theta in thetas]
    np.testing.assert_allclose(view.walk.losses, losses, rtol=8 * EPS)
    page = report.slice_page(view)
    over, away, both = page.sections[0].figures
    np.testing.assert_array_equal(np.transpose(over.layers[0].z), view.cuts[0].losses)
    assert away.layers[0].y == tuple(view.walk.distances)
    assert (both.layers[0].y, both.layers[1].y) == (
        tuple(view.walk.losses),
        tuple(view.walk.foot_losses),
    )
    x, y = view.cuts[0].coordinates
    for place in view.walk.coordinates:  # all of it is on the picture
        assert x[0] < place[0] < x[-1]
        assert y[0] < place[1] < y[-1]
    assert "% of the variance" in views.finding(view)


def test_a_line_over_a_hole_says_so_and_draws_a_gap(capsys, tmp_path):
    """exp of large weights overflows: the loss is infinite there, and stays so."""
    words = ["slice", "--problem", "lecture", "--activation", "exp", "--at", "start"]
    words += ["--along", "random", "--reach", "5000", "--grid", "5"]
    result = told(capsys, *words)
    (cut,) = result["slices"]
    lost = [loss for loss in cut["losses"] if isinstance(loss, str)]
    assert len(lost) == cut["num_not_finite"] > 0
    assert set(lost) <= {"inf", "nan"}
    assert "losses are not finite" in result["finding"]
    assert main([*words, "--html", str(tmp_path / "page.html")]) == 0
    assert "leave gaps" in (tmp_path / "page.html").read_text()
    assert "not finite" in capsys.readouterr().out


def test_eigenvectors_from_products_are_those_of_the_matrix(capsys):
    words = [*LECTURE, "--at", "start", "--dimensions", "2", "--grid", "3"]
    for along in ("eigenvectors", "lowest", "highest"):
        whole = told(capsys, *words, "--along", along)["slices"][0]
        products = told(capsys, *words, "--along", along, "--dense", "0")["slices"][0]
        first, second = np.diag(whole["curvature"]), np.diag(products["curvature"])
        # A Krylov space of all twelve dimensions: rounding of products of size 50.
        np.testing.assert_allclose(first, second, rtol=0, atol=1e-10)
        assert first[0] < first[1]


REFUSED = {
    "": "give either a problem by name or a data file",
    "--problem lecture --at nowhere": "at is 'nowhere': give minimum, critical",
    "--problem lecture --along sideways": "along is 'sideways': give eigenvectors",
    "--problem lecture --along x.pt": "along is 'x.pt'",
    "--problem lecture --along x.npz --at start": "cannot read the checkpoint x.npz",
    "--problem lecture --along x.npz --dimensions 2": "two points make a line",
    "--problem lecture --dimensions 3": "dimensions is 3",
    "--problem lecture --trajectory x.npz --along random": "--along cannot be had with",
    "--problem lecture --trajectory x.npz": "cannot read the checkpoint x.npz",
    "--problem lecture --reach 0": "reach is '0'",
    "--problem lecture --grid 2": "grid is '2'",
    "--problem double-well --at origin --dimensions 2": "a plane in 1 parameter",
    "--problem double-well --at origin --along filter": "a surface has no filters",
    "--problem lecture --html none/x.html": "no folder 'none'",
}


@pytest.mark.parametrize("line", REFUSED)
def test_bad_input_is_refused_in_one_line(capsys, tmp_path, monkeypatch, line):
    monkeypatch.chdir(tmp_path)
    assert main(["slice", *line.split()]) == 2
    out, err = capsys.readouterr()
    assert not out
    assert err.startswith("saddlescape: ")
    assert err.count("\n") == 1
    assert REFUSED[line] in err


def test_relaxed_losses_whose_search_did_not_end_are_told_by_the_exit_code(capsys):
    words = ["--at", "start", "--along", "random", "--relaxed", "--grid", "5"]
    short = told(capsys, *LECTURE, *words, "--max-steps", "1")
    assert (short["exit"], short["num_unreached"]) == (3, 5)
    cut = short["slices"][0]
    norms = np.array(cut["relaxed"]["gradient_norm"])
    assert (norms > cut["relaxed"]["tolerance"]).all()
    assert np.all(np.array(cut["relaxed"]["losses"]) <= cut["losses"])
    assert main([*LECTURE, *words, "--max-steps", "1"]) == 3
    assert "At 5 points the search did not end" in capsys.readouterr().out
