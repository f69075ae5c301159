"""Every learner on every target: the theorem of learning as a table."""

import dataclasses
import itertools
import math
from collections.abc import Callable, Sequence
from fractions import Fraction

import jax
import numpy as np
from jaxtyping import Int

from saddlescape.core import InvalidInputError, UnknownNameError, key_for
from saddlescape.nofreelunch._learner import AbstractLearner
from saddlescape.nofreelunch._learners import (
    AntiMajority,
    Coin,
    Majority,
    NearestNeighbour,
    ParityGuesser,
)
from saddlescape.nofreelunch._targets import TARGET_CLASSES, TargetClass, inputs_of, target_class
from saddlescape.nofreelunch._trained import (
    DecisionTree,
    LogisticRegression,
    Perceptron,
    has_sklearn,
)

LEARNERS: dict[str, AbstractLearner] = {
    learner.name.replace(" ", "-"): learner
    for learner in (
        Perceptron((16,)), Perceptron((16, 16)), Perceptron((16, 16, 16)), NearestNeighbour(),
        DecisionTree(), LogisticRegression(), Majority(), AntiMajority(), ParityGuesser(), Coin(),
    )
}  # fmt: skip
"""Every learner by the name the command line knows it by."""
_MOST_LABELLINGS = 2**14  # of a training set: each learner is trained on all of them


@dataclasses.dataclass(frozen=True)
class Score:
    """The off-training-set error of a learner, on average over targets and training sets.

    Args:
        mean: the share of wrong labels, exact for the training sets that were drawn.
        by_training_set: the same for each training set.
        is_every_set: whether those are all there are: then `mean` is exact for a training set drawn
            at random.
    """

    mean: Fraction
    by_training_set: tuple[Fraction, ...]
    is_every_set: bool

    @property
    def error(self) -> float | None:
        """The standard error of the mean over training sets; None where it is exact."""
        if self.is_every_set or len(self.by_training_set) < 2:
            return None
        each = np.array([float(mean) for mean in self.by_training_set])
        return float(each.std(ddof=1) / math.sqrt(len(each)))


@dataclasses.dataclass(frozen=True)
class ClassScore:
    """A learner on one class of targets, and on all others.

    Args:
        on_class: its error there.
        gain: right labels on the class beyond one half, summed over its targets and averaged over
            training sets.
        loss: the same over all other targets: gain and loss add to zero.
    """

    on_class: Score
    gain: Fraction
    loss: Fraction


@dataclasses.dataclass(frozen=True, eq=False)
class LearningTable:
    """What an enumeration of learners found.

    Args:
        bits: of the inputs.
        training_sets: numbers of the inputs in each.
        learners: each with its name and description.
        classes: the classes of targets.
        everywhere: each learner on all targets.
        contrasts: for each learner, for each class.
        training_error: for each learner, the share of wrong labels on the training sets.
        histograms: for each learner, how many pairs of a target and a training set have each number
            of wrong labels, from none to all; counts in halves of a label where coins are tossed,
            which is what the number of votes says.
        by_target: for each learner, the error on each target, averaged over training sets.
    """

    bits: int
    training_sets: Int[np.ndarray, "s t"]
    learners: tuple[AbstractLearner, ...]
    classes: tuple[TargetClass, ...]
    everywhere: tuple[Score, ...]
    contrasts: tuple[tuple[ClassScore, ...], ...]
    training_error: tuple[Fraction, ...]
    histograms: tuple[tuple[int, ...], ...]
    by_target: np.ndarray

    @property
    def num_targets(self) -> int:
        """How many targets there are, 2^(2^bits)."""
        return 2**2**self.bits

    @property
    def num_asked(self) -> int:
        """How many inputs are outside the training set."""
        return 2**self.bits - self.training_sets.shape[1]

    @property
    def is_free_lunch_found(self) -> bool:
        """Whether the theorem failed: some learner's error on all targets is not one half."""
        half = Fraction(1, 2)
        return any({*s.by_training_set, s.mean} != {half} for s in self.everywhere)


def learner(name: str) -> AbstractLearner:
    """Return a learner.

    Args:
        name: a key of `LEARNERS`.

    Returns:
        the learner.

    Raises:
        UnknownNameError: for any other name.

    Example:
        >>> learner("nearest-neighbour").name
        'nearest neighbour'
    """
    if name not in LEARNERS:
        msg = f"no learner is called {name!r}: choose of {', '.join(LEARNERS)}"
        raise UnknownNameError(msg)
    return LEARNERS[name]


def default_learners() -> tuple[str, ...]:
    """Return the learners there are without further packages, and with them where installed."""
    foreign = {"decision-tree", "logistic-regression"}
    return tuple(name for name in LEARNERS if name not in foreign or has_sklearn())


