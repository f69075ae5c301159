"""Which search begins where: half on trajectories of training, half beside known points."""

import dataclasses
from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np

from saddlescape.clouds._settings import CloudSettings
from saddlescape.core import (
    AbstractFinder,
    AnyIndexFinder,
    CriticalPoint,
    GradientNormFinder,
    IndexFinder,
    key_for,
)
from saddlescape.optimizers import Adam, trajectory
from saddlescape.setups import Setup

_RECORDS = (0, 10, 30, 100, 300, 1_000, 3_000)  # steps of training at which searches begin
_RATE = 0.01  # of Adam, which needs no scale of the loss
_FINDERS = 3
_NEAREST, _FARTHEST = 0.01, 1.0  # of a step aside, in units of the typical parameter
_BLOCK = 8  # searches stored together: a shorter block is filled up, so that one program serves


@dataclasses.dataclass(frozen=True)
class Block:
    """Searches of one kind, stored together.

    Args:
        number: of the block.
        is_beside: whether they begin beside known points, else on trajectories.
        order: the index that is asked for; -1 for Newton's method, -2 for least squares.
        jobs: numbers of the searches.
    """

    number: int
    is_beside: bool
    order: int
    jobs: tuple[int, ...]

    @property
    def method(self) -> str:
        """The finder in words."""
        return {-1: "Newton", -2: "least squares"}.get(self.order, f"to index {self.order}")


def blocks(settings: CloudSettings, num_parameters: int) -> tuple[Block, ...]:
    """Return all blocks, those on trajectories first."""
    half, most = -(-settings.starts // 2), min(settings.max_index, num_parameters)
    found: list[Block] = []
    for is_beside, jobs in ((False, range(half)), (True, range(half, settings.starts))):
        kinds: dict[int, list[int]] = {}
        for job in jobs:
            kind = job % _FINDERS
            order = (job // _FINDERS) % (most + 1) if kind == _FINDERS - 1 else -1 - kind
            kinds.setdefault(order, []).append(job)
        for order, members in sorted(kinds.items()):
            for at in range(0, len(members), _BLOCK):
                jobs_here = tuple(members[at : at + _BLOCK])
                found.append(Block(len(found), is_beside, order, jobs_here))
    return tuple(found)


def finder_of(block: Block, max_steps: int) -> AbstractFinder:
    """Return the finder of a block."""
    if block.order == -1:
        return AnyIndexFinder(max_steps=max_steps, descent_steps=0)
    if block.order < 0:
        return GradientNormFinder(max_steps=max_steps)
    return IndexFinder(order=block.order, max_steps=max_steps)


def filled(starts: Sequence[np.ndarray]) -> jax.Array:
    """Return starts with the first repeated up to a whole block."""
    missing = _BLOCK - len(starts)
    return jnp.asarray(np.stack([*starts, *([starts[0]] * missing)]))


class Starts:
    """Where searches begin; each depends on the seed, its number and the points known alone.

    Args:
        setup: what is studied.
        settings: of the cloud.
    """

    def __init__(self, setup: Setup, settings: CloudSettings):
        self._setup, self._settings = setup, settings
        half = -(-settings.starts // 2)
        self._slots = _draw(settings.seed, "cloud order", 0).permutation(half)
        self._trained: dict[int, np.ndarray] = {}

    def on_trajectory(self, job: int) -> np.ndarray:
        """Return a point that training passes: which run and which step is drawn."""
        run, record = divmod(int(self._slots[job]), len(_RECORDS))
        if run not in self._trained:
            begun = self._setup.starts(run, 1, self._settings.seed, self._settings.scale)[0]
            way = trajectory(self._setup.landscape, Adam(rate=_RATE), begun, _RECORDS[1:])
            self._trained[run] = np.concatenate([np.asarray(begun)[None], way.theta])
        return self._trained[run][record]

    def beside(self, job: int, order: int, known: CriticalPoint) -> np.ndarray:
        """Return a point beside a known one, of an index near the one that is asked for."""
        draw = _draw(self._settings.seed, "cloud aside", job)
        index, thetas = np.asarray(known.index), np.asarray(known.theta)
        rows = np.arange(len(index))
        near = rows[np.abs(index - order) <= 1] if order >= 0 else rows
        theta = thetas[draw.choice(near if len(near) else rows)]
        size = np.exp(draw.uniform(np.log(_NEAREST), np.log(_FARTHEST)))
        return theta + size * np.sqrt(np.mean(theta**2)) * draw.normal(size=theta.size)


def _draw(seed: int, stream: str, item: int) -> np.random.Generator:
    """Return a generator of its own for an item of a stream."""
    words = np.asarray(jax.random.key_data(key_for(seed, stream, item)))
    return np.random.default_rng([int(word) for word in words])
