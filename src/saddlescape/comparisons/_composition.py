"""The red house: who names combinations of shape and color that training never showed."""

import dataclasses
import functools
from collections.abc import Callable
from pathlib import Path

import jax
import numpy as np
import pyarrow as pa

from saddlescape.comparisons._composition_settings import CompositionSettings
from saddlescape.comparisons._records import Shelf
from saddlescape.comparisons._scores import (
    Contender,
    Scored,
    looks_table,
    runs_table,
    scored_from,
)
from saddlescape.depth import (
    COLORS,
    SHAPES,
    Architecture,
    Runs,
    Samples,
    Scenes,
    Training,
    layer_features,
    nearest,
    probe,
    scenes,
    seen_combinations,
    train,
    units,
)
from saddlescape.setups import ResultFolder

_HEADS = (len(SHAPES), len(COLORS))
_GREY = 0.3  # about the mean of a scene, taken from every value
_TEST, _TRAIN, _DESIGN = 1, 1_000_000, 2_000_000  # streams of random numbers


@dataclasses.dataclass(frozen=True, eq=False)
class Composition:
    """Who names unseen combinations.

    Args:
        settings: what was asked for.
        test: scenes of all combinations, equally many of each.
        contenders: networks and baselines.
        trained: by contender and number of combinations held out.
        looks: tables of units and probes of the networks with two heads, by contender.
    """

    settings: CompositionSettings
    test: Scenes
    contenders: tuple[Contender, ...]
    trained: dict[tuple[Contender, int], Scored]
    looks: dict[Contender, pa.Table]

    @property
    def architectures(self) -> tuple[tuple[Contender, int], ...]:
        """What is to be trained: contenders with numbers of combinations held out."""
        numbers = sorted(set(self.settings.held_out))
        return tuple((who, number) for number in numbers for who in self.contenders)

    def is_unseen(self, held_out: int, number: int) -> np.ndarray:
        """Return which test scenes show a combination that a seed has not seen."""
        seen = _seen(self.settings.seed, held_out, number)
        return ~seen[self.test.labels[:, 0], self.test.labels[:, 1]]


def composition(
    settings: CompositionSettings,
    on_progress: Callable[[Composition], None] = lambda done: None,  # noqa: ARG005
    out: str | Path | None = None,
) -> Composition:
    """Return the answers of networks and baselines to combinations that were held out.

    Args:
        settings: what to do.
        on_progress: called before the first training and after each.
        out: a folder that keeps every training as Parquet: the same settings go on from there.

    Returns:
        the answers. Costs contenders x numbers held out x rates x seeds x epochs passes.

    Raises:
        InvalidInputError: when the folder holds results of other settings.
    """
    every = np.array([(s, c) for s in range(_HEADS[0]) for c in range(_HEADS[1])])
    test = scenes(np.repeat(every, settings.tests, axis=0), seed=settings.seed, stream=_TEST)
    done = Composition(settings, test, _contenders(settings), {}, {})
    shelf = Shelf(ResultFolder(out, "composition.json", settings).folder)
    on_progress(done)
    for who, held_out in done.architectures:
        runs, looks = (f"{kind}-{who.file}-{held_out}.parquet" for kind in ("runs", "looks"))
        is_looked_at = who.can_be_looked_at and held_out == settings.looked_at
        found, looked = shelf.read(runs), shelf.read(looks) if is_looked_at else None
        if found is None or (is_looked_at and looked is None):
            scored, looked = _trained(done, who, held_out, is_looked_at=is_looked_at)
            found = runs_table(scored)
            if looked is not None:
                shelf.write(looks, looked)
            shelf.write(runs, found)
        done.trained[who, held_out] = scored_from(who, held_out, found)
        if looked is not None:
            done.looks[who] = looked
        on_progress(done)
    return done


def training_scenes(settings: CompositionSettings, held_out: int, number: int) -> Scenes:
    """Return the scenes a seed trains on: those of seen combinations, in turn.

    Args:
        settings: of the comparison.
        held_out: how many combinations are not shown.
        number: of the seed.

    Returns:
        as many scenes as the settings say.
    """
    return _training_scenes(settings.scenes, settings.seed, held_out, number)


