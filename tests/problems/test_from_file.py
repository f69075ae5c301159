"""Files of the user: three formats, one problem; whatever is in them, a problem or a sentence."""

import datetime as dt
import io
import os
import pathlib
import pickle
import tempfile

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pyarrow import csv as arrow_csv
from pyarrow import parquet

from saddlescape.core import InvalidInputError, SaddlescapeError, UnknownNameError
from saddlescape.problems import from_file

EPS = np.finfo(float).eps
MAGNITUDES = [1e-200, 1e-3, 1.0, 1e9, 1e200]


@pytest.fixture
def csv(tmp_path):
    def write(text, name="table.csv"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


@pytest.fixture
def npz(tmp_path):
    def write(**named):
        path = tmp_path / "arrays.npz"
        np.savez(path, **named)
        return path

    return write


def write_table(folder, columns, kind):
    """Write the same columns as CSV, Parquet or npz."""
    path = pathlib.Path(folder) / f"table.{kind}"
    if kind == "npz":
        np.savez(path, **columns)
    elif kind == "parquet":
        parquet.write_table(pa.table(columns), path)
    else:
        arrow_csv.write_csv(pa.table(columns), path)
    return path


@pytest.mark.parametrize("kind", ["csv", "parquet", "npz"])
@given(
    values=arrays(float, (7, 3), elements=st.integers(-1000, 1000), unique=True),
    magnitude=st.sampled_from(MAGNITUDES),
)
def test_undoing_the_scaling_gives_the_file_back(kind, values, magnitude):
    values = values * magnitude
    columns = {"a": values[:, 0], "b": values[:, 1], "y": values[:, 2]}
    with tempfile.TemporaryDirectory() as folder:
        problem = from_file(write_table(folder, columns, kind), "y")
    inputs = problem.input_scaling.undo(np.asarray(problem.data.inputs))
    targets = problem.target_scaling.undo(np.asarray(problem.data.targets))
    found = np.hstack([inputs, targets])
    # Subtracting and adding back the mean rounds at the size of the largest entry, four times.
    assert np.abs(found - values).max() <= 8 * EPS * np.abs(values).max()


@given(
    values=arrays(float, (9, 2), elements=st.floats(-100, 100), unique=True),
    shift=st.floats(-100, 100),
    stretch=st.floats(0.01, 100),
)
def test_inputs_do_not_depend_on_their_unit(values, shift, stretch):
    if (np.ptp(values, axis=0) < 1).any():
        values = values + np.arange(18.0).reshape(9, 2) ** 2  # spread enough to measure in
    if (np.ptp(values, axis=0) < 1).any():
        return
    with tempfile.TemporaryDirectory() as folder:
        first = from_file(write_table(folder, {"x": values[:, 0], "y": values[:, 1]}, "npz"), "y")
        moved = {"x": stretch * values[:, 0] + shift, "y": values[:, 1]}
        second = from_file(write_table(folder, moved, "npz"), "y")
    spread = values[:, 0].std()
    # Rounding at the size of the shift, seen in units of the spread.
    bound = 64 * EPS * (1 + (abs(shift) / stretch + 250) / spread)
    assert np.abs(np.asarray(first.data.inputs - second.data.inputs)).max() <= bound


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        (["b", "a", "b", "ä"] * 3, ("a", "b", "ä")),
        (["True", "False"] * 5, ("False", "True")),
        ([10, 2] * 10, ("2", "10")),
    ],
)
def test_categories_become_classes_in_order(csv, labels, names):
    rows = "".join(f"{i},{label}\n" for i, label in enumerate(labels))
    problem = from_file(csv("x,label\n" + rows), "label")
    assert problem.target_names == names
    found = [names[number] for number in np.asarray(problem.data.targets)]
    assert found == [str(label) for label in labels]


def test_whole_numbers_of_few_values_are_classes_and_others_are_not(csv):
    few = csv("x,y\n" + "".join(f"{i},{i % 2}\n" for i in range(20)), "few.csv")
    many = csv("x,y\n" + "".join(f"{i},{i % 11}\n" for i in range(200)), "many.csv")
    rare = csv("x,y\n1,1\n2,2\n3,3\n4,1\n", "rare.csv")
    fractions = csv("x,y\n" + "".join(f"{i},{i % 2}.5\n" for i in range(20)), "fractions.csv")
    kinds = [from_file(path, "y").data.is_classification for path in (few, many, rare, fractions)]
    assert kinds == [True, False, False, False]
    assert "task='regression'" in from_file(few, "y").scaling


