"""`saddlescape index cloud`: in the terminal, as JSON and as a page; bad input in one line."""

import json

import pytest

from saddlescape.cli import main

CLOUD = ["index", "cloud", "--problem", "two-minima", "--starts", "24", "--max-index", "1"]


def test_a_cloud_is_told_as_json_and_as_a_page(capsys, tmp_path):
    page = tmp_path / "page.html"
    words = ["--matrices", "19", "--html", str(page), "--json", "-"]
    assert main([*CLOUD, *words, "--out", str(tmp_path / "cloud")]) == 0
    result = json.loads(capsys.readouterr().out)
    assert {row["index"] for row in result["by_index"]} == {0, 1}
    assert result["command"].startswith("saddlescape index cloud --problem two-minima --starts 24")
    assert result["finding"].split(":")[0] in page.read_text()
    assert main([*CLOUD, "--matrices", "19", "--out", str(tmp_path / "cloud")]) == 0  # from there
    assert "distinct critical points" in capsys.readouterr().out


REFUSED = {
    "--starts 0": "starts is '0'",
    "--max-index -1": "max_index is '-1'",
    "--matrices 3": "matrices is '3'",
    "--hidden 4": "is a surface without a network",
    "--html none/x.html": "no folder 'none'",
}


@pytest.mark.parametrize("line", REFUSED)
def test_bad_input_is_refused_in_one_line(capsys, tmp_path, monkeypatch, line):
    monkeypatch.chdir(tmp_path)
    assert main([*CLOUD, *line.split()]) == 2
    out, err = capsys.readouterr()
    assert not out
    assert err.count("\n") == 1
    assert REFUSED[line] in err
