"""What the commands print, write and answer; most in this process, where compiling is shared."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from saddlescape import surveys
from saddlescape.cli import main
from saddlescape.core import Outcome
from saddlescape.surveys import Atlas

SADDLESCAPE = [str(Path(sys.executable).parent / "saddlescape")]
WELL = ["survey", "--problem", "double-well", "--finder", "any-index", "--starts", "10"]


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("words", [[], ["--help"], ["-h"]])
def test_help_lists_the_commands(capsys, words):
    assert main(words) == 0
    out, err = capsys.readouterr()
    assert not err
    assert "survey" in out
    assert "report" in out


@pytest.mark.parametrize("command", ["survey", "report", "count"])
def test_help_says_what_a_command_costs(capsys, command):
    assert main([command, "--help"]) == 0
    assert "Costs" in " ".join(capsys.readouterr().out.split())


def test_version_is_told(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("saddlescape ")


@pytest.mark.parametrize(
    "words", [["--help"], ["survey", "--help"], ["count", "--help"], ["--version"], []]
)
def test_help_does_not_load_what_computes(words):
    program = (
        "import sys; from saddlescape.cli import main; main(sys.argv[1:]); "
        "heavy = {'jax', 'numpy', 'pyarrow', 'plotly', 'scipy'} & set(sys.modules); "
        "sys.exit(f'loaded {heavy}' if heavy else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *words], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_a_survey_prints_its_finding_its_classes_and_where_they_are(capsys):
    assert main([*WELL, "--out", "wells"]) == 0
    out, err = capsys.readouterr()
    assert not err
    assert out.startswith("10 starts: 3 distinct critical points (1 maximum, 2 minima)")
    assert out.count(" minimum") == 2
    assert "saddlescape report wells" in out


def test_a_page_is_written_and_named(capsys, here):
    assert main([*WELL, "--html", "page.html"]) == 0
    assert "page.html" in capsys.readouterr().out
    assert main(["report", "atlas"]) == 0
    assert "Page: atlas/report.html" in capsys.readouterr().out
    pages = [(here / name).read_text() for name in ("page.html", "atlas/report.html")]
    assert all("10 starts: 3 distinct critical points" in page for page in pages)


def test_a_page_may_go_into_the_atlas_that_is_about_to_be_made(here):
    assert main([*WELL, "--html", "atlas/page.html", "--json", "atlas/found.json"]) == 0
    assert (here / "atlas/page.html").exists()
    assert json.loads((here / "atlas/found.json").read_text())["starts"] == 10


def test_json_on_standard_output_is_alone_there(capsys):
    assert main([*WELL, "--json", "-", "--html", "page.html"]) == 0
    out, err = capsys.readouterr()
    assert not err
    survey = json.loads(out)
    assert main(["report", "atlas", "--json", "-"]) == 0
    assert json.loads(capsys.readouterr().out) == survey
    assert [row["kind"] for row in survey["classes"]] == ["minimum", "minimum", "maximum"]


def test_the_same_json_goes_to_a_file(capsys, here):
    assert main([*WELL, "--json", "found.json"]) == 0
    assert "10 starts" in capsys.readouterr().out
    assert main([*WELL, "--json", "-"]) == 0
    assert json.loads((here / "found.json").read_text()) == json.loads(capsys.readouterr().out)


def test_a_survey_without_a_critical_point_says_what_to_do_and_keeps_the_points(capsys, here):
    """Two points of two classes can be told apart ever more surely: there is no minimum."""
    (here / "two.csv").write_text("x,kind\n-1,a\n1,b\n-2,a\n2,b\n")
    line = ["survey", "--data", "two.csv", "--target", "kind", "--hidden", "1", "--starts", "2"]
    assert main([*line, "--out", "free"]) == 3
    out, err = capsys.readouterr()
    assert err.count("\n") == 1
    assert "weight decay" in err
    assert "2 ran to infinity" in out
    assert (
        Atlas.open("free").points()["outcome"].to_pylist()
        == [Outcome.RUNNING_TO_INFINITY.label] * 2
    )
    assert main([*line, "--weight-decay", "0.01", "--out", "held"]) == 0


def test_too_few_steps_are_named_with_the_option_that_gives_more(capsys):
    line = [*WELL, "--finder", "minima", "--max-steps", "1"]
    assert main(line) == 3
    assert "Raise --max-steps" in capsys.readouterr().err
    assert main([*WELL, "--finder", "minima", "--out", "more"]) == 0


@pytest.mark.parametrize(
    ("seconds", "told"), [(599.0, None), (7_200.0, "2.0 h"), (3e6, "34.7 days")]
)
def test_a_long_survey_is_announced_before_it_begins(capsys, monkeypatch, seconds, told):
    def stopped_at_once(_settings, _folder, on_block):
        on_block(surveys.Progress(0, 1_000, 0, seconds))
        raise KeyboardInterrupt

    monkeypatch.setattr(surveys, "run", stopped_at_once)
    assert main([*WELL, "--json", "found.json"]) == 130
    *warnings, farewell = capsys.readouterr().err.splitlines()
    assert [told in warning for warning in warnings] == ([True] if told else [])
    assert "interrupted" in farewell
    assert main([*WELL, "--json", "-"]) == 130
    assert capsys.readouterr().err.count("\n") == 1


def test_a_survey_in_a_notebook_keeps_the_devices_there_are():
    """JAX refuses to change their number once it has computed, and the command goes on."""
    assert main([*WELL, "--out", "one"]) == main([*WELL, "--out", "two"]) == 0
    assert Atlas.open("one").points().equals(Atlas.open("two").points())


LECTURE = ["survey", "--problem", "two-minima", "--finder", "any-index", "--starts", "3000"]


def test_ctrl_c_keeps_finished_blocks_and_the_same_command_continues(here):
    """In a process of its own, with another number of devices than the uninterrupted twin."""
    environment = os.environ | {"JAX_NUM_CPU_DEVICES": "2", "JAX_ENABLE_X64": "1"}
    command = [*SADDLESCAPE, *LECTURE, "--out", "pieces"]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    )
    blocks = Path("pieces/points")
    while process.poll() is None and not list(blocks.glob("*.parquet")):
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert not out
    assert err.count("\n") == 1
    assert "the same command continues" in err
    assert 0 < Atlas.open("pieces").header["done"] < 3000
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert main([*LECTURE, "--out", "whole"]) == 0
    pieces, whole = Atlas.open("pieces"), Atlas.open("whole")
    assert pieces.points().equals(whole.points())
    assert pieces.classes()["members"].equals(whole.classes()["members"])
