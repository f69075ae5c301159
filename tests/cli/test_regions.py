"""`saddlescape regions`: what its commands print and write."""

import json
import subprocess
import sys

import numpy as np
import pytest

from saddlescape import regions
from saddlescape.cli import main


def told(capsys, *words, code=0):
    """Return the JSON that a command prints."""
    assert main(["regions", *words, "--json", "-"]) == code
    out, err = capsys.readouterr()
    assert not err
    return json.loads(out)


def test_four_planes_in_space(capsys):
    result = told(capsys, "count", "--hyperplanes", "4", "--dimension", "3")
    wanted = {
        "hyperplanes": "4", "dimension": "3", "regions": "15", "bounded": "1",
        "separable_dichotomies": "16",
    }  # fmt: skip
    assert result.items() >= wanted.items()
    assert [row["regions"] for row in result["table"]] == ["1", "5", "11", "15", "16"]
    assert main(["regions", "count", "--hyperplanes", "4", "--dimension", "3"]) == 0
    assert "15 regions, 1 of them bounded" in capsys.readouterr().out


def test_bounds_of_a_network_are_told_beside(capsys):
    result = told(capsys, "count", "--inputs", "2", "--hidden", "3,3")
    assert result["network"]["upper"] == "40"
    assert result["network"]["typical"] == "18/1"


def test_integers_of_any_length_are_printed(capsys):
    result = told(capsys, "count", "--hyperplanes", "20000", "--dimension", "9000")
    assert len(result["regions"]) > 4_300
    assert main(["regions", "count", "--hyperplanes", "20000", "--dimension", "9000"]) == 0
    assert "e" in capsys.readouterr().out


def test_counting_loads_nothing_that_computes():
    program = (
        "import sys; from saddlescape.cli import main; "
        "code = main(['regions', 'count', '--hyperplanes', '9', '--dimension', '2']); "
        "heavy = {'jax', 'numpy', 'plotly', 'scipy'} & set(sys.modules); "
        "sys.exit(f'loaded {heavy}' if heavy else code)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_page_of_counts_names_its_command(capsys, tmp_path):
    page = tmp_path / "page.html"
    words = ["regions", "count", "--hyperplanes", "5", "--dimension", "2", "--html", str(page)]
    assert main(words) == 0
    text = page.read_text()
    assert "saddlescape regions count --hyperplanes 5 --dimension 2" in text
    assert f"into {regions.num_regions(5, 2)} regions" in text


def test_an_arrangement_of_a_file(capsys, tmp_path):
    file, out, page = tmp_path / "lines.csv", tmp_path / "all.npz", tmp_path / "page.html"
    file.write_text("1,0,0\n1,0,-1\n0,1,0\n")
    words = ["arrangement", "--file", str(file), "--out", str(out), "--html", str(page)]
    result = told(capsys, *words)
    assert (result["regions"], result["bounded"], result["in_general_position"]) == (6, 0, False)
    assert result["regions_in_general_position"] == "7"
    assert sorted(region["signs"] for region in result["list"]) == sorted(
        ["++-", "+++", "+--", "+-+", "---", "--+"]
    )
    with np.load(out) as kept:
        assert kept["signs"].shape == (6, 3)
    assert "6 regions, 0 of them bounded" in page.read_text()
    assert main(["regions", *words]) == 0
    assert "not in general position, where they would make 7" in capsys.readouterr().out


def test_random_hyperplanes_reach_the_formula(capsys):
    result = told(capsys, "arrangement", "--hyperplanes", "9", "--dimension", "4", "--seed", "2")
    assert result["regions"] == regions.num_regions(9, 4)
    assert result["in_general_position"]
    assert "list" in result


REFUSED = {
    "arrangement": "in one way",
    "arrangement --hyperplanes 4": "belong together",
    "arrangement --file x.csv --seed 3": "add --hyperplanes",
    "arrangement --file x.csv": "cannot read x.csv",
    "arrangement --network x.npz": "cannot read x.npz",
    "arrangement --hyperplanes 200 --dimension 30": "take fewer hyperplanes",
    "arrangement --hyperplanes 4 --dimension 2 --out none/x.npz": "no folder 'none'",
    "": "Missing command",
    "count": "nothing to count",
    "count --hyperplanes 4": "give --hyperplanes and --dimension",
    "count --hyperplanes four --dimension 2": "give a whole number",
    "count --hyperplanes -4 --dimension 2": "give 0 to 20,000",
    "count --inputs 2": "give --inputs and --hidden",
    "count --hyperplanes 4 --dimension 2 --html none/x.html": "no folder 'none'",
}


@pytest.mark.parametrize("line", REFUSED)
def test_bad_input_is_refused_in_one_line(capsys, tmp_path, monkeypatch, line):
    monkeypatch.chdir(tmp_path)
    assert main(["regions", *line.split()]) == 2
    out, err = capsys.readouterr()
    assert not out
    assert err.startswith("saddlescape: ")
    assert err.count("\n") == 1
    assert REFUSED[line] in err
    assert "bug of ours" not in err
    assert not list(tmp_path.iterdir())
