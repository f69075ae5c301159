"""Settings mean the same in a file, in Python and on the command line."""

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saddlescape import surveys
from saddlescape.cli import main
from saddlescape.core import InvalidInputError
from saddlescape.surveys import SurveySettings, plan

WORDS = st.text(st.characters(codec="ascii", exclude_categories=["C"]), min_size=1).filter(
    lambda word: word == word.strip() and not word.startswith("-")
)


def test_a_file_holds_settings_and_what_is_given_beside_it_wins(tmp_path):
    path = tmp_path / "survey.toml"
    path.write_text('problem = "lecture"\nhidden = [5, 2]\nstarts = 50\nbias = true\n')
    settings = SurveySettings.read(path, starts=7)
    assert settings == SurveySettings(problem="lecture", hidden=(5, 2), starts=7, bias=True)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("starts = ", "is not TOML"),
        ("\xff\xfe", "is not TOML"),
        ("problem = 'lecture'\nstart = 5", "no setting called 'start'"),
        ("problem = 'lecture'\nstarts = 0", "starts is 0"),
        ("problem = 'lecture'\nstarts = 2.5", "starts is 2.5"),
        ("problem = 'lecture'\nhidden = [4, 0]", "hidden is 0"),
        ("problem = 'lecture'\nhidden = 'wide'", "hidden is 'wide'"),
        ("problem = 'lecture'\nweight_decay = nan", "weight_decay is nan"),
        ("problem = 'lecture'\nweight_decay = -1", "weight_decay is -1"),
        ("problem = 'lecture'\nscale = inf", "scale is inf"),
        ("problem = 'lecture'\nseed = -1", "seed is -1"),
        ("problem = 'lecture'\nfinder = 'magic'", "finder is 'magic'"),
        ("problem = 'lecture'\nmissing = 'drop'", "--missing cannot be had"),
        ("problem = 'lecture'\ntarget = 'y'\ninputs = ['x']", "--target and --inputs cannot"),
        ("data = 'a.csv'", "name the column"),
        ("data = 'a.csv'\nproblem = 'lecture'\ntarget = 'y'", "either a problem"),
        ("starts = 5", "either a problem"),
    ],
)
def test_a_bad_file_is_refused_in_a_sentence(tmp_path, text, told):
    path = tmp_path / "survey.toml"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(InvalidInputError) as refused:
        SurveySettings.read(path)
    assert told in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_missing_file_is_refused_in_a_sentence(tmp_path):
    with pytest.raises(InvalidInputError, match="No such file"):
        SurveySettings.read(tmp_path / "none.toml")


@given(
    inputs=st.none() | st.lists(WORDS, min_size=1, max_size=3).map(tuple),
    target=WORDS,
    hidden=st.none() | st.lists(st.integers(1, 9), min_size=1, max_size=3).map(tuple),
    bias=st.none() | st.booleans(),
    weight_decay=st.floats(0, 10, allow_subnormal=False),
    scale=st.floats(1e-3, 1e3),
    starts=st.integers(1, 10**6),
    seed=st.integers(0, 2**31 - 1),
)
def test_a_command_line_says_the_settings_it_was_made_from(**values):
    """Whatever the names of columns are; what the shell splits, the command line puts together."""
    settings = SurveySettings.checked(data="a file.csv", **values)
    understood = []

    def refuse(chosen, *_):
        understood.append(chosen)
        raise InvalidInputError("nothing is to be computed here")  # noqa: EM101

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(surveys, "run", refuse)
        assert main(shlex.split(settings.command("out"))[1:]) == 2
    assert understood == [settings]


@pytest.mark.parametrize(
    ("option", "value"),
    [("hidden", (3,)), ("bias", True), ("activation", "tanh"), ("samples", 5),
     ("weight_decay", 0.1), ("scale", 2.0)],
)  # fmt: skip
def test_a_surface_refuses_what_only_networks_have(option, value):
    settings = SurveySettings.checked(problem="double-well", **{option: value})
    with pytest.raises(InvalidInputError, match=f"leave .*{option.replace('_', '-')}"):
        plan(settings)


def test_a_step_has_no_slope_to_search_along():
    with pytest.raises(InvalidInputError, match="slope 0 everywhere"):
        plan(SurveySettings.checked(problem="lecture", activation="step"))
