"""Distributed against local: the regions of a network beside the cells of the nearest neighbour."""

import dataclasses
from collections.abc import Callable

import jax
import numpy as np
from jaxtyping import Float, Int

from saddlescape.core import Data, EmpiricalLandscape, InvalidInputError, key_for
from saddlescape.decisions._learn import Learned, trained
from saddlescape.decisions._local_settings import LocalSettings
from saddlescape.decisions._nearest import nearest, shared_areas
from saddlescape.problems import load
from saddlescape.regions import PlaneRegions, Planes, plane_regions
from saddlescape.setups import Setup, prepare

_FRESH = 4_000  # held-out points, where a problem draws as many as one likes
_HELD = 4  # one sample in so many is held out, where it does not


@dataclasses.dataclass(frozen=True, eq=False)
class Beside:
    """One network beside the nearest neighbour, in the box of the training samples.

    Args:
        learned: the network.
        loss: on the training samples.
        regions: its linear regions.
        is_empty: which of them hold no training sample, shape (r,).
        labels: the network's, at a point inside each, shape (r,).
        near: the nearest neighbour's label there, shape (r,).
        different: share of the box's area that the two rules label differently.
        different_empty: the part of it that lies in regions without a training sample.
        train: accuracy on the training samples.
        right: whether each held-out point is labelled rightly, shape (t,).
        in_empty: whether it lies where no training sample shares its region, shape (t,).
    """

    learned: Learned
    loss: float
    regions: PlaneRegions
    is_empty: np.ndarray
    labels: Int[np.ndarray, " r"]
    near: Int[np.ndarray, " r"]
    different: float
    different_empty: float
    train: float
    right: np.ndarray
    in_empty: np.ndarray

    @property
    def neurons(self) -> int:
        """How many hidden neurons there are."""
        return sum(self.learned.widths[1:-1])

    @property
    def empty_area(self) -> float:
        """Share of the box's area in regions without a training sample."""
        areas = self.regions.areas
        return float(areas[self.is_empty].sum() / areas.sum())


@dataclasses.dataclass(frozen=True, eq=False)
class Local:
    """Networks beside the nearest neighbour.

    Args:
        settings: what was asked for.
        setup: the problem, with the training samples only.
        samples: the training samples, each place once, shape (n, 2).
        labels: their classes.
        held: held-out points, shape (t, 2).
        held_labels: their classes.
        held_from: in words, where they come from.
        near_right: whether the nearest neighbour labels each rightly, shape (t,).
        networks: from few neurons to many.
    """

    settings: LocalSettings
    setup: Setup
    samples: Float[np.ndarray, "n 2"]
    labels: Int[np.ndarray, " n"]
    held: Float[np.ndarray, "t 2"]
    held_labels: Int[np.ndarray, " t"]
    held_from: str
    near_right: np.ndarray
    networks: tuple[Beside, ...]


def beside(settings: LocalSettings, on_progress: Callable[[int], None] | None = None) -> Local:
    """Return networks of growing width beside the nearest neighbour.

    Args:
        settings: what to do.
        on_progress: called with the number of runs that are done.

    Returns:
        the comparison. Costs widths x starts x steps gradients of all training samples.

    Raises:
        InvalidInputError: for data without classes or with another number of inputs than two.
    """
    setup = prepare(settings)
    data = setup.problem.data
    if data is None or not data.is_classification or data.num_inputs != 2:
        msg = (
            f"{setup.problem.name!r} is not a problem of two inputs and classes: choose spirals or "
            "penguins, or two columns of a file with --inputs"
        )
        raise InvalidInputError(msg)
    own, held, words = _parts(setup, data, settings.seed)
    points, first = np.unique(np.asarray(own.inputs, float), axis=0, return_index=True)
    labels = np.asarray(own.targets)[first]
    at, truth = np.asarray(held.inputs, float), np.asarray(held.targets)
    near_right = labels[nearest(points, at)] == truth
    problem = dataclasses.replace(setup.problem, data=own)
    rows, done = [], 0
    for width in sorted(set(settings.widths)):
        network = problem.student((width,) * settings.depth, "relu", settings.bias)
        landscape = EmpiricalLandscape(network, own, weight_decay=settings.weight_decay)
        made = Setup(settings, problem, network, landscape)
        best: tuple[float, Learned] | None = None
        for start in range(settings.starts):
            nets, losses = trained(
                made, [settings.steps], rate=settings.rate, seed=settings.seed, start=start
            )
            if np.isfinite(losses[-1]) and (best is None or losses[-1] < best[0]):
                best = float(losses[-1]), nets[-1]
            done += 1
            if on_progress is not None:
                on_progress(done)
        if best is None:
            msg = f"every run of {width} neurons diverged: give a rate below {settings.rate:g}"
            raise InvalidInputError(msg)
        rows.append(compared(best[1], best[0], points, labels, (at, truth)))
    setup = dataclasses.replace(setup, problem=problem)
    return Local(settings, setup, points, labels, at, truth, words, near_right, tuple(rows))


