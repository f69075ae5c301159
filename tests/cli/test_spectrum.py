"""`saddlescape spectrum`: the verdict in the terminal, as JSON and as a page."""

import json

import numpy as np
import pytest

from saddlescape.cli import main

LECTURE = ["spectrum", "--problem", "lecture", "--activation", "tanh"]


def told(capsys, *words: str) -> dict:
    """Return the JSON of a command, and its exit code under ``exit``."""
    code = main([*words, "--json", "-"])
    return json.loads(capsys.readouterr().out) | {"exit": code}


def test_the_teacher_is_a_minimum_of_loss_zero(capsys, tmp_path):
    page = tmp_path / "page.html"
    result = told(capsys, *LECTURE, "--at", "teacher", "--html", str(page))
    assert (result["answer"], result["order"], result["exit"]) == ("minimum", 0, 0)
    assert result["loss"] <= 1e-28  # squares of rounding
    assert min(result["eigenvalues"]) > 0
    assert len(result["eigenvalues"]) == result["num_parameters"] == 12
    assert "A minimum" in page.read_text()


def test_the_origin_is_told_alike_from_the_matrix_and_from_products(capsys):
    """The double well has a maximum between its wells: one parameter, one negative curvature."""
    words = ["spectrum", "--problem", "double-well", "--at", "origin"]
    whole, ends = told(capsys, *words), told(capsys, *words, "--dense", "0")
    assert whole["answer"] == ends["answer"] == "K-th order saddle"
    assert whole["order"] == ends["order"] == 1
    assert whole["escape"]["drop"] == pytest.approx(ends["escape"]["drop"], rel=1e-9)
    assert (whole["is_exact"], ends["is_exact"]) == (True, False)


def test_a_start_is_no_critical_point_and_says_how_far_the_loss_falls(capsys):
    result = told(capsys, *LECTURE, "--at", "start")
    assert (result["answer"], result["exit"]) == ("not critical", 3)
    assert result["descent"]["drop"] > 0
    assert main([*LECTURE, "--at", "start"]) == 3
    assert "following the gradient, the loss falls" in capsys.readouterr().out


def test_a_checkpoint_is_judged_as_the_point_it_holds(capsys, tmp_path):
    first = told(capsys, *LECTURE, "--at", "start", "--start", "2")
    np.savez(tmp_path / "theta.npz", theta=first["theta"])
    again = told(capsys, *LECTURE, "--checkpoint", str(tmp_path / "theta.npz"))
    assert first["eigenvalues"] == again["eigenvalues"]


REFUSED = {
    "": "give either a problem by name or a data file",
    "--problem lecture --at nowhere": "at is 'nowhere'",
    "--problem lecture --checkpoint x.pt": "is a pickle",
    "--problem lecture --checkpoint x.npz": "cannot read the checkpoint x.npz",
    "--problem lecture --checkpoint x.npz --at start": "leave out one of them",
    "--problem double-well --at teacher": "needs a problem with a teacher",
    "--problem lecture --confidence 1": "confidence is '1'",
    "--problem lecture --probes 5": "give --density with them",
    "--problem double-well --at origin --parts": "does not tell outputs from loss",
    "--problem lecture --density --probes 0": "probes is '0'",
    "--problem lecture --html none/x.html": "no folder 'none'",
}


@pytest.mark.parametrize("line", REFUSED)
def test_bad_input_is_refused_in_one_line(capsys, tmp_path, monkeypatch, line):
    monkeypatch.chdir(tmp_path)
    assert main(["spectrum", *line.split()]) == 2
    out, err = capsys.readouterr()
    assert not out
    assert err.startswith("saddlescape: ")
    assert err.count("\n") == 1
    assert REFUSED[line] in err


def test_a_file_of_other_numbers_is_refused(capsys, tmp_path):
    np.savez(tmp_path / "theta.npz", theta=np.zeros(5))
    assert main([*LECTURE, "--checkpoint", str(tmp_path / "theta.npz")]) == 2
    assert "one array of 12 numbers" in capsys.readouterr().err


def test_the_density_has_the_mean_and_the_trace_of_all_curvatures(capsys, tmp_path):
    page = tmp_path / "page.html"
    words = ["--at", "teacher", "--density", "--probes", "40", "--steps", "12"]
    result = told(capsys, *LECTURE, *words, "--html", str(page))
    values, found = np.array(result["eigenvalues"]), result["density"]
    spread = np.sqrt(2 / (len(values) + 2) / 40 * values.var())  # of uniform directions
    mean = np.sum(np.array(found["nodes"]) * found["weights"]) / 40
    assert mean == pytest.approx(values.mean(), abs=4 * spread)
    assert result["trace"]["value"] == values.sum()  # the spectrum is whole
    products = told(capsys, *LECTURE, *words, "--dense", "0")["trace"]
    assert products["value"] == pytest.approx(values.sum(), rel=1e-12)  # 60 products of 12
    assert products["num_products"] == 24
    assert "--density --probes 40 --steps 12" in result["command"]
    assert "The density of the spectrum" in page.read_text()


def test_the_two_parts_add_up_and_the_teacher_has_one(capsys, tmp_path):
    page = tmp_path / "page.html"
    words = ["--parts", "--probes", "3", "--steps", "12"]
    result = told(capsys, *LECTURE, "--at", "start", *words, "--html", str(page))
    first, second = result["parts"]
    total = sum(result["eigenvalues"])
    # 12 parameters, so that 60 products give each trace to rounding.
    assert first["trace"]["value"] + second["trace"]["value"] == pytest.approx(total, rel=1e-12)
    assert first["lowest"][0]["value"] >= -1e-12
    ends = [result["eigenvalues"][0], result["eigenvalues"][-1]]  # Weyl's inequalities
    assert first["lowest"][0]["value"] + second["lowest"][0]["value"] <= ends[0] + 1e-9
    assert first["highest"][0]["value"] + second["highest"][0]["value"] >= ends[1] - 1e-9
    assert "The two parts of the Hessian" in page.read_text()
    perfect = told(capsys, *LECTURE, "--at", "teacher", *words, "--html", str(page))["parts"]
    assert [part["is_zero"] for part in perfect] == [False, True]
    assert "the residual part is zero" in page.read_text()


def test_without_the_options_there_is_no_density_and_there_are_no_parts(capsys):
    result = told(capsys, *LECTURE, "--at", "teacher")
    assert result["density"] is None
    assert result["parts"] is None
