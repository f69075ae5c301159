"""Deep against shallow networks: what is kept, what is stated, what is chosen by validation."""

import numpy as np
import pyarrow.parquet as pq
import pytest

from saddlescape import comparisons, depth
from saddlescape.core import InvalidInputError

SMALL = {
    "problem": "digits", "samples": 240, "depths": (1,), "parameters": 1_500, "width": 20,
    "channels": 8, "sizes": (1_500,), "deep": 2, "rates": (0.003, 0.01), "seeds": 2, "epochs": 2,
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("accuracy")


@pytest.fixture(scope="module")
def done(folder):
    return comparisons.accuracy(comparisons.AccuracySettings(**SMALL), out=folder)


def test_every_architecture_is_trained_once(done):
    sizes = [x.num_parameters for x in done.plan["equal parameters"]]
    assert max(sizes) / min(sizes) < 1.25
    assert {x.widths for x in done.plan["equal width"]} == {(20,), (8,)}
    assert set(done.plan["sizes"]) > set(done.plan["equal parameters"])
    assert {x.depth for x in done.plan["sizes"]} == {1, 2}
    assert len(done.trained) == len(done.architectures) == len(set(done.architectures)) <= 6


def test_what_limits_a_comparison_is_told(done):
    told = comparisons.summary(done)
    sizes = [row["parameters"] for row in told["experiments"]["equal parameters"]]
    assert told["equal_parameters_within"] == max(abs(x - 1_500) for x in sizes) / 1_500
    # Two epochs are fewer than the ten of patience: no run can stop before the last.
    assert {row["runs_at_last_epoch"] for row in told["experiments"]["equal width"]} == {2}


def test_a_file_in_the_settings_replaces_the_default_problem(tmp_path):
    (tmp_path / "settings.toml").write_text('data = "points.csv"\ntarget = "kind"\n')
    read = comparisons.AccuracySettings.read(tmp_path / "settings.toml")
    assert (read.problem, read.data) == (None, "points.csv")
    assert comparisons.AccuracySettings.checked().problem == "mnist1d"


def test_records_are_parquet_and_hold_every_run(done, folder):
    files = sorted(folder.glob("runs-*.parquet"))
    assert len(files) == len(done.architectures)
    for file in files:
        rows = pq.read_table(file).to_pylist()
        assert [(row["rate"], row["seed"]) for row in rows] == [
            (0.003, 0), (0.003, 1), (0.01, 0), (0.01, 1)
        ]  # fmt: skip
        for row in rows:
            assert row["test"] == np.mean(row["right"])
            assert len(row["right"]) == 72  # 30 % of 240


def test_kept_work_is_read_and_missing_work_done_again(done, folder):
    (lost, *others) = sorted(folder.glob("runs-*.parquet"))
    stamps = [file.stat().st_mtime_ns for file in others]
    lost.unlink()
    again = comparisons.accuracy(done.settings, out=folder)
    assert comparisons.summary(again) == comparisons.summary(done)
    assert lost.exists()
    assert [file.stat().st_mtime_ns for file in others] == stamps


def test_a_damaged_record_is_named(done, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        comparisons.accuracy(done.settings, _stop_at(1), out=tmp_path)
    (file,) = tmp_path.glob("runs-*.parquet")
    file.write_text("nothing")
    with pytest.raises(InvalidInputError, match="is damaged"):
        comparisons.accuracy(done.settings, out=tmp_path)


def _stop_at(count):
    """Return a function that interrupts after so many architectures."""

    def told(state):
        if len(state.trained) == count:
            raise KeyboardInterrupt

    return told


def test_the_rate_is_the_best_on_validation_not_on_test(done):
    base = done.trained[done.architectures[0]]
    fields = {name: getattr(base, name) for name in ("rates", "epochs", "train", "curve")}
    other = comparisons.Trained(
        base.architecture,
        validation=np.array([[0.9, 0.9], [0.1, 0.1]]),
        right=np.stack([np.zeros((2, 5), bool), np.ones((2, 5), bool)]),
        **fields,
    )
    assert other.best == 0
    assert comparisons.row(other)["test"]["mean"] == 0


def test_statements_are_differences_of_runs_of_the_same_seed(done):
    found = {one.text: one for one in comparisons.statements(done)}
    one = found["At equal parameters, deep and convolutional beats shallow and fully connected"]
    shallow, _ = done.of("sizes", is_convolutional=False)
    _, deep = done.of("sizes", is_convolutional=True)
    expected = depth.over_runs_and_samples(deep.answers - shallow.answers)
    assert one.difference == expected
    assert one.difference.mean == pytest.approx(deep.answers.mean() - shallow.answers.mean())


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [(0.1, 0.3, "supported"), (-0.3, -0.1, "contradicted"), (-0.1, 0.3, "not decided")],
)
def test_a_verdict_follows_from_the_interval(low, high, verdict):
    interval = depth.Interval((low + high) / 2, low, high)
    assert comparisons.Statement("", "", "", "", interval).verdict == verdict