@functools.lru_cache(maxsize=8)  # every contender asks for the same
def _training_scenes(count: int, seed: int, held_out: int, number: int) -> Scenes:
    """Return so many scenes."""
    pairs = np.argwhere(_seen(seed, held_out, number))
    rows = pairs[np.arange(count) % len(pairs)]
    return scenes(rows, seed=seed, stream=_TRAIN + number)


def _seen(seed: int, held_out: int, number: int) -> np.ndarray:
    """Return which combinations a seed sees."""
    return seen_combinations(held_out, np.random.default_rng((seed, _DESIGN, number)))


def _contenders(settings: CompositionSettings) -> tuple[Contender, ...]:
    """Return networks and baselines."""
    shape = (24, 24, 3)
    deepest = max(settings.dense)
    plain = [Architecture(shape, (settings.width,) * n, _HEADS) for n in settings.dense]
    wide = [
        Architecture(shape, (settings.channels,) * n, _HEADS, is_convolutional=True)
        for n in settings.convolutional
    ]
    joint = [Architecture(shape, (settings.width,) * deepest, (36,))]
    if settings.convolutional:
        layers = (settings.channels,) * max(settings.convolutional)
        joint.append(Architecture(shape, layers, (36,), is_convolutional=True))
    logistic = Architecture(shape, (), _HEADS)
    networks = [Contender(x) for x in (*plain, *wide, logistic, *joint)]
    return (*networks, Contender(None))


def _trained(
    done: Composition, who: Contender, held_out: int, *, is_looked_at: bool
) -> tuple[Scored, pa.Table | None]:
    """Return what a contender answers for every seed, and a look at its units."""
    settings, parts, looks = done.settings, [], []
    for number in range(settings.seeds):
        samples = _samples(done, who, held_out, number)
        parts.append(_runs(settings, who, samples, number))
    scored = Scored.stacked(who, held_out, parts)
    if not is_looked_at:
        return scored, None
    for number, runs in enumerate(parts):
        samples = _samples(done, who, held_out, number)
        looks += _look(done, who, samples, runs, scored.best, number)
    return scored, looks_table(looks)


def _samples(done: Composition, who: Contender, held_out: int, number: int) -> Samples:
    """Return the scenes of a seed as a contender is given them."""
    own = training_scenes(done.settings, held_out, number)
    labels, tests = (
        (x.labels if who.has_two_heads else x.combination[:, None]) for x in (own, done.test)
    )
    return Samples(own.images - _GREY, labels, done.test.images - _GREY, tests)


def _runs(settings: CompositionSettings, who: Contender, samples: Samples, number: int) -> Runs:
    """Return the runs of one seed at every rate; the nearest neighbor has none to choose."""
    if who.architecture is None:
        held = nearest(samples.inputs, samples.labels, samples.test_inputs)
        nothing = np.full((1, 1), np.nan)
        return Runs(
            np.array([np.nan]), np.array([number]), np.zeros((1, 1), int), nothing, nothing,
            held[None, None], (), np.zeros((1, 1, 0)),
        )  # fmt: skip
    training = Training(settings.epochs, settings.batch, settings.patience)
    return train(
        who.architecture, training, samples, sorted(settings.rates), [number], seed=settings.seed
    )


def _look(
    done: Composition, who: Contender, samples: Samples, runs: Runs, best: int, number: int
) -> list[dict]:
    """Return rows for the units of the last layer and for linear readers of all layers."""
    network = who.architecture
    kept = jax.tree.map(lambda leaf: leaf[best, 0], runs.parameters)
    unseen = done.is_unseen(done.settings.looked_at, number)
    tests = done.test.labels
    rows = []
    if network is None:
        return []
    if network.widths:
        found = units(network, kept, samples.test_inputs, tests, unseen)
        rows += [
            {"seed": number, "what": "unit", "number": unit, "values": [*shares, *drops]}
            for unit, (shares, drops) in enumerate(zip(found.shares, found.drops, strict=True))
        ]
    own, other = (layer_features(network, kept, x) for x in (samples.inputs, samples.test_inputs))
    for layer, (a, b) in enumerate(zip(own, other, strict=True)):
        right = [probe(a, samples.labels[:, factor], b) == tests[:, factor] for factor in (0, 1)]
        values = [x[where].mean() for x in right for where in (unseen, ~unseen)]
        rows.append({"seed": number, "what": "layer", "number": layer, "values": values})
    return rows
