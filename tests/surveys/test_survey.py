"""A survey finds what is there, always the same, in however many pieces it is done."""

import itertools
import json
import shlex

import jax
import jax.numpy as jnp
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from saddlescape import cli, problems, symmetry
from saddlescape.core import EmpiricalLandscape, InvalidInputError, Network, Outcome
from saddlescape.surveys import CLASSES, POINTS, Atlas, SurveySettings, finding, plan, run, summary

EPS = np.finfo(float).eps
CONVERGED = Outcome.CONVERGED.label
# A quick survey, for questions about how a survey is done rather than what it finds.
QUICK = {"problem": "two-minima", "finder": "any-index"}


def survey(folder, **settings):
    return run(SurveySettings.checked(**settings), folder)


@pytest.fixture(scope="module")
def lecture(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lecture") / "atlas"
    return survey(folder, problem="lecture", hidden=(4,), starts=24)


@pytest.fixture
def table(tmp_path):
    """A file with three classes in blobs that overlap, a gap, and a column nobody asked for."""
    draw = np.random.default_rng(5)
    kind = np.arange(60) % 3
    x, y = draw.normal(size=(2, 60)) + np.array([[0.0, 1.0, 2.0], [0.0, 1.5, 0.0]])[:, kind]
    rows = [f"{a:.3f},{b:.3f},{i},{'abc'[k]}" for i, (a, b, k) in enumerate(zip(x, y, kind))]  # noqa: B905
    rows[7] = rows[7].replace(rows[7].split(",")[0], "", 1)
    path = tmp_path / "blobs.csv"
    path.write_text("\n".join(["x,y,number,kind", *rows]) + "\n")
    return path


# --- what it finds ---


def test_the_lecture_s_minimum_is_the_teacher_in_another_order(lecture):
    problem = problems.load("lecture")
    best = lecture.classes().sort_by("loss").slice(0, 1)
    theta = jnp.asarray(best["theta"].to_pylist()[0])
    network = Network((2, 4, 1), "g", bias=False)
    apart = symmetry.distance(network, theta, problem.teacher)
    # Newton stops at a gradient of some eps; the softest direction has curvature of about 1e-3.
    assert float(apart) <= 1e5 * EPS
    assert best["kind"].to_pylist() == ["minimum"]
    assert best["copies"].to_pylist() == ["24"]


def test_starts_of_one_class_agree_and_starts_of_different_classes_do_not(lecture):
    network = Network((2, 4, 1), "g", bias=False)
    thetas = jnp.asarray(lecture.points()["theta"].to_pylist())
    classes = lecture.classes()
    members = classes["members"].to_pylist()
    middles = [thetas[number] for number in classes["representative"].to_pylist()]
    for own, starts in enumerate(members):
        for start in starts:
            distances = [float(symmetry.distance(network, thetas[start], m)) for m in middles]
            assert int(np.argmin(distances)) == own
            assert len(distances) == 1 or sorted(distances)[1] > 1e3 * distances[own]


def test_every_converged_start_is_in_one_class_and_no_other_is(lecture):
    points = lecture.points(["start", "outcome"]).to_pylist()
    converged = [row["start"] for row in points if row["outcome"] == CONVERGED]
    members = lecture.classes()["members"].to_pylist()
    assert sorted(itertools.chain(*members)) == converged
    assert [len(m) for m in members] == lecture.classes()["count"].to_pylist()


def test_stored_points_are_critical_points_of_the_landscape_they_name(lecture):
    problem = problems.load("lecture")
    landscape = EmpiricalLandscape(Network((2, 4, 1), "g", bias=False), problem.data)
    gradient = jax.jit(jax.grad(landscape.loss))
    for row in lecture.points().to_pylist():
        theta = jnp.asarray(row["theta"])
        if row["outcome"] == CONVERGED:
            # A mean over 1,681 samples of terms up to 100, summed in another order than the search.
            assert float(jnp.abs(gradient(theta)).max()) <= 1_681 * 100 * EPS
            assert float(landscape.loss(theta)) == pytest.approx(row["loss"], abs=100 * EPS)
            assert row["index"] == sum(value < -row["threshold"] for value in row["eigenvalues"])


def test_a_double_well_has_two_minima_and_a_maximum(tmp_path):
    atlas = survey(tmp_path / "a", problem="double-well", finder="any-index", starts=40)
    rows = sorted(atlas.classes().to_pylist(), key=lambda row: row["theta"])
    assert [row["kind"] for row in rows] == ["minimum", "maximum", "minimum"]
    np.testing.assert_allclose([row["theta"][0] for row in rows], [-1, 0, 1], atol=4 * EPS)
    assert [row["copies"] for row in rows] == ["1"] * 3
    assert sum(row["count"] for row in rows) == 40


def test_a_monkey_saddle_is_found_where_its_hessian_vanishes(tmp_path):
    atlas = survey(tmp_path / "a", problem="monkey-saddle", finder="any-index", starts=20)
    (row,) = atlas.classes().to_pylist()
    assert (row["index"], row["nullity"], row["count"]) == (0, 2, 20)
    assert row["kind"] != "minimum"
    # The gradient is quadratic there: one of eps leaves the point uncertain by its square root.
    np.testing.assert_allclose(row["theta"], [0, 0], atol=4 * np.sqrt(EPS))


def test_penguins_have_minima_only_with_weight_decay(tmp_path):
    """Classes that a network can separate pull its weights to infinity; a penalty holds them."""
    network = {"problem": "penguins", "hidden": (3,), "activation": "tanh", "starts": 8}
    free = summary(survey(tmp_path / "free", **network))
    held = summary(survey(tmp_path / "held", weight_decay=1e-4, **network))
    assert free["converged"] == 0
    assert free["outcomes"] == {Outcome.RUNNING_TO_INFINITY.label: 8}
    assert held["outcomes"] == {CONVERGED: 8}
    assert {row["kind"] for row in held["classes"]} == {"minimum"}


# --- points at infinity ---


@pytest.fixture(scope="module")
def limits(tmp_path_factory):
    folder = tmp_path_factory.mktemp("limits") / "atlas"
    settings = {"problem": "lecture", "hidden": (4,), "activation": "tanh", "bias": False}
    return survey(folder, starts=24, **settings)


def test_starts_that_run_to_infinity_end_at_points_there(limits):
    rows = limits.points().to_pylist()
    infinite = [row for row in rows if row["outcome"] == Outcome.AT_INFINITY.label]
    assert len(infinite) >= 3
    assert len(infinite) + sum(row["outcome"] == CONVERGED for row in rows) == 24
    for row in infinite:
        told = row["infinity"]
        assert told["is_certified"]
        assert told["gradient_norm"] <= 1e-12
        assert told["loss"] < row["loss"]
        assert (np.diff([*told["losses"], told["loss"]]) < 0).all()
        assert len(told["eigenvalues"]) == len(told["coordinates"]) == 11
        assert set(itertools.chain(*told["clusters"])) == set(row["neurons"])
    assert all(row["infinity"] is None for row in rows if row["outcome"] == CONVERGED)


def test_points_at_infinity_are_counted_modulo_symmetry(limits):
    told = summary(limits)
    groups = json.loads(json.dumps(told["points_at_infinity"], allow_nan=False))
    assert sum(group["count"] for group in groups) == told["at_infinity"]
    losses = [group["loss"] for group in groups]
    # Different limits of this problem differ by 1e-5 and more, equal ones by rounding.
    assert losses == sorted(losses)
    assert min(np.diff(losses), default=1.0) > 1e-6
    assert len(groups) < told["at_infinity"]
    assert f"{told['at_infinity']} ended at a point at infinity" in told["finding"]
    assert f"loss {losses[0]:.4g}" in told["finding"]


def test_an_atlas_of_the_first_format_is_still_read(limits, tmp_path):
    old = Atlas.create(tmp_path / "old", dict(limits.header))
    old.append_block(0, limits.points())
    (block,) = (old.folder / "points").iterdir()
    pq.write_table(pq.read_table(block).drop(["infinity"]), block)
    old.update(format=1)
    again = Atlas.open(old.folder)
    assert again.points().drop(["infinity"]).equals(limits.points().drop(["infinity"]))
    assert again.points()["infinity"].null_count == 24
    assert summary(again)["points_at_infinity"] == []


# --- files ---


def test_a_table_with_gaps_is_surveyed_when_they_may_be_dropped(table, tmp_path):
    settings = {
        "data": str(table), "target": "kind", "inputs": ("x", "y"), "hidden": (2,),
        "bias": False, "weight_decay": 1e-2, "starts": 4,
    }  # fmt: skip
    with pytest.raises(InvalidInputError, match="missing values"):
        survey(tmp_path / "refused", **settings)
    assert not (tmp_path / "refused").exists()
    atlas = survey(tmp_path / "atlas", missing="drop", **settings)
    assert atlas.header["problem"]["num_samples"] == 59
    assert atlas.header["problem"]["input_names"] == ["x", "y"]
    assert atlas.header["problem"]["target_names"] == ["a", "b", "c"]
    assert atlas.header["network"]["widths"] == [2, 2, 3]
    assert summary(atlas)["converged"] == 4


def test_a_task_decides_what_whole_numbers_mean(tmp_path):
    draw = np.random.default_rng(2)
    x = draw.normal(size=40)
    path = tmp_path / "grades.csv"
    rows = [f"{a:.3f},{int(a > 0) + int(a > 1)}" for a in x]
    path.write_text("\n".join(["x,grade", *rows]))
    settings = {"data": str(path), "target": "grade", "hidden": (1,)}
    outputs = {
        task: plan(SurveySettings.checked(task=task, **settings)).network.widths
        for task in ("classification", "regression")
    }
    assert outputs == {"classification": (1, 1, 3), "regression": (1, 1, 1)}


# --- the same numbers, in however many pieces ---


def interrupted_after(blocks):
    """Return a function that raises KeyboardInterrupt after so many blocks."""
    calls = iter([None] * blocks)  # one more call comes before the first block

    def on_block(_):
        if next(calls, "over") == "over":
            raise KeyboardInterrupt

    return on_block


def same(one, other):
    return one.points().equals(other.points()) and one.classes().drop(["representative"]).equals(
        other.classes().drop(["representative"])
    )


def test_an_interrupted_survey_continues_to_the_same_bits(tmp_path):
    settings = SurveySettings.checked(**QUICK, starts=600)
    with pytest.raises(KeyboardInterrupt):
        run(settings, tmp_path / "pieces", interrupted_after(1))
    stopped = Atlas.open(tmp_path / "pieces")
    assert 0 < stopped.header["done"] < 600
    assert sum(stopped.classes()["count"].to_pylist()) <= stopped.header["done"]
    assert "distinct critical points" in finding(stopped)
    assert same(run(settings, tmp_path / "pieces"), run(settings, tmp_path / "whole"))


def test_a_network_s_survey_in_pieces_is_the_same_to_the_last_bit(lecture, tmp_path):
    """Two blocks of 12 starts, against one of 24."""
    for starts in (12, 24):
        atlas = survey(tmp_path / "a", problem="lecture", hidden=(4,), starts=starts)
    assert atlas.blocks_done() == ((0, 11), (12, 23))
    assert atlas.points().equals(lecture.points())
    assert same(atlas, lecture)


def test_more_starts_keep_the_first_ones(tmp_path):
    few = survey(tmp_path / "a", **QUICK, starts=20).points()
    many = survey(tmp_path / "a", **QUICK, starts=30)
    assert many.points().slice(0, 20).equals(few)
    assert many.points().num_rows == sum(many.classes()["count"].to_pylist()) == 30
    assert many.header["settings"]["starts"] == 30
    assert "--starts 30" in many.header["command"]


def test_a_lost_block_is_filled_again(tmp_path):
    for starts in (10, 20, 30):
        atlas = survey(tmp_path / "a", **QUICK, starts=starts)
    before, classes = atlas.points(), atlas.classes()
    (tmp_path / "a" / "points" / "00000010-00000019.parquet").unlink()
    again = survey(tmp_path / "a", **QUICK, starts=30)
    assert again.points().equals(before)
    assert again.classes().equals(classes)


def test_classes_that_an_interruption_left_behind_are_brought_up_to_date(tmp_path):
    atlas = survey(tmp_path / "a", **QUICK, starts=10)
    old = atlas.classes()
    new = survey(tmp_path / "a", **QUICK, starts=20).classes()
    atlas.write_classes(old)  # as if stopped after the last block, before the grouping
    assert survey(tmp_path / "a", **QUICK, starts=20).classes().equals(new)


def test_other_seeds_give_other_starts(tmp_path):
    one = survey(tmp_path / "a", **QUICK, starts=5, seed=1).points()
    other = survey(tmp_path / "b", **QUICK, starts=5, seed=2).points()
    assert (
        not set(map(tuple, one["theta"].to_pylist())) & set(map(tuple, other["theta"].to_pylist()))
        or one["steps"] != other["steps"]
    )


def test_progress_counts_starts_and_time(tmp_path):
    seen = []
    run(SurveySettings.checked(**QUICK, starts=600), tmp_path / "a", seen.append)
    assert [state.done for state in seen] == sorted({state.done for state in seen})
    assert (seen[0].done, seen[-1].done, seen[-1].total) == (0, 600, 600)
    assert seen[-1].converged == summary(Atlas.open(tmp_path / "a"))["converged"]
    assert seen[0].seconds_left > 0
    assert seen[-1].seconds_left == 0


def test_the_first_guess_of_the_time_tells_seconds_from_days(tmp_path):
    def guess(folder, **settings):
        seen = []

        def stop(state):
            seen.append(state.seconds_left)
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            run(SurveySettings.checked(**settings), tmp_path / folder, stop)
        return seen[0]

    assert guess("small", problem="lecture", hidden=(4,), starts=1_000) < 60
    assert guess("large", problem="lecture", hidden=(30, 30), starts=100_000) > 86_400


# --- a folder holds one survey ---


def test_a_folder_where_nothing_was_found_yet_takes_another_survey(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        run(SurveySettings.checked(problem="lecture"), tmp_path / "a", interrupted_after(0))
    atlas = survey(tmp_path / "a", **QUICK, starts=3)
    assert atlas.header["problem"]["name"] == "two-minima"
    assert atlas.header["done"] == atlas.points().num_rows == 3
    assert atlas.samples() is None


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"seed": 1}, "seed is 0 there, 1 here"),
        ({"problem": "deep-linear"}, "problem is 'two-minima' there"),
        ({"finder": "minima"}, "finder is 'any-index' there, 'minima' here"),
        ({"max_steps": 7}, "max_steps is None there, 7 here"),
        ({"starts": 9}, "already holds 10 starts"),
    ],
)
def test_another_survey_in_the_same_folder_is_refused(tmp_path, change, told):
    before = survey(tmp_path / "a", **QUICK, starts=10).points()
    with pytest.raises(InvalidInputError, match=told) as refused:
        survey(tmp_path / "a", **{**QUICK, "starts": 10, **change})
    assert "\n" not in str(refused.value)
    assert Atlas.open(tmp_path / "a").points().equals(before)


