"""The point of a loss that a command looks at: found, drawn, known or read from a file."""

import zipfile
from pathlib import Path
from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from saddlescape.core import (
    InvalidInputError,
    Landscape,
    MinimumFinder,
    find,
    find_critical_points,
    find_minima,
)
from saddlescape.setups._descend import MANY, led_down
from saddlescape.setups._setup import Setup

_PICKLES = {".pt", ".pth", ".pkl", ".bin"}
_LAST_STEPS = 50  # of Newton's method where gradients led: some five do, where a minimum is near


def point_at(
    setup: Setup, at: str, start: int = 0, seed: int = 0, scale: float = 1.0
) -> Float[Array, " p"]:
    """Return the point that is asked for.

    Args:
        setup: the problem and its loss.
        at: minimum or critical, where a search from the start ends; start; teacher; origin.
        start: the number of the start.
        seed: of the starts.
        scale: multiplies the standard deviation of a random start.

    Returns:
        shape (p,). Costs a search for minimum and critical. Where there is no minimum near, as with
        classes that can be told apart and no weight decay, it is where the search gave up.

    Raises:
        InvalidInputError: where the problem has no such point.

    Example:
        >>> from saddlescape.setups import SetupSettings, prepare
        >>> wells = prepare(SetupSettings(problem="double-well"))
        >>> point_at(wells, "origin").tolist()
        [0.0]
    """
    if at == "origin":
        return jnp.zeros(setup.landscape.num_parameters)
    if at == "teacher":
        return _teacher(setup)
    drawn = setup.starts(start, 1, seed, scale)
    if at == "start":
        return drawn[0]
    if at not in {"minimum", "critical"}:
        msg = f"at is {at!r}: give minimum, critical, start, teacher or origin"
        raise InvalidInputError(msg)
    if at == "critical":
        return find_critical_points(setup.landscape, drawn).theta[0]
    if drawn.shape[1] >= MANY:
        return _by_gradients(setup.landscape, drawn[0])
    return find_minima(setup.landscape, drawn).theta[0]


def _by_gradients(landscape: Landscape, start: Float[Array, " p"]) -> Float[Array, " p"]:
    """Return where gradients, and Newton's method at the end, lead from a start."""
    end = jnp.asarray(led_down(landscape, np.asarray(start)))
    finder = MinimumFinder(max_steps=_LAST_STEPS, max_coarse_steps=0)
    return find(finder, landscape, end[None]).theta[0]


def _teacher(setup: Setup) -> Float[Array, " p"]:
    """Return the teacher's parameters.

    Raises:
        InvalidInputError: where the problem has none, or of another network.
    """
    teacher = setup.problem.teacher
    if teacher is None or teacher.shape != (setup.landscape.num_parameters,):
        msg = "--at teacher needs a problem with a teacher of the same network: try --at minimum"
        raise InvalidInputError(msg)
    return jnp.asarray(teacher)


def read_point(file: str, size: int) -> Float[Array, " p"]:
    """Return theta from an npz file with one array.

    Args:
        file: made with `numpy.savez`; a pickle is never opened.
        size: how many numbers it holds, p.

    Returns:
        shape (p,).

    Raises:
        InvalidInputError: when the file cannot be read or does not hold p finite numbers.
    """
    wanted = f"an npz file with one array of {size:,} numbers, made with numpy.savez"
    arrays = _arrays(file, wanted)
    if len(arrays) != 1 or arrays[0].size != size:
        raise InvalidInputError(_misfit(file, arrays, wanted))
    return jnp.asarray(_finite(file, arrays[0], wanted).ravel())


def read_points(file: str, size: int) -> Float[np.ndarray, "t p"]:
    """Return a row of theta for each step, from an npz file with one array.

    Args:
        file: made with `numpy.savez`; a pickle is never opened.
        size: the length of a row, p.

    Returns:
        shape (t, p).

    Raises:
        InvalidInputError: when the file cannot be read or does not hold rows of p finite numbers.
    """
    wanted = f"an npz file with one array of rows of {size:,} numbers, made with numpy.savez"
    arrays = _arrays(file, wanted)
    if len(arrays) != 1 or arrays[0].ndim != 2 or arrays[0].shape[1] != size:
        raise InvalidInputError(_misfit(file, arrays, wanted))
    return _finite(file, arrays[0], wanted)


def _finite(file: str, array: Any, wanted: str) -> Float[np.ndarray, "..."]:
    """Return an array of finite numbers.

    Raises:
        InvalidInputError: when it holds others, or no numbers.
    """
    try:
        values = np.asarray(array, dtype=float)
    except (TypeError, ValueError):
        msg = f"the checkpoint {file} holds no numbers: give {wanted}"
        raise InvalidInputError(msg) from None
    if lost := int((~np.isfinite(values)).sum()):
        msg = (
            f"{lost:,} of {values.size:,} numbers in {file} are not finite: "
            "give a checkpoint from before training diverged"
        )
        raise InvalidInputError(msg)
    return values


def _arrays(file: str, wanted: str) -> list[Any]:
    """Return the arrays of an npz file.

    Raises:
        InvalidInputError: when it cannot be read.
    """
    if Path(file).suffix in _PICKLES:
        msg = (
            f"{file} is a pickle, which may run any code when it is loaded: in a program of your "
            "own, load it with torch and write numpy.savez(NEW, theta=...) or safetensors"
        )
        raise InvalidInputError(msg)
    try:
        with np.load(file, allow_pickle=False) as found:
            return [found[name] for name in found.files]
    except (OSError, ValueError, AttributeError, zipfile.BadZipFile) as error:
        msg = f"cannot read the checkpoint {file} ({error}): give {wanted}"
        raise InvalidInputError(msg) from None


def _misfit(file: str, arrays: list[Any], wanted: str) -> str:
    """Return what is wrong with the arrays of a file."""
    shapes = ", ".join(str(array.shape) for array in arrays)
    return f"the checkpoint {file} holds arrays of shape {shapes or 'none'}: give {wanted}"
