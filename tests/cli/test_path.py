"""`saddlescape path`: what it prints, writes and refuses, in this process."""

import gc
import json
import os
import signal
import threading
import time

import pytest

from saddlescape import passages
from saddlescape.cli import main


def test_a_pair_is_written_as_json_page_and_table(tmp_path, capsys):
    table, page = tmp_path / "path.json", tmp_path / "path.html"
    words = [
        "path",
        "--problem",
        "lecture",
        "--activation",
        "g",
        "--layer",
        "0",
        "--pair",
        "2",
        "3",
    ]
    code = main([*words, "--json", str(table), "--html", str(page)])
    printed = capsys.readouterr().out
    told = json.loads(table.read_text())
    assert code == 0
    assert told["reached"] is True
    assert told["saddle"]["index"] == 2
    assert "merging path" in printed
    assert told["finding"] in printed.replace("\n", " ")
    text = page.read_text()
    assert "How the two neurons move" in text
    assert "http" not in text.split("<script")[0].replace("http-equiv", "")


def test_json_on_standard_output_is_all_there_is(capsys):
    code = main(["path", "--problem", "lecture", "--pair", "2", "3", "--json", "-"])
    assert code == 0
    assert json.loads(capsys.readouterr().out)["pair"] == [2, 3]


def test_a_pair_that_does_not_meet_ends_with_code_3_and_is_kept(tmp_path, capsys):
    table = tmp_path / "path.json"
    words = ["path", "--problem", "lecture", "--activation", "tanh", "--pair", "0", "3"]
    assert main([*words, "--json", str(table)]) == 3
    told = json.loads(table.read_text())
    assert told["reached"] is False
    assert told["saddle"] is None
    assert told["lowest_barrier"]["barrier"] > 0
    assert "do not meet" in capsys.readouterr().out


def test_a_path_whose_steps_are_spent_ends_with_code_3_and_is_kept(tmp_path, capsys):
    table = tmp_path / "path.json"
    words = ["path", "--problem", "lecture", "--pair", "2", "3", "--max-steps", "4"]
    assert main([*words, "--json", str(table)]) == 3
    told = json.loads(table.read_text())
    assert told["reached"] is False
    assert len(told["profile"]) == 5
    assert "4 steps were not enough" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--problem", "lecture", "--pair", "0", "9"], "from 0 to 3"),
        (["--problem", "lecture", "--layer", "2"], "no hidden layer 2"),
        (["--problem", "lecture", "--layer", "x"], "layer is 'x'"),
        (["--problem", "lecture", "--pair", "0"], "--pair"),
        (["--problem", "lectur", "--pair", "0", "1"], "did you mean 'lecture'"),
        (["--pair", "0", "1"], "give either a problem"),
        (["--problem", "two-minima"], "hidden layer"),
        (["--data", "missing.csv", "--target", "y"], "missing.csv"),
        (["--problem", "lecture", "--html", "/nowhere/x.html"], "no folder"),
        (["--problem", "lecture", "--html", "/proc/x.html"], "may not write"),
        (["--problem", "lecture", "--activation", "relu"], "--weight-decay"),
        (["--problem", "lecture", "--pair", "0", "1", "--flip"], "odd activation"),
        (["--problem", "lecture", "--hidden", "20000", "--pair", "0", "1"], "GiB are free"),
        (["--problem", "lecture", "--starts", "0"], "starts is '0'"),
    ],
)
def test_a_mistake_gets_one_sentence_and_code_2(words, said, capsys):
    assert main(["path", *words]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
    assert "Traceback" not in error


def test_ctrl_c_inside_the_garbage_collector_is_heard(monkeypatch):
    """JAX has a callback there, in which Python prints KeyboardInterrupt and forgets it."""
    pressed = threading.Event()

    def press(_phase, _info):
        if threading.current_thread() is threading.main_thread() and not pressed.is_set():
            pressed.set()
            os.kill(os.getpid(), signal.SIGINT)
            sum(range(100))  # Python looks for signals between its instructions

    def work(_settings, on_progress, _folder):
        gc.callbacks.append(press)
        gc.set_threshold(1)
        for _ in range(2_000):
            on_progress(passages.Progress((0, 1), "Pair 0 1", 0, 1))
            time.sleep(0.01)

    monkeypatch.setattr(passages, "cross", work)
    before, thresholds = signal.getsignal(signal.SIGINT), gc.get_threshold()
    try:
        assert main(["path", "--problem", "lecture", "--pair", "0", "1", "--json", "-"]) == 130
    finally:
        gc.set_threshold(*thresholds)
        gc.callbacks.remove(press)
    assert pressed.is_set()
    assert signal.getsignal(signal.SIGINT) is before
