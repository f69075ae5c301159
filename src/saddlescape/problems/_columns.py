"""Columns of a table: which are in use, what they hold, and turning them into numbers or labels."""

import difflib
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute

from saddlescape.core import InvalidInputError, UnknownNameError
from saddlescape.problems._scaling import quoted


class Labels(NamedTuple):
    """Class numbers 0, 1, ... of the samples, and what the classes are called."""

    numbers: np.ndarray
    names: tuple[str, ...]


def choose_columns(
    file: str, names: Sequence[str], target: str, inputs: Sequence[str] | None, aside: Sequence[str]
) -> tuple[str, ...]:
    """Return which columns are inputs: those asked for, or all but the target and those aside."""
    for name in (target, *(inputs or ())):
        if name not in names:
            raise UnknownNameError(_unknown(file, names, name))
    if inputs is None:
        chosen = tuple(name for name in names if name != target and name not in aside)
    else:
        chosen = tuple(dict.fromkeys(inputs))
    if target in chosen:
        msg = f"{target!r} is the target and cannot be an input as well: take it out of inputs"
        raise InvalidInputError(msg)
    if not chosen:
        msg = (
            f"{file!r} leaves no input beside the target {target!r}: give at least one column more"
        )
        raise InvalidInputError(msg)
    return chosen


def _unknown(file: str, names: Sequence[str], name: str) -> str:
    """Return that a column is unknown, the nearest name and those there are."""
    near = difflib.get_close_matches(name, names, n=1) or [
        known for known in names if known.lower() == name.lower()
    ]
    hint = f"did you mean {near[0]!r}? " if near else ""
    if names and all(_is_number(entry) for entry in names):
        hint += "The first line must hold the names of the columns. "
    return f"{file!r} has no column {name!r}: {hint}It has {quoted(names, limit=20)}"


def plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a column with categories spelled out, and with NaN and blank text as missing."""
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if is_text(column):
        column = _call("utf8_trim_whitespace", column.cast(pa.large_string()))
        return _without(column, _call("equal", column, ""))
    if pa.types.is_floating(column.type):
        column = column.cast(pa.float64())
        return _without(column, _call("is_nan", column))
    return column


def is_text(column: pa.ChunkedArray) -> bool:
    """Return whether a column holds text."""
    kind = column.type
    return pa.types.is_string(kind) or pa.types.is_large_string(kind) or _is_view(kind)


def is_numeric(column: pa.ChunkedArray) -> bool:
    """Return whether a column holds numbers, or True and False; an empty one may."""
    kind = column.type
    return (
        pa.types.is_integer(kind)
        or pa.types.is_floating(kind)
        or pa.types.is_decimal(kind)
        or pa.types.is_boolean(kind)
        or pa.types.is_null(kind)
    )


def describe_text(column: pa.ChunkedArray) -> str:
    """Return what a column that is not numbers holds, with an example that is no number."""
    if not is_text(column):
        return f"values of type {column.type}"
    values = (value for value in column.unique().slice(0, 1000).to_pylist() if value is not None)
    example = next((value for value in values if not _is_number(value)), "")
    return f"text such as {example[:30]!r}"


def to_numbers(column: pa.ChunkedArray) -> np.ndarray:
    """Return a column of numbers as float64."""
    return column.cast(pa.float64(), safe=False).to_numpy()


def encode(column: pa.ChunkedArray) -> Labels:
    """Return classes in alphabetical or numerical order."""
    encoded = column.combine_chunks().dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    values = encoded.dictionary.to_pylist()
    order = sorted(range(len(values)), key=values.__getitem__)
    rank = np.empty(len(values), np.int32)
    rank[order] = np.arange(len(values), dtype=np.int32)
    return Labels(rank[encoded.indices.to_numpy()], tuple(str(values[i]) for i in order))


def _without(column: pa.ChunkedArray, gaps: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a column with missing values where `gaps` is true."""
    return _call("if_else", gaps, pa.scalar(None, column.type), column)


def _call(function: str, *values) -> pa.ChunkedArray:
    """Return what one of Arrow's compute functions makes of the values."""
    # By name: pyarrow makes its functions at import, where a type checker cannot see them.
    return pyarrow.compute.call_function(function, list(values))


def _is_view(kind: pa.DataType) -> bool:
    """Return whether a type is Arrow's string view."""
    return pa.types.is_string_view(kind)


def _is_number(text: str) -> bool:
    """Return whether Python reads the text as a number."""
    try:
        float(text)
    except ValueError:
        return False
    return True
