"""Scenes of one colored shape on a grey ground, drawn by formulas: 24 x 24 pixels, three colors."""

import dataclasses

import numpy as np
from jaxtyping import Bool, Float, Int

from saddlescape.core import InvalidInputError

SIDE = 24
SHAPES = ("house", "car", "bus", "tree", "ball", "star")
COLORS = ("red", "green", "blue", "yellow", "purple", "white")
_RGB = np.array([
    (0.85, 0.15, 0.15), (0.15, 0.65, 0.2), (0.2, 0.3, 0.9), (0.95, 0.85, 0.15),
    (0.6, 0.2, 0.7), (0.97, 0.97, 0.97),
])  # fmt: skip
_SUPERSAMPLING = 4  # points per pixel along each axis: edges are smooth
_SIZES = (5.0, 8.0)  # half the side of a shape, in pixels
_NOISE = 0.03  # standard deviation of every value


@dataclasses.dataclass(frozen=True, eq=False)
class Scenes:
    """Pictures with what is on them.

    Args:
        images: shape (n, 24, 24, 3), between 0 and 1 but for the noise.
        labels: number of the shape and of the color, shape (n, 2).
        centers: row and column of the shapes, in pixels from the upper left corner, shape (n, 2).
        sizes: half the sides of the shapes in pixels, shape (n,).
    """

    images: Float[np.ndarray, "n 24 24 3"]
    labels: Int[np.ndarray, "n 2"]
    centers: Float[np.ndarray, "n 2"]
    sizes: Float[np.ndarray, " n"]

    @property
    def combination(self) -> Int[np.ndarray, " n"]:
        """The number of the combination: shape times the number of colors, plus color."""
        return self.labels[:, 0] * len(COLORS) + self.labels[:, 1]

    def __getitem__(self, chosen: np.ndarray) -> "Scenes":
        """Return some of the scenes."""
        return Scenes(
            images=self.images[chosen],
            labels=self.labels[chosen],
            centers=self.centers[chosen],
            sizes=self.sizes[chosen],
        )


def scenes(
    labels: Int[np.ndarray, "n 2"], *, seed: int = 0, stream: int = 0, noise: float = _NOISE
) -> Scenes:
    """Return a scene for every pair of shape and color, at a random place, in a random size.

    Place, size, brightness of the ground and of the shape, and noise of scene i depend on seed,
    stream and i alone.

    Args:
        labels: numbers of shapes and colors, shape (n, 2).
        seed: of the random numbers.
        stream: another gives other scenes.
        noise: standard deviation added to every value.

    Returns:
        the scenes.

    Raises:
        InvalidInputError: for a shape or color that does not exist.

    Example:
        >>> red_house = scenes(np.array([[0, 0]]))
        >>> red_house.images.shape, SHAPES[0], COLORS[0]
        ((1, 24, 24, 3), 'house', 'red')
    """
    labels = np.asarray(labels)
    if labels.ndim != 2 or (labels < 0).any() or (labels >= [len(SHAPES), len(COLORS)]).any():
        msg = f"labels of shape {labels.shape}: give rows of a shape (0 to 5) and a color (0 to 5)"
        raise InvalidInputError(msg)
    drawn = [
        _scene(int(pair[0]), int(pair[1]), np.random.default_rng((seed, stream, number)), noise)
        for number, pair in enumerate(labels)
    ]
    images, centers, sizes = (np.array(part) for part in zip(*drawn, strict=True))
    return Scenes(images, labels, centers, sizes)


def _scene(
    shape: int, color: int, draw: np.random.Generator, noise: float
) -> tuple[np.ndarray, np.ndarray, float]:
    """Return an image, the shape's center and its size."""
    size = draw.uniform(*_SIZES)
    center = draw.uniform(size, SIDE - size, 2)
    ground, light = draw.uniform(0.1, 0.5), draw.uniform(0.8, 1.0)
    cover = covered(shape, center, size)[..., None]
    image = (1 - cover) * ground + cover * light * _RGB[color]
    return image + draw.normal(0, noise, image.shape), center, size


