"""Slicing a problem's loss: the point, the directions, the losses, and what else is asked."""

import dataclasses
import functools
from collections.abc import Callable
from pathlib import Path

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from saddlescape.core import InvalidInputError
from saddlescape.setups import Setup, point_at, prepare, read_point, read_points
from saddlescape.slices import (
    Directions,
    Plane,
    QuadraticModel,
    RelaxedSlice,
    RelaxSettings,
    Slice,
    between,
    eigen_directions,
    filter_normalized,
    filters_of,
    grid,
    losses_at,
    on_grid,
    plane_through,
    quadratic_model,
    random_directions,
    relax,
)
from saddlescape.spectra import LanczosSettings, extremes, hessian_operator
from saddlescape.views._settings import EIGENVECTORS, SliceSettings

BEYOND = 0.25
"""How far a slice reaches beyond two checkpoints or a trajectory, as a share of their extent."""
Progress = Callable[[str, int, int], None]


@dataclasses.dataclass(frozen=True, eq=False)
class Walk:
    """A trajectory beside its plane.

    Args:
        plane: the nearest one.
        thetas: the points, shape (t, p).
        coordinates: of their feet, the nearest points of the plane, shape (t, 2).
        distances: from the plane, shape (t,).
        losses: at the points themselves.
        foot_losses: at their feet.
    """

    plane: Plane
    thetas: Float[np.ndarray, "t p"]
    coordinates: Float[np.ndarray, "t 2"]
    distances: Float[np.ndarray, " t"]
    losses: Float[np.ndarray, " t"]
    foot_losses: Float[np.ndarray, " t"]


@dataclasses.dataclass(frozen=True, eq=False)
class View:
    """Slices through one point, with where it comes from.

    Args:
        settings: what was asked for.
        setup: the problem, network and landscape.
        cuts: a plane, or one line or two.
        models: the loss to second order at the centre of each.
        relaxed: each with everything else minimized; empty where that was not asked for.
        walk: the trajectory, where there is one.
    """

    settings: SliceSettings
    setup: Setup
    cuts: tuple[Slice, ...]
    models: tuple[QuadraticModel, ...]
    relaxed: tuple[RelaxedSlice, ...] = ()
    walk: Walk | None = None

    @property
    def num_unreached(self) -> int:
        """How many relaxed searches did not end, where the plain loss is finite."""
        return sum(int((~one.reached & np.isfinite(one.cut.losses)).sum()) for one in self.relaxed)


def run(settings: SliceSettings, on_progress: Progress | None = None) -> View:
    """Return the slices that are asked for.

    Args:
        settings: through which point of which loss.
        on_progress: called with what is computed, and the numbers of points done and of all.

    Returns:
        the slices with their origin. Costs the search for the point, a loss for each point of the
        grid, and with `relaxed` some minimizations each.

    Raises:
        InvalidInputError: when settings, files and problem do not fit together.

    Example:
        >>> view = run(SliceSettings(problem="double-well", at="origin", grid=3))
        >>> view.cuts[0].losses.tolist(), view.models[0].curvature.tolist()
        ([0.0, 1.0, 0.0], [[-4.0]])
    """
    setup = prepare(settings)
    walk = None
    if settings.trajectory is not None:
        walk, chosen = _walk(setup, settings)
    else:
        chosen = _lines_or_plane(setup, settings)
    told = functools.partial(_teller, on_progress)
    cuts = tuple(on_grid(setup.landscape, *one, told("losses")) for one in chosen)
    models = tuple(quadratic_model(setup.landscape, one.origin, one.directions) for one in cuts)
    relaxed = ()
    if settings.relaxed:
        hard = RelaxSettings(max_steps=settings.max_steps)
        relaxed = tuple(relax(setup.landscape, one, hard, told("relaxed losses")) for one in cuts)
    return View(settings, setup, cuts, models, relaxed, walk)


def _teller(on_progress: Progress | None, what: str) -> Callable[[int, int], None] | None:
    """Return a function that tells what is computed to who listens."""
    return None if on_progress is None else functools.partial(on_progress, what)


Chosen = tuple[Float[np.ndarray, " p"], Directions, tuple[Float[np.ndarray, " _"], ...]]


