"""A cloud from settings to distinct points: block after block, then grouped modulo symmetry."""

import dataclasses
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Bool, Float

from saddlescape.clouds._plan import Block, Starts, blocks, filled, finder_of
from saddlescape.clouds._settings import CloudSettings
from saddlescape.clouds._store import Store
from saddlescape.core import CriticalPoint, Kind, Outcome, find
from saddlescape.setups import Setup, prepare
from saddlescape.symmetry import Classes, classes

GRADIENT = 1e-10
"""Largest entry of the gradient of a point that is accepted, besides `Outcome.CONVERGED`."""
_FAR = 30.0  # |theta| beyond this many times a start's, on a flat place: running away
ENDS = ("accepted", "impostor", "runaway", "unfinished", "other")
"""What a search can come to: a point; a flat gradient that is not zero; infinity; out of steps."""


class Progress(NamedTuple):
    """How far a cloud is."""

    done: int
    total: int
    accepted: int


@dataclasses.dataclass(frozen=True, eq=False)
class Cloud:
    """Critical points of many indices, distinct modulo symmetry.

    Args:
        settings: what was asked for.
        setup: the problem, the network, the landscape.
        points: where every search ended, in the order of the blocks.
        methods: of every search: Newton, least squares, to index k.
        ends: of every search, one of `ENDS`.
        seconds: of every search, its share of its block's; the first blocks hold compiling.
        groups: distinct accepted points, sorted by loss.
        distinct: one accepted point for each of them.
    """

    settings: CloudSettings
    setup: Setup
    points: CriticalPoint
    methods: tuple[str, ...]
    ends: tuple[str, ...]
    seconds: Float[np.ndarray, " m"]
    groups: Classes
    distinct: CriticalPoint

    @property
    def num_parameters(self) -> int:
        """The length of theta."""
        return self.setup.landscape.num_parameters

    @property
    def counts(self) -> np.ndarray:
        """How often each distinct point was found."""
        return np.asarray(self.groups.counts)

    def ends_of(self, method: str) -> Counter[str]:
        """Return how often each end came of a method.

        Args:
            method: one of `methods`.

        Returns:
            counts by `ENDS`.
        """
        pairs = zip(self.methods, self.ends, strict=True)
        return Counter(end for name, end in pairs if name == method)


def run(
    settings: CloudSettings,
    on_progress: Callable[[Progress], None] = lambda _: None,
    out: str | Path | None = None,
) -> Cloud:
    """Return a cloud of critical points.

    Args:
        settings: what to do.
        on_progress: called after every block of eight searches.
        out: a folder that keeps every block: the same settings go on from there.

    Returns:
        the cloud. A search costs up to `max_steps` Hessians and eigendecompositions.

    Raises:
        InvalidInputError: when data, network and settings do not fit together, or the folder holds
            another cloud.

    Example:
        >>> cloud = run(CloudSettings(problem="two-minima", starts=48, max_index=1))
        >>> cloud.distinct.loss.round(6).tolist(), cloud.distinct.index.tolist()
        ([0.0, 0.84375, 1.0], [0, 0, 1])
    """
    setup, store = prepare(settings), Store(out, settings)
    starts, size = Starts(setup, settings), setup.landscape.num_parameters
    found: list[tuple[Block, CriticalPoint, float]] = []
    known: CriticalPoint | None = None
    done = accepted = 0
    on_progress(Progress(0, settings.starts, 0))
    for block in blocks(settings, size):
        if block.is_beside and known is None:
            known = _known(setup, [points for _, points, _ in found])
        kept = store.read(block)
        if kept is None:
            kept = _searched(setup, settings, starts, block, known)
            store.keep(block, *kept)
        found.append((block, *kept))
        done += len(block.jobs)
        accepted += int(np.sum(is_accepted(kept[0])))
        on_progress(Progress(done, settings.starts, accepted))
    return _cloud(settings, setup, found)


def _searched(
    setup: Setup,
    settings: CloudSettings,
    starts: Starts,
    block: Block,
    known: CriticalPoint | None,
) -> tuple[CriticalPoint, float]:
    """Return where the searches of a block end, and the seconds they took."""
    if known is None or not len(known):
        half = -(-settings.starts // 2)
        begun = [starts.on_trajectory(job % half) for job in block.jobs]
    else:
        begun = [starts.beside(job, block.order, known) for job in block.jobs]
    begin = time.perf_counter()
    points = find(finder_of(block, settings.max_steps), setup.landscape, filled(begun))
    points = points[: len(block.jobs)]
    points = _without_far(points, jnp.asarray(np.stack(begun)))
    return points, time.perf_counter() - begin


def _without_far(points: CriticalPoint, starts: jax.Array) -> CriticalPoint:
    """Return the points, those flat and far away from where they began being runaways."""
    limit = _FAR * (1 + jnp.linalg.norm(starts, axis=1))
    gone = points.converged & (jnp.linalg.norm(points.theta, axis=1) > limit) & (points.nullity > 0)
    outcome = jnp.where(gone, Outcome.RUNNING_TO_INFINITY, points.outcome).astype(jnp.int32)
    kind = jnp.where(gone, Kind.NOT_CRITICAL, points.kind).astype(jnp.int32)
    return eqx.tree_at(lambda p: (p.outcome, p.kind), points, (outcome, kind))


def is_accepted(points: CriticalPoint) -> Bool[np.ndarray, " m"]:
    """Return which points are critical: converged, and with a gradient below `GRADIENT`."""
    converged = np.asarray(points.outcome) == Outcome.CONVERGED
    return converged & (np.asarray(points.gradient_norm) <= GRADIENT)


def _known(setup: Setup, batches: Sequence[CriticalPoint]) -> CriticalPoint:
    """Return one of each distinct point that the first half has found."""
    points = _joined(batches)
    chosen = points[np.flatnonzero(is_accepted(points))]
    return chosen[np.asarray(classes(setup.network, chosen).representatives)]


def _cloud(
    settings: CloudSettings, setup: Setup, found: Sequence[tuple[Block, CriticalPoint, float]]
) -> Cloud:
    """Return the finished record."""
    points = _joined([points for _, points, _ in found])
    good = np.flatnonzero(is_accepted(points))
    groups = classes(setup.network, points[good])
    return Cloud(
        settings=settings,
        setup=setup,
        points=points,
        methods=tuple(block.method for block, _, _ in found for _ in block.jobs),
        ends=tuple(_end(points, row) for row in range(len(points))),
        seconds=np.concatenate(
            [np.full(len(block.jobs), time / len(block.jobs)) for block, _, time in found]
        ),
        groups=groups,
        distinct=points[good[np.asarray(groups.representatives)]],
    )


def _joined(batches: Sequence[CriticalPoint]) -> CriticalPoint:
    """Return batches as one."""
    return jax.tree.map(lambda *leaves: jnp.asarray(np.concatenate(leaves)), *batches)


def _end(points: CriticalPoint, row: int) -> str:
    """Return what a search came to."""
    outcome = int(points.outcome[row])
    if outcome == Outcome.CONVERGED:
        return "accepted" if float(points.gradient_norm[row]) <= GRADIENT else "unfinished"
    named = {
        Outcome.GRADIENT_FLAT: "impostor",
        Outcome.RUNNING_TO_INFINITY: "runaway",
        Outcome.OUT_OF_STEPS: "unfinished",
    }
    return named.get(Outcome(outcome), "other")
