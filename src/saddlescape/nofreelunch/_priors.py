"""Priors that fit: classifiers on signals as they are, and with scrambled coordinates."""

import dataclasses
from collections.abc import Callable, Sequence
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jaxtyping import Array, Float, Int
from scipy import stats

from saddlescape.core import Data, InvalidInputError, Key, key_for
from saddlescape.nofreelunch._prior_networks import (
    AbstractClassifier,
    Convolutional,
    Dense,
    Linear,
    Parameters,
    dense_like,
)

_LEVEL = 0.95  # of intervals


@dataclasses.dataclass(frozen=True)
class Estimate:
    """A mean over seeds with its interval.

    Args:
        mean: of the values.
        half_width: of the 95 % confidence interval by Student's t; None for a single value.
    """

    mean: float
    half_width: float | None


def estimate(values: Sequence[float] | np.ndarray) -> Estimate:
    """Return the mean of independent values, with its 95 % interval.

    Args:
        values: one or more.

    Returns:
        the estimate.

    Example:
        >>> told = estimate([1.0, 2.0, 3.0])
        >>> told.mean, round(told.half_width, 3)      # 4.303 / sqrt(3)
        (2.0, 2.484)
    """
    each = np.asarray(values, float)
    if len(each) < 2:
        return Estimate(float(each.mean()), None)
    quantile = float(stats.t.ppf((1 + _LEVEL) / 2, len(each) - 1))
    return Estimate(float(each.mean()), quantile * float(each.std(ddof=1)) / len(each) ** 0.5)


@dataclasses.dataclass(frozen=True, eq=False)
class PriorsTable:
    """Test accuracies, with coordinates in order and scrambled.

    Args:
        classifiers: what was trained.
        num_parameters: of each.
        plain: test accuracy, classifiers by seeds.
        scrambled: the same after one fixed permutation of the coordinates.
        train: accuracy on the training set, both ways: shape (2, classifiers, seeds).
        steps: of Adam.
    """

    classifiers: tuple[AbstractClassifier, ...]
    num_parameters: tuple[int, ...]
    plain: Float[np.ndarray, "c s"]
    scrambled: Float[np.ndarray, "c s"]
    train: Float[np.ndarray, "2 c s"]
    steps: int

    def gain(self, first: int, second: int, *, is_scrambled: bool) -> Estimate:
        """Return by how much one classifier beats another, seed by seed.

        Args:
            first: number of the one.
            second: number of the other.
            is_scrambled: which accuracies to compare.

        Returns:
            the difference of accuracies.
        """
        accuracy = self.scrambled if is_scrambled else self.plain
        return estimate(accuracy[first] - accuracy[second])


def default_classifiers(num_inputs: int, num_classes: int) -> tuple[AbstractClassifier, ...]:
    """Return a linear, two fully connected and a convolutional classifier.

    Args:
        num_inputs: length of a signal.
        num_classes: number of logits.

    Returns:
        the second fully connected one has as many parameters as the convolutional one.
    """
    conv = Convolutional()
    return (Linear(), Dense(), dense_like(conv, num_inputs, num_classes), conv)


def priors(
    train: Data | None,
    test: Data | None,
    classifiers: Sequence[AbstractClassifier] | None = None,
    *,
    num_seeds: int = 3,
    steps: int = 6_000,
    rate: float = 0.01,
    batch: int = 100,
    seed: int = 0,
    on_progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> PriorsTable:
    """Return how classifiers fare on signals in order, and with scrambled coordinates.

    Each is trained by Adam, the rate falling to 0 along a cosine, and tested once, at the end.

    Args:
        train: signals with their classes.
        test: the same, not used before the end.
        classifiers: those of `default_classifiers` if None.
        num_seeds: trainings of each, from different starts and with different batches.
        steps: of Adam.
        rate: the first learning rate.
        batch: signals per step, drawn with replacement.
        seed: of starts, batches and the permutation.
        on_progress: called with the number of finished trainings, and of all.

    Returns:
        accuracies: estimates, not exact.

    Raises:
        InvalidInputError: for a regression problem, no test part, or numbers below 1.

    Notes:
        Single precision. Costs 2 num_seeds trainings of each classifier.
    """
    if train is None or test is None:
        msg = "there is no test part: give samples to train on, and others to test with"
        raise InvalidInputError(msg)
    if min(num_seeds, steps, batch) < 1:
        msg = f"{num_seeds} seeds, {steps} steps, batches of {batch}: give at least 1 of each"
        raise InvalidInputError(msg)
    num_inputs, num_classes = train.inputs.shape[1], train.num_classes
    chosen = default_classifiers(num_inputs, num_classes) if classifiers is None else classifiers
    order = jax.random.permutation(key_for(seed, "scrambled coordinates"), num_inputs)
    accuracy = np.zeros((2, 2, len(chosen), num_seeds))
    total, done = 2 * len(chosen) * num_seeds, 0
    for number, one in enumerate(chosen):
        for item in range(num_seeds):
            for way in (0, 1):
                on_progress(done, total)
                parts = [
                    (jnp.asarray(x.inputs, jnp.float32), jnp.asarray(x.targets))
                    for x in (train, test)
                ]
                parts = [(x[:, order] if way else x, y) for x, y in parts]
                key = key_for(seed, f"training of {one.name}", item)
                start = one.init(key_for(key, "start"), num_inputs, num_classes)
                found = _trained(one, steps, batch, jnp.float32(rate), key, start, *parts[0])
                told = [_accuracy(one, found, *part) for part in parts]
                accuracy[:, way, number, item] = told
                done += 1
    on_progress(done, total)
    sizes = tuple(one.num_parameters(num_inputs, num_classes) for one in chosen)
    return PriorsTable(tuple(chosen), sizes, accuracy[1, 0], accuracy[1, 1], accuracy[0], steps)


@partial(jax.jit, static_argnums=(0, 1, 2))
def _trained(
    one: AbstractClassifier,
    steps: int,
    batch: int,
    rate: Float[Array, ""],
    key: Key,
    start: Parameters,
    signals: Float[Array, "n d"],
    labels: Int[Array, " n"],
) -> Parameters:
    """Return parameters after training."""
    rule = optax.scale_by_adam()

    def loss(parameters, chosen):
        logits = one.logits(parameters, signals[chosen])
        return optax.softmax_cross_entropy_with_integer_labels(logits, labels[chosen]).mean()

    def step(number, state):
        parameters, moments = state
        chosen = jax.random.randint(key_for(key, "batch", number), (batch,), 0, len(labels))
        gradient = jax.grad(loss)(parameters, chosen)
        change, moments = rule.update(gradient, moments)
        now = rate * 0.5 * (1 + jnp.cos(jnp.pi * number.astype(jnp.float32) / steps))
        change = jax.tree.map(lambda x: -now * x, change)
        return optax.apply_updates(parameters, change), moments

    return jax.lax.fori_loop(0, steps, step, (start, rule.init(start)))[0]


@partial(jax.jit, static_argnums=0)
def _accuracy(
    one: AbstractClassifier,
    parameters: Parameters,
    signals: Float[Array, "n d"],
    labels: Int[Array, " n"],
) -> Float[Array, ""]:
    """Return the share of signals that are classified right."""
    return (one.logits(parameters, signals).argmax(axis=1) == labels).mean()
