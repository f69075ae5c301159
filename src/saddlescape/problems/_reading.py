"""Reading CSV, Parquet and npz into one kind of table; no pickle is ever loaded."""

import pickle
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from pyarrow import csv, parquet

from saddlescape.core import InvalidInputError
from saddlescape.problems._columns import choose_columns
from saddlescape.problems._scaling import quoted

MATRICES = ("inputs", "x", "X")
"""What the matrix of inputs may be called in an npz file."""
_KINDS = ".csv, .tsv, .parquet or .npz"


class Selection(NamedTuple):
    """The columns in use, and which of them are inputs and which targets."""

    table: pa.Table
    inputs: tuple[str, ...]
    targets: tuple[str, ...]
    notes: tuple[str, ...] = ()


def read(path: Path, target: str, inputs: Sequence[str] | None) -> Selection:
    """Return the columns of a file that are in use, or raise a sentence."""
    try:
        return _reader(path)(path, target, inputs)
    except OSError as error:
        why = error.strerror or _first_line(error)
        msg = f"{path.name!r} cannot be read ({why}): check the file"
        raise InvalidInputError(msg) from None


def _reader(path: Path) -> Callable[[Path, str, Sequence[str] | None], Selection]:
    """Return what reads this kind of file, or raise when there is none."""
    if path.is_dir():
        msg = f"{str(path)!r} is a folder: name a {_KINDS} file in it"
        raise InvalidInputError(msg)
    if not path.exists():
        msg = f"there is no file {str(path)!r}: check the path"
        raise InvalidInputError(msg)
    if path.suffix.lower() not in _READERS:
        msg = f"{path.name!r} is not a table that can be read: give a {_KINDS} file"
        raise InvalidInputError(msg)
    return _READERS[path.suffix.lower()]


def _read_csv(path: Path, target: str, inputs: Sequence[str] | None) -> Selection:
    """Return columns of a file with names in its first line; comma, semicolon or tab between."""
    parse = csv.ParseOptions(delimiter=_delimiter(path), newlines_in_values=True)
    convert = csv.ConvertOptions(strings_can_be_null=True)
    try:
        table = csv.read_csv(path, parse_options=parse, convert_options=convert)
        names = [name.strip() for name in table.column_names]
    except (pa.ArrowException, UnicodeDecodeError) as error:
        raise InvalidInputError(_csv_problem(path, error)) from None
    return _select_from_table(path, table.rename_columns(names), target, inputs)


def _csv_problem(path: Path, error: Exception) -> str:
    """Return what is wrong with a CSV file, and the cure."""
    text = _first_line(error)
    if "Empty CSV file" in text:
        return f"{path.name!r} is empty: give a first line of column names, and rows of values"
    ragged = re.search(r"Expected (\d+) columns, got (\d+)(?:: (.*))?", text)
    if ragged:
        wanted, found, row = ragged.groups()
        where = f", the row {row[:60]!r} has {found}" if row else f", one row has {found}"
        return f"{path.name!r} names {wanted} columns{where}: give every row as many values"
    if isinstance(error, UnicodeDecodeError) or "UTF8" in text:
        return f"{path.name!r} is not text in UTF-8: save it as UTF-8"
    return f"{path.name!r} cannot be read as CSV ({text}): check the file"


def _delimiter(path: Path) -> str:
    """Return what separates columns: the most frequent of comma, semicolon, tab on line 1."""
    if path.suffix.lower() == ".tsv":
        return "\t"
    with path.open("rb") as file:
        header = next((line for line in file if line.strip()), b"")
    return max(",;\t", key=lambda mark: header.count(mark.encode()))


def _read_parquet(path: Path, target: str, inputs: Sequence[str] | None) -> Selection:
    """Return columns of a Parquet file."""
    try:
        with parquet.ParquetFile(path) as file:
            table = file.read()
    except (pa.ArrowException, UnicodeDecodeError) as error:
        msg = f"{path.name!r} cannot be read as Parquet ({_first_line(error)}): write it again"
        raise InvalidInputError(msg) from None
    return _select_from_table(path, table, target, inputs)


