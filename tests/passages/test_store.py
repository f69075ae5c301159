"""Finished paths are kept, and are what they were when they are read again."""

import json

import numpy as np
import pytest

import saddlescape as ss
from saddlescape import passages

SETTINGS = passages.PassageSettings(problem="lecture", activation="sigmoid", pair=(2, 3))


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A folder with one finished path, and what was found when it was made."""
    folder = tmp_path_factory.mktemp("kept") / "paths"
    return folder, passages.cross(SETTINGS, folder=folder)


def test_a_second_run_finds_the_same_without_following_anything(kept):
    folder, first = kept
    calls = []
    again = passages.cross(SETTINGS, calls.append, folder)
    assert {state.share_left for state in calls} == {0.0}  # what comes after a path
    one, other = (passages.summary(found) for found in (first, again))
    assert json.dumps(one) == json.dumps(other)
    np.testing.assert_array_equal(first.passages[0].path.theta, again.passages[0].path.theta)


def test_an_interrupted_layer_goes_on_where_it_stopped(tmp_path):
    settings = SETTINGS.model_copy(
        update={"pair": None, "activation": "tanh"}
    )  # a short first path
    seen = []

    def stop(state):
        seen.append(state.pair)
        if state.done == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        passages.cross(settings, stop, tmp_path / "paths")
    stored = sorted(file.name for file in (tmp_path / "paths").iterdir())
    assert stored == ["0-0-1.npz", "passages.json", "start.npz"]


def test_a_folder_of_other_settings_is_refused(kept):
    other = SETTINGS.model_copy(update={"activation": "tanh"})
    with pytest.raises(ss.InvalidInputError, match="activation is 'sigmoid' there, 'tanh' here"):
        passages.cross(other, folder=kept[0])


def test_a_folder_with_other_files_is_refused(tmp_path):
    (tmp_path / "thesis.tex").write_text("mine")
    with pytest.raises(ss.InvalidInputError, match="holds other files"):
        passages.cross(SETTINGS, folder=tmp_path)


def test_a_damaged_file_is_named_with_the_cure(kept, tmp_path):
    for file in kept[0].iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "0-2-3.npz").write_bytes(b"torn")
    with pytest.raises(ss.InvalidInputError, match="delete it"):
        passages.cross(SETTINGS, folder=tmp_path)


def test_a_path_cut_short_is_not_kept_and_gets_further_in_the_same_folder(tmp_path):
    short = passages.cross(SETTINGS.model_copy(update={"max_steps": 5}), folder=tmp_path)
    assert short.passages[0].path.is_cut_short
    whole = passages.cross(SETTINGS, folder=tmp_path)
    assert whole.passages[0].path.reached
    np.testing.assert_array_equal(
        short.passages[0].path.theta,
        whole.passages[0].path.theta[: len(short.passages[0].path.theta)],
    )