def test_the_task_can_be_chosen(csv):
    path = csv("x,y\n" + "".join(f"{i},{i % 2}\n" for i in range(20)))
    assert not from_file(path, "y", task="regression").data.is_classification
    path = csv("x,y\n1,1.5\n2,2.5\n3,1.5\n")
    assert from_file(path, "y", task="classification").target_names == ("1.5", "2.5")


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_the_separator_is_found(csv, mark):
    text = "a,b,y\n1,2,3.5\n2,5,1\n4,4,0\n".replace(",", mark)
    assert from_file(csv(text), "y").input_names == ("a", "b")


def test_text_may_hold_separators_and_line_breaks(csv):
    problem = from_file(
        csv('x,"kind, or ""sort"""\n1,"a\nb"\n2,"c,d"\n3,"c,d"\n'), 'kind, or "sort"'
    )
    assert problem.target_names == ("a\nb", "c,d")


def test_an_index_that_was_saved_along_is_not_an_input(csv, tmp_path):
    problem = from_file(csv(",x,y\n0,5,1.5\n1,3,2\n2,4,0\n"), "y")
    assert problem.input_names == ("x",)
    assert "without a name" in problem.scaling
    columns = {"x": [5, 3, 4], "y": [1.5, 2, 0], "__index_level_0__": [0, 1, 2]}
    assert from_file(write_table(tmp_path, columns, "parquet"), "y").input_names == ("x",)


def test_a_constant_column_is_left_out_and_said(csv):
    problem = from_file(csv("a,b,y\n1,7,3.5\n2,7,1\n4,7,0\n"), "y")
    assert problem.input_names == ("a",)
    assert "'b'" in problem.scaling


def test_rows_with_missing_values_are_dropped_on_request(csv):
    path = csv("a,b,unused,y\n1,2,,x\n,2,,y\n3,NA,,x\n4,5,,\n5,9,,y\n6,1,,x\n")
    problem = from_file(path, "y", inputs=["a", "b"], missing="drop")
    inputs = problem.input_scaling.undo(np.asarray(problem.data.inputs))
    np.testing.assert_allclose(inputs, [[1, 2], [5, 9], [6, 1]], rtol=8 * EPS)
    assert "3 rows" in problem.scaling


def test_parquet_columns_of_every_numeric_kind_are_inputs(tmp_path):
    columns = {
        "half": pa.array(np.array([1, 2, 4], np.float16)),
        "small": pa.array([1, 2, 4], pa.uint8()),
        "exact": pa.array(["1.0", "2.0", "4.0"]).cast(pa.decimal128(5, 2)),
        "code": pa.array([1.0, 2.0, 4.0]).dictionary_encode(),
        "y": pa.array(["u", "v", "u"]).dictionary_encode(),
    }
    problem = from_file(write_table(tmp_path, columns, "parquet"), "y")
    inputs = np.asarray(problem.data.inputs)
    assert problem.target_names == ("u", "v")
    assert (inputs == inputs[:, :1]).all()


def test_true_and_false_are_inputs_of_one_and_zero(csv):
    problem = from_file(csv("a,y\ntrue,1.5\nfalse,2\ntrue,0\ntrue,4\n"), "y")
    assert problem.input_scaling.shift.tolist() == [0.75]


def test_an_npz_matrix_gives_its_columns(npz):
    matrix = np.arange(12.0).reshape(4, 3) ** 2
    outputs = np.array([[1.0, 2.0], [0.0, 5.0], [3.0, 3.0], [2.0, 1.0]])
    problem = from_file(npz(x=matrix, y=outputs, x_test=matrix), "y")
    assert problem.input_names == ("x[0]", "x[1]", "x[2]")
    assert problem.target_names == ("y[0]", "y[1]")
    np.testing.assert_allclose(
        problem.target_scaling.undo(np.asarray(problem.data.targets)), outputs, atol=16 * EPS
    )


def test_chosen_rows_keep_classes_in_proportion(csv):
    path = csv("x,y\n" + "".join(f"{i},{'rare' if i % 10 == 0 else 'usual'}\n" for i in range(200)))
    assert np.bincount(np.asarray(from_file(path, "y", samples=50).data.targets)).tolist() == [
        5,
        45,
    ]


def test_a_million_rows_are_read_in_seconds(tmp_path):
    count = 1_000_000
    columns = {
        "x": np.arange(count) % 977,
        "kind": pa.DictionaryArray.from_arrays(np.arange(count) % 3, ["c", "a", "b"]),
    }
    path = write_table(tmp_path, columns | {"z": np.arange(count) / 7}, "csv")
    problem = from_file(path, "kind")
    assert problem.data.num_samples == count
    assert np.asarray(problem.data.targets[:6]).tolist() == [2, 0, 1, 2, 0, 1]