def _lines_or_plane(setup: Setup, settings: SliceSettings) -> list[Chosen]:
    """Return origin, directions and grids of each slice."""
    theta = _point(setup, settings)
    if settings.is_between:
        other = np.asarray(read_point(settings.along, theta.size))
        names = Path(settings.at).name, Path(settings.along).name
        beyond = BEYOND if settings.reach is None else settings.reach
        along = grid((-beyond, 1 + beyond), settings.count, through=(0.0, 1.0))
        return [(theta, between(theta, other, names), (along,))]
    directions = _directions(setup, settings, theta)
    along = grid(settings.reach or 1.0, settings.count)
    if settings.is_plane:
        return [(theta, directions, (along, along))]
    return [(theta, directions[i], (along,)) for i in range(len(directions))]


def _point(setup: Setup, settings: SliceSettings) -> Float[np.ndarray, " p"]:
    """Return the centre."""
    if settings.at.endswith(".npz"):
        return np.asarray(read_point(settings.at, setup.landscape.num_parameters))
    found = point_at(setup, settings.at, settings.start, settings.seed, settings.scale)
    return np.asarray(found, dtype=float)


def _directions(
    setup: Setup, settings: SliceSettings, theta: Float[np.ndarray, " p"]
) -> Directions:
    """Return the directions.

    Raises:
        InvalidInputError: for a plane in one parameter, or filters of a surface.
    """
    count = settings.dimensions
    if count > theta.size:
        msg = f"a plane in {theta.size} parameter: give --dimensions 1"
        raise InvalidInputError(msg)
    if settings.along in EIGENVECTORS:
        return _eigenvectors(setup, settings, theta)
    drawn = random_directions(theta.size, count, settings.seed)
    if settings.along == "random":
        return drawn
    if setup.network is None:
        msg = "--along filter needs a network, a surface has no filters: try --along random"
        raise InvalidInputError(msg)
    return filter_normalized(filters_of(setup.network), theta, drawn)


def _eigenvectors(
    setup: Setup, settings: SliceSettings, theta: Float[np.ndarray, " p"]
) -> Directions:
    """Return the eigenvectors at one end of the spectrum or both: lowest first."""
    count, size = settings.dimensions, theta.size
    low = {"eigenvectors": 1, "lowest": count, "highest": 0}[settings.along]
    high = {"eigenvectors": min(1, size - 1), "lowest": 0, "highest": count}[settings.along]
    point = jnp.asarray(theta)
    if size <= settings.dense:
        values, columns = np.linalg.eigh(np.asarray(setup.landscape.hessian(point)))
        chosen = [*range(low), *range(size - high, size)]
        return eigen_directions(columns.T[chosen], values[chosen])
    operator = hessian_operator(setup.landscape, point)
    wanted = LanczosSettings(1e-6, seed=settings.seed)
    ends = extremes(operator, low, high, settings=wanted)
    pairs = (ends.lowest, ends.highest)
    return eigen_directions(
        np.concatenate([one.vectors for one in pairs if len(one)]),
        np.concatenate([one.values for one in pairs if len(one)]),
    )


def _walk(setup: Setup, settings: SliceSettings) -> tuple[Walk, list[Chosen]]:
    """Return a trajectory with its plane, and the slice of that plane around it."""
    thetas = read_points(settings.trajectory or "", setup.landscape.num_parameters)
    plane = plane_through([thetas])
    places = plane.coordinates(thetas)
    finite = places[np.isfinite(places).all(axis=1)]
    low, high = finite.min(axis=0), finite.max(axis=0)
    beyond = BEYOND if settings.reach is None else settings.reach
    margin = beyond * float((high - low).max())
    ends = [(float(a - margin), float(b + margin)) for a, b in zip(low, high, strict=True)]
    coordinates = tuple(grid(one, settings.count) for one in ends)
    walk = Walk(
        plane, thetas, places, plane.distance(thetas), _losses(setup, thetas),
        losses_at(setup.landscape, plane.origin, plane.axes, places),
    )  # fmt: skip
    return walk, [(plane.origin, plane.axes, coordinates)]


def _losses(setup: Setup, thetas: Float[np.ndarray, "t p"]) -> Float[np.ndarray, " t"]:
    """Return the losses of points."""
    return np.array([float(setup.landscape.loss(jnp.asarray(theta))) for theta in thetas])
