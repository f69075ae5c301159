"""`saddlescape count`: what it prints and writes, at once and without JAX."""

import json
import math
import resource
import subprocess
import sys

import pytest

from saddlescape import symmetry
from saddlescape.cli import main
from saddlescape.core import ACTIVATIONS, Network


def told(capsys, *words):
    """Return the JSON that a command prints."""
    assert main(["count", *words, "--json", "-"]) == 0
    out, err = capsys.readouterr()
    assert not err
    return json.loads(out)


def test_the_lectures_layer_of_five(capsys):
    result = told(capsys, "--hidden", "5", "--max-order", "2")
    assert (result["hidden"], result["minima"]) == ([5], "120")
    first, second = result["orders"]
    wanted = {"order": 1, "points": "240", "lower_bound": "240", "ratio_to_minima": 2.0}
    assert first.items() >= wanted.items()
    assert (second["points"], second["pairs_only"], second["ratio_exact"]) == ("150", "90", "5/4")
    assert main(["count", "--hidden", "5", "--max-order", "2"]) == 0
    shown = capsys.readouterr().out
    assert all(number in shown for number in ("120", "240", "150", "90", "1.25", "up to 4"))


def test_nine_layers_of_ten_neurons(capsys):
    result = told(capsys, "--hidden", ",".join(["10"] * 9))
    assert int(result["minima"]) == math.factorial(10) ** 9
    assert result["minima_power_of_ten"] == "1.091e59"
    assert len(result["orders"]) == 10


def test_integers_beyond_what_python_prints(capsys):
    result = told(capsys, "--hidden", "3000,2000", "--max-order", "1")
    minima = math.factorial(3000) * math.factorial(2000)
    assert result["minima"] == symmetry.digits(minima)
    assert len(result["minima"]) > 14_000
    assert main(["count", "--hidden", "3000,2000"]) == 0
    assert result["minima_power_of_ten"] in capsys.readouterr().out


def test_a_ratio_that_no_float_holds_is_null_and_exact_beside(capsys):
    order = told(capsys, "--hidden", "1000,1000,1000,1000", "--max-order", "240")["orders"][-1]
    assert order["ratio_to_minima"] is None
    top, bottom = map(int, order["ratio_exact"].split("/"))
    assert top // bottom > 10**308


def test_a_student_wider_than_its_teacher(capsys):
    result = told(capsys, "--hidden", "5", "--teacher", "4")
    assert result["minimum_subspaces"] == "360"
    assert result["critical_subspaces"][0] == {"width": 3, "subspaces": "150"}
    assert main(["count", "--hidden", "5", "--teacher", "4"]) == 0
    assert "360 subspaces of global minima" in capsys.readouterr().out


@pytest.mark.parametrize("bias", [True, False])
def test_the_number_of_parameters(capsys, bias):
    flag = "--bias" if bias else "--no-bias"
    result = told(capsys, "--hidden", "8,6", "--inputs", "3", "--outputs", "2", flag)
    assert result["parameters"] == Network((3, 8, 6, 2), bias=bias).num_parameters


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_odd_activations_flip_signs(capsys, name):
    result = told(capsys, "--hidden", "3,2", "--activation", name)
    assert int(result["minima"]) == symmetry.order(Network((1, 3, 2, 1), name))


def test_a_single_neuron_has_one_minimum_and_no_permutation_point(capsys):
    assert told(capsys, "--hidden", "1")["orders"] == []
    assert main(["count", "--hidden", "1"]) == 0
    assert "1 minimum by" in capsys.readouterr().out


def test_the_page_names_the_command_that_makes_it(capsys, tmp_path):
    page = tmp_path / "page.html"
    words = ["count", "--hidden", "5", "--max-order", "2", "--no-bias"]
    assert main([*words, "--html", str(page)]) == 0
    assert str(page) in capsys.readouterr().out
    text = page.read_text()
    assert "saddlescape count --hidden 5 --max-order 2 --no-bias" in text
    assert "120 equivalent minima, and 240 permutation points of order 1" in text


