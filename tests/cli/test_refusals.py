"""Bad input ends in one true sentence on standard error and exit code 2, never in a traceback."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from saddlescape.cli import main


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty folder to work in, with files good and bad."""
    monkeypatch.chdir(tmp_path)
    files = {
        "good.csv": "x,z,y\n" + "".join(f"{i},{i * i % 7},{i % 3 / 2}\n" for i in range(12)),
        "empty.csv": "",
        "header.csv": "x,y\n",
        "one_row.csv": "x,y\n1,2\n",
        "ragged.csv": "x,y\n1,2\n3\n4,5\n",
        "nan.csv": "x,y\n1,2\nnan,3\n4,5\n",
        "inf.csv": "x,y\n1,2\ninf,3\n4,5\n",
        "gaps.csv": "x,y\n1,2\n,3\n4,5\n5,7\n",
        "text.csv": "x,name,y\n1,ann,2\n2,bob,3\n3,cec,5\n",
        "one_class.csv": "x,y\n1,a\n2,a\n3,a\n",
        "constant.csv": "x,y\n1,5.5\n2,5.5\n3,5.5\n",
        "twice.csv": "x,x,y\n1,2,3\n4,5,6\n",
        "lonely.csv": "y\n1.5\n2.5\n3.5\n",
        "numbers.csv": "1,2\n3,4\n5,6\n",
        "table.xlsx": "not a table",
        "false.parquet": "PAR1 not really",
        "false.npz": "PK not really",
        "broken.toml": "starts = ",
        "unknown.toml": "problem = 'lecture'\nspeed = 3\n",
        "notes/notes.txt": "mine",
        "damaged/atlas.json": "{",
        "foreign/atlas.json": '{"name": "another program"}',
        "newer/atlas.json": '{"format": 99}',
        "bare/atlas.json": '{"format": 1}',
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "binary.csv").write_bytes(bytes(range(256)) * 4)
    (tmp_path / "latin.csv").write_bytes("x,y,\xe9\n1,2,3\n4,5,6\n".encode("latin-1"))
    np.savez("pickled.npz", x=np.array([{}, {}], dtype=object), y=np.arange(2.0))
    np.savez("lengths.npz", x=np.arange(3.0), y=np.arange(4.0))
    pq.write_table(pa.table({"x": [[1.0], [2.0]], "y": [1.0, 2.0]}), "lists.parquet")
    return tmp_path


