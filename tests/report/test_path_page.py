"""The page of a path: its pictures hold the numbers of the path."""

import numpy as np
import pytest

from saddlescape import passages, report


@pytest.fixture(scope="module")
def one():
    """One pair that meets."""
    return passages.cross(passages.PassageSettings(problem="lecture", pair=(2, 3)))


@pytest.fixture(scope="module")
def three():
    """All pairs of a student of three neurons."""
    settings = passages.PassageSettings(
        problem="lecture", hidden=(3,), activation="softplus", starts=20
    )
    return passages.cross(settings)


def figures(page):
    return [figure for section in page.sections for figure in section.figures]


def test_the_page_of_a_pair_shows_the_path_it_was_given(one):
    page, path = report.path_page(one), one.passages[0].path
    assert page.finding == passages.finding(one)
    movie = figures(page)[0]
    assert isinstance(movie, report.Movie)
    assert len(movie.frames) == min(len(path.loss), len(movie.captions))
    profile = next(f for f in figures(page)[1:] if "distance of the incoming" in f.x_axis.label)
    curve = profile.layers[0]
    np.testing.assert_array_equal(curve.y, path.loss)
    np.testing.assert_array_equal(np.abs(curve.x), path.distance)
    assert curve.x[0] < 0 < curve.x[-1]
    spectrum = next(f for f in figures(page)[1:] if "eigenvalue at the" in f.x_axis.label)
    values = [x for layer in spectrum.layers for x in layer.x]
    np.testing.assert_array_equal(np.sort(values), np.asarray(path.saddle.point.eigenvalues))


def test_the_valley_figure_tells_where_the_index_changes(one):
    page, line = report.path_page(one), one.passages[0].valley
    figure = next(f for f in figures(page)[1:] if "share of the outgoing" in f.x_axis.label)
    assert f"{line.inside} inside and {line.outside} outside" in figure.title
    np.testing.assert_array_equal(figure.layers[0].y, line.index)


def test_the_ways_are_listed_lowest_first(one):
    page = report.path_page(one)
    table = page.sections[-1].tables[0]
    barriers = [row[1] for row in table.rows if row[1] is not None]
    np.testing.assert_allclose(barriers, sorted(barriers), rtol=1e-9)  # to ten digits, as told
    assert {row[0] for row in table.rows} >= {"merging path", "straight line"}


def test_the_page_of_a_layer_ranks_every_pair_and_draws_the_graph(three):
    page = report.path_page(three)
    ranking, tables = figures(page)[0], page.sections[0].tables[0]
    assert len(tables.rows) == 3
    losses = [row[-2] for row in tables.rows]
    np.testing.assert_allclose(losses, sorted(losses), rtol=1e-9)  # to ten digits, as told
    assert len(ranking.y_axis.ticks) == 3
    titles = [figure.title for figure in figures(page)]
    assert any(title.startswith("6 equal minima, 9 passages") for title in titles)
    assert any(title.startswith("All 6 minima are joined") for title in titles)


@pytest.mark.parametrize("which", ["one", "three"])
def test_the_page_is_drawn_and_names_its_command(which, request, tmp_path):
    found = request.getfixturevalue(which)
    text = report.write_path_page(found, tmp_path / "page.html").read_text()
    assert found.settings.command() in text
    assert "Infinity" not in text.split("application/json")[1].split("</script>")[0]
