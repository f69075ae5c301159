"""Hyperplanes and networks from files, and hyperplanes drawn at random."""

import itertools
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from saddlescape.core import InvalidInputError
from saddlescape.regions._integers import MOST_HYPERPLANES, whole


class Planes(NamedTuple):
    """Hyperplanes w.x + b = 0: normals of shape (n, d), offsets of shape (n,)."""

    weights: Float[np.ndarray, "n d"]
    biases: Float[np.ndarray, " n"]


def random_hyperplanes(hyperplanes: int, dimension: int, seed: int = 0) -> Planes:
    """Return hyperplanes with normally distributed normals and offsets: in general position.

    Args:
        hyperplanes: how many.
        dimension: d, of the space.
        seed: of the stream; hyperplane number i depends on the seed and i alone.

    Returns:
        weights and biases.

    Raises:
        InvalidInputError: for numbers that are none.

    Example:
        >>> few, many = random_hyperplanes(2, 3), random_hyperplanes(9, 3)
        >>> bool((few.weights == many.weights[:2]).all())
        True
    """
    n = whole("the number of hyperplanes", hyperplanes, 0, MOST_HYPERPLANES)
    d, start = whole("the dimension", dimension, 1), whole("the seed", seed, 0)
    stream = zlib.crc32(b"hyperplane")
    rows = [np.random.default_rng([start, stream, i]).normal(size=d + 1) for i in range(n)]
    drawn = np.array(rows).reshape(n, d + 1)
    return Planes(drawn[:, :d], drawn[:, d])


def random_network(widths: Sequence[int], seed: int = 0) -> tuple[Planes, ...]:
    """Return a ReLU network as it is before training.

    Args:
        widths: inputs, hidden widths, outputs.
        seed: of the stream; every layer depends on the seed and its number alone.

    Returns:
        a pair per layer: weights of standard deviation sqrt(2 / inputs) (He et al. 2015), biases of
        0.3, so that not all hyperplanes meet in the origin.

    Raises:
        InvalidInputError: for widths that are none.

    Example:
        >>> [layer.weights.shape for layer in random_network((2, 8, 1))]
        [(8, 2), (1, 8)]
    """
    sizes = [whole("a width", width, 1, MOST_HYPERPLANES) for width in widths]
    whole("the number of widths", len(sizes), 3)
    start, stream = whole("the seed", seed, 0), zlib.crc32(b"network")
    layers = []
    for number, (fan_in, fan_out) in enumerate(itertools.pairwise(sizes)):
        draws = np.random.default_rng([start, stream, number]).normal(size=(fan_out, fan_in + 1))
        layers.append(Planes(draws[:, :-1] * (2 / fan_in) ** 0.5, 0.3 * draws[:, -1]))
    return tuple(layers)


def read_hyperplanes(path: str | Path) -> Planes:
    """Return hyperplanes from a file.

    Args:
        path: a CSV file with the weights and then the bias of a hyperplane per line, with or
            without a line of names; or an npz file that holds ``weights`` and ``biases``.

    Returns:
        weights and biases.

    Raises:
        InvalidInputError: when the file does not hold that.
    """
    file = Path(path)
    if file.suffix == ".npz":
        arrays = _arrays(file)
        if not {"weights", "biases"} <= set(arrays):
            msg = f"{path} holds {', '.join(arrays) or 'nothing'}: give arrays weights and biases"
            raise InvalidInputError(msg)
        weights, biases = np.asarray(arrays["weights"], float), np.asarray(arrays["biases"], float)
        if weights.ndim != 2 or biases.shape != weights.shape[:1]:
            msg = f"{path}: weights {weights.shape}, biases {biases.shape}: give (n, d) and (n,)"
            raise InvalidInputError(msg)
        return Planes(weights, biases)
    table = _table(file)
    if table.shape[1] < 2:
        msg = f"{path} has {table.shape[1]} column: give the weights and the bias of a hyperplane"
        raise InvalidInputError(msg)
    return Planes(table[:, :-1], table[:, -1])


def read_layers(path: str | Path) -> tuple[Planes, ...]:
    """Return the layers of a ReLU network from an npz file.

    Args:
        path: a file with arrays ``weight_0``, ``bias_0``, ``weight_1``, ... as PyTorch has them:
            a weight has one row per neuron. A bias may be left out. The last layer is the readout.

    Returns:
        one pair of weights and biases per layer.

    Raises:
        InvalidInputError: when the file does not hold that.
    """
    arrays = _arrays(Path(path))
    layers: list[Planes] = []
    while (name := f"weight_{len(layers)}") in arrays:
        weight = np.asarray(arrays[name], float)
        bias = np.asarray(arrays.get(f"bias_{len(layers)}", np.zeros(len(weight))), float)
        if weight.ndim != 2 or bias.shape != weight.shape[:1]:
            msg = f"{path}: {name} is {weight.shape} with bias {bias.shape}: give (out, in), (out,)"
            raise InvalidInputError(msg)
        if layers and weight.shape[1] != len(layers[-1].biases):
            msg = (
                f"{path}: {name} takes {weight.shape[1]} inputs, the layer below has "
                f"{len(layers[-1].biases)} neurons: give (outputs, inputs), as PyTorch has them"
            )
            raise InvalidInputError(msg)
        layers.append(Planes(weight, bias))
    if len(layers) < 2:
        msg = (
            f"{path} holds {', '.join(arrays) or 'nothing'}: give weight_0, bias_0, weight_1, ... "
            "with at least one hidden layer and the readout"
        )
        raise InvalidInputError(msg)
    return tuple(layers)


def _arrays(file: Path) -> dict[str, np.ndarray]:
    """Return the arrays of an npz file."""
    try:
        with np.load(file, allow_pickle=False) as found:
            return {name: _numbers(file, name, found[name]) for name in found.files}
    except OSError as error:
        msg = f"cannot read {file} ({error.strerror or error}): give an npz file"
        raise InvalidInputError(msg) from None
    except (ValueError, AttributeError, zipfile.BadZipFile):
        msg = f"{file} is no npz file of numbers: write it with numpy.savez"
        raise InvalidInputError(msg) from None


def _numbers(file: Path, name: str, values: np.ndarray) -> np.ndarray:
    """Return an array, or raise where it holds something else than finite real numbers."""
    if values.dtype.kind not in "fiub" or not np.isfinite(values).all():
        msg = f"{file}: {name} holds values that are not finite numbers: mend the file"
        raise InvalidInputError(msg)
    return values


def _table(file: Path) -> np.ndarray:
    """Return the numbers of a CSV file; a first line of words is passed over."""
    try:
        lines = [line for line in file.read_text("utf-8").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        msg = f"cannot read {file} ({reason}): give a CSV or an npz file"
        raise InvalidInputError(msg) from None
    rows: list[list[float]] = []
    for number, line in enumerate(lines):
        try:
            rows.append([float(word) for word in line.replace(";", ",").split(",")])
        except ValueError:
            if number:
                msg = f"{file}: line {line[:40]!r} is not numbers: give weights, then the bias"
                raise InvalidInputError(msg) from None
        if rows and (len(rows[-1]) != len(rows[0]) or not np.isfinite(rows[-1]).all()):
            msg = f"{file}: line {line[:40]!r} does not have {len(rows[0])} finite numbers: mend it"
            raise InvalidInputError(msg)
    if not rows:
        msg = f"{file} holds no hyperplane: give its weights and its bias on a line"
        raise InvalidInputError(msg)
    return np.array(rows)