GOOD = "survey --data good.csv --target y"
REFUSED = {
    # what is asked for
    "fly": "No such command 'fly'",
    "survey": "either a problem by name or a data file",
    "survey lecture": "unexpected extra argument",
    "survey --problem lecture --strats 5": "--starts",
    "survey --problem lectur": "did you mean 'lecture'",
    "survey --problem": "requires an argument",
    "survey --problem lecture --data good.csv --target y": "either a problem by name",
    "survey --problem lecture --target y": "--target cannot be had with the problem",
    "survey --problem lecture --missing drop": "--missing cannot be had",
    "survey --problem lecture --hidden 0": "give positive widths",
    "survey --problem lecture --hidden 4,": "give positive widths",
    "survey --problem lecture --hidden wide": "give positive widths",
    "survey --problem lecture --hidden -4": "give positive widths",
    "survey --problem lecture --hidden 2000000": "less than or equal to 1000000",
    "survey --problem lecture --hidden 90000": "GiB are free",
    "survey --problem lecture --hidden 900000,900000": "GiB are free",
    "survey --problem lecture --activation tnah": "tanh",
    "survey --problem lecture --activation step": "choose sigmoid",
    "survey --problem lecture --samples 100": "takes no samples",
    "survey --problem lecture --finder newton": "'flow', 'gradient-norm' or 'index'",
    "survey --problem lecture --starts 0": "starts is '0'",
    "survey --problem lecture --starts many": "starts is 'many': input should be a valid integer",
    "survey --problem lecture --starts 1e3": "starts is '1e3': input should be a valid integer",
    "survey --problem lecture --seed -1": "seed is '-1'",
    "survey --problem lecture --seed 99999999999": "seed is '99999999999'",
    "survey --problem lecture --max-steps 0": "max_steps is '0'",
    "survey --problem lecture --scale 0": "scale is '0'",
    "survey --problem lecture --scale nan": "scale is 'nan'",
    "survey --problem lecture --weight-decay -1": "weight_decay is '-1'",
    "survey --problem lecture --weight-decay inf": "weight_decay is 'inf'",
    "survey --problem lecture --bias yes": "unexpected extra argument",
    "survey --problem penguins --samples 0": "samples is '0'",
    "survey --problem penguins --samples 100000": "342",
    "survey --problem double-well --hidden 4": "leave out --hidden",
    "survey --problem double-well --activation tanh": "is a surface",
    "survey --settings none.toml": "cannot read the settings file",
    "survey --settings broken.toml": "is not TOML",
    "survey --settings unknown.toml": "no setting called 'speed'",
    # files
    "survey --data good.csv": "--target",
    "survey --data none.csv --target y": "no file 'none.csv'",
    "survey --data notes --target y": "is a folder",
    "survey --data empty.csv --target y": "is empty",
    "survey --data header.csv --target y": "too few rows",
    "survey --data one_row.csv --target y": "too few rows",
    "survey --data ragged.csv --target y": "2 columns",
    "survey --data binary.csv --target y": "give every row as many values",
    "survey --data nan.csv --target y": "--missing drop",
    "survey --data gaps.csv --target y": "missing values (1 in 'x')",
    "survey --data inf.csv --target y": "infinite",
    "survey --data text.csv --target y": "--inputs A,B",
    "survey --data one_class.csv --target y": "one class only",
    "survey --data constant.csv --target y": "one value only",
    "survey --data twice.csv --target y": "several columns called 'x'",
    "survey --data lonely.csv --target y": "at least one column more",
    "survey --data numbers.csv --target y": "first line must hold the names",
    "survey --data table.xlsx --target y": ".csv, .tsv, .parquet or .npz",
    "survey --data false.parquet --target y": "cannot be read as Parquet",
    "survey --data lists.parquet --target y": "values of type list",
    "survey --data latin.csv --target y": "save it as UTF-8",
    "survey --data false.npz --target y": "no npz file",
    "survey --data pickled.npz --target y": "pickles are not loaded",
    "survey --data lengths.npz --target y": "3 samples",
    "survey --data good.csv --target Y": "did you mean 'y'",
    f"{GOOD} --inputs x,w": "no column 'w'",
    f"{GOOD} --inputs x,y": "cannot be an input as well",
    f"{GOOD} --task guess": "'regression' or 'classification'",
    f"{GOOD} --missing maybe": "'refuse' or 'drop'",
    f"{GOOD} --samples 99": "12",
    "survey --data text.csv --target name --inputs x --task regression": "holds text such as 'ann'",
    # where to
    f"{GOOD} --out good.csv": "cannot make the folder",
    f"{GOOD} --out notes": "other files (notes.txt)",
    f"{GOOD} --out damaged": "cannot be read",
    f"{GOOD} --out foreign": "not the header of an atlas",
    f"{GOOD} --out newer": "install a newer saddlescape",
    f"{GOOD} --out bare": "another survey",
    f"{GOOD} --json none/x.json": "no folder 'none'",
    f"{GOOD} --json notes": "name a file in it",
    f"{GOOD} --html none/x.html": "no folder 'none'",
    f"{GOOD} --html notes": "name a file in it",
    "report": "Missing argument 'ATLAS'",
    "report none": "no such folder",
    "report notes": "has no atlas.json",
    "report damaged": "cannot be read",
    "report foreign": "not the header of an atlas",
    "report newer": "install a newer saddlescape",
    "report good.csv": "is not an atlas",
}


@pytest.mark.parametrize("line", REFUSED)
def test_bad_input_is_refused_in_one_line(here, capsys, line):
    before = sorted(here.rglob("*"))
    code = main(line.split())
    out, err = capsys.readouterr()
    assert code == 2
    assert not out
    assert err.startswith("saddlescape: ")
    assert err.count("\n") == 1
    assert REFUSED[line] in err
    assert "bug of ours" not in err
    assert sorted(here.rglob("*")) == before


CURES = {
    "survey --data gaps.csv --target y": "--missing drop",
    "survey --data nan.csv --target y": "--missing drop",
    "survey --data text.csv --target y": "--inputs x",
    "survey --problem double-well --hidden 4 --finder any-index": None,
}


@pytest.mark.parametrize("line", CURES)
def test_the_cure_in_a_refusal_works(here, capsys, line):
    """Everything is cheap here: one hidden neuron, or none."""
    assert main(line.split()) == 2
    said = capsys.readouterr().err
    cure = CURES[line]
    if cure is None:
        words = line.replace("--hidden 4", "")
    else:
        assert cure.split()[0] in said
        words = f"{line} {cure} --hidden 1 --weight-decay 0.1"
    assert main([*words.split(), "--starts", "2"]) == 0
    assert not capsys.readouterr().err


def test_a_damaged_block_is_named_and_deleting_it_helps(here, capsys):
    survey = ["survey", "--problem", "double-well", "--starts"]
    assert main([*survey, "4"]) == main([*survey, "8"]) == 0
    block = here / "atlas" / "points" / "00000004-00000007.parquet"
    block.write_bytes(block.read_bytes()[:100])
    for command in ([*survey, "8"], ["report", "atlas"]):
        capsys.readouterr()
        assert main(command) == 2
        assert f"{block.relative_to(here)} is damaged" in capsys.readouterr().err
    block.unlink()
    assert main([*survey, "8"]) == 0