def seconds(program, *words, folder):
    """Return how many seconds of a core a Python process takes: the least of three."""
    taken = []
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(
            [sys.executable, "-c", program, *words],
            capture_output=True, text=True, check=False, cwd=folder,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        taken.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(taken)


@pytest.mark.parametrize(
    "words", [["--hidden", "5"], ["--hidden", "1000", "--max-order", "10", "--json", "x.json"]]
)
def test_an_answer_takes_little_more_than_loading_what_prints_it(tmp_path, words):
    """That is 0.3 s where nobody else computes; loading JAX would take 1 s more."""
    program = (
        "import sys; from saddlescape.cli import main; code = main(['count', *sys.argv[1:]]); "
        "heavy = {'jax', 'numpy', 'pyarrow', 'plotly', 'scipy'} & set(sys.modules); "
        "sys.exit(f'loaded {heavy}' if heavy else code)"
    )
    printing = (
        "import typer, rich.console, rich.progress, rich.table\napp = typer.Typer()\n"
        "@app.command()\ndef show(words: str = ''): pass\n"
        "app(['--words', '5'], standalone_mode=False)"
    )
    alone = seconds(printing, folder=tmp_path)
    assert seconds(program, *words, folder=tmp_path) < 2 * alone


REFUSED = {
    "": "give --hidden",
    "--hidden 5 --max-order 5": "give 1 to 4",
    "--hidden 5 --max-order 0": "give 1 to 4",
    "--hidden 5 --max-order two": "--max-order is 'two': give a whole number",
    "--hidden 0": "give positive widths",
    "--hidden 30000": "at most 20,000",
    "--hidden 5 --activation tnah": "choose one of identity, sigmoid, tanh",
    "--hidden 5 --inputs 2": "give --inputs and --outputs",
    "--hidden 5 --inputs 0 --outputs 1": "at least 1 of each",
    "--hidden 5 --teacher 6": "at least as wide",
    "--hidden 5,5 --teacher 3": "one width",
    "--hidden 10000 --max-order 5000": "at most",
    "--hidden 5 --seed 3": "add --build",
    "--hidden 5 --build": "give --problem",
    "--hidden 5 --build --problem lecture --data x.csv": "give --problem",
    "--hidden 5 --build --data x.csv": "belong together",
    "--hidden 5 --data x.csv": "add --build",
    "--hidden 5 --build --problem lecture --starts 0": "give at least 1",
    "--hidden 5 --build --problem lecture --seed x": "--seed is 'x': give a whole number",
    "--hidden 5 --build --problem lectur": "did you mean 'lecture'",
    "--hidden 5 --build --problem double-well": "is a surface",
    "--hidden 9 --build --problem lecture": "at most 20,000",
    "--hidden 5 --json none/x.json": "no folder 'none'",
    "--hidden 5 --html none/x.html": "no folder 'none'",
}


@pytest.mark.parametrize("line", REFUSED)
def test_bad_input_is_refused_in_one_line(capsys, tmp_path, monkeypatch, line):
    monkeypatch.chdir(tmp_path)
    assert main(["count", *line.split()]) == 2
    out, err = capsys.readouterr()
    assert not out
    assert err.startswith("saddlescape: ")
    assert err.count("\n") == 1
    assert REFUSED[line] in err
    assert "bug of ours" not in err
    assert not list(tmp_path.iterdir())


def test_building_measures_what_is_counted(capsys, tmp_path):
    """Two neurons of the lecture's problem: one point, from the only neuron of a narrower one."""
    page = tmp_path / "page.html"
    words = ["--hidden", "2", "--build", "--problem", "lecture", "--activation", "tanh"]
    words += ["--starts", "5", "--html", str(page)]
    result = told(capsys, *words)
    assert result["built_on"] == {
        "problem": "lecture", "activation": "tanh", "num_starts": 5, "seed": 0
    }  # fmt: skip
    (entry,) = result["built"]
    assert (entry["order"], entry["narrow"], entry["num_starts"]) == (1, [1], 5)
    assert entry["expected"] == entry["built"] == entry["different"] == entry["critical"] == 1
    assert entry["gradient_norm"] <= 1e-12  # sums of terms of order one
    assert entry["nullity"] == {"1": 1}
    assert "1 of 1 permutation points are critical" in page.read_text()
    assert main(["count", *words]) == 0
    shown = capsys.readouterr().out
    assert "1 of 1" in shown
    assert "Sign flips" in shown
    assert "Built on problem lecture, activation tanh, num starts 5, seed 0." in shown


def test_only_orders_that_are_counted_are_offered(capsys):
    assert main(["count", "--hidden", "20000"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    last = symmetry.count_points([20_000]).last_countable
    assert f"up to {last:,}." in shown
    assert main(["count", "--hidden", "20000", "--max-order", str(last), "--json", "-"]) == 0
    capsys.readouterr()
    assert main(["count", "--hidden", "20000", "--max-order", str(last + 1)]) == 2
    assert f"at most {last:,}" in capsys.readouterr().err
