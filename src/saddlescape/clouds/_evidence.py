"""What a cloud shows: rank correlations, spectra against chance, the time beside a saddle."""

import dataclasses

import jax.numpy as jnp
import numpy as np

from saddlescape.clouds._run import Cloud
from saddlescape.optimizers import Escape, GradientDescent, escape
from saddlescape.spectra import RankCorrelation, SemicircleTest, rank_correlation, semicircle_test

_LEAST = 8  # eigenvalues that are not zero, to be compared with a semicircle
_SPECTRA = 4
_STABLE = 0.5  # of the largest rate that is stable in the steepest direction is 2 / curvature
_LEAVE = 1e-2  # distance at which descent has left
_DISTANCES = (1e-3, 1e-4, 1e-5, 1e-6, 1e-7)
_MOST_STEPS = 400_000


@dataclasses.dataclass(frozen=True, eq=False)
class Spectrum:
    """The spectrum of a distinct point against the semicircle.

    Args:
        number: of the point in the cloud's `distinct`.
        nonzero: eigenvalues that are not zero within their bounds, ascending.
        test: of those.
    """

    number: int
    nonzero: np.ndarray
    test: SemicircleTest


@dataclasses.dataclass(frozen=True, eq=False)
class Escapes:
    """How long gradient descent stays beside a saddle of index 1 of the cloud.

    Args:
        number: of the saddle in the cloud's `distinct`.
        measured: steps beside the formula.
    """

    number: int
    measured: Escape


def correlations(cloud: Cloud) -> dict[str, RankCorrelation]:
    """Return the rank correlations of loss and share of negative curvatures.

    Args:
        cloud: with distinct points.

    Returns:
        by what is compared: all distinct points; shares of the curvatures that are not zero; points
        of the commonest nullity alone; one for each distinct loss, since points of equal loss, such
        as a smaller network embedded in several ways, are no independent evidence.
    """
    points, seed = cloud.distinct, cloud.settings.seed
    loss, index = np.asarray(points.loss), np.asarray(points.index).astype(float)
    nullity = np.asarray(points.nullity)
    most = int(np.bincount(nullity).argmax()) if len(nullity) else 0
    here = nullity == most
    curved = np.maximum(cloud.num_parameters - nullity, 1)
    once, means = _by_loss(loss, index / cloud.num_parameters)
    pairs = {
        "index / p": (index / cloud.num_parameters, loss),
        "index / (p - nullity)": (index / curved, loss),
        f"index, at nullity {most}": (index[here], loss[here]),
        "mean index / p of each distinct loss": (means, once),
    }
    return {name: rank_correlation(*pair, seed=seed) for name, pair in pairs.items()}


def _by_loss(loss: np.ndarray, share: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return distinct losses, up to rounding, and the mean share of the points that have each."""
    if not len(loss):
        return loss, share
    order = np.argsort(loss, kind="stable")
    # Losses of one network embedded in several ways agree to some 1e-12; all below 1e-15 fit.
    steps = np.diff(loss[order]) > 1e-9 * np.abs(loss[order][1:]) + 1e-15
    label = np.concatenate([[0], np.cumsum(steps)])
    counts = np.bincount(label)
    means = (np.bincount(label, part[order]) / counts for part in (loss, share))
    once, mean = means
    return once, mean


def spectra_of(cloud: Cloud) -> tuple[Spectrum, ...]:
    """Return spectra of up to four distinct points, each tested against random matrices.

    Args:
        cloud: with distinct points.

    Returns:
        for indices spread over those found, the point that was found most often; none where fewer
        than eight eigenvalues are not zero.
    """
    index, counts = np.asarray(cloud.distinct.index), cloud.counts
    present = np.unique(index)
    if not len(present):
        return ()
    wanted = present[np.unique(np.linspace(0, len(present) - 1, _SPECTRA).round().astype(int))]
    found = []
    for one in wanted:
        rows = np.flatnonzero(index == one)
        number = int(rows[counts[rows].argmax()])
        point = cloud.distinct[number]
        values, bounds = np.asarray(point.eigenvalues), np.asarray(point.bounds)
        nonzero = values[np.abs(values) > bounds]
        if len(nonzero) >= _LEAST:
            settings = cloud.settings
            test = semicircle_test(nonzero, num_matrices=settings.matrices, seed=settings.seed)
            found.append(Spectrum(number, nonzero, test))
    return tuple(found)


def escapes(cloud: Cloud) -> Escapes | None:
    """Return how many steps gradient descent needs to leave a saddle of index 1.

    Args:
        cloud: with distinct points.

    Returns:
        the steps from five distances beside ln(1 / e) / (rate |lambda|), at the saddle whose
        negative curvature is largest beside its largest one; None without such a saddle.
    """
    points = cloud.distinct
    index, values = np.asarray(points.index), np.asarray(points.eigenvalues)
    rows = np.flatnonzero(index == 1)
    if not len(rows):
        return None
    steep = -values[rows, 0] / np.abs(values[rows]).max(axis=1)
    number = int(rows[steep.argmax()])
    rule = GradientDescent(rate=float(_STABLE / np.abs(values[number]).max()))
    (measured,) = escape(
        cloud.setup.landscape, [rule], jnp.asarray(points.theta[number]), _DISTANCES,
        leave=_LEAVE, max_steps=_MOST_STEPS,
    )  # fmt: skip
    return Escapes(number, measured)
