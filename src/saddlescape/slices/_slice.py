"""The loss on a line or in a plane of parameter space: exact, as it is, without smoothing."""

import dataclasses
from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from saddlescape.core import InvalidInputError, Landscape, ShapeMismatchError, require_memory
from saddlescape.slices._directions import Directions, directions_of

Progress = Callable[[int, int], None]
Places = Float[np.ndarray, "m k"]
_CHUNK = 256  # points per call: between calls progress is told and Ctrl-C heard


@dataclasses.dataclass(frozen=True, eq=False)
class Slice:
    """The loss on a grid of a line or a plane.

    Args:
        origin: the point of coordinate 0, shape (p,).
        directions: one or two.
        coordinates: the grid along each, ascending.
        losses: ``losses[i]``, or ``losses[i, j]`` at coordinate i along the first direction and j
            along the second; what is not finite is kept as it is.
        gradient_norm: the largest entry of the gradient at the same places, where it was computed.
    """

    origin: Float[np.ndarray, " p"]
    directions: Directions
    coordinates: tuple[Float[np.ndarray, " _"], ...]
    losses: Float[np.ndarray, "..."]
    gradient_norm: Float[np.ndarray, "..."] | None = None

    @property
    def centre(self) -> tuple[int, ...]:
        """The place on the grid that is nearest to the origin."""
        return tuple(int(np.abs(along).argmin()) for along in self.coordinates)

    @property
    def loss(self) -> float:
        """The loss at the centre."""
        return float(self.losses[self.centre])

    @property
    def num_not_finite(self) -> int:
        """How many of the losses are infinite or not a number."""
        return int((~np.isfinite(self.losses)).sum())

    @property
    def lowest(self) -> tuple[int, ...]:
        """The place on the grid of the lowest finite loss; the centre where none is."""
        return lowest_place(self.losses, self.centre)

    @property
    def places(self) -> Places:
        """The coordinates of all points, one row each, in the order of ``losses.ravel()``."""
        return np.stack(np.meshgrid(*self.coordinates, indexing="ij"), axis=-1).reshape(
            -1, len(self.coordinates)
        )

    def at(self, place: tuple[int, ...]) -> tuple[float, ...]:
        """Return the coordinates of a place on the grid.

        Args:
            place: one index per direction.

        Returns:
            one coordinate per direction.
        """
        return tuple(
            float(along[index]) for along, index in zip(self.coordinates, place, strict=True)
        )


def lowest_place(losses: Float[np.ndarray, "..."], centre: tuple[int, ...]) -> tuple[int, ...]:
    """Return where the lowest finite loss stands; the centre where it is as low."""
    finite = np.where(np.isfinite(losses), losses, np.inf)
    if not finite.min() < finite[centre]:
        return centre
    return tuple(map(int, np.unravel_index(int(finite.argmin()), losses.shape)))


def grid(
    reach: float | tuple[float, float], count: int, through: tuple[float, ...] = (0.0,)
) -> Float[np.ndarray, " _"]:
    """Return coordinates evenly spaced, with some of them exact.

    Args:
        reach: the largest coordinate; the smallest is its negative. Or both ends.
        count: how many, at least 2.
        through: coordinates that must be among them, exactly: where the spacing meets one up to
            rounding it is made exact, else it is added.

    Returns:
        ascending, shape (count,) or a little more.

    Raises:
        InvalidInputError: for ends that are not finite or in the wrong order.

    Example:
        >>> grid(1.0, 3).tolist(), grid((-1.0, 2.0), 3).tolist()
        ([-1.0, 0.0, 1.0], [-1.0, 0.0, 0.5, 2.0])
    """
    low, high = (-reach, reach) if not isinstance(reach, tuple) else reach
    if not (np.isfinite(low) and np.isfinite(high) and low < high) or count < 2:
        msg = f"{count} points from {low} to {high}: give a positive reach, and two points or more"
        raise InvalidInputError(msg)
    values = np.linspace(low, high, count)
    rounding = 4 * np.finfo(float).eps * max(abs(low), abs(high))
    for wanted in through:
        nearest = int(np.abs(values - wanted).argmin())
        if abs(values[nearest] - wanted) <= rounding:
            values[nearest] = wanted
        else:
            values = np.insert(values, int(np.searchsorted(values, wanted)), wanted)
    return values


