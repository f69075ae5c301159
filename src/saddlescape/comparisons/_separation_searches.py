"""The smallest networks that training finds: of points to name, and of functions to be."""

import dataclasses
import math
from collections.abc import Callable

import numpy as np
import pyarrow as pa

from saddlescape.comparisons._separation_settings import SeparationSettings
from saddlescape.depth import (
    Architecture,
    Samples,
    Training,
    fewest_units_for_parity,
    fit_shallow,
    parity,
    sawtooth,
    train,
)

_COPIES = 10  # of every point, so that both parts of the samples hold all of them
_GROWTH = 1.25  # from one width to the next that is tried, at least one more
_PLACES = 24  # steps per axis of the grid on which a product is trained
_FINER = 4  # times as many where its error is measured
_PER_PIECE = 8  # places that each piece of a sawtooth is trained on
_NEAR_SAWTOOTH = 0.05  # of its height: an error that counts as the function

FOUND = pa.schema([
    ("target", pa.string()), ("number", pa.int32()), ("widths", pa.list_(pa.int32())),
    ("fits", pa.int32()), ("runs", pa.int32()),
])  # fmt: skip
"""A row per search for points."""

FITTED = pa.schema([
    ("target", pa.string()), ("number", pa.int32()), ("width", pa.int32()),
    ("starts", pa.int32()), ("error", pa.float64()), ("allowed", pa.float64()),
])  # fmt: skip
"""A row per width where the function itself was looked for."""


@dataclasses.dataclass(frozen=True)
class Search:
    """Networks of one shape, trained from many starts to name points of a function.

    Args:
        target: sawtooth or parity.
        number: of teeth or bits.
        widths: of the hidden layers.
        fits: runs that name every point rightly.
        runs: in all.
    """

    target: str
    number: int
    widths: tuple[int, ...]
    fits: int
    runs: int


@dataclasses.dataclass(frozen=True)
class Fit:
    """Networks of one hidden layer, trained from many starts to be a function.

    Args:
        target: sawtooth or product.
        number: of teeth, or of the layers whose error is to be reached.
        width: of the hidden layer.
        starts: how many.
        error: the largest on a grid finer than the one of training, of the best network.
        allowed: that counts as found: a twentieth of the sawtooth's height; of a product, what is
            proven for the deep network.
    """

    target: str
    number: int
    width: int
    starts: int
    error: float
    allowed: float

    @property
    def is_enough(self) -> bool:
        """Whether the error is small enough."""
        return self.error <= self.allowed


def narrowest(least: int, tries: int, is_enough: Callable[[int], bool]) -> None:
    """Try wider and wider networks until one is enough, then those that were skipped before it.

    Args:
        least: the first width.
        tries: how many steps upwards.
        is_enough: trains networks of a width, and keeps what it finds.

    Example:
        >>> tried = []
        >>> narrowest(7, 4, lambda width: tried.append(width) or width >= 8)
        >>> tried
        [7, 9, 8]
    """
    failed, width = least - 1, least
    for _ in range(tries):
        if is_enough(width):
            between = range(failed + 1, width)
            next((x for x in between if is_enough(x)), None)
            return
        failed, width = width, max(width + 1, round(_GROWTH * width))


def hunted(settings: SeparationSettings, target: str, number: int) -> list[Search]:
    """Return what training finds: one hidden layer, wider and wider, then the deep network."""
    if target == "sawtooth":
        points = np.arange(2**number + 1)[:, None] / 2**number
        labels = np.arange(2**number + 1) % 2
        width, deep = 2**number - 1, sawtooth(number)
    else:
        points = (np.arange(2**number)[:, None] >> np.arange(number)) & 1
        labels = points.sum(axis=1) % 2
        width, deep = fewest_units_for_parity(number), parity(number)
    inputs, classes = np.tile(points, (_COPIES, 1)), np.tile(labels, _COPIES)[:, None]
    samples = Samples(inputs - 0.5, classes, points - 0.5, labels[:, None])

    def tried(widths: tuple[int, ...]) -> Search:
        training = Training(settings.epochs, 32, settings.epochs)
        network = Architecture((points.shape[1],), widths, (2,))
        runs = train(
            network, training, samples, settings.rates, range(settings.seeds), seed=settings.seed
        )
        right = (runs.predictions == samples.test_labels[None, None]).all(axis=(2, 3))
        return Search(target, number, widths, int(right.sum()), right.size)

    found = []

    def fits(width: int) -> bool:
        found.append(tried((width,)))
        return found[-1].fits > 0

    narrowest(width, settings.tries, fits)
    if len(deep.widths) > 1:
        found.append(tried(deep.widths))
    return found


def fitted(settings: SeparationSettings, target: str, number: int) -> list[Fit]:
    """Return how near one hidden layer is found to come, wider and wider."""
    if target == "sawtooth":
        grids = [
            np.linspace(0, 1, n * 2**number + 1)[:, None] for n in (_PER_PIECE, 4 * _PER_PIECE)
        ]
        least, allowed = 2**number - 1, _NEAR_SAWTOOTH
    else:
        axes = [np.linspace(0, 1, n + 1) for n in (_PLACES, _FINER * _PLACES)]
        grids = [np.stack(np.meshgrid(x, x), -1).reshape(-1, 2) for x in axes]
        least, allowed = 1, product_error(number)

    def values(places: np.ndarray) -> np.ndarray:
        if target == "product":
            return places.prod(axis=1)
        return 1 - abs(np.mod(places[:, 0] * 2**number, 2) - 1)

    found = []

    def is_near(width: int) -> bool:
        fit = fit_shallow(
            grids[0], values(grids[0]), width, starts=settings.starts, steps=settings.steps,
            seed=settings.seed,
        )  # fmt: skip
        error = float(abs(fit(grids[1]) - values(grids[1])).max())
        found.append(Fit(target, number, width, settings.starts, error, allowed))
        return found[-1].is_enough

    narrowest(least, settings.tries, is_near)
    return sorted(found, key=lambda one: one.width)


def product_error(layers: int) -> float:
    """Return the error that is proven for the product of so many layers."""
    return 2 * math.pow(4, -(layers + 1))
