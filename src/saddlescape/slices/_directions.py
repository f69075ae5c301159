"""Directions of slices: rows with names, and how they were made."""

import dataclasses
import itertools
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from saddlescape.core import InvalidInputError, Key, ShapeMismatchError, key_for


@dataclasses.dataclass(frozen=True, eq=False)
class Directions:
    """Directions in parameter space; a coordinate of 1 moves by one whole row.

    Args:
        rows: shape (k, p), each as long as a step of 1.
        names: what each is called.
        source: how they were made, with the seed where there is one.

    Raises:
        InvalidInputError: for rows that are not finite or zero, or too few names.

    Example:
        >>> Directions(np.eye(2), ("east", "north"), "the axes").cosine
        0.0
    """

    rows: Float[np.ndarray, "k p"]
    names: tuple[str, ...]
    source: str

    def __post_init__(self):
        lengths = np.linalg.norm(self.rows, axis=1)
        if len(self.names) != len(self.rows):
            msg = f"{len(self.names)} names for {len(self.rows)} directions: give one for each"
            raise InvalidInputError(msg)
        for name, length in zip(self.names, lengths, strict=True):
            if not np.isfinite(length) or length == 0:
                msg = f"the direction {name!r} has length {length}: give finite ones that are not 0"
                raise InvalidInputError(msg)

    def __len__(self) -> int:
        """Return the number of directions."""
        return len(self.rows)

    def __getitem__(self, number: int) -> "Directions":
        """Return one direction alone."""
        return Directions(self.rows[[number]], (self.names[number],), self.source)

    @property
    def cosine(self) -> float:
        """The largest absolute cosine between two of them; 0 for one alone."""
        units = self.rows / np.linalg.norm(self.rows, axis=1, keepdims=True)
        pairs = itertools.combinations(units, 2)
        return max((abs(float(one @ other)) for one, other in pairs), default=0.0)


def random_directions(size: int, count: int, key: int | Key) -> Directions:
    """Return random orthonormal directions, uniform on the sphere.

    Args:
        size: the number of parameters p.
        count: how many; a third changes neither of the first two.
        key: a seed, or a key; the stream is named ``"slice direction"``.

    Returns:
        directions of length 1, orthogonal to rounding.

    Raises:
        InvalidInputError: for more directions than parameters, or none.

    Example:
        >>> both = random_directions(1_000, 2, 0)
        >>> bool(both.cosine < 1e-15), both.source
        (True, 'random, seed 0')
    """
    if not 1 <= count <= size:
        msg = f"{count} directions among {size} parameters: give at least 1 and at most {size}"
        raise InvalidInputError(msg)
    keys = [key_for(key, "slice direction", item) for item in range(count)]
    drawn = np.stack([np.asarray(jax.random.normal(one, (size,)), dtype=float) for one in keys])
    # Householder's decomposition: Gram and Schmidt's directions, orthogonal to rounding.
    columns, triangle = np.linalg.qr(drawn.T)
    rows = (columns * np.sign(np.diag(triangle))).T
    seed = f"seed {key}" if isinstance(key, int) else "a key"
    return Directions(
        rows, tuple(f"random direction {i + 1}" for i in range(count)), f"random, {seed}"
    )


def between(theta_a: Any, theta_b: Any, names: tuple[str, str] = ("a", "b")) -> Directions:
    """Return the direction from one point to another: 0 is the first, 1 the second.

    Args:
        theta_a: the origin of the slice, shape (p,).
        theta_b: shape (p,).
        names: of the two points.

    Returns:
        one direction, as long as the distance.

    Raises:
        ShapeMismatchError: for points of different shape.
        InvalidInputError: for the same point twice.

    Example:
        >>> between(np.zeros(2), np.array([3.0, 4.0])).rows.tolist()
        [[3.0, 4.0]]
    """
    first, second = np.asarray(theta_a, dtype=float), np.asarray(theta_b, dtype=float)
    if first.shape != second.shape or first.ndim != 1:
        msg = f"points of shape {first.shape} and {second.shape}: give two vectors of one network"
        raise ShapeMismatchError(msg)
    name = f"from {names[0]} to {names[1]}"
    return Directions((second - first)[None], (name,), "the difference of two points")


def eigen_directions(
    rows: Float[np.ndarray, "k p"], values: Sequence[float] | Float[np.ndarray, " k"]
) -> Directions:
    """Return eigenvectors of a Hessian as directions, named by their curvature.

    Args:
        rows: unit eigenvectors, such as those of `spectra.extremes`.
        values: their eigenvalues.

    Returns:
        the directions.

    Example:
        >>> eigen_directions(np.eye(2), [3.0, -1.0]).names
        ('eigenvector of curvature 3', 'eigenvector of curvature -1')
    """
    names = tuple(f"eigenvector of curvature {float(value):.4g}" for value in values)
    return Directions(np.asarray(rows, dtype=float), names, "eigenvectors of the Hessian")


def directions_of(given: Any, count: int) -> Directions:
    """Return what was given as so many directions: a record, a vector or rows.

    Raises:
        InvalidInputError: for another number of them, or parallel ones.
    """
    if not isinstance(given, Directions):
        rows = np.atleast_2d(np.asarray(given, dtype=float))
        names = tuple(f"direction {i + 1}" for i in range(len(rows)))
        given = Directions(rows, names, "given")
    if len(given) != count:
        msg = f"{len(given)} directions for a slice of {count}: give {count}"
        raise InvalidInputError(msg)
    if given.cosine > 1 - jnp.finfo(float).eps ** 0.5:
        msg = f"two directions are parallel (cosine {given.cosine:.6g}): give others"
        raise InvalidInputError(msg)
    return given
