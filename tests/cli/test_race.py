"""`saddlescape race`: what it prints, writes, keeps and refuses, in this process."""

import json

import numpy as np
import pytest

from saddlescape.cli import main

SHORT = ["race", "--problem", "two-minima", "--steps", "40", "--seeds", "2"]
FEW = [*SHORT, "--optimizers", "momentum,adam", "--rates", "0.05,0.1"]


def test_a_race_is_written_as_json_page_and_table(tmp_path, capsys):
    table, page = tmp_path / "race.json", tmp_path / "race.html"
    assert main([*FEW, "--json", str(table), "--html", str(page)]) == 0
    told, printed = json.loads(table.read_text()), capsys.readouterr().out
    assert told["finding"] in printed
    assert [one["name"] for one in told["optimizers"]] == ["momentum", "adam"]
    for one in told["optimizers"]:
        assert one["best_rate"] in {0.05, 0.1}
        assert one["curve"][0]["step"] == 0
        assert one["curve"][-1]["median"] == one["final_loss"]["median"]
        assert len(one["ends"]) == 2
    # 2 (1 + 0.9) / rate, and Adam's with the weight 1 - 0.9 of its mean.
    momentum, adam = told["diagnoses"]
    assert momentum["bound"] == pytest.approx(3.8 / momentum["rate"], rel=1e-12)
    assert adam["bound"] == pytest.approx(38 / adam["rate"], rel=1e-12)
    assert "Why they are fast or slow" in page.read_text()


def test_json_on_standard_output_is_all_there_is(capsys):
    assert main([*FEW, "--json", "-"]) == 0
    assert json.loads(capsys.readouterr().out)["steps"] == 40


def test_runs_that_diverge_end_with_code_3_and_are_told(capsys):
    words = ["--optimizers", "gradient-descent", "--rates", "1e6", "--json", "-"]
    assert main([*SHORT, *words]) == 3
    told = json.loads(capsys.readouterr().out)
    assert told["optimizers"][0]["final_loss"]["median"] is None
    assert told["optimizers"][0]["by_rate"][0]["diverged"] == 2
    assert "no optimizer has a finite loss in the median. 2 of all 2 runs" in told["finding"]


def test_a_kept_race_is_not_run_again(tmp_path, capsys):
    words = [*FEW, "--out", str(tmp_path / "race"), "--json", "-"]
    assert main(words) == 0
    first = capsys.readouterr().out
    stamp = (tmp_path / "race" / "stage.npz").stat().st_mtime_ns
    assert main(words) == 0
    assert capsys.readouterr().out == first
    assert (tmp_path / "race" / "stage.npz").stat().st_mtime_ns == stamp
    assert main([*words, "--seed", "1"]) == 2
    assert "holds" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--problem", "lecture", "--optimizers", "adan"], "adam"),
        (["--problem", "lecture", "--rates", "0.1,fast"], "--rates"),
        (["--problem", "lecture", "--rates", "0"], "greater than 0"),
        (["--problem", "lecture", "--steps", "0"], "steps is"),
        (["--problem", "lecture", "--batch", "2000"], "a batch of 2000 out of 1681 samples"),
        (["--problem", "two-minima", "--batch", "1"], "leave batch out"),
        (["--problem", "two-minima", "--hidden", "3"], "surface without a network"),
        (["--problem", "lecture", "--steps", "100000000", "--batch", "32"], "take fewer steps"),
        (["--data", "missing.csv", "--target", "y"], "missing.csv"),
        (["--problem", "lecture", "--saddle", "path.json"], "--explain"),
        (["--problem", "lecture", "--explain", "--saddle", "path.json"], "cannot read a saddle"),
        (["--problem", "digits", "--hidden", "20", "--explain"], "400 at most"),
        (["--problem", "lecture", "--html", "nowhere/page.html"], "--html"),
        ([], "give either a problem"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_cannot_be_raced_is_refused_in_one_sentence(
    words, said, capsys, monkeypatch, tmp_path
):
    monkeypatch.chdir(tmp_path)
    assert main(["race", *words]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert len(err.strip().splitlines()) == 1
    assert said in err


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[1, 2]", "holds no saddle"),
        ('{"saddle": null}', "holds no saddle"),
        ('{"saddle": {"index": 1, "loss": 0.1, "theta": [1, 2, 3]}}', "3 parameters"),
        ("{", "cannot read"),
    ],
)
def test_a_file_without_a_fitting_saddle_is_refused(content, said, capsys, tmp_path):
    file = tmp_path / "path.json"
    file.write_text(content)
    assert main([*FEW, "--explain", "--saddle", str(file)]) == 2
    assert said in capsys.readouterr().err


def test_a_given_saddle_is_what_the_optimizers_leave(capsys, tmp_path):
    file = tmp_path / "path.json"
    # The saddle between the two minima of the surface, with one direction down.
    saddle = {"index": 1, "loss": 0.0, "theta": [0.0, 0.0]}
    file.write_text(json.dumps({"pairs": [{"saddle": None}, {"saddle": saddle}]}))
    words = ["--optimizers", "gradient-descent", "--rates", "0.05", "--json", "-"]
    assert main([*SHORT, *words, "--explain", "--saddle", str(file)]) == 0
    told = json.loads(capsys.readouterr().out)["explanation"]
    assert told["saddle"] == {"source": "the one given", "theta": [0.0, 0.0]}
    (left,) = told["escapes"]
    exact = np.log(left["leave"] / np.array(left["distances"])) / np.log1p(
        -0.05 * left["curvature"]
    )
    # On a quadratic the steps are the exact number, rounded up.
    assert left["steps_on_quadratic"] == np.ceil(exact).tolist()
    assert told["approach_to_flow"][0]["orders"][-1] == pytest.approx(1, abs=0.01)
    assert told["minibatches"] is None  # a surface has no samples
    assert all(one["agrees"] for one in told["evidence"])
