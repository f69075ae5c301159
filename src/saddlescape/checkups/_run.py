"""Preparing a point of a problem's loss and judging it."""

import dataclasses
from collections.abc import Callable

import numpy as np
from jaxtyping import Array, Float

from saddlescape.checkups._model import ModelSetup, prepare_model
from saddlescape.checkups._settings import SpectrumSettings
from saddlescape.checkups._symmetry import blocks_of, symmetry_directions
from saddlescape.core import EmpiricalLandscape, Landscape
from saddlescape.setups import Setup, point_at, prepare, read_point
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
        setup: the problem, network and landscape, or the user's model with its loss.
        theta: the point.
        verdict: what it is.
        num_symmetries: directions a symmetry of the network offers.
        density: of the spectrum, where it was asked for.
        trace: of the Hessian, with it.
        parts: the Gauss-Newton and the residual part, where they were asked for.
    """

    settings: SpectrumSettings
    setup: Setup | ModelSetup
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
    setup = prepare_model(settings) if settings.model else prepare(settings)
    theta = setup.theta if isinstance(setup, ModelSetup) else _point(setup, settings)
    if isinstance(setup, ModelSetup):
        rows, blocks = setup.symmetry, setup.blocks
    else:
        rows, blocks = _symmetry(setup.landscape, theta), blocks_of(setup.network)
    told = verdict(
        setup.landscape,
        theta,
        blocks=blocks,
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


def _symmetry(landscape: Landscape, theta: Array) -> np.ndarray | None:
    """Return the directions of symmetry of a network's landscape, None for another's."""
    is_network = isinstance(landscape, EmpiricalLandscape)
    return symmetry_directions(landscape, theta) if is_network else None


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
    if settings.checkpoint is not None:
        return read_point(settings.checkpoint, setup.landscape.num_parameters)
    return point_at(setup, settings.at, settings.start, settings.seed, settings.scale)
