"""The pages of regions show what was counted and found."""

import itertools
import math

from saddlescape.regions import (
    arrangement,
    count_regions,
    deep_bounds,
    num_regions,
    random_hyperplanes,
)
from saddlescape.report import Movie, arrangement_page, regions_count_page, render_page


def test_bars_are_logarithms_of_the_regions_and_the_table_is_exact():
    page = regions_count_page(count_regions(6, 2))
    figure = page.sections[0].figures[0]
    assert figure.layers[0].heights == tuple(math.log10(num_regions(6, d)) for d in range(7))
    assert [row[1] for row in page.sections[0].tables[0].rows] == [
        str(num_regions(6, d)) for d in range(7)
    ]
    assert "From dimension 6 on" in figure.title


def in_general_position(segments):
    """Return whether no three of the lines meet: no crossing is within 1e-6 of another."""
    lines = [(y0 - y1, x1 - x0, x0 * y1 - x1 * y0) for x0, y0, x1, y1 in segments]
    points = []
    for (a, b, c), (p, q, r) in itertools.combinations(lines, 2):
        area = a * q - b * p
        if abs(area) > 1e-9:
            points.append(((b * r - c * q) / area, (c * p - a * r) / area))
    return all(math.dist(u, v) > 1e-6 for u, v in itertools.combinations(points, 2))


def test_every_frame_of_the_tilting_movie_obeys_eulers_formula():
    for lines in (3, 6):
        page = regions_count_page(count_regions(lines, 2))
        (movie,) = (f for s in page.sections for f in s.figures if isinstance(f, Movie))
        for (plane, counts), caption in zip(movie.frames, movie.captions, strict=True):
            still, turning, marks = plane
            drawn = [s for s in (*still.segments, *turning.segments) if s[0] is not None]
            crossings = sum(x is not None for x in marks.x)
            assert len(drawn) == lines
            assert in_general_position(drawn)
            assert counts[1].y == (1 + lines + crossings,)
            assert f"{1 + lines + crossings} regions" in caption
        assert counts[1].y == (num_regions(lines, 2),)


def test_pages_of_nothing_much_and_of_very_much_are_drawn():
    bounds = deep_bounds(3, [5, 2])
    assert "outside the lower bound" in render_page(regions_count_page(None, bounds))
    assert "1 regions" in render_page(regions_count_page(count_regions(0, 0)))
    assert "10" in render_page(regions_count_page(count_regions(2_000, 900), deep_bounds(2, [9])))


def test_the_movie_of_an_arrangement_counts_the_regions_line_by_line():
    cut = arrangement(*random_hyperplanes(5, 2))
    page = arrangement_page(cut)
    (movie,) = (f for s in page.sections for f in s.figures if isinstance(f, Movie))
    assert [frame[1][0].y for frame in movie.frames] == [(num_regions(k, 2),) for k in range(6)]
    assert len(page.sections[-1].tables[0].rows) == 16
    assert "16 regions" in render_page(page)
    assert "regions" in render_page(arrangement_page(arrangement(*random_hyperplanes(4, 3))))