def line(
    landscape: Landscape,
    origin: Any,
    direction: Any,
    reach: float | tuple[float, float] = 1.0,
    count: int = 101,
    on_progress: Progress | None = None,
) -> Slice:
    """Return the loss along a line through a point.

    Args:
        landscape: the loss; of any framework.
        origin: the point, shape (p,).
        direction: a vector of shape (p,), or a record of one.
        reach: how far either way, in lengths of the direction; or both ends.
        count: of points; the origin is always one of them, exactly.
        on_progress: called with the number of points done and of all.

    Returns:
        the slice. Costs a loss a point, in compiled code; a landscape on the host, such as a
        PyTorch model, is called in a plain loop.

    Raises:
        InvalidInputError: for a direction or a grid that cannot be.
        ShapeMismatchError: when origin or direction do not fit the landscape.
        MemoryBudgetError: when the parameters do not fit into memory a few times.

    Example:
        >>> from saddlescape.core import FunctionLandscape
        >>> bowl = FunctionLandscape(lambda v: 3 * v[0] ** 2 + v[1] ** 2, num_parameters=2)
        >>> line(bowl, np.zeros(2), np.array([1.0, 1.0]), count=3).losses.tolist()
        [4.0, 0.0, 4.0]
    """
    along = directions_of(direction, 1)
    return on_grid(landscape, origin, along, (grid(reach, count),), on_progress)


def plane(
    landscape: Landscape,
    origin: Any,
    directions: Any,
    reach: float | tuple[float, float] = 1.0,
    count: int = 41,
    on_progress: Progress | None = None,
) -> Slice:
    """Return the loss in a plane through a point.

    Args:
        landscape: the loss; of any framework.
        origin: the point, shape (p,).
        directions: two rows of shape (p,), or a record of two.
        reach: how far either way along both, in lengths of the directions; or both ends.
        count: of points each way; the origin is always one of them, exactly.
        on_progress: called with the number of points done and of all.

    Returns:
        the slice, ``losses[i, j]`` at coordinate i along the first direction and j along the
        second: a painter that wants rows for y is given the transpose. Costs count x count losses.

    Raises:
        InvalidInputError: for directions or a grid that cannot be.
        ShapeMismatchError: when origin or directions do not fit the landscape.
        MemoryBudgetError: when the parameters do not fit into memory a few times.

    Example:
        >>> from saddlescape.core import FunctionLandscape
        >>> tilted = FunctionLandscape(lambda v: v[0] + 10 * v[1], num_parameters=2)
        >>> plane(tilted, np.zeros(2), np.eye(2), count=3).losses[2].tolist()
        [-9.0, 1.0, 11.0]
    """
    along = directions_of(directions, 2)
    return on_grid(landscape, origin, along, (grid(reach, count),) * 2, on_progress)


def on_grid(
    landscape: Landscape,
    origin: Any,
    directions: Directions,
    coordinates: tuple[Float[np.ndarray, " _"], ...],
    on_progress: Progress | None = None,
) -> Slice:
    """Return the loss on given coordinates along one direction or two.

    Args:
        landscape: the loss; of any framework.
        origin: the point of coordinate 0, shape (p,).
        directions: one or two.
        coordinates: ascending, along each.
        on_progress: called with the number of points done and of all.

    Returns:
        the slice.

    Raises:
        ShapeMismatchError: when origin or directions do not fit the landscape.
        MemoryBudgetError: when the parameters do not fit into memory a few times.
    """
    start = _origin(landscape, origin, directions)
    shape = tuple(len(along) for along in coordinates)
    empty = Slice(start, directions, coordinates, np.empty(shape))
    losses = losses_at(landscape, start, directions, empty.places, on_progress=on_progress)
    return dataclasses.replace(empty, losses=losses.reshape(shape))


