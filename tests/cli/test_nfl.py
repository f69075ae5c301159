"""`saddlescape nfl`: what it prints, writes and refuses."""

import json
from fractions import Fraction

import pytest

from saddlescape import nofreelunch
from saddlescape.cli import main


def told(capsys, *words):
    """Return the JSON that a command prints."""
    assert main(["nfl", *words, "--json", "-"]) == 0
    out, err = capsys.readouterr()
    assert not err
    return json.loads(out)


def test_search_tells_exact_ratios(capsys):
    result = told(capsys, "search", "--points", "4", "--values", "2", "--evaluations", "2")
    assert (result["functions"], result["is_free_lunch_found"]) == (16, False)
    assert [one["name"] for one in result["algorithms"]] == list(nofreelunch.POLICIES)
    for one in result["algorithms"]:
        assert one["every_sequence_equally_often"]
        assert one["all_functions"]["mean_best"] == ["1/2", "3/4", "7/8", "15/16"]
        for group in one["classes"]:
            assert set(group["sum_of_gains"]) == {"0"}
            shares = map(Fraction, group["evaluations_to_optimum"])
            assert sum(shares) == 1


def test_search_prints_a_table_and_writes_a_page(capsys, tmp_path):
    page = tmp_path / "page.html"
    words = ["nfl", "search", "--points", "4", "--values", "2", "--classes", "needle,smooth"]
    assert main([*words, "--html", str(page)]) == 0
    shown = capsys.readouterr().out
    assert "16 functions together 8 algorithms fare exactly alike" in shown
    assert "surrogate" in shown
    assert "--classes needle,smooth" in page.read_text()


def test_a_policy_of_the_user_is_enumerated_with_the_others(capsys, tmp_path):
    file = tmp_path / "mine.py"
    file.write_text(
        "def last(visited, values, space):\n    'From the end.'\n"
        "    return space.points - 1 - len(visited)\n"
    )
    words = ["search", "--points", "4", "--algorithms", "ascending", "--policy", f"{file}:last"]
    result = told(capsys, *words)
    assert [one["name"] for one in result["algorithms"]] == ["ascending", "last"]
    assert result["algorithms"][1]["description"] == "From the end."
    assert not result["is_free_lunch_found"]


def test_learning_tells_exact_ratios(capsys):
    words = ["--bits", "3", "--learners", "majority,parity-guesser", "--sets", "3"]
    result = told(capsys, "learning", *words)
    assert (result["targets"], result["train"], result["is_free_lunch_found"]) == (256, 4, False)
    assert [one["all_targets"]["error"] for one in result["learners"]] == ["1/2", "1/2"]
    for one in result["learners"]:
        counts = [entry["count"] for entry in one["errors_of_targets_and_training_sets"]]
        assert sum(counts) == 3 * 256
        assert {group["sum_of_gains"] for group in one["classes"]} == {"0"}


def test_learning_prints_a_table_and_writes_a_page(capsys, tmp_path):
    page = tmp_path / "page.html"
    words = ["nfl", "learning", "--bits", "2", "--learners", "coin,majority"]
    assert main([*words, "--html", str(page)]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "each of 2 learners is wrong on exactly 1/2" in shown
    assert "6 training sets of 2, all there are: exact." in shown
    assert "--learners coin,majority" in page.read_text()


def test_priors_tell_accuracies_beside_the_published_ones(capsys, tmp_path):
    """A short training on a part of the data: the numbers are real, if not those of a long one."""
    page = tmp_path / "page.html"
    words = ["--seeds", "2", "--steps", "30", "--samples", "300", "--html", str(page)]
    result = told(capsys, "priors", *words)
    named = {one["name"]: one for one in result["classifiers"]}
    assert named["convolutional"]["published"] == {"plain": 94, "scrambled": 56}
    assert named["convolutional"]["parameters"] > named["dense 50-50"]["parameters"] > 5_000
    for one in named.values():
        assert 10 < one["plain"]["mean"] < 100
        assert len(one["plain"]["each"]) == 2
    assert len(result["noisier"]["cross_validated_errors"]) == 4
    assert "Greydanus" in page.read_text()


BROKEN = "def again(visited, values):\n    return 0\ndef bad(visited, values):\n    return 1 // 0\n"
REFUSED = {
    "search --points 30 --values 10": "10^30 functions",
    "search --points 1": "at least 2 of each",
    "search --points six": "--points is 'six': give a whole number",
    "search --evaluations 7": "give 1 to 6",
    "search --evaluations 0": "give 1 to 6",
    "search --algorithms best": "choose of ascending, random",
    "search --classes best": "choose of single-peaked",
    "search --algorithms random,random": "random is given twice",
    "search --tapes 1": "give at least 2",
    "search --policy mine.py": "such as mine.py:my_rule",
    "search --policy none.py:rule": "no file 'none.py'",
    "search --policy mine.py:rule": "has no function 'rule'",
    "search --policy mine.py:again": "again goes to 0, which it has evaluated, after f(0) = 0",
    "search --policy mine.py:bad": "raises ZeroDivisionError",
    "search --policy wrong.py:bad": "raises SyntaxError",
    "search --policy text.txt:bad": "must end in .py",
    "search --json none/x.json": "no folder 'none'",
    "learning --bits 5": "4,294,967,296 targets",
    "learning --bits 1": "2 to 4 bits",
    "learning --train 16": "give 1 to 15",
    "learning --sets 0": "give at least 1",
    "learning --learners neighbour": "choose of perceptron-16",
    "learning --classes linear --learners coin": "choose of linearly separable",
    "learning --train half": "--train is 'half': give a whole number",
    "priors --seeds 0": "at least 1 of each",
    "priors --steps none": "--steps is 'none': give a whole number",
    "priors --samples 9999": "9999",
    "serch": "No such command 'serch'",
}


@pytest.mark.parametrize("line", REFUSED)
def test_bad_input_is_refused_in_one_line(capsys, tmp_path, monkeypatch, line):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.py").write_text(BROKEN)
    (tmp_path / "wrong.py").write_text("def")
    (tmp_path / "text.txt").write_text("no code")
    assert main(["nfl", *line.split()]) == 2
    out, err = capsys.readouterr()
    assert not out
    assert err.startswith("saddlescape: ")
    assert err.count("\n") == 1
    assert REFUSED[line] in err
    assert "bug of ours" not in err


def test_alone_it_lists_its_commands(capsys):
    assert main(["nfl"]) == 0
    assert "search" in capsys.readouterr().out
