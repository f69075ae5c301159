"""Contours lie where the values are what they say; bands and trails hold what they were given."""

import json

import numpy as np
import pytest

from saddlescape.report import (
    Axis,
    Band,
    Contours,
    Curve,
    Figure,
    Movie,
    Page,
    Section,
    Trail,
    numbers_of,
    render_page,
)
from tests.report.test_page import drawn, figure_of, labels_of

GRID = np.linspace(-2, 3, 101)
SQUARES = np.add.outer(GRID**2, 4 * GRID**2)  # rows are y: the loss is 4 x^2 + y^2


def said(text):
    """Return the number that a label says."""
    signs = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
    return 10.0 ** int(text[2:].translate(signs)) if text[2:3] in set("⁻¹²³⁴⁵⁶⁷⁸⁹") else float(text)


@pytest.mark.parametrize("scale", ["linear", "log"])
def test_a_label_stands_where_the_loss_is_what_it_says(scale):
    every = labels_of(figure_of(Contours(GRID, GRID, SQUARES, scale=scale)))
    labels = [label for label in every if label["at"]]
    assert len(labels) >= 4
    for label in labels:
        x, y = np.array(label["at"]).T
        # Lines are less than half a cell off, h = 0.05 wide, and a square bends by h^2 in a cell.
        error, slope = 4 * x**2 + y**2 - said(label["text"]), np.hypot(8 * x, 2 * y)
        assert (np.abs(error) < 0.5 * 0.05 * slope + 0.05**2).all()


def test_levels_are_round_and_in_ratios_where_values_span_decades():
    labels = labels_of(figure_of(Contours(GRID, GRID, np.exp(4 * SQUARES / 10), scale="log")))
    levels = [said(label["text"]) for label in labels]
    assert levels == sorted(levels)
    assert all(level in {m * 10.0**k for m in (1, 2, 3, 5) for k in range(12)} for level in levels)
    assert 4 <= len(levels) <= 12


def test_lines_are_drawn_at_the_levels_given_and_nowhere_else():
    levels = (0.5, 3.0, 17.0)
    trace = drawn(figure_of(Contours(GRID, GRID, SQUARES, levels=levels)))[0].data[0]
    assert trace.type == "contour"
    assert (trace.contours.start, trace.contours.end, trace.contours.size) == (0, 2, 1)
    heights = np.array(trace.z, dtype=float)
    for number, level in enumerate(levels):
        assert ((heights >= number) == (level - 1e-9 <= SQUARES)).all()


def test_where_all_values_agree_there_is_no_contour():
    flat = Contours([0, 1], [0, 1], [[2, 2], [2, 2]], scale="log")
    assert not drawn(figure_of(flat))[0].data
    assert not labels_of(figure_of(flat))


def test_gaps_zeros_and_infinite_values_are_drawn_as_such():
    z = [[0.0, 1.0, 10.0], [np.nan, 100.0, np.inf], [1.0, 10.0, 1000.0]]
    trace = drawn(figure_of(Contours([0, 1, 2], [0, 1, 2], z, scale="log", levels=(1, 10))))[0]
    rows = np.array(trace.data[0].z, dtype=float)
    assert rows[0][0] == -1  # below every line
    assert np.isnan(rows[1][0])
    assert rows[1][2] == rows[2][2] == 2  # above every line


def test_numbers_of_a_backdrop_are_not_listed_again():
    grid = {"x": [0, 1], "y": [0, 1], "z": [[1, 2], [3, 4]]}
    assert not numbers_of(figure_of(Contours(**grid))).rows
    assert len(numbers_of(figure_of(Contours(**grid, is_backdrop=False))).rows) == 4


def test_a_band_is_an_outline_and_breaks_where_an_edge_is_missing():
    band = Band([1, 2, 3, 4, 5], [0, 1, None, 3, 4], [5, 6, 7, 8, 9], tone=2)
    first, second = drawn(figure_of(band))[0].data
    assert (list(first.x), list(first.y)) == ([1, 2, 2, 1], [5, 6, 1, 0])
    assert (list(second.x), list(second.y)) == ([4, 5, 5, 4], [8, 9, 4, 3])


def test_the_edges_of_a_band_are_within_the_axis_and_among_the_numbers():
    figure = figure_of(Band([1, 10], [1, 10], [100, 1e6], "spread"), y=Axis("y", scale="log"))
    low, high = drawn(figure)[0].layout.yaxis.range
    assert low < 0 < 6 < high
    assert [row[1:3] for row in numbers_of(figure).rows] == [(1, 1), (10, 10), (1, 100), (10, 1e6)]


def movie_of(path):
    """Return a movie that draws a path point by point."""
    panel = Figure("", Axis("x"), Axis("y"), (Contours(GRID, GRID, SQUARES),))
    frames = tuple(((Trail(*path, upto, "way"),),) for upto in range(1, len(path[0]) + 1))
    return Movie("grows", (panel,), frames, tuple("abcd"))


def test_a_trail_is_stored_once_and_grows_by_its_number_of_points():
    path = ([0, 1, 2, 2.5], [0, 1, 0, 1])
    html = render_page(Page("t", "f", (Section("s", figures=(movie_of(path),)),)))
    start = html.index('id="figures">') + len('id="figures">')
    panel = json.loads(html[start : html.index("</script>", start)])[0]
    (mark,) = panel["marks"]
    assert mark["kind"] == "trail"
    assert mark["path"] == [0, 0, 1, 1, 2, 0, 2.5, 1]
    assert panel["frames"] == [[1], [2], [3], [4]]
    rows = numbers_of(movie_of(path)).rows
    assert [row[4:6] for row in rows] == list(zip(*path, strict=True))


def test_a_trail_in_a_still_picture_is_a_line():
    trail, curve = (
        drawn(figure_of(layer))[0].data[0].line
        for layer in (Trail([0, 1], [1, 2], 2, tone=3), Curve([0, 1], [1, 2], tone=3))
    )
    assert trail == curve
