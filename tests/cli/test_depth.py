"""`saddlescape depth`: what it prints, writes, keeps and refuses, in this process."""

import json

import pytest

from saddlescape.cli import main

SMALL = [
    "depth", "accuracy", "--problem", "spirals", "--depths", "1", "--parameters", "40",
    "--width", "8", "--sizes", "40", "--deep", "2", "--rates", "0.01,0.1", "--seeds", "2",
    "--epochs", "3",
]  # fmt: skip


def test_accuracy_is_written_as_json_page_and_table(tmp_path, capsys):
    table, page = tmp_path / "depth.json", tmp_path / "depth.html"
    words = [*SMALL, "--out", str(tmp_path / "kept")]
    assert main([*words, "--json", str(table), "--html", str(page)]) == 0
    told, printed = json.loads(table.read_text()), capsys.readouterr().out
    assert told["finding"] in printed
    assert "Accuracy by depth" in page.read_text()
    assert {row["depth"] for row in told["experiments"]["sizes"]} == {1, 2}
    assert main([*words, "--json", "-"]) == 0
    assert json.loads(capsys.readouterr().out) == told
    assert main([*words, "--seed", "1"]) == 2
    assert "holds results of other settings" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--problem", "lecture"], "no classes"),
        (["--problem", "spirals", "--depths", "1,many"], "--depths"),
        (["--problem", "spirals", "--depths", "0"], "greater than or equal to 1"),
        (["--problem", "spirals", "--seeds", "1"], "seeds is"),
        (["--problem", "spirals", "--parameters", "10"], "ask for more"),
        (["--problem", "spirals", "--rates", "0"], "greater than 0"),
        (["--problem", "mnust"], "mnist"),
        (["--data", "missing.csv", "--target", "y"], "missing.csv"),
        (["--problem", "spirals", "--html", "nowhere/page.html"], "--html"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_cannot_be_compared_is_refused_in_one_sentence(
    words, said, capsys, monkeypatch, tmp_path
):
    monkeypatch.chdir(tmp_path)
    assert main(["depth", "accuracy", *words]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert len(err.strip().splitlines()) == 1
    assert said in err


TINY = [
    "depth", "composition", "--held-out", "6", "--dense", "1", "--convolutional", "none",
    "--scenes", "180", "--tests", "2", "--width", "8", "--seeds", "2", "--epochs", "2",
    "--rates", "0.003",
]  # fmt: skip


def test_composition_is_written_as_json_page_and_table(tmp_path, capsys):
    table, page = tmp_path / "red.json", tmp_path / "red.html"
    assert main([*TINY, "--json", str(table), "--html", str(page)]) == 0
    told, printed = json.loads(table.read_text()), capsys.readouterr().out
    assert told["finding"] in printed
    assert "Features that are reused" in page.read_text()
    joint = [row for row in told["accuracies"] if row["who"].endswith("one-hot")]
    assert joint
    for row in joint:
        unseen = {what: one["mean"] for what, one in row["on_unseen"].items()}
        assert unseen["both"] <= min(unseen["color"], unseen["shape"])  # each is then right too


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--held-out", "0"], "greater than or equal to 1"),
        (["--held-out", "31"], "less than or equal to 30"),
        (["--scenes", "10"], "scenes is"),
        (["--dense", "one"], "--dense"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_cannot_be_composed_is_refused_in_one_sentence(words, said, capsys):
    assert main(["depth", "composition", *words]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert len(err.strip().splitlines()) == 1
    assert said in err


def test_separation_is_written_as_json_and_table(capsys):
    words = ["depth", "separation", "--teeth", "3", "--bits", "3", "--squares", "1"]
    assert main([*words, "--trained-teeth", "0", "--trained-bits", "0", "--json", "-"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [row["pieces"] for row in told["sawtooth"]] == [2, 4, 8]
    assert main([*words, "--trained-teeth", "0", "--trained-bits", "0"]) == 0
    assert told["finding"] in capsys.readouterr().out
    assert main([*words, "--teeth", "13"]) == 2
    assert "teeth is" in capsys.readouterr().err
