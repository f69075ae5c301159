"""What users hand to this package, checked: a network, parameters, a tolerance."""

import math
import numbers
from typing import Any

import numpy as np
from jaxtyping import Array, Float

from saddlescape.core import InvalidInputError, Network, ShapeMismatchError

Theta = Float[np.ndarray | Array, " p"]
Thetas = Float[np.ndarray | Array, "*m p"]


def require_network(network: Any) -> None:
    """Raise unless this is a network.

    Raises:
        InvalidInputError: when it is not.
    """
    if not isinstance(network, Network):
        msg = f"network is {kind_of(network)}: give a Network first, such as Network((2, 4, 1))"
        raise InvalidInputError(msg)


def as_rows(network: Network | None, theta: Any, name: str = "theta") -> np.ndarray:
    """Return one theta or a batch as a float64 matrix with one row per point.

    Raises:
        InvalidInputError: when theta does not hold finite real numbers.
        ShapeMismatchError: when the rows do not have p entries.
    """
    if network is not None:
        require_network(network)
    values = real_numbers(theta, name)
    rows = values[None] if values.ndim == 1 else values
    wanted = f"({network.num_parameters},)" if network else "(p,)"
    length = network.num_parameters if network else rows.shape[-1] if rows.ndim else 0
    if rows.ndim != 2 or rows.shape[1] != length:
        msg = (
            f"{name} has shape {values.shape}, {network!r} needs {wanted} or (m, {wanted[1:-2]}): "
            "use network.init or network.flatten"
        )
        raise ShapeMismatchError(msg)
    bad = np.argwhere(~np.isfinite(rows))
    if len(bad):
        row, column = bad[0].tolist()
        where = f"entry {column}" if values.ndim == 1 else f"row {row}, entry {column}"
        msg = f"{name} holds {rows[row, column]} at {where}: give finite numbers"
        raise InvalidInputError(msg)
    return rows


def as_row(network: Network | None, theta: Any, name: str = "theta") -> np.ndarray:
    """Return one theta as a float64 matrix with one row.

    Raises:
        InvalidInputError: when theta does not hold finite real numbers.
        ShapeMismatchError: when it does not have p entries, or is a batch.
    """
    rows = as_rows(network, theta, name)
    if np.ndim(theta) != 1:
        msg = f"{name} has shape {np.shape(theta)}, a batch: give one point, such as {name}[0]"
        raise ShapeMismatchError(msg)
    return rows


def real_numbers(values: Any, name: str) -> np.ndarray:
    """Return values as a float64 array.

    Raises:
        InvalidInputError: when they are not real numbers, or rows of different length.
    """
    try:
        array = np.asarray(values)
    except ValueError:
        msg = f"{name} has rows of different length: give an array"
        raise InvalidInputError(msg) from None
    if array.dtype.kind not in "fiub" and array.dtype.name != "bfloat16":
        what = kind_of(values) if array.dtype == object or not array.ndim else array.dtype.name
        what = "text" if array.dtype.kind in "US" else what
        msg = f"{name} is {what}: give an array of real numbers"
        raise InvalidInputError(msg)
    return array.astype(np.float64)


def require_tolerance(tolerance: Any) -> None:
    """Raise unless this is None or a size.

    Raises:
        InvalidInputError: when it is not.
    """
    if tolerance is None:
        return
    is_number = isinstance(tolerance, numbers.Real) and math.isfinite(tolerance)
    if not is_number or tolerance < 0:
        given = repr(tolerance) if isinstance(tolerance, numbers.Number) else kind_of(tolerance)
        msg = f"tolerance is {given}: give a finite number, 0 or larger, or None"
        raise InvalidInputError(msg)


def require_count(count: Any, name: str, smallest: int = 0) -> None:
    """Raise unless this is a whole number, not below the smallest that makes sense.

    Raises:
        InvalidInputError: when it is not.
    """
    if not isinstance(count, numbers.Integral) or count < smallest:
        given = count if isinstance(count, numbers.Number) else kind_of(count)
        msg = f"{name} is {given}: give a whole number, {smallest} or larger"
        raise InvalidInputError(msg)


def kind_of(value: Any) -> str:
    """Return what a value is, in two words."""
    if value is None:
        return "None"
    name = type(value).__name__
    return f"{'an' if name[0].lower() in 'aeiou' else 'a'} {name}"
