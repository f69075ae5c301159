"""The pages of no free lunch show what was enumerated."""

import numpy as np
import pytest

from saddlescape.nofreelunch import (
    Convolutional,
    Dense,
    PriorsTable,
    SearchSpace,
    learn,
    learner,
    most_separating,
    noisier,
    ranking,
    search,
    widest_class,
)
from saddlescape.report import (
    Bars,
    Heatmap,
    Points,
    learning_page,
    priors_page,
    render_page,
    search_page,
)


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


@pytest.fixture(scope="module")
def learned():
    names = ("majority", "nearest-neighbour", "parity-guesser", "coin")
    return learn(3, 4, [learner(name) for name in names], num_sets=4)


def test_all_targets_are_one_flat_row(learned):
    strips, matrix = learning_page(learned).sections[0].figures
    (shades,) = [layer for layer in matrix.layers if isinstance(layer, Heatmap)]
    assert matrix.y_axis.ticks[-1][1] == "all targets"
    assert set(shades.z[-1]) == {0}
    assert any(len(set(row)) > 1 for row in shades.z)
    marks = [(x, y) for layer in strips.layers for x, y in zip(layer.x, layer.y, strict=True)]
    assert {x for x, y in marks if y == 0} == {0}


def test_the_spread_over_targets_is_drawn_for_each_learner(learned):
    (figure,) = learning_page(learned).sections[1].figures
    (bars,) = [layer for layer in figure.layers if isinstance(layer, Bars)]
    assert bars.heights[bars.categories.index("coin")] == 0
    assert figure.title.endswith("coin least")


def test_the_learner_that_fits_wins_and_pays(learned):
    page, group = learning_page(learned), most_separating(learned)
    assert learned.classes[group].name == "parity"
    assert "On the 16 parity targets parity guesser is wrong on" in page.finding
    own, other = [x for x in page.sections[2].figures[0].layers if isinstance(x, Points)]
    assert own.x == tuple(-x for x in other.x)
    assert "exactly 1/2" in render_page(page)


def test_accuracies_stand_beside_the_published_ones():
    plain, scrambled = np.array([[0.6, 0.7], [0.9, 1.0]]), np.array([[0.6, 0.6], [0.5, 0.6]])
    found = PriorsTable(
        (Dense(100), Convolutional()), (15_210, 5_210), plain, scrambled,
        np.stack([plain, scrambled]), 100,
    )  # fmt: skip
    page = priors_page(found, noisier(num_seeds=2))
    assert page.finding.startswith("The convolutional network is 30.0 ± 0.0 points ahead of dense")
    (figure,) = page.sections[0].figures
    assert figure.title == "Scrambling costs the convolutional network 40 points"
    marks = {layer.name: layer.x for layer in figure.layers if isinstance(layer, Points)}
    assert marks["in order"] == pytest.approx((65, 95))
    assert marks["published"] == (68, 68, 94, 56)
    assert len(page.sections[1].figures) == 2
    assert "free of noise to another class" in render_page(page)