def learn(
    bits: int = 4,
    train: int = 8,
    learners: Sequence[AbstractLearner] | None = None,
    classes: Sequence[str] | None = None,
    *,
    num_sets: int = 8,
    seed: int = 0,
    on_progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> LearningTable:
    """Return how learners fare on every Boolean target, and on classes of targets.

    A learner sees the labels of its training set and nothing else, so one training for each of
    their 2^train labellings gives its predictions for all 2^(2^bits) targets, exactly. The wrong
    labels are then counted target by target.

    Args:
        bits: of the inputs.
        train: inputs in a training set.
        learners: by default those of `default_learners`.
        classes: names of classes; all of `TARGET_CLASSES` by default.
        num_sets: training sets, drawn at random; all there are where that is fewer.
        seed: of training sets and of the random class.
        on_progress: called with the number of finished trainings of a learner on a training set,
            and of all.

    Returns:
        a table of exact ratios.

    Raises:
        InvalidInputError: for bits or training sets that cannot be enumerated.

    Notes:
        Costs num_sets 2^train trainings of each learner: seconds for 4 bits and 8 examples.

    References:
        Wolpert (1996), The lack of a priori distinctions between learning algorithms.

    Example:
        >>> table = learn(3, 4, [learner("majority"), learner("nearest-neighbour")], num_sets=3)
        >>> [str(score.mean) for score in table.everywhere]
        ['1/2', '1/2']
    """
    sets, is_every = training_sets(bits, train, num_sets, seed)
    names = default_learners() if learners is None else ()
    chosen = tuple(learner(name) for name in names) if learners is None else tuple(learners)
    groups = tuple(
        target_class(name, bits, seed=seed)
        for name in (TARGET_CLASSES if classes is None else classes)
    )
    rows, done = [], 0
    for one in chosen:
        wrong, wrong_seen = [], 0
        for chosen_inputs in sets:
            on_progress(done, len(chosen) * len(sets))
            off, on = _wrong(one, bits, chosen_inputs)
            wrong.append(off)
            wrong_seen += on
            done += 1
        rows.append(_row(one, np.array(wrong), groups, (bits, train, is_every), wrong_seen))
    on_progress(done, done)
    everywhere, contrasts, on_seen, histograms, by_target = zip(*rows, strict=True)
    return LearningTable(
        bits, sets, chosen, groups, everywhere, contrasts, on_seen, histograms,
        np.array(by_target),
    )  # fmt: skip


def training_sets(
    bits: int, train: int, num_sets: int, seed: int
) -> tuple[Int[np.ndarray, "s t"], bool]:
    """Return training sets, and whether they are all there are.

    Args:
        bits: of the inputs.
        train: inputs in each.
        num_sets: how many to draw.
        seed: of the draws; set number i depends on it and on i alone.

    Returns:
        numbers of inputs, increasing in each row.

    Raises:
        InvalidInputError: when there are no such sets, or too many labellings of one.

    Example:
        >>> training_sets(2, 3, 10, 0)[0].tolist()
        [[0, 1, 2], [0, 1, 3], [0, 2, 3], [1, 2, 3]]
    """
    num_inputs = len(inputs_of(bits))
    if not 1 <= train < num_inputs:
        msg = (
            f"{train} of {num_inputs} inputs for training: give 1 to {num_inputs - 1}, so that "
            "some are left to be asked"
        )
        raise InvalidInputError(msg)
    if 2**train > _MOST_LABELLINGS:
        most = _MOST_LABELLINGS.bit_length() - 1
        msg = (
            f"{train} examples have {2**train:,} labellings, and every learner is trained on all: "
            f"give at most {most}"
        )
        raise InvalidInputError(msg)
    if num_sets < 1:
        msg = f"{num_sets} training sets: give at least 1"
        raise InvalidInputError(msg)
    if num_sets >= math.comb(num_inputs, train):
        return np.array(list(itertools.combinations(range(num_inputs), train))), True
    keys = (key_for(seed, "training set", number) for number in range(num_sets))
    drawn = [np.asarray(jax.random.permutation(key, num_inputs))[:train] for key in keys]
    return np.sort(np.array(drawn), axis=1), False


def _wrong(one: AbstractLearner, bits: int, chosen: np.ndarray) -> tuple[np.ndarray, int]:
    """Return wrong votes outside the training set for every target, and inside for all together."""
    inputs = inputs_of(bits)
    others = np.setdiff1d(np.arange(len(inputs)), chosen)
    labels = np.arange(2 ** len(chosen))[:, None] >> np.arange(len(chosen)) & 1
    votes = one.votes(inputs[chosen], labels, inputs)
    unseen = np.arange(2 ** len(others))[:, None] >> np.arange(len(others)) & 1
    off = votes[:, others] @ (1 - unseen).T + (one.num_votes - votes[:, others]) @ unseen.T
    # A target is its labels inside and outside the training set, each bit at its input's place.
    number = (labels @ (1 << chosen))[:, None] + unseen @ (1 << others)
    by_target = np.empty(number.size, np.int64)
    by_target[number] = off
    on = np.where(labels == 1, one.num_votes - votes[:, chosen], votes[:, chosen])
    return by_target, int(on.sum())


def _row(
    one: AbstractLearner,
    wrong: Int[np.ndarray, "s f"],
    groups: tuple[TargetClass, ...],
    sizes: tuple[int, int, bool],
    wrong_seen: int,
) -> tuple:
    """Return what one learner's wrong votes amount to."""
    bits, train, is_every = sizes
    num_sets, num_targets = wrong.shape
    scale = one.num_votes * (2**bits - train)

    def score(is_in: np.ndarray) -> Score:
        size = int(is_in.sum()) * scale
        each = tuple(Fraction(int(row[is_in].sum()), size) for row in wrong)
        return Score(sum(each, Fraction(0)) / num_sets, each, is_every)

    def gain(is_in: np.ndarray) -> Fraction:
        right = scale * int(is_in.sum()) * num_sets - 2 * int(wrong[:, is_in].sum())
        return Fraction(right, 2 * num_sets * one.num_votes)

    contrasts = tuple(
        ClassScore(score(group.is_in), gain(group.is_in), gain(~group.is_in)) for group in groups
    )
    on_seen = Fraction(wrong_seen, num_sets * 2**train * train * one.num_votes)
    histogram = tuple(np.bincount(wrong.ravel(), minlength=scale + 1).tolist())
    every = score(np.ones(num_targets, bool))
    return every, contrasts, on_seen, histogram, wrong.mean(axis=0) / scale