def with_gradients(landscape: Landscape, cut: Slice, on_progress: Progress | None = None) -> Slice:
    """Return a slice with the largest entry of the whole gradient at each of its points.

    Args:
        landscape: the loss.
        cut: a slice of it.
        on_progress: called with the number of points done and of all.

    Returns:
        the slice; costs a gradient a point.
    """
    norms = _evaluated(
        landscape, _gradient_norm, (cut.origin, cut.directions.rows, cut.places), _CHUNK,
        on_progress,
    )  # fmt: skip
    return dataclasses.replace(cut, gradient_norm=norms.reshape(cut.losses.shape))


def losses_at(
    landscape: Landscape,
    origin: Float[np.ndarray, " p"],
    directions: Directions,
    places: Places,
    chunk: int = _CHUNK,
    on_progress: Progress | None = None,
) -> Float[np.ndarray, " m"]:
    """Return the loss at coordinates, in any order.

    Args:
        landscape: the loss.
        origin: shape (p,).
        directions: k of them.
        places: coordinates, shape (m, k).
        chunk: points per call of the compiled program, which holds the parameters of one point at a
            time; the numbers are the same for any.
        on_progress: called with the number of points done and of all.

    Returns:
        shape (m,).
    """
    return _evaluated(landscape, _loss, (origin, directions.rows, places), chunk, on_progress)


def _loss(landscape: Landscape, theta: Array) -> Array:
    """Return the loss."""
    return landscape.loss(theta)


def _gradient_norm(landscape: Landscape, theta: Array) -> Array:
    """Return the largest entry of the gradient."""
    return jnp.max(jnp.abs(landscape.gradient(theta)))


Measure = Callable[[Landscape, Array], Array]


def _evaluated(
    landscape: Landscape,
    measure: Measure,
    where: tuple[np.ndarray, np.ndarray, np.ndarray],
    chunk: int,
    on_progress: Progress | None,
) -> Float[np.ndarray, " m"]:
    """Return a measure at every place, chunk by chunk."""
    origin, rows, places = where
    size = max(
        2, min(chunk, len(places))
    )  # a loop of one is compiled otherwise, to other roundings
    num_bytes = 8 * (rows.size + 4 * origin.size + places.size + 2 * len(places))
    cure = "give fewer points, or a model with fewer parameters"
    require_memory(num_bytes, f"a slice of {len(places):,} points", cure)
    found = np.empty(len(places))
    on_host = runs_on_host(landscape)
    for first in range(0, len(places), size):
        block = places[first : first + size]
        count = len(block)
        if on_host:
            for number, one in enumerate(block, first):
                found[number] = float(measure(landscape, jnp.asarray(origin + one @ rows)))
                if on_progress is not None:
                    on_progress(number + 1, len(places))
        else:
            padded = np.concatenate([block, np.repeat(block[:1], size - count, axis=0)])
            found[first : first + count] = _mapped(
                landscape, measure, jnp.asarray(origin), jnp.asarray(rows), jnp.asarray(padded)
            )[:count]
            if on_progress is not None:
                on_progress(first + count, len(places))
    return found


@eqx.filter_jit
def _mapped(
    landscape: Landscape, measure: Measure, origin: Array, rows: Array, places: Array
) -> Array:
    """Return a measure at places, one after another: no number depends on the other places."""
    return jax.lax.map(lambda place: measure(landscape, origin + place @ rows), places)


def runs_on_host(landscape: Landscape) -> bool:
    """Return whether a landscape cannot be compiled, as one of another framework."""
    return bool(getattr(landscape, "runs_on_host", False))


def _origin(landscape: Landscape, origin: Any, directions: Directions) -> Float[np.ndarray, " p"]:
    """Return the origin as a vector that fits.

    Raises:
        ShapeMismatchError: when it or the directions do not.
    """
    vector = np.asarray(landscape.ravel(origin), dtype=float)
    wanted, given = landscape.num_parameters, directions.rows.shape[1]
    if vector.shape != (wanted,) or given != wanted:
        msg = (
            f"an origin of shape {vector.shape} and directions of {given} parameters, the "
            f"landscape has {wanted}: give those of this landscape"
        )
        raise ShapeMismatchError(msg)
    return vector
