"""The page of a race holds the numbers of the race, and hides no divergence."""

import json

import numpy as np
import pytest

from saddlescape import races, report
from saddlescape.core import InvalidInputError

FEW = ("gradient-descent", "adam")


def ran(**settings):
    """Return a short race of two optimizers."""
    return races.run(races.RaceSettings(optimizers=FEW, **settings))


@pytest.fixture(scope="module")
def surface():
    """Two parameters; at the largest rate gradient descent diverges."""
    return ran(problem="two-minima", rates=(0.01, 0.1, 5.0), steps=60, seeds=3)


@pytest.fixture(scope="module")
def line():
    """One parameter."""
    return ran(problem="double-well", rates=(0.05,), steps=20, seeds=1)


@pytest.fixture(scope="module")
def network():
    """Four parameters and more, on data."""
    return ran(problem="lecture", hidden=(2,), rates=(0.01, 0.1), steps=25, seeds=2)


def figures(page):
    return [figure for section in page.sections for figure in section.figures]


def movie_of(page):
    return next(figure for figure in figures(page) if isinstance(figure, report.Movie))


def marks(layers):
    return [layer for layer in layers if isinstance(layer, report.Points)]


def test_curves_are_medians_at_the_best_rate(surface):
    figure = figures(report.race_page(surface))[0]
    curves = [layer for layer in figure.layers if isinstance(layer, report.Curve)]
    race = surface.race
    for number, curve in enumerate(curves):
        assert list(curve.x) == race.steps[1:].tolist()
        middle = np.median(race.loss[number, race.best[number], :, 1:], axis=0)
        np.testing.assert_array_equal(np.array(curve.y, dtype=float), middle)


def test_a_diverged_rate_is_marked_above_the_line_and_joined_to_nothing(surface):
    figure = figures(report.race_page(surface))[1]
    assert surface.race.diverged[0, 2].min() > 0  # NaN would not be
    (border,) = [layer for layer in figure.layers if isinstance(layer, report.Lines)]
    descent = marks(figure.layers)[0]
    assert descent.y[2] > border.segments[0][1] > max(descent.y[:2])
    curve = next(layer for layer in figure.layers if isinstance(layer, report.Curve))
    assert np.isnan(curve.y[2])
    assert "3 of 3 runs diverged" in descent.notes[2]
    assert "best rate" in descent.notes[surface.race.best[0]]


def test_marks_of_the_movie_follow_the_trajectories(surface):
    movie = movie_of(report.race_page(surface))
    for place, path in enumerate(surface.trajectories):
        first, last = (marks(movie.frames[frame][0])[place] for frame in (0, -1))
        assert (first.x[0], first.y[0]) == tuple(path.before[0])
        assert (last.x[0], last.y[0]) == tuple(path.theta[-1])
        (low, high), (x,) = movie.panels[0].x_axis.limits, last.x
        assert low <= x <= high
        loss = marks(movie.frames[-1][1])[place]
        assert (loss.x, loss.y) == ((60,), (path.loss[-1],))
    assert movie.captions[0].startswith("after 0 steps")


def test_contours_of_a_surface_are_its_losses_and_its_points_are_named(surface):
    ground = movie_of(report.race_page(surface)).panels[0]
    contours = next(layer for layer in ground.layers if isinstance(layer, report.Contours))
    landscape = surface.setup.landscape
    for row, column in ((0, 0), (40, 17), (80, 80)):
        theta = np.array([contours.x[column], contours.y[row]])
        assert contours.z[row][column] == pytest.approx(float(landscape.loss(theta)), rel=1e-13)
    assert ("minimum", "minimum", "saddle") in [mark.labels for mark in marks(ground.layers)]


def test_balls_lie_on_the_curve_of_a_loss_of_one_parameter(line):
    movie = movie_of(report.race_page(line))
    for frame in movie.frames:
        for ball in marks(frame[0]):
            assert ball.y[0] == pytest.approx((ball.x[0] ** 2 - 1) ** 2, rel=1e-13, abs=1e-15)


