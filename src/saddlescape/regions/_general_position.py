"""All regions of an arrangement in general position: one vertex each, no linear program.

Choose a direction c that no edge is perpendicular to. A region that is bounded below along c has
one lowest vertex, and of the 2^d regions around a vertex exactly one has it lowest: so vertices,
C(n, d) of them, are regions. The others reach down to infinity, where the arrangement looks like
one of n hyperplanes in d - 1 dimensions, in general position again, and so on down to one region in
dimension 0: C(n, d) + C(n, d - 1) + ... + C(n, 0), each found with its signs.
"""

import itertools
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int

from saddlescape.regions._keys import find, keys_of, signatures

_CHUNK = 1 << 14  # vertices at a time: their arrays stay in the cache
_ULPS = 16.0
"""A vertex is known up to d eps |E| |x|, and an edge relative to its length up to d eps |E|, with E
the inverse of d unit normals: a distance or a slope below this many times that may be zero, and
the arrangement is left to the enumeration in any position."""


class Cells(NamedTuple):
    """Regions as rows: signs, a point inside, a direction in which they go to infinity or NaN."""

    signs: Bool[np.ndarray, "r n"]
    points: Float[np.ndarray, "r d"]
    directions: Float[np.ndarray, "r d"]


def general_cells(
    weights: Float[np.ndarray, "n d"], biases: Float[np.ndarray, " n"]
) -> Cells | None:
    """Return all regions, or None where the hyperplanes are not safely in general position.

    Args:
        weights: unit normals, of rank d, n >= d.
        biases: offsets.
    """
    n, d = weights.shape
    direction = _generic_direction(d)
    below = _at_infinity(weights, direction)
    if below is None:
        return None
    above = _lowest_vertices(weights, biases, direction)
    if above is None:
        return None
    reaching = _reaching_points(weights, biases, below)
    signs = np.concatenate([above[0], below[0]])
    directions = np.concatenate([np.full_like(above[1], np.nan), below[1]])
    numbers = signatures(n)
    opposite = find(keys_of(~below[0], numbers), keys_of(above[0], numbers))
    directions[opposite[opposite >= 0]] = -below[1][opposite >= 0]
    return Cells(signs, np.concatenate([above[1], reaching]), directions)


def _generic_direction(d: int) -> Float[np.ndarray, " d"]:
    """Return a unit vector with nothing special about it, the same in every run."""
    draws = np.random.Generator(np.random.PCG64(d)).normal(size=d)
    return draws / np.linalg.norm(draws)


def _at_infinity(
    weights: Float[np.ndarray, "n d"], direction: Float[np.ndarray, " d"]
) -> tuple[np.ndarray, np.ndarray] | None:
    """Return signs and unit directions of the regions that reach down to infinity.

    Far down, at x = t (-c + Q z) with t large, the sign of w.x + b is that of -w.c + (Q^T w).z.
    """
    n, d = weights.shape
    if d == 0:
        return np.zeros((0, n), bool), np.zeros((0, 0))
    if d == 1:
        down = -np.sign(direction)[None]
        return (weights @ down.T > 0).T, down
    across = np.linalg.qr(direction[:, None], mode="complete")[0][:, 1:]
    sizes = np.linalg.norm(weights @ across, axis=1)
    if (sizes <= _ULPS * np.finfo(float).eps).any():
        return None
    flat, offsets = (weights @ across) / sizes[:, None], -(weights @ direction) / sizes
    cells = _every_cell(flat, offsets)
    if cells is None:
        return None
    signs, points = cells
    rays = points @ across.T - direction
    return signs, rays / np.linalg.norm(rays, axis=1, keepdims=True)


def _every_cell(
    weights: Float[np.ndarray, "n d"], biases: Float[np.ndarray, " n"]
) -> tuple[np.ndarray, np.ndarray] | None:
    """Return signs and inner points of all regions, wherever they reach."""
    direction = _generic_direction(weights.shape[1])
    below = _at_infinity(weights, direction)
    above = None if below is None else _lowest_vertices(weights, biases, direction)
    if below is None or above is None:
        return None
    reaching = _reaching_points(weights, biases, below)
    return np.concatenate([above[0], below[0]]), np.concatenate([above[1], reaching])


def _reaching_points(
    weights: Float[np.ndarray, "n d"], biases: Float[np.ndarray, " n"], below: tuple
) -> Float[np.ndarray, "r d"]:
    """Return a point of each region that goes to infinity: far enough along its direction."""
    rays = below[1]
    slopes = rays @ weights.T
    with np.errstate(divide="ignore", invalid="ignore"):
        crossed = np.where(slopes == 0, 0, -biases / slopes)
    far = crossed.max(axis=1, initial=0.0)
    return rays * (1.5 * far + 1.0)[:, None]


def _lowest_vertices(
    weights: Float[np.ndarray, "n d"],
    biases: Float[np.ndarray, " n"],
    direction: Float[np.ndarray, " d"],
) -> tuple[np.ndarray, np.ndarray] | None:
    """Return signs and inner points of the regions with a lowest vertex, one per vertex."""
    n, d = weights.shape
    every = itertools.chain.from_iterable(itertools.combinations(range(n), d))
    subsets = np.fromiter(every, np.int32).reshape(-1, d) if d else np.zeros((1, 0), np.int32)
    signs, points = np.empty((len(subsets), n), bool), np.empty((len(subsets), d))
    for start in range(0, len(subsets), _CHUNK):
        part = slice(start, start + _CHUNK)
        found = _around(weights, biases, direction, subsets[part])
        if found is None:
            return None
        signs[part], points[part] = found
    return signs, points


def _around(
    weights: Float[np.ndarray, "n d"],
    biases: Float[np.ndarray, " n"],
    direction: Float[np.ndarray, " d"],
    subsets: Int[np.ndarray, "m d"],
) -> tuple[np.ndarray, np.ndarray] | None:
    """Return signs and inner points of the regions that stand on the vertices of some subsets."""
    eps, rows = np.finfo(float).eps, np.arange(len(subsets))[:, None]
    try:
        edges = np.linalg.inv(weights[subsets])  # column j leaves hyperplane j, keeps the others
    except np.linalg.LinAlgError:
        return None
    lengths = np.linalg.norm(edges, axis=1)  # 1 / the sine of the angle to the others' flat
    rise = np.einsum("mij,i->mj", edges, direction)
    blur = _ULPS * eps * weights.shape[1] * lengths.max(axis=1, initial=1.0)
    if not (np.abs(rise) > blur[:, None] * lengths).all():
        return None
    vertices = -np.einsum("mij,mj->mi", edges, biases[subsets])
    values = vertices @ weights.T + biases
    others = np.ones(values.shape, bool)
    others[rows, subsets] = False
    scale = 1.0 + np.abs(biases).max(initial=0.0) + np.abs(vertices).max(axis=1, initial=0.0)
    if not (np.abs(values) > (blur * scale)[:, None])[others].all():
        return None
    inward = np.einsum("mij,mj->mi", edges / lengths[:, None, :], np.sign(rise))
    slopes = inward @ weights.T
    with np.errstate(divide="ignore", invalid="ignore"):
        crossed = np.where(others & (values * slopes < 0), -values / slopes, np.inf)
    steps = np.minimum(crossed.min(axis=1, initial=np.inf), 4.0 * scale)
    signs = values > 0
    signs[rows, subsets] = rise > 0
    return signs, vertices + 0.5 * steps[:, None] * inward