REFUSED_CSV = {
    "no bytes": ("", {}, "is empty"),
    "blank": ("\n\n", {}, "is empty"),
    "names only": ("x,y\n", {}, "too few rows, 0"),
    "one row": ("x,y\n1,2\n", {}, "too few rows, 1"),
    "ragged": ("x,y\n1,2\n3\n", {}, "names 2 columns, the row '3' has 1"),
    "too wide": ("x,y\n1,2\n3,4,5\n", {}, "has 3"),
    "twice the same name": ("x,x,y\n1,2,3\n4,5,6\n", {}, "several columns called 'x'"),
    "other letters": (b"x,\xe9,y\n1,2,3\n4,5,6\n", {}, "UTF-8"),
    "bytes": (b"x,y\n1,\xff\xfe\n4,\xe9\n", {}, "give a column of numbers or text"),
    "missing": ("x,y\n1,2.5\n,4\n3,5\n", {}, r"\(1 in 'x'\).*missing='drop'"),
    "missing label": ("x,y\n1,a\n2,\n3,b\n", {}, "1 in 'y'"),
    "empty column": ("x,z,y\n1,,2\n2,,3\n", {"missing": "drop"}, "'z' is empty"),
    "text": ("x,z,y\n1,3,1\n2,four,2\n", {}, "'z' holds text such as 'four'"),
    "dates": ("x,y\n2020-01-01,1.5\n2020-01-02,2\n", {}, "date32"),
    "date as target": ("y,x\n2020-01-01,1.5\n2020-01-02,2\n", {}, "the target 'y' holds values"),
    "infinite": ("x,y\n1,2.5\ninf,4\n3,5\n", {}, "'x' holds 1 infinite"),
    "infinite target": ("x,y\n1,2.5\n2,-inf\n3,5\n", {}, "'y' holds 1 infinite"),
    "constant inputs": ("x,y\n1,2.5\n1,4\n", {}, "'x' of 'table.csv' has one value only"),
    "constant asked for": (
        "x,z,y\n1,2,3.5\n2,2,3\n", {"inputs": ["x", "z"]}, "'z' of 'table.csv' has one value",
    ),
    "constant target": ("x,y\n1,2.5\n2,2.5\n", {}, "nothing to learn"),
    "one class": ("x,y\n1,a\n2,a\n", {}, "one class only, 'a'"),
    "a class each": ("x,y\n1,a\n2,b\n3,c\n", {}, "3 classes in 3 samples"),
    "words to regress": ("x,y\n1,a\n2,b\n", {"task": "regression"}, "text such as 'a'"),
    "rounding only": (
        "x,y\n1.0,1.5\n1.0000000000000002,2\n", {}, "no variation beyond rounding",
    ),
    "target only": ("y\n1\n2\n", {}, "no input beside"),
    "target as input": ("x,y\n1,2\n2,3\n", {"inputs": ["x", "y"]}, "take it out of inputs"),
    "no inputs": ("x,y\n1,2\n2,3\n", {"inputs": []}, "list of column names"),
    "a word for inputs": ("x,y\n1,2\n2,3\n", {"inputs": "x"}, "list of column names"),
    "unknown task": ("x,y\n1,2\n2,3\n", {"task": "clustering"}, "give 'classification'"),
    "unknown cure": ("x,y\n1,2\n2,3\n", {"missing": "fill"}, "give 'refuse' or 'drop'"),
    "too many samples": ("x,y\n1,2\n2,3\n", {"samples": 9}, "there are 2"),
    "no samples": ("x,y\n1,2\n2,3\n", {"samples": -3}, "at least 2"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED_CSV)
def test_a_table_that_cannot_be_used_is_refused_in_a_sentence(csv, case):
    text, options, message = REFUSED_CSV[case]
    with pytest.raises(InvalidInputError, match=message) as caught:
        from_file(csv(text), "y", **options)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "target", "message"),
    [
        ("width,species\n1,a\n2,b\n", "specie", "did you mean 'species'.*has 'width', 'species'"),
        ("width,species\n1,a\n2,b\n", "WIDTH", "did you mean 'width'"),
        ("1.5,2\n1,4\n2,3\n", "y", "first line must hold the names"),
    ],
)
def test_an_unknown_column_is_refused_with_those_there_are(csv, text, target, message):
    with pytest.raises(UnknownNameError, match=message):
        from_file(csv(text), target)


