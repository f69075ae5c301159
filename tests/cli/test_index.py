"""`saddlescape index law`: in the terminal, as JSON and as a page."""

import json
import math

import pytest

from saddlescape.cli import main

LAW = ["index", "law"]


def told(capsys, *words: str) -> dict:
    """Return the JSON of a command."""
    assert main([*LAW, *words, "--json", "-"]) == 0
    return json.loads(capsys.readouterr().out)


def test_four_rows_have_the_published_law_beside_chance_and_independent_signs(capsys, tmp_path):
    page = tmp_path / "page.html"
    result = told(capsys, "--size", "4", "--samples", "20000", "--html", str(page))
    first = result["law"][0]
    assert first["exact"] == pytest.approx(1 / 4 - math.sqrt(2) / 16 - 1 / (2 * math.pi), rel=1e-13)
    assert first["closed_form"] == "1/4 - 1/16 sqrt(2) - 1/2 / pi"
    assert abs(first["share"] - first["exact"]) < 4 * first["standard_error"]
    assert first["independent_signs"] == 1 / 16
    assert result["large_deviation"] == pytest.approx(3.0**-4)  # exp(-(ln 3) / 4 * 16)
    assert result["command"] == "saddlescape index law --size 4 --samples 20000 --seed 0"
    assert "All eigenvalues positive" in page.read_text()


def test_a_law_that_is_only_drawn_has_no_exact_column(capsys):
    result = told(capsys, "--size", "20", "--samples", "5000")
    assert sum(row["count"] for row in result["law"]) == 5_000
    assert {row["exact"] for row in result["law"]} == {None}


def test_closed_forms_need_no_samples_and_the_terminal_says_the_finding(capsys):
    assert told(capsys, "--size", "3", "--samples", "0")["law"][0]["share"] is None
    assert main([*LAW, "--size", "3", "--samples", "0"]) == 0
    shown = capsys.readouterr().out
    assert "no negative eigenvalue with probability 1/4 - 1/2 sqrt(2) / pi = 0.0249" in shown
    assert main([*LAW, "--size", "30", "--samples", "500"]) == 0
    assert "18 more indices" in capsys.readouterr().out


REFUSED = {
    "": "no size is given",
    "--size x": "give a whole number",
    "--size 0": "give a size from 1",
    "--size 9 --samples 0": "the law is drawn",
    "--size 100000 --samples 1000000000": "take hours",
    "--size 3 --seed -1": "--seed is -1",
    "--size 3 --html none/x.html": "no folder 'none'",
}


@pytest.mark.parametrize("line", REFUSED)
def test_bad_input_is_refused_in_one_line(capsys, tmp_path, monkeypatch, line):
    monkeypatch.chdir(tmp_path)
    assert main([*LAW, *line.split()]) == 2
    out, err = capsys.readouterr()
    assert not out
    assert err.count("\n") == 1
    assert REFUSED[line] in err