def _select_from_table(
    path: Path, table: pa.Table, target: str, inputs: Sequence[str] | None
) -> Selection:
    """Return the columns in use; unnamed ones and pandas' index only where asked for."""
    names = table.column_names
    used = {target, *(inputs or ())}
    often = {name for name, count in Counter(names).items() if count > 1}
    duplicates = sorted(name for name in often if name or name in used)
    if duplicates:
        msg = f"{path.name!r} has several columns called {quoted(duplicates)}: rename them"
        raise InvalidInputError(msg)
    aside = [name for name in names if not name or re.fullmatch(r"__index_level_\d+__", name)]
    chosen = choose_columns(path.name, names, target, inputs, aside)
    notes = ("Left out: columns without a name.",) if aside and inputs is None else ()
    return Selection(table.select([*chosen, target]), chosen, (target,), notes)


def _read_npz(path: Path, target: str, inputs: Sequence[str] | None) -> Selection:
    """Return arrays of an npz file as columns: a matrix of inputs, or one array for each column."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            names = list(archive.files)
            aside = [] if inputs is not None else _beside_matrix(names, target)
            chosen = choose_columns(path.name, names, target, inputs, aside)
            arrays = {name: archive[name] for name in (*chosen, target)}
    except InvalidInputError:
        raise
    except _NPZ_ERRORS as error:
        msg = f"{path.name!r} is no npz file of plain arrays ({_first_line(error)}): {_NPZ_CURE}"
        raise InvalidInputError(msg) from None
    _check_lengths(path, arrays, target)
    columns = {name: _columns_of(path, name, array) for name, array in arrays.items()}
    table = {name: column for group in columns.values() for name, column in group.items()}
    input_names = tuple(name for array in chosen for name in columns[array])
    return Selection(pa.table(table), input_names, tuple(columns[target]))


# What NumPy and zipfile raise for pickles, single arrays, cut or encrypted files and other things.
_NPZ_ERRORS = (
    AttributeError,
    EOFError,
    RuntimeError,
    TypeError,
    ValueError,
    pickle.UnpicklingError,
    zipfile.BadZipFile,
    zlib.error,
)
_NPZ_CURE = "write it with numpy.savez from arrays of numbers or text; pickles are not loaded"


def _beside_matrix(names: Sequence[str], target: str) -> list[str]:
    """Return the arrays that are not inputs because a matrix of inputs is there."""
    matrix = next((name for name in MATRICES if name in names and name != target), None)
    return [name for name in names if name not in {matrix, target}] if matrix else []


def _check_lengths(path: Path, arrays: dict[str, np.ndarray], target: str) -> None:
    """Raise unless every array has one entry, or one row, per sample."""
    for name, array in arrays.items():
        if array.ndim not in {1, 2} or array.size == 0:
            msg = (
                f"the array {name!r} of {path.name!r} has shape {array.shape}: "
                "give (samples,) or (samples, columns)"
            )
            raise InvalidInputError(msg)
    wanted = len(arrays[target])
    other = next((name for name, array in arrays.items() if len(array) != wanted), None)
    if other is not None:
        msg = (
            f"in {path.name!r} {other!r} has {len(arrays[other])} samples and {target!r} {wanted}: "
            "give as many of each, or choose arrays with inputs=[...]"
        )
        raise InvalidInputError(msg)


def _columns_of(path: Path, name: str, array: np.ndarray) -> dict[str, pa.Array]:
    """Return an array as named columns: itself, or `name[0]`, `name[1]`, ... for a matrix."""
    if array.dtype.kind not in "biufU":
        msg = f"the array {name!r} of {path.name!r} has type {array.dtype}: give numbers or text"
        raise InvalidInputError(msg)
    if array.ndim == 2 and array.shape[1] > 1:
        return {f"{name}[{i}]": pa.array(np.ascontiguousarray(c)) for i, c in enumerate(array.T)}
    return {name: pa.array(np.ascontiguousarray(array.reshape(-1)))}


def _first_line(error: Exception) -> str:
    """Return the first line of a message, without its last full stop."""
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")


_READERS = {
    ".csv": _read_csv,
    ".tsv": _read_csv,
    ".parquet": _read_parquet,
    ".npz": _read_npz,
}