def test_what_is_no_table_is_refused(csv, tmp_path):
    (tmp_path / "folder.csv").mkdir()
    for path, message in (
        (tmp_path / "absent.csv", "there is no file"),
        (tmp_path / "folder.csv", "is a folder"),
        (csv("x,y\n1,2\n", "table.xlsx"), r"give a \.csv"),
        (csv("not parquet at all", "table.parquet"), "cannot be read as Parquet"),
        (csv("not a zip", "table.npz"), "no npz file of plain arrays"),
        (csv("", "empty.npz"), "no npz file of plain arrays"),
    ):
        with pytest.raises(InvalidInputError, match=message):
            from_file(path, "y")


def test_pickles_are_not_loaded(csv, npz, tmp_path):
    class Trap:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "sprung"),)

    objects = np.array([Trap(), Trap()], dtype=object)
    renamed = csv(pickle.dumps(Trap()), "renamed.npz")
    for path in (npz(x=np.arange(2), y=objects), renamed):
        with pytest.raises(InvalidInputError, match="pickles are not loaded"):
            from_file(path, "y")
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize(
    ("named", "message"),
    [
        ({"x": np.zeros((2, 3, 3)), "y": np.arange(2)}, r"has shape \(2, 3, 3\)"),
        ({"x": np.arange(3), "y": np.arange(4)}, "'x' has 3 samples and 'y' 4"),
        ({"x": np.arange(3) * 1j, "y": np.arange(3)}, "has type complex128"),
        ({"x": np.arange(3), "y": np.array(["2020-01-01"] * 3, "M8[D]")}, "has type datetime64"),
        ({"x": np.arange(3), "y": np.array(5.0)}, "has shape"),
        ({"x": np.arange(4), "y": np.array([["a", "b"]] * 4)}, "one column of labels"),
        ({"x": np.zeros((0, 2)), "y": np.zeros(0)}, "has shape"),
    ],
)
def test_arrays_that_make_no_table_are_refused(npz, named, message):
    with pytest.raises(InvalidInputError, match=message):
        from_file(npz(**named), "y")


CELLS = st.sampled_from(
    [
        "",
        "0",
        "1",
        "-2.5",
        "1e400",
        "nan",
        "inf",
        "NA",
        "true",
        "a",
        '"',
        "'",
        " ",
        "\ufeff",
        "\x00",
    ]
)


def attempt(content, suffix):
    """Return what reading the content as a table ends in: a problem, or a sentence."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / f"table{suffix}"
        path.write_bytes(content)
        try:
            return from_file(path, "y")
        except SaddlescapeError as error:
            return str(error)


def is_usable_or_said(outcome):
    """Return whether the outcome is finite standardised data, or one line."""
    if isinstance(outcome, str):
        return bool(outcome) and "\n" not in outcome
    return bool(np.isfinite(np.asarray(outcome.data.inputs)).all())


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=100)
@given(rows=st.lists(st.lists(CELLS, min_size=2, max_size=3), max_size=6))
def test_any_cells_end_in_a_problem_or_a_sentence(rows):
    text = "x,y\n" + "\n".join(",".join(row) for row in rows)
    assert is_usable_or_said(attempt(text.encode(), ".csv"))


@given(content=st.binary(max_size=200))
def test_any_bytes_end_in_a_problem_or_a_sentence(content):
    assert is_usable_or_said(attempt(b"x,y\n" + content, ".csv"))
    assert is_usable_or_said(attempt(content, ".csv"))


def valid(suffix):
    """Return the bytes of a good file."""
    columns = {"x": np.arange(8.0), "y": np.arange(8.0) ** 2}
    buffer = io.BytesIO()
    if suffix == ".npz":
        np.savez_compressed(buffer, **columns)
    else:
        parquet.write_table(pa.table(columns), buffer)
    return buffer.getvalue()


@pytest.mark.parametrize("suffix", [".npz", ".parquet"])
@given(data=st.data())
def test_a_damaged_file_ends_in_a_problem_or_a_sentence(suffix, data):
    content = bytearray(valid(suffix))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place] = data.draw(st.integers(0, 255))
    end = data.draw(st.integers(0, len(content)))
    assert is_usable_or_said(attempt(bytes(content[:end] if end % 2 else content), suffix))


def test_dates_in_parquet_are_no_inputs(tmp_path):
    days = [dt.datetime(2020, 1, day, tzinfo=dt.UTC) for day in (1, 2, 3)]
    path = write_table(tmp_path, {"day": days, "y": [1.5, 2, 0]}, "parquet")
    with pytest.raises(InvalidInputError, match="'day' holds values of type timestamp"):
        from_file(path, "y")
