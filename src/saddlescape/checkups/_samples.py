"""Inputs and targets of a model from an npz file, and whether its outputs fit them."""

import dataclasses
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from saddlescape.core import InvalidInputError, ShapeMismatchError

_PAIRS = (("x", "y"), ("inputs", "targets"))
_WANTED = "an npz file with arrays x and y (or inputs and targets), one row per sample"


@dataclasses.dataclass(frozen=True, eq=False)
class Samples:
    """Inputs and targets of any shape, one row per sample.

    Args:
        inputs: numbers; integers stay integers.
        targets: integers are classes, floats are values.
        names: what the two are called in the file.
    """

    inputs: np.ndarray
    targets: np.ndarray
    names: tuple[str, str]

    @property
    def are_classes(self) -> bool:
        """Whether the targets are labels."""
        return self.targets.dtype.kind in "iu"

    def batches(self, rows: int | None) -> list[tuple[np.ndarray, np.ndarray]]:
        """Return pairs of some rows each; all rows at once for None."""
        count = len(self.inputs)
        size = rows or count
        return [
            (self.inputs[i : i + size], self.targets[i : i + size]) for i in range(0, count, size)
        ]


def read_samples(file: str) -> Samples:
    """Return what a file holds.

    Raises:
        InvalidInputError: when it cannot be read, lacks an array, or holds values without meaning.
    """
    if Path(file).is_file() and not zipfile.is_zipfile(file):
        msg = f"{file} is no npz file: give {_WANTED}, written by numpy.savez"
        raise InvalidInputError(msg)
    try:
        with np.load(file, allow_pickle=False) as found:
            stored = {name: found[name] for name in found.files}
    except FileNotFoundError:
        msg = f"there is no file {file}: give {_WANTED}"
        raise InvalidInputError(msg) from None
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        ragged = "Object arrays" in str(error)
        why = "it holds objects, such as rows of different lengths" if ragged else str(error)
        msg = f"cannot read the data {file} ({why}): give {_WANTED}, written by numpy.savez"
        raise InvalidInputError(msg) from None
    for names in _PAIRS:
        if set(names) <= set(stored):
            inputs, targets = (_numbers(file, name, stored[name]) for name in names)
            samples = Samples(inputs, targets, names)
            _check(file, samples)
            return samples
    msg = f"{file} holds {', '.join(map(repr, stored)) or 'nothing'}: give {_WANTED}"
    raise InvalidInputError(msg)


def _numbers(file: str, name: str, array: np.ndarray) -> np.ndarray:
    """Return an array of real numbers; True and False become 1 and 0."""
    if array.dtype.kind not in "fiub":
        cure = "number the classes 0, 1, ..." if array.dtype.kind in "US" else "give real numbers"
        msg = f"{name} in {file} holds {array.dtype}: {cure}"
        raise InvalidInputError(msg)
    bad = np.argwhere(~np.isfinite(array))
    if len(bad):
        value, row = array[tuple(bad[0])], bad[0][0] if array.ndim else 0
        msg = f"{name} in {file} holds {value} in row {row}: remove or fill such rows"
        raise InvalidInputError(msg)
    return array.astype(np.int64) if array.dtype.kind in "iub" else array


def _check(file: str, samples: Samples) -> None:
    """Raise unless there are as many inputs as targets."""
    first, second = samples.names
    shapes = [array.shape for array in (samples.inputs, samples.targets)]
    if not all(shapes) or shapes[0][0] != shapes[1][0] or 0 in (*shapes[0], *shapes[1]):
        msg = (
            f"{first} has shape {shapes[0]} and {second} shape {shapes[1]} in {file}: give as many "
            "rows of each, at least one"
        )
        raise ShapeMismatchError(msg)


def check_outputs(outputs: np.ndarray, samples: Samples, *, users_loss: bool) -> None:
    """Raise unless the outputs are finite and, for a loss of ours, fit the targets.

    Raises:
        InvalidInputError: for outputs that are not finite, and labels out of range.
        ShapeMismatchError: for outputs of another shape than the targets want.
    """
    if outputs.ndim == 0 or len(outputs) != len(samples.inputs):
        msg = (
            f"the model makes outputs of shape {outputs.shape} of {len(samples.inputs)} rows: "
            "return one row per sample"
        )
        raise ShapeMismatchError(msg)
    bad = np.argwhere(~np.isfinite(outputs))
    if len(bad):
        msg = (
            f"the model's output for row {bad[0][0]} is {outputs[tuple(bad[0])]}: look at the "
            "checkpoint, and at the scale of the inputs"
        )
        raise InvalidInputError(msg)
    if users_loss:
        return
    if samples.are_classes:
        _check_labels(outputs, samples)
    elif outputs.shape != samples.targets.shape:
        told = samples.names[1]
        msg = (
            f"the model's outputs have shape {outputs.shape}, {told} has "
            f"{samples.targets.shape}: give one value for each output, or integers for classes"
        )
        raise ShapeMismatchError(msg)


def _check_labels(outputs: np.ndarray, samples: Samples) -> None:
    """Raise unless labels number the last axis of the outputs."""
    name, labels = samples.names[1], samples.targets
    if outputs.shape[:-1] != labels.shape or outputs.ndim < 2:
        msg = (
            f"{name} holds integers of shape {labels.shape}, the model's outputs have shape "
            f"{outputs.shape}: cross-entropy wants outputs of shape (*labels, classes); for "
            f"squared error give floats, {name}.astype(float)"
        )
        raise ShapeMismatchError(msg)
    classes = outputs.shape[-1]
    if classes == 1:
        msg = (
            f"{name} holds integers, and the model has one output: for squared error give floats, "
            f"{name}.astype(float), or give a loss of your own with --loss"
        )
        raise InvalidInputError(msg)
    bad = np.argwhere((labels < 0) | (labels >= classes))
    if len(bad):
        msg = (
            f"{name} holds the label {labels[tuple(bad[0])]} in row {bad[0][0]}, the model has "
            f"{classes} outputs: number the classes 0 to {classes - 1}"
        )
        raise InvalidInputError(msg)


def shaped_like(samples: Samples, outputs: np.ndarray) -> Samples:
    """Return the samples with a vector of values taken as one column, where the outputs are one."""
    values: Any = samples.targets
    column = (len(samples.inputs), 1)
    if not samples.are_classes and {outputs.shape, values.shape} == {column, column[:1]}:
        values = values.reshape(outputs.shape)
    return dataclasses.replace(samples, targets=values)
