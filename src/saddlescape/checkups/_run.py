"""Preparing a point of a problem's loss and judging it."""

import dataclasses
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from saddlescape.checkups._settings import SpectrumSettings
from saddlescape.checkups._symmetry import blocks_of, symmetry_directions
from saddlescape.core import (
    EmpiricalLandscape,
    InvalidInputError,
    find_critical_points,
    find_minima,
)
from saddlescape.setups import Setup, prepare
from saddlescape.spectra import (
    Density,
    LanczosSettings,
    Operator,
    Part,
    Trace,
    Verdict,
    density,
    hessian_operator,
    parts,
    trace,
    verdict,
)


@dataclasses.dataclass(frozen=True, eq=False)
class Checkup:
    """A point that was judged, with where it comes from.

    Args:
        settings: what was asked for.
        setup: the problem, network and landscape.
        theta: the point.
        verdict: what it is.
        num_symmetries: directions a symmetry of the network offers.
        density: of the spectrum, where it was asked for.
        trace: of the Hessian, with it.
        parts: the Gauss-Newton and the residual part, where they were asked for.
    """

    settings: SpectrumSettings
    setup: Setup
    theta: Float[Array, " p"]
    verdict: Verdict
    num_symmetries: int
    density: Density | None = None
    trace: Trace | None = None
    parts: tuple[Part, ...] = ()


def run(settings: SpectrumSettings, on_progress: Callable[[int], None] | None = None) -> Checkup:
    """Return what a point is.

    Args:
        settings: which point of which loss.
        on_progress: called with the number of matrix-vector products so far.

    Returns:
        the verdict with its origin. Costs the search for the point and one `spectra.verdict`; with
        `density` probes times steps products, and 60 for the trace where the spectrum is not whole;
        with `parts` both and the ends for either part.

    Raises:
        InvalidInputError: when settings, checkpoint and problem do not fit together.

    Example:
        >>> found = run(SpectrumSettings(problem="lecture", activation="tanh", at="teacher"))
        >>> found.verdict.answer.value, found.verdict.is_exact
        ('minimum', True)
    """
    setup = prepare(settings)
    theta = _point(setup, settings)
    rows = None
    if isinstance(setup.landscape, EmpiricalLandscape):
        rows = symmetry_directions(setup.landscape, theta)
    told = verdict(
        setup.landscape,
        theta,
        blocks=blocks_of(setup.network),
        symmetry=rows,
        settings=LanczosSettings(settings.tolerance, settings.max_products, seed=settings.seed),
        max_negative=settings.max_negative,
        confidence=settings.confidence,
        dense_limit=settings.dense,
        on_progress=on_progress,
    )
    found = Checkup(settings, setup, theta, told, 0 if rows is None else len(rows))
    found = _with_density(found, on_progress) if settings.density else found
    return _with_parts(found, on_progress) if settings.parts else found


def _with_density(found: Checkup, on_progress: Callable[[int], None] | None) -> Checkup:
    """Return a checkup with density and trace."""
    settings, spent = found.settings, found.verdict.num_products

    def tell(count: int) -> None:
        if on_progress is not None:
            on_progress(spent + count)

    operator = hessian_operator(found.setup.landscape, found.theta)
    blurred = density(
        operator,
        num_probes=settings.probes,
        num_steps=settings.steps,
        seed=settings.seed,
        on_progress=tell,
    )
    return dataclasses.replace(
        found, density=blurred, trace=_trace(found.verdict, operator, settings)
    )


def _with_parts(found: Checkup, on_progress: Callable[[int], None] | None) -> Checkup:
    """Return a checkup with both parts."""
    settings = found.settings
    spent = found.verdict.num_products
    spent += 0 if found.density is None else found.density.num_products

    def tell(count: int) -> None:
        if on_progress is not None:
            on_progress(spent + count)

    told = parts(
        found.setup.landscape,
        found.theta,
        settings=LanczosSettings(settings.tolerance, settings.max_products, seed=settings.seed),
        num_probes=settings.probes,
        num_steps=settings.steps,
        on_progress=tell,
    )
    return dataclasses.replace(found, parts=told)


def _trace(told: Verdict, operator: Operator, settings: SpectrumSettings) -> Trace:
    """Return the trace: the sum of a whole spectrum, which costs nothing, or else an estimate."""
    if not told.is_exact:
        return trace(operator, seed=settings.seed)
    rounding = float(told.highest.bounds[-1]) * len(told.eigenvalues) ** 0.5
    return Trace(float(told.eigenvalues.sum()), rounding, 0)


def _point(setup: Setup, settings: SpectrumSettings) -> Float[Array, " p"]:
    """Return the point that is asked for."""
    size = setup.landscape.num_parameters
    if settings.checkpoint is not None:
        return _loaded(settings.checkpoint, size)
    if settings.at == "origin":
        return jnp.zeros(size)
    if settings.at == "teacher":
        return _teacher(setup)
    start = setup.starts(settings.start, 1, settings.seed, settings.scale)
    if settings.at == "start":
        return start[0]
    search = find_minima if settings.at == "minimum" else find_critical_points
    return search(setup.landscape, start).theta[0]


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


def _loaded(file: str, size: int) -> Float[Array, " p"]:
    """Return theta from an npz file with one array.

    Raises:
        InvalidInputError: when the file cannot be read or does not hold p numbers.
    """
    wanted = f"an npz file with one array of {size:,} numbers, made with numpy.savez"
    if Path(file).suffix in {".pt", ".pth", ".pkl", ".bin"}:
        msg = (
            f"{file} is a pickle, which may run any code when it is loaded: in a program of your "
            "own, load it with torch and write numpy.savez(NEW, theta=...) or safetensors"
        )
        raise InvalidInputError(msg)
    try:
        with np.load(file, allow_pickle=False) as found:
            arrays: list[Any] = [found[name] for name in found.files]
    except (OSError, ValueError, AttributeError, zipfile.BadZipFile) as error:
        msg = f"cannot read the checkpoint {file} ({error}): give {wanted}"
        raise InvalidInputError(msg) from None
    if len(arrays) != 1 or arrays[0].size != size:
        shapes = ", ".join(str(array.shape) for array in arrays)
        msg = f"the checkpoint {file} holds arrays of shape {shapes or 'none'}: give {wanted}"
        raise InvalidInputError(msg)
    return jnp.asarray(arrays[0].ravel(), dtype=float)
