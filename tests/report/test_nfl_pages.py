"""The pages of no free lunch show what was enumerated."""

import pytest

from saddlescape.nofreelunch import SearchSpace, ranking, search, widest_class
from saddlescape.report import Heatmap, Points, render_page, search_page


@pytest.fixture(scope="module")
def searched():
    return search(SearchSpace(5, 3))


def test_all_functions_are_one_flat_row_and_classes_are_not(searched):
    first = search_page(searched, 2).sections[0]
    strips, matrix = first.figures
    (shades,) = [layer for layer in matrix.layers if isinstance(layer, Heatmap)]
    names = [name for _, name in matrix.y_axis.ticks]
    flat = {name for name, row in zip(names, shades.z, strict=True) if set(row) == {0}}
    assert flat == {"all functions", "needle", "whole orbits"}
    assert (
        matrix.title == f"{len(flat)} of {len(names)} rows are flat: no algorithm is better there"
    )
    marks = [(x, y) for layer in strips.layers for x, y in zip(layer.x, layer.y, strict=True)]
    assert len(marks) == len(names) * len(searched.policies)
    assert {x for x, y in marks if y == 0} == {0}


def test_gain_and_loss_are_drawn_as_mirror_images(searched):
    page = search_page(searched, 2)
    figure = page.sections[2].figures[1]
    own, other = [layer for layer in figure.layers if isinstance(layer, Points)]
    # Sums of a few hundred values up to 2, rounded once on the way from their exact ratios.
    assert own.x == pytest.approx([-x for x in other.x], abs=1e-12)
    assert max(own.x) > 0
    assert page.sections[2].tables[0].title.startswith("Gain and loss add to zero, exactly")


def test_the_finding_names_the_class_that_separates_most(searched):
    page, group = (
        search_page(searched, 2, command="saddlescape nfl search"),
        widest_class(searched, 2),
    )
    best = searched.policies[ranking(searched, group, 2)[0]].name
    assert f"{searched.classes[group].name} ones {best} gets" in page.finding
    text = render_page(page)
    assert "saddlescape nfl search" in text
    assert "every one equally often" in text


def test_a_page_without_classes_shows_the_theorem():
    page = search_page(search(SearchSpace(3, 2), classes=[]), 1)
    assert [section.heading for section in page.sections] == ["On all functions", "The algorithms"]
    assert "do NOT fare" not in render_page(page)
