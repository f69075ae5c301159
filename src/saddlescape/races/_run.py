"""A race from settings to result: stage after stage, then a look at where it ended."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

import equinox as eqx
import numpy as np

from saddlescape.optimizers import OPTIMIZERS, Race, Rule, Trajectory, stages, trajectory
from saddlescape.races._ends import End, ends_of
from saddlescape.races._settings import RaceSettings
from saddlescape.races._store import Store
from saddlescape.setups import Setup, prepare


@dataclasses.dataclass(frozen=True, eq=False)
class Races:
    """A race and what it shows.

    Args:
        settings: what was asked for.
        setup: the problem, the network, the landscape.
        names: of the optimizers, in the order of `race.rules`.
        race: losses over optimizers, rates, starts and steps.
        ends: for every optimizer at its best rate, where the run from each start ended.
        trajectories: for every optimizer at its best rate, the run from the first start.
    """

    settings: RaceSettings
    setup: Setup
    names: tuple[str, ...]
    race: Race
    ends: tuple[tuple[End, ...], ...]
    trajectories: tuple[Trajectory, ...]

    def best_rate(self, number: int) -> float:
        """Return the best learning rate of an optimizer.

        Args:
            number: of the optimizer.

        Returns:
            the rate whose median loss over the starts was lowest at the end.
        """
        return self.race.rates[self.race.best[number]]


def run(
    settings: RaceSettings,
    on_progress: Callable[[Race], None] = lambda race: None,  # noqa: ARG005
    out: str | Path | None = None,
) -> Races:
    """Return a race that has been run, with its ends looked at.

    Args:
        settings: what to do.
        on_progress: called after every stage, about twenty times.
        out: a folder in which every stage is kept: the same settings go on from there.

    Returns:
        the race. Costs optimizers x rates x seeds x steps gradients.

    Raises:
        InvalidInputError: when data, network and settings do not fit together, or the folder holds
            another race.
        MemoryBudgetError: when the order of the data would not fit into memory.

    Example:
        >>> settings = RaceSettings(problem="two-minima", rates=(0.1,), steps=100, seeds=3)
        >>> [end.kind for end in run(settings).ends[0]]
        ['minimum', 'minimum', 'minimum']
    """
    setup, store = prepare(settings), Store(out, settings)
    names = tuple(dict.fromkeys(settings.optimizers or OPTIMIZERS))  # each once
    race = _raced(setup, settings, names, store, on_progress)
    best = [
        eqx.tree_at(lambda rule: rule.rate, rule, race.rates[rate])
        for rule, rate in zip(race.rules, race.best, strict=True)
    ]
    return Races(
        settings=settings,
        setup=setup,
        names=names,
        race=race,
        ends=_ends(setup, race),
        trajectories=tuple(_first_run(setup, settings, rule, race) for rule in best),
    )


def _raced(
    setup: Setup,
    settings: RaceSettings,
    names: tuple[str, ...],
    store: Store,
    on_progress: Callable[[Race], None],
) -> Race:
    """Return the last stage; every one is kept and told."""
    starts = setup.starts(0, settings.seeds, settings.seed, settings.scale)
    rules = [OPTIMIZERS[name](rate=1.0) for name in names]  # the rates take its place
    options = {
        "rates": settings.swept,
        "steps": settings.steps,
        "batch": settings.batch,
        "seed": settings.seed,
    }
    done = store.stage(next(stages(setup.landscape, rules, starts, **options)))
    for stage in stages(setup.landscape, rules, starts, **options, done=done):
        if stage is not done:
            store.keep(stage)
        done = stage
        on_progress(stage)
    return done


def _ends(setup: Setup, race: Race) -> tuple[tuple[End, ...], ...]:
    """Return where the runs at the best rates ended."""
    thetas = np.stack([ends[rate] for ends, rate in zip(race.ends, race.best, strict=True)])
    count, seeds, size = thetas.shape
    found = ends_of(setup.landscape, thetas.reshape(-1, size))
    return tuple(found[i * seeds : (i + 1) * seeds] for i in range(count))


def _first_run(setup: Setup, settings: RaceSettings, rule: Rule, race: Race) -> Trajectory:
    """Return the run from the first start, step by step where the race was recorded."""
    start = setup.starts(0, 1, settings.seed, settings.scale)[0]
    options = {"batch": settings.batch, "seed": settings.seed}
    return trajectory(setup.landscape, rule, start, race.steps[1:], **options)