@pytest.mark.parametrize("changed", ["x,kind\n0.5,a\n1.5,b\n2.5,b\n3.0,a\n", "x,kind\n1,a\n2,b\n"])
def test_data_that_have_changed_are_refused(tmp_path, changed):
    """Labels have no scale to betray them, and the number of rows may be the same."""
    path = tmp_path / "t.csv"
    path.write_text("x,kind\n0.5,a\n1.5,b\n2.5,a\n3.0,b\n")
    settings = {"data": str(path), "target": "kind", "hidden": (1,), "weight_decay": 0.1}
    survey(tmp_path / "a", **settings, starts=2)
    path.write_text(changed)
    with pytest.raises(InvalidInputError, match="data have changed"):
        survey(tmp_path / "a", **settings, starts=4)


def test_a_folder_with_other_files_is_refused_and_left_alone(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(InvalidInputError, match=r"notes\.txt"):
        survey(tmp_path, **QUICK, starts=2)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


# --- what is stored and told ---


def test_the_stored_command_repeats_the_survey(table, tmp_path, capsys):
    settings = {
        "data": str(table), "target": "kind", "inputs": ("x", "y"), "missing": "drop",
        "hidden": (2,), "bias": False, "weight_decay": 1e-2, "scale": 0.7, "starts": 4, "seed": 3,
    }  # fmt: skip
    atlas = survey(tmp_path / "a", **settings)
    words = shlex.split(atlas.header["command"])
    assert words[0] == "saddlescape"
    words[words.index("--out") + 1] = str(tmp_path / "b")
    assert cli.main(words[1:]) == 0
    assert same(Atlas.open(tmp_path / "b"), atlas)
    assert not capsys.readouterr().err


def test_the_summary_has_the_promised_keys_and_its_counts_add_up(lecture):
    told = json.loads(json.dumps(summary(lecture), allow_nan=False))
    promised = {"starts", "converged", "outcomes", "max_gradient_norm", "classes", "seconds"}
    assert promised <= set(told)
    row_keys = {"loss", "gradient_norm", "index", "nullity", "kind", "count", "copies"}
    assert all(set(row) == row_keys for row in told["classes"])
    losses = [row["loss"] for row in told["classes"]]
    assert losses == sorted(losses)
    assert sum(row["count"] for row in told["classes"]) == told["converged"]
    assert sum(told["outcomes"].values()) == told["starts"] == 24
    assert told["outcomes"][CONVERGED] == told["converged"]
    assert told["seconds"] > 0
    assert all(isinstance(row["copies"], int) for row in told["classes"])
    norms = lecture.points().filter(pa.compute.field("outcome") == CONVERGED)["gradient_norm"]
    assert told["max_gradient_norm"] == max(norms.to_pylist())


def test_plain_pyarrow_reads_an_atlas(lecture):
    points = pq.read_table(lecture.folder / "points")
    assert points.num_rows == 24
    assert points.schema.names == POINTS.names
    assert pq.read_table(lecture.folder / "classes.parquet").schema.names == CLASSES.names
    header = json.loads((lecture.folder / "atlas.json").read_text())
    assert header["network"]["num_parameters"] == len(points["theta"][0].as_py()) == 12