def _parts(setup: Setup, data: Data, seed: int) -> tuple[Data, Data, str]:
    """Return what is learned, what is held out, and where that comes from."""
    problem, n = setup.problem, data.num_samples
    if problem.name == "spirals" and setup.settings.problem is not None:
        every = load("spirals", samples=n + _FRESH).data
        if every is not None:
            fresh = Data(every.inputs[n:], every.targets[n:])
            return data, fresh, f"{_FRESH:,} fresh points of the problem"
    if problem.test is not None and problem.test.num_inputs == 2:
        return data, problem.test, f"the {problem.test.num_samples:,} test samples"
    order = np.asarray(jax.random.permutation(key_for(seed, "held out"), n))
    held, own = np.sort(order[: n // _HELD]), np.sort(order[n // _HELD :])
    parts = [Data(data.inputs[rows], data.targets[rows]) for rows in (own, held)]
    return parts[0], parts[1], f"{len(held):,} of {n:,} samples, drawn at random"


def compared(
    learned: Learned,
    loss: float,
    samples: Float[np.ndarray, "n 2"],
    labels: Int[np.ndarray, " n"],
    held: tuple[Float[np.ndarray, "t 2"], Int[np.ndarray, " t"]],
) -> Beside:
    """Return a ReLU network of two inputs beside the nearest of some samples.

    Args:
        learned: the network.
        loss: on the training samples.
        samples: shape (n, 2), all different.
        labels: their classes.
        held: other points, and their classes.

    Returns:
        counts and areas, exact up to rounding.
    """
    low, high = samples.min(axis=0).tolist(), samples.max(axis=0).tolist()
    box = ((low[0], high[0]), (low[1], high[1]))
    found = plane_regions(learned.layers, box)
    occupied = {row.tobytes() for row in _patterns(learned, samples)}
    empty = np.array([row.tobytes() not in occupied for row in found.patterns])
    # Cut once more, where two classes part: then every cell has one label.
    surface = learned.surface
    nothing = Planes(np.zeros((1, len(surface.biases))), np.zeros(1))
    cells = plane_regions([*learned.layers[:-1], surface, nothing], box)
    cell_labels = learned.labels(learned.outputs(cells.points))
    hidden = cells.patterns[:, : found.patterns.shape[1]]
    cell_empty = np.array([np.ascontiguousarray(row).tobytes() not in occupied for row in hidden])
    shared = shared_areas(cells, samples)
    differs = cell_labels[shared.regions] != labels[shared.samples]
    total = (box[0][1] - box[0][0]) * (box[1][1] - box[1][0])
    at, truth = held
    return Beside(
        learned=learned,
        loss=loss,
        regions=found,
        is_empty=empty,
        labels=learned.labels(learned.outputs(found.points)),
        near=labels[nearest(samples, found.points)],
        different=float(shared.areas[differs].sum() / total),
        different_empty=float(
            shared.areas[differs & cell_empty[shared.regions]].sum() / total
        ),
        train=float((learned.labels(learned.outputs(samples)) == labels).mean()),
        right=learned.labels(learned.outputs(at)) == truth,
        in_empty=np.array([row.tobytes() not in occupied for row in _patterns(learned, at)]),
    )  # fmt: skip


def _patterns(learned: Learned, inputs: np.ndarray) -> np.ndarray:
    """Return which hidden neurons are active for each input."""
    return np.ascontiguousarray(np.hstack(learned.activities(inputs)[1:]) > 0)