def covered(shape: int, center: np.ndarray, size: float) -> Float[np.ndarray, "24 24"]:
    """Return which part of every pixel a shape covers.

    Args:
        shape: its number.
        center: row and column, in pixels.
        size: half its side, in pixels.

    Returns:
        shares between 0 and 1.
    """
    places = (np.arange(SIDE * _SUPERSAMPLING) + 0.5) / _SUPERSAMPLING
    v = ((places - center[0]) / size)[:, None]  # -1 at the top, 1 at the bottom
    u = ((places - center[1]) / size)[None, :]
    inside = _INSIDE[shape](u, v).astype(float)
    parted = inside.reshape(SIDE, _SUPERSAMPLING, SIDE, _SUPERSAMPLING)
    return parted.mean(axis=(1, 3))


def _house(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Walls under a roof."""
    walls = (abs(u) < 0.7) & (v > -0.1) & (v < 1)
    roof = (v > -1) & (v <= -0.1) & (abs(u) < (v + 1) / 0.9)
    return walls | roof


def _car(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """A body, a cabin, two wheels."""
    body = (abs(u) < 1) & (v > 0) & (v < 0.5)
    cabin = (abs(u) < 0.55) & (v > -0.5) & (v <= 0)
    return body | cabin | _wheels(u, v, 0.5)


def _bus(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """A long box on two wheels, with a stripe of windows."""
    box = (abs(u) < 1) & (v > -0.7) & (v < 0.5)
    windows = (abs(u) < 0.85) & (v > -0.5) & (v < -0.1)
    return (box & ~windows) | _wheels(u, v, 0.5)


def _wheels(u: np.ndarray, v: np.ndarray, height: float) -> np.ndarray:
    """Two discs."""
    return (abs(u) - 0.55) ** 2 + (v - height) ** 2 < 0.25**2


def _tree(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """A crown of two triangles on a trunk."""
    upper = (v > -1) & (v < 0) & (abs(u) < 0.6 * (v + 1))
    lower = (v > -0.4) & (v < 0.6) & (abs(u) < 0.8 * (v + 0.4))
    return upper | lower | ((abs(u) < 0.15) & (v >= 0.6) & (v < 1))


def _ball(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """A disc."""
    return u**2 + v**2 < 0.9**2


def _star(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Five points."""
    angle = np.arctan2(u, -v)
    turn = np.mod(angle + np.pi / 5, 2 * np.pi / 5) - np.pi / 5
    # The edge from a tip (radius 1) to a notch (radius 0.382, 36 degrees on), in polar form.
    tip, notch = 1.0, 0.382
    run = notch * np.sin(np.pi / 5)
    rise = tip - notch * np.cos(np.pi / 5)
    reach = tip * run / (run * np.cos(turn) + rise * np.sin(abs(turn)))
    return np.hypot(u, v) < reach


_INSIDE = (_house, _car, _bus, _tree, _ball, _star)


def seen_combinations(held_out: int, draw: np.random.Generator) -> Bool[np.ndarray, "6 6"]:
    """Return which combinations are seen when some are held out, spread over shapes and colors.

    The first six that are held out have a shape and a color each of their own, and so on; whoever
    holds out more holds out the same and others.

    Args:
        held_out: how many of the 36, at most 30: every shape and color is seen.
        draw: decides which.

    Returns:
        True for seen: shapes in rows, colors in columns.

    Raises:
        InvalidInputError: for another number.

    Example:
        >>> seen = seen_combinations(12, np.random.default_rng(0))
        >>> seen.sum(axis=0).tolist(), seen.sum(axis=1).tolist()
        ([4, 4, 4, 4, 4, 4], [4, 4, 4, 4, 4, 4])
    """
    count = len(COLORS)
    if not 0 <= held_out <= count * (count - 1):
        msg = f"{held_out} combinations held out: give 0 to {count * (count - 1)}"
        raise InvalidInputError(msg)
    shapes, colors = draw.permutation(count), draw.permutation(count)
    numbers = np.arange(held_out)
    seen = np.ones((count, count), bool)
    seen[shapes[numbers % count], colors[(numbers + numbers // count) % count]] = False
    return seen