def test_every_mark_in_a_plane_tells_its_true_loss_and_its_distance(network):
    page = report.race_page(network)
    figure = next(f for f in figures(page) if "Beside the plane" in f.title)
    contours = figure.layers[0]
    assert isinstance(contours, report.Contours)
    for points, path in zip(marks(figure.layers), network.trajectories, strict=True):
        assert report.number(float(path.loss[-1]), 4) in points.notes[-1]
        assert "from the plane" in points.notes[-1]


def test_the_loss_on_a_path_is_beside_that_of_its_foot(network):
    page = report.race_page(network)
    small = [figure for figure in figures(page) if "from the plane" in figure.title]
    assert len(small) == len(FEW)
    for figure, path in zip(small, network.trajectories, strict=True):
        foot, true = figure.layers
        np.testing.assert_array_equal(true.y, path.loss)
        assert not np.allclose(true.y, foot.y, rtol=1e-6)


def test_tables_tell_best_rates_losses_reached_and_ends(surface):
    page = report.race_page(surface)
    tables = {table.title: table for section in page.sections for table in section.tables}
    best = tables["The best rate of every optimizer"]
    assert [row[0] for row in best.rows] == list(FEW)
    assert [row[1] for row in best.rows] == [surface.best_rate(i) for i in (0, 1)]
    assert best.rows[0][-1] == int((~np.isnan(surface.race.diverged[0])).sum()) >= 3
    ended = tables["Where the runs at the best rates ended"]
    for name, ends in zip(FEW, surface.ends, strict=True):
        rows = [row for row in ended.rows if row[0] == name]
        assert sum(row[1] for row in rows) == 3
        assert {row[2] for row in rows} == {end.kind for end in ends}


def test_reached_losses_cost_as_many_gradients_as_steps_on_all_samples(network):
    page = report.race_page(network)
    tables = [t for s in page.sections for t in s.tables if "gradient evaluations" in t.title]
    assert tables
    assert all(row[3] == row[4] for row in tables[0].rows)


def test_a_page_is_drawn_and_names_its_command(surface, line, network, tmp_path):
    for found in (surface, line, network):
        text = report.write_race_page(found, tmp_path / "page.html").read_text()
        assert found.settings.command() in text
        data = text.split('id="figures">')[1].split("</script>")[0]
        assert "Infinity" not in data
        assert "NaN" not in data
        assert json.loads(data)


def test_diagnoses_are_drawn_as_measured(surface):
    steps, curvatures = np.array([1, 10, 60]), np.array([-0.5, 1.0, 20.0])
    sharpness = np.array([5.0, 12.0, 19.0])
    one = races.Diagnosis(
        "momentum", 0.1, steps, sharpness, 10.0, curvatures,
        np.array([0.2, 1.0, 0.05]), np.array([0.0, 0.1, 0.9]),
    )  # fmt: skip
    page = report.race_page(surface, [one])
    stable, rates, turns = page.sections[-1].figures
    assert stable.title.endswith("momentum went beyond theirs")
    np.testing.assert_array_equal(marks(stable.layers)[0].y, sharpness / 10)
    assert (marks(rates.layers)[0].x, marks(rates.layers)[0].y) == ((0.5, 1, 20), (0.2, 1, 0.05))
    assert "12 times" in rates.title  # median of 0.2 and 1, over 0.05
    assert "90 %" in turns.title


def test_a_path_that_does_not_fit_its_steps_is_refused():
    with pytest.raises(InvalidInputError, match="a place and a loss for every step"):
        report.RacingPath("adam", np.zeros(0, int), np.zeros((0, 2)), np.zeros(0))
    with pytest.raises(InvalidInputError, match="at least one path"):
        report.race_movie("t", report.Figure("", report.Axis("x"), report.Axis("y"), ()), [],
                          report.Axis("loss"))  # fmt: skip
