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


def test_the_regions_of_a_random_network(capsys, tmp_path):
    page = tmp_path / "page.html"
    words = ["network", "--widths", "2,8,8,1", "--seed", "3", "--box", "-3,3", "--ball", "1"]
    result = told(capsys, *words, "--html", str(page))
    layers = regions.random_network((2, 8, 8, 1), seed=3)
    found = regions.plane_regions(layers, ((-3.0, 3.0), (-3.0, 3.0)))
    assert result["regions"] == found.num_regions
    assert result["in_ball"] == found.meets_ball((0.0, 0.0), 1.0).sum()
    assert result["upper_bound"] == str(regions.deep_bounds(2, [8, 8]).upper)
    assert "saddlescape regions network --widths 2,8,8,1 --seed 3 --box -3,3" in page.read_text()
    assert main(["regions", *words]) == 0
    assert f"{found.num_regions} linear regions in the rectangle" in capsys.readouterr().out


def test_more_inputs_are_visited_facet_by_facet_and_a_limit_is_told(capsys):
    result = told(capsys, "network", "--widths", "3,5,1", "--everywhere")
    assert (result["regions"], result["bounded"]) == (26, regions.num_bounded_regions(5, 3))
    assert (
        main(["regions", "network", "--widths", "3,5,1", "--max-regions", "4", "--json", "-"]) == 3
    )
    out, err = capsys.readouterr()
    assert json.loads(out)["regions"] == 4
    assert "more regions than --max-regions" in err


def test_checkpoints_are_counted_one_after_another_and_cut_by_planes_and_segments(capsys, tmp_path):
    files = []
    for seed in (0, 1):
        layers = regions.random_network((4, 6, 1), seed)
        arrays = {f"weight_{i}": layer.weights for i, layer in enumerate(layers)}
        files.append(str(tmp_path / f"{seed}.npz"))
        np.savez(files[-1], **arrays, **{f"bias_{i}": x.biases for i, x in enumerate(layers)})
    through = tmp_path / "places.csv"
    through.write_text("0,0,0,0\n1,0,0,0\n0,1,0,0\n")
    words = ["network", "--network", files[0], "--network", files[1], "--through", str(through)]
    page = tmp_path / "page.html"
    result = told(capsys, *words, "--html", str(page))
    assert result["where"] == "plane"
    assert [entry["network"] for entry in result["along"]] == files
    assert "Along the networks" in page.read_text()
    through.write_text("0,0,0,0\n1,0,0,0\n")
    result = told(capsys, *words)
    assert result["regions"] == len(result["knots"]) - 1


def test_labellings_of_random_lines(capsys, tmp_path):
    page = tmp_path / "page.html"
    words = ["labellings", "--lines", "3", "--parity", "3", "--html", str(page)]
    result = told(capsys, *words)
    assert [row["realizable"] for row in result["table"]] == ["4", "14", "72"]
    assert [row["xor_is_realizable"] for row in result["table"]] == [True, False, False]
    assert [row["neurons"] for row in result["parity"]] == [1, 2, 3]
    assert "72 of 128 labellings of 7 regions" in page.read_text()
    assert main(["regions", *words]) == 0
    assert "Parity of 3 bits needs 3 threshold neurons" in capsys.readouterr().out


def test_no_hyperplane_leaves_one_region(capsys, tmp_path):
    page = tmp_path / "page.html"
    words = ["arrangement", "--hyperplanes", "0", "--dimension", "2", "--html", str(page)]
    result = told(capsys, *words)
    assert (result["regions"], result["bounded"], result["facets"]) == (1, 0, {"0": 1})
    assert "1 regions" in page.read_text()


REFUSED = {
    "network --widths 3,3,1 --ball 1": "a disk in a plane",
    "labellings": "in one way",
    "labellings --lines 0": "give at least 1",
    "labellings --lines 9": "take fewer hyperplanes",
    "labellings --file x.csv --seed 2": "add --lines",
    "labellings --lines 2 --parity 9": "give 1 to 4",
    "network": "in one way",
    "network --widths 2,x": "--widths is '2,x'",
    "network --widths 2,1": "the number of widths is 2: give at least 3",
    "network --widths 2,3,1 --box 2": "two numbers",
    "network --widths 2,3,1 --ball -1": "positive radius",
    "network --widths 2,3,1 --everywhere --box 0,1": "has no limits",
    "network --network x.npz --seed 1": "add --widths",
    "network --network x.npz": "cannot read x.npz",
    "network --widths 3,3,1 --through x.csv": "cannot read x.csv",
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


def test_solutions_of_students_in_json_and_on_a_page(capsys, tmp_path):
    page, kept = tmp_path / "page.html", tmp_path / "kept"
    words = ["solutions", "--widths", "3", "--starts", "10"]
    result = told(capsys, *words, "--out", str(kept), "--html", str(page))
    assert [student["width"] for student in result["students"]] == [3]
    assert all(sum(s["outcomes"].values()) == 10 for s in result["students"])
    assert result["finding"] in page.read_text()
    assert main(["regions", *words, "--out", str(kept)]) == 0
    assert result["finding"] in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--widths", "four"], "--widths is 'four'"),
        (["--problem", "plateau"], "surface"),
        (["--within", "much"], "--within is 'much'"),
    ],
)
def test_students_that_cannot_be_are_refused(capsys, words, said):
    assert main(["regions", "solutions", *words]) == 2
    assert said in capsys.readouterr().err
