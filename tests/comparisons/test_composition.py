"""The red house: what is held out stays out, what is kept is read, what is stated is measured."""

import numpy as np
import pytest

from saddlescape import comparisons, depth, report
from saddlescape.core import InvalidInputError

SMALL = {
    "held_out": (6,), "dense": (1,), "convolutional": (), "width": 8, "scenes": 180, "tests": 2,
    "rates": (0.003,), "seeds": 2, "epochs": 2,
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("composition")


@pytest.fixture(scope="module")
def done(folder):
    return comparisons.composition(comparisons.CompositionSettings(**SMALL), out=folder)


def test_no_training_scene_shows_what_is_held_out(done):
    for number in range(2):
        shown = comparisons.training_scenes(done.settings, 6, number)
        tests = done.tests(number).combination[done.is_unseen(6, number)]
        assert len(set(tests)) == 6
        assert not set(tests) & set(shown.combination)
        assert len(set(shown.combination)) == 30


def test_scenes_of_seeds_and_of_both_parts_are_all_different(done):
    parts = [done.tests(0), done.tests(1)]
    parts += [comparisons.training_scenes(done.settings, 6, number) for number in range(2)]
    grounds = np.concatenate([part.images[:, 0, 0, 0] for part in parts])
    assert len(np.unique(grounds)) == 2 * 72 + 2 * 180
    np.testing.assert_array_equal(done.tests(1).labels, done.labels)


def test_how_many_neighbors_vote_is_chosen_on_seen_combinations(done):
    (near,) = [one for one in done.trained.values() if one.who.architecture is None]
    assert near.rates.tolist() == [1, 3, 10, 30]
    training, settings = depth.Training(2, 40, 8), done.settings
    for number in range(2):
        shown = comparisons.training_scenes(settings, 6, number)
        held, own = depth.parts(training, 180, number, seed=0)
        assert sorted([*held, *own]) == list(range(180))
        found = depth.nearest(shown.images[own], shown.labels[own], shown.images[held], 3)
        right = (found == shown.labels[held]).all(axis=1)
        assert near.validation[1, number] == right.mean()
        # A single neighbor shows what it answers, so this was seen.
        pairs = near.answers[0, number]
        seen = set(shown.combination[own])
        assert {6 * shape + color for shape, color in pairs} <= seen


def test_accuracies_are_counts_of_answers(done):
    who = done.contenders[0]
    scored = done.trained[who, 6]
    found = comparisons.shares(done, scored, is_unseen=True)
    hits = [
        [tuple(a) == tuple(b) for a, b in zip(answers, done.labels, strict=True)]
        for answers in scored.answers[0]
    ]
    for number in range(2):
        where = done.is_unseen(6, number)
        assert found["both"][number] == np.array(hits[number])[where].mean()


def test_kept_answers_and_units_are_read(done, folder):
    again = comparisons.composition(done.settings, out=folder)
    assert comparisons.composition_summary(again) == comparisons.composition_summary(done)


def test_units_and_layers_are_told_for_networks_with_two_heads(done):
    (who,) = done.looks
    assert len(comparisons.units_of(done, who)) == 2 * 8
    assert [row["layer"] for row in comparisons.readers_of(done, who)] == [0, 1]


def test_statements_are_differences_over_seeds(done):
    told = {one.text: one for one in comparisons.composition_statements(done)}
    one = told["Unseen combinations are named better than by guessing"]
    values = comparisons.shares(done, done.trained[done.contenders[0], 6], is_unseen=True)["both"]
    assert one.difference == depth.over_runs(values - 1 / 36)


def test_the_page_shows_scenes_in_their_own_colors(done, tmp_path):
    page = report.composition_page(done)
    (figure,) = page.sections[0].figures
    pictures = [layer for layer in figure.layers if isinstance(layer, report.Picture)]
    assert len(pictures) == 12
    for picture in pictures:
        color = picture.name.split()[0]
        number = next(
            i for i, image in enumerate(done.tests(0).images)
            if np.array_equal(np.round(255 * np.clip(image, 0, 1)), picture.pixels)
        )  # fmt: skip
        assert depth.COLORS[done.labels[number, 1]] == color
    text = report.write_page(page, tmp_path / "page.html").read_text()
    assert text.count('"source":"data:image/png;base64,') == 12


def test_settings_that_contradict_each_other_are_refused():
    with pytest.raises(InvalidInputError, match="looked at with 6"):
        comparisons.CompositionSettings.checked(held_out=(3, 12), looked_at=6)
    assert comparisons.CompositionSettings.checked(held_out=(3, 12)).looked_at == 3
    with pytest.raises(InvalidInputError, match="drawn here"):
        comparisons.CompositionSettings.checked(problem="digits")
