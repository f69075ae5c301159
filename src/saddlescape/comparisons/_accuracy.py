"""Accuracy by depth and by size: every network trained by the same budget."""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import cast

import jax
import numpy as np

from saddlescape import problems
from saddlescape.comparisons._records import Shelf, Trained, record
from saddlescape.comparisons._settings import AccuracySettings
from saddlescape.core import Data, InvalidInputError, key_for
from saddlescape.depth import Architecture, Samples, Training, sized, train
from saddlescape.setups import ResultFolder

EXPERIMENTS = ("equal parameters", "equal width", "sizes")
_SHAPES = {"mnist1d": (40, 1), "mnist": (28, 28, 1), "digits": (8, 8, 1)}
_TEST = 0.3  # of data whose makers set no test part apart


@dataclasses.dataclass(frozen=True, eq=False)
class Accuracy:
    """Networks of many depths and sizes, trained.

    Args:
        settings: what was asked for.
        problem: the data.
        samples: as the networks saw them.
        plan: for every experiment its architectures.
        trained: by architecture; some are missing while the work is not done.
    """

    settings: AccuracySettings
    problem: problems.Problem
    samples: Samples
    plan: dict[str, tuple[Architecture, ...]]
    trained: dict[Architecture, Trained]

    @property
    def architectures(self) -> tuple[Architecture, ...]:
        """Every architecture once, in the order in which they are trained."""
        return tuple(dict.fromkeys(x for group in self.plan.values() for x in group))

    def of(self, experiment: str, *, is_convolutional: bool) -> list[Trained]:
        """Return the networks of one kind in an experiment.

        Args:
            experiment: of `EXPERIMENTS`.
            is_convolutional: which kind.

        Returns:
            in the order of the plan.
        """
        group = [x for x in self.plan[experiment] if x.is_convolutional == is_convolutional]
        return [self.trained[x] for x in group]


def accuracy(
    settings: AccuracySettings,
    on_progress: Callable[[Accuracy], None] = lambda done: None,  # noqa: ARG005
    out: str | Path | None = None,
) -> Accuracy:
    """Return networks of every depth and size, trained from every seed at every rate.

    Args:
        settings: what to do.
        on_progress: called before the first architecture and after each.
        out: a folder that keeps every architecture as Parquet: the same settings go on from there.

    Returns:
        the networks' accuracies. Costs architectures x rates x seeds x epochs passes.

    Raises:
        InvalidInputError: when data and settings do not fit together, or the folder holds results
            of other settings.
    """
    problem = _problem(settings)
    samples = _samples(problem, settings)
    done = Accuracy(settings, problem, samples, _plan(settings, samples), {})
    shelf = Shelf(ResultFolder(out, "accuracy.json", settings).folder)
    training = Training(settings.epochs, settings.batch, settings.patience)
    on_progress(done)
    for architecture in done.architectures:
        found = shelf.trained(architecture, len(settings.rates))
        if found is None:
            runs = train(
                architecture, training, samples, sorted(settings.rates), range(settings.seeds),
                seed=settings.seed,
            )  # fmt: skip
            found = record(architecture, runs, samples)
            shelf.keep(found)
        done.trained[architecture] = found
        on_progress(done)
    return done


def _problem(settings: AccuracySettings) -> problems.Problem:
    """Return the problem, if it has classes."""
    if settings.problem is not None:
        problem = problems.load(settings.problem, samples=settings.samples)
    else:
        problem = problems.from_file(
            settings.data or "", settings.target or "", inputs=settings.inputs,
            task=settings.task, missing=settings.missing, samples=settings.samples,
        )  # fmt: skip
    if problem.data is None or not problem.data.is_classification:
        msg = f"{problem.name!r} has no classes to tell apart: choose mnist1d, mnist or digits"
        raise InvalidInputError(msg)
    return problem


def _samples(problem: problems.Problem, settings: AccuracySettings) -> Samples:
    """Return the samples in their shape, with a test part of their own or one set apart here."""
    data, test = cast("Data", problem.data), problem.test
    shape = _SHAPES.get(problem.name, (data.num_inputs,))
    inputs = np.asarray(data.inputs, np.float32).reshape(-1, *shape)
    labels = np.asarray(data.targets, np.int32)[:, None]
    if test is not None:
        held = np.asarray(test.inputs, np.float32).reshape(-1, *shape)
        return Samples(inputs, labels, held, np.asarray(test.targets, np.int32)[:, None])
    order = np.asarray(_permutation(settings.seed, len(inputs)))
    num_held = round(_TEST * len(order))
    held, own = order[:num_held], order[num_held:]
    return Samples(inputs[own], labels[own], inputs[held], labels[held])


def _permutation(seed: int, count: int) -> np.ndarray:
    """Return an order that depends on the seed alone."""
    return np.asarray(jax.random.permutation(key_for(seed, "test part"), count))


def _plan(settings: AccuracySettings, samples: Samples) -> dict[str, tuple[Architecture, ...]]:
    """Return the architectures of every experiment."""
    shape, heads = samples.inputs.shape[1:], (int(samples.labels.max()) + 1,)
    kinds = (False, True) if len(shape) > 1 else (False,)
    depths = sorted(set(settings.depths))
    width = {False: settings.width, True: settings.channels}
    return {
        "equal parameters": tuple(
            sized(shape, heads, depth, settings.parameters, is_convolutional=kind)
            for kind in kinds
            for depth in depths
        ),
        "equal width": tuple(
            Architecture(shape, (width[kind],) * depth, heads, kind)
            for kind in kinds
            for depth in depths
        ),
        "sizes": tuple(
            sized(shape, heads, depth, size, is_convolutional=kind)
            for kind in kinds
            for depth in (1, settings.deep)
            for size in sorted(set(settings.sizes))
        ),
    }
