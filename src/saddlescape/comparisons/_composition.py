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
    Parameters,
    Runs,
    Samples,
    Scenes,
    Training,
    by_factor,
    layer_features,
    nearest,
    parts,
    probe,
    scenes,
    seen_combinations,
    train,
    units,
)
from saddlescape.setups import ResultFolder

_HEADS = (len(SHAPES), len(COLORS))
_GREY = 0.3  # about the mean of a scene, taken from every value
_TRAIN, _DESIGN, _TEST = 1_000_000, 2_000_000, 3_000_000  # streams of random numbers
_NEIGHBORS = (1, 3, 10, 30)


@dataclasses.dataclass(frozen=True, eq=False)
class Composition:
    """Who names unseen combinations.

    Args:
        settings: what was asked for.
        labels: of the test scenes, equally many of every combination; the same for all seeds.
        contenders: networks and baselines.
        trained: by contender and number of combinations held out.
        looks: tables of units and probes of the networks with two heads, by contender.
    """

    settings: CompositionSettings
    labels: np.ndarray
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
        return ~seen[self.labels[:, 0], self.labels[:, 1]]

    def tests(self, number: int) -> Scenes:
        """Return the test scenes of a seed; each seed has its own, so that seeds are independent.

        Args:
            number: of the seed.

        Returns:
            scenes in the order of `labels`.
        """
        return _test_scenes(self.settings.tests, self.settings.seed, number)


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
    labels = _test_labels(settings.tests)
    done = Composition(settings, labels, _contenders(settings), {}, {})
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


def _test_labels(count: int) -> np.ndarray:
    """Return so many of every combination."""
    every = np.array([(s, c) for s in range(_HEADS[0]) for c in range(_HEADS[1])])
    return np.repeat(every, count, axis=0)


@functools.lru_cache(maxsize=8)
def _test_scenes(count: int, seed: int, number: int) -> Scenes:
    """Return the test scenes of a seed."""
    return scenes(_test_labels(count), seed=seed, stream=_TEST + number)


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
    settings, found, looks = done.settings, [], []
    for number in range(settings.seeds):
        samples = _samples(done, who, held_out, number)
        found.append(_runs(settings, who, samples, number))
    scored = Scored.stacked(who, held_out, found)
    if not is_looked_at:
        return scored, None
    for number, runs in enumerate(found):
        samples = _samples(done, who, held_out, number)
        looks += _look(done, who, samples, runs, scored.best, number)
    return scored, looks_table(looks)


def _samples(done: Composition, who: Contender, held_out: int, number: int) -> Samples:
    """Return the scenes of a seed as a contender is given them."""
    own, test = training_scenes(done.settings, held_out, number), done.tests(number)
    labels, tests = (
        (x.labels if who.has_two_heads else x.combination[:, None]) for x in (own, test)
    )
    return Samples(own.images - _GREY, labels, test.images - _GREY, tests)


def _runs(settings: CompositionSettings, who: Contender, samples: Samples, number: int) -> Runs:
    """Return the runs of one seed at every rate, with answers for shape and color."""
    training = Training(settings.epochs, settings.batch, settings.patience)
    if who.architecture is None:
        return _neighbors(training, samples, number, settings.seed)
    runs = train(
        who.architecture, training, samples, sorted(settings.rates), [number], seed=settings.seed
    )
    if who.has_two_heads:
        return runs
    read = [
        by_factor(who.architecture, _of(runs, rate), samples.test_inputs, _HEADS)
        for rate in range(len(runs.rates))
    ]
    return dataclasses.replace(runs, predictions=np.stack(read)[:, None])


def _neighbors(training: Training, samples: Samples, number: int, seed: int) -> Runs:
    """Return what neighbors answer; how many of them is chosen as rates of networks are."""
    held, own = parts(training, len(samples.inputs), number, seed=seed)
    inputs, labels = samples.inputs[own], samples.labels[own]
    said = [
        [nearest(inputs, labels, x, count) for x in (samples.inputs[held], samples.test_inputs)]
        for count in _NEIGHBORS
    ]
    validated = np.array([[(x == samples.labels[held]).all(axis=1).mean()] for x, _ in said])
    return Runs(
        np.array(_NEIGHBORS, float), np.array([number]), np.zeros((len(said), 1), int),
        np.full((len(said), 1), np.nan), validated, np.stack([x for _, x in said])[:, None], (),
        np.zeros((len(said), 1, 0)),
    )  # fmt: skip


def _of(runs: Runs, rate: int) -> Parameters:
    """Return the parameters of the only seed at a rate."""
    return jax.tree.map(lambda leaf: leaf[rate, 0], runs.parameters)


def _look(
    done: Composition, who: Contender, samples: Samples, runs: Runs, best: int, number: int
) -> list[dict]:
    """Return rows for the units of the last layer and for linear readers of all layers."""
    network = who.architecture
    kept = _of(runs, best)
    unseen = done.is_unseen(done.settings.looked_at, number)
    tests = done.labels
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
