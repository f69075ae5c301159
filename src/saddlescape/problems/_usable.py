"""From the columns of a file to numbers a network can fit: complete, finite, scaled, or refused."""

from itertools import compress
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from saddlescape.core import InvalidInputError
from saddlescape.problems._columns import (
    describe_text,
    encode,
    is_numeric,
    is_text,
    plain,
    to_numbers,
)
from saddlescape.problems._reading import Selection
from saddlescape.problems._scaling import Scaling, quoted, sentence, standardize

MOST_CLASSES = 1000
FEW_VALUES = 10
SAMPLES_PER_VALUE = 10


class Inputs(NamedTuple):
    """The inputs as a matrix, the names of its columns, and what was left out."""

    matrix: np.ndarray
    names: tuple[str, ...]
    notes: tuple[str, ...]


class RawTargets(NamedTuple):
    """Targets before scaling: class numbers and class names, or columns and their names."""

    values: np.ndarray
    names: tuple[str, ...]
    is_class: bool
    note: str


class Targets(NamedTuple):
    """Targets as `Data` takes them, their names, and what was done to them."""

    values: np.ndarray
    names: tuple[str, ...]
    scaling: Scaling | None
    sentence: str


def complete(selection: Selection, file: str, *, drop: bool) -> Selection:
    """Return the columns without missing values: rows that have some are dropped, or refused."""
    columns = {name: plain(selection.table[name]) for name in selection.table.column_names}
    _refuse_text(columns, selection.inputs)
    table, notes = pa.table(columns), selection.notes
    gaps = {name: column.null_count for name, column in columns.items() if column.null_count}
    if gaps and not drop:
        told = ", ".join(f"{count} in {name!r}" for name, count in list(gaps.items())[:8])
        msg = (
            f"{file!r} has missing values ({told}): drop such rows with missing='drop', "
            "or leave those columns out with inputs=[...]"
        )
        raise InvalidInputError(msg)
    if gaps:
        num_rows = table.num_rows
        table = table.drop_null()
        notes = (*notes, f"Dropped: {num_rows - table.num_rows} rows with missing values.")
    if table.num_rows < 2:
        left = "complete rows" if gaps else "rows"
        empty = [name for name, count in gaps.items() if count == len(columns[name])]
        cure = f"{quoted(empty)} is empty, leave it out with inputs" if empty else "give 2 or more"
        msg = f"{file!r} has too few {left}, {table.num_rows}: {cure}"
        raise InvalidInputError(msg)
    return Selection(table, selection.inputs, selection.targets, notes)


def _refuse_text(columns: dict[str, pa.ChunkedArray], inputs: tuple[str, ...]) -> None:
    """Raise when an input is not a column of numbers."""
    bad = [name for name in inputs if not is_numeric(columns[name])]
    if bad:
        held = ", ".join(f"{name!r} holds {describe_text(columns[name])}" for name in bad[:4])
        more = f", and {len(bad) - 4} columns more" if len(bad) > 4 else ""
        msg = (
            f"inputs must be numbers, but {held}{more}: write numbers, "
            "or choose the inputs with inputs=[...]"
        )
        raise InvalidInputError(msg)


def input_matrix(selection: Selection, file: str, *, asked: bool) -> Inputs:
    """Return the inputs as a matrix without constant columns; those asked for are refused."""
    names = selection.inputs
    matrix = np.column_stack([to_numbers(selection.table[name]) for name in names])
    _refuse_infinite(matrix, selection.inputs)
    varies = matrix.min(axis=0) < matrix.max(axis=0)
    constant = list(compress(names, ~varies))
    if len(constant) == len(names) or (constant and asked):
        msg = f"{quoted(constant)} of {file!r} has one value only: choose other inputs"
        raise InvalidInputError(msg)
    notes = (f"Left out, being constant: {quoted(constant)}.",) if constant else ()
    matrix = matrix[:, varies] if constant else matrix
    return Inputs(matrix, tuple(compress(names, varies)), notes)


def _refuse_infinite(matrix: np.ndarray, names: tuple[str, ...]) -> None:
    """Raise when a column holds infinite values."""
    counts = np.isinf(matrix).sum(axis=0)
    if counts.any():
        worst = int(counts.argmax())
        msg = f"{names[worst]!r} holds {counts[worst]} infinite values: remove those rows"
        raise InvalidInputError(msg)


def raw_targets(selection: Selection, task: str | None) -> RawTargets:
    """Return labels or numbers, as the task or, without one, the column says."""
    columns = [selection.table[name] for name in selection.targets]
    for name, column in zip(selection.targets, columns, strict=True):
        if not is_numeric(column) and (not is_text(column) or task == "regression"):
            msg = f"the target {name!r} holds {describe_text(column)}: give a column of numbers"
            raise InvalidInputError(msg + ("" if task == "regression" else " or text"))
    if len(columns) > 1:
        if task == "classification" or any(is_text(column) for column in columns):
            msg = (
                f"classes must be one column of labels, but the target has {len(columns)} columns: "
                "give labels, or numbers with task='regression'"
            )
            raise InvalidInputError(msg)
        return _numbers(selection)
    is_class, why = _is_class(columns[0]) if task is None else (task == "classification", "")
    return _classes(selection, columns[0], why) if is_class else _numbers(selection)


def _is_class(column: pa.ChunkedArray) -> tuple[bool, str]:
    """Return whether a target is a class, and a sentence when that is a matter of opinion."""
    if is_text(column) or pa.types.is_boolean(column.type):
        return True, ""
    if not pa.types.is_integer(column.type):
        return False, ""
    num_values = len(column.unique())
    few = num_values <= FEW_VALUES and len(column) >= SAMPLES_PER_VALUE * num_values
    return few, " Whole numbers of few values are taken as classes; task='regression' fits them."


def _classes(selection: Selection, column: pa.ChunkedArray, why: str) -> RawTargets:
    """Return class numbers, or raise for one class or far too many."""
    name = selection.targets[0]
    labels = encode(column)
    num_classes = len(labels.names)
    if num_classes == 1:
        msg = f"the target {name!r} has one class only, {labels.names[0]!r}: give at least two"
        raise InvalidInputError(msg)
    if num_classes > MOST_CLASSES or 2 < num_classes == len(labels.numbers):
        found = f"{num_classes} classes in {len(labels.numbers)} samples"
        msg = f"the target {name!r} has {found}: group them"
        cure = ", or give task='regression'" if is_numeric(column) else ""
        raise InvalidInputError(msg + cure)
    note = f"The target {name!r} gives {num_classes} classes.{why}"
    return RawTargets(labels.numbers, labels.names, True, note)


def _numbers(selection: Selection) -> RawTargets:
    """Return targets as columns of numbers, or raise for infinite or constant ones."""
    values = np.column_stack([to_numbers(selection.table[name]) for name in selection.targets])
    _refuse_infinite(values, selection.targets)
    constant = [
        name
        for name, column in zip(selection.targets, values.T, strict=True)
        if column.min() == column.max()
    ]
    if constant:
        msg = f"the target {quoted(constant)} has one value only: there is nothing to learn"
        raise InvalidInputError(msg)
    return RawTargets(values, selection.targets, False, "")


def scaled_targets(raw: RawTargets, chosen: np.ndarray) -> Targets:
    """Return the chosen samples' targets: class numbers as they are, numbers standardised."""
    if raw.is_class:
        return Targets(raw.values[chosen], raw.names, None, raw.note)
    values, scaling = standardize(raw.values[chosen], raw.names)
    told = sentence("Targets", scaling, raw.names, "target_scaling")
    return Targets(values, raw.names, scaling, told)
