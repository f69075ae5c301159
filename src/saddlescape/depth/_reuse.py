"""Which hidden units respond to one factor, and what breaks without them: reuse of features."""

import dataclasses
import functools
from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from saddlescape.core import InvalidInputError
from saddlescape.depth._architecture import Architecture, Parameters

_RIDGE = 1e-3  # of the mean variance of the features: enough to solve, too little to be felt


@dataclasses.dataclass(frozen=True, eq=False)
class Units:
    """The units of the last hidden layer: what they tell apart, and what is lost without them.

    Args:
        shares: of the variance of each unit that is explained by the first label, by the second,
            and by their combination beyond both, shape (units, 3); NaN for a silent unit.
        drops: accuracy each head loses when the unit is held at its mean, shape (units, heads).
    """

    shares: Float[np.ndarray, "units 3"]
    drops: Float[np.ndarray, "units heads"]


def variance_shares(
    values: Float[np.ndarray, "n units"], labels: Int[np.ndarray, "n 2"]
) -> Float[np.ndarray, "units 3"]:
    """Return how much of each unit's variance two factors explain: an analysis of variance.

    Args:
        values: activities; every combination of labels must occur equally often.
        labels: of both factors.

    Returns:
        shares of the first factor, of the second, and of their combination beyond both.

    Raises:
        InvalidInputError: when combinations do not occur equally often.

    Example:
        >>> labels = np.array([(a, b) for a in (0, 1) for b in (0, 1)])
        >>> variance_shares(1.0 * labels, labels).round(12).tolist()
        [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]
    """
    sizes = labels.max(axis=0) + 1
    cell = labels[:, 0] * sizes[1] + labels[:, 1]
    counts = np.bincount(cell, minlength=sizes.prod())
    if len(set(counts.tolist())) != 1:
        msg = "combinations of labels occur unequally often: give as many samples of each"
        raise InvalidInputError(msg)
    values = np.asarray(values, float)
    sums = np.zeros((sizes.prod(), values.shape[1]))
    np.add.at(sums, cell, values)
    means = (sums / counts[0]).reshape(*sizes, -1)
    total = values.var(axis=0)
    first, second = means.mean(axis=1).var(axis=0), means.mean(axis=0).var(axis=0)
    both = means.var(axis=(0, 1)) - first - second
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(
            total[:, None] > 0, np.stack([first, second, both], 1) / total[:, None], np.nan
        )


def units(
    architecture: Architecture,
    parameters: Parameters,
    inputs: Float[np.ndarray, "n ..."],
    labels: Int[np.ndarray, "n 2"],
    asked: np.ndarray,
) -> Units:
    """Return what the units of the last hidden layer respond to, and what is lost without each.

    Args:
        architecture: with two heads and a hidden layer.
        parameters: of the network.
        inputs: shape (n, *shape), every combination of labels equally often.
        labels: of both factors.
        asked: which of the samples count for the loss of accuracy, shape (n,).

    Returns:
        one row per unit; of a convolutional network, per channel. Costs one pass, and the heads
        once per unit.

    Raises:
        InvalidInputError: when there is no hidden layer, or combinations occur unequally often.
    """
    if not architecture.widths or len(architecture.heads) != 2:
        msg = f"{architecture} has no hidden layer or not two heads: there is no unit to look at"
        raise InvalidInputError(msg)
    x, y = jnp.asarray(inputs, jnp.float32), jnp.asarray(labels, jnp.int32)
    means, drops = _ablated(architecture, parameters, x, y, jnp.asarray(asked))
    return Units(variance_shares(np.asarray(means), labels), np.asarray(drops))


@functools.partial(jax.jit, static_argnums=0)
def _ablated(
    architecture: Architecture, parameters: Parameters, x: Array, y: Array, asked: Array
) -> tuple[Array, Array]:
    """Return every unit's mean over places, sample by sample, and the losses of accuracy."""
    values = architecture.hidden(parameters, x)[-1]
    axes = tuple(range(values.ndim - 1))

    def accuracy(values: Array) -> Array:
        heads = architecture.read(parameters, values)
        right = jnp.stack([h.argmax(axis=1) for h in heads], axis=1) == y
        return (right & asked[:, None]).sum(axis=0) / asked.sum()

    def without(unit: Array) -> Array:
        is_gone = jnp.expand_dims(jnp.arange(values.shape[-1]) == unit, axes)
        held = jnp.expand_dims(values.mean(axis=axes), axes)
        return accuracy(jnp.where(is_gone, held, values))

    lost = accuracy(values)[None] - jax.lax.map(without, jnp.arange(values.shape[-1]))
    return values.reshape(len(x), -1, values.shape[-1]).mean(axis=1), lost


def probe(
    features: Float[np.ndarray, "n f"],
    labels: Int[np.ndarray, " n"],
    test_features: Float[np.ndarray, "t f"],
) -> Int[np.ndarray, " t"]:
    """Return what a linear reader of some features answers: least squares on one-hot labels.

    Args:
        features: to fit.
        labels: to fit.
        test_features: to answer.

    Returns:
        the labels with the largest output.
    """
    mean, size = features.mean(axis=0), len(features)
    centered = np.asarray(features - mean, float)
    targets = np.eye(labels.max() + 1)[labels]
    ridge = _RIDGE * max(float((centered**2).mean()), np.finfo(float).tiny)
    gram = centered.T @ centered / size + ridge * np.eye(centered.shape[1])
    weights = np.linalg.solve(gram, centered.T @ (targets - targets.mean(axis=0)) / size)
    return ((test_features - mean) @ weights + targets.mean(axis=0)).argmax(axis=1)


def layer_features(
    architecture: Architecture, parameters: Parameters, inputs: Float[np.ndarray, "n ..."]
) -> Sequence[np.ndarray]:
    """Return what a linear reader sees at every layer, the inputs first.

    Args:
        architecture: of the network.
        parameters: of the network.
        inputs: shape (n, *shape).

    Returns:
        one array of shape (n, features) per layer; convolutional layers are averaged over the grid
        that the heads read.
    """
    seen = _all_features(architecture, parameters, jnp.asarray(inputs, jnp.float32))
    return [
        np.asarray(inputs, float).reshape(len(inputs), -1),
        *(np.asarray(v, float) for v in seen),
    ]


@functools.partial(jax.jit, static_argnums=0)
def _all_features(architecture: Architecture, parameters: Parameters, x: Array) -> list[Array]:
    """Return the features of every hidden layer."""
    return [architecture.pooled(values) for values in architecture.hidden(parameters, x)]


def nearest(
    inputs: Float[np.ndarray, "n ..."],
    labels: Int[np.ndarray, "n heads"],
    test_inputs: Float[np.ndarray, "t ..."],
    neighbors: int = 1,
) -> Int[np.ndarray, "t heads"]:
    """Return the labels that most of the nearest samples have, for each head on its own.

    Args:
        inputs: shape (n, *shape).
        labels: shape (n, heads).
        test_inputs: shape (t, *shape).
        neighbors: how many vote; of equally many votes those of nearer samples count more.

    Returns:
        shape (t, heads). With one neighbor it is always a combination that was seen.
    """
    a = np.asarray(inputs, float).reshape(len(inputs), -1)
    b = np.asarray(test_inputs, float).reshape(len(test_inputs), -1)
    distances = (a**2).sum(axis=1)[None, :] - 2 * b @ a.T  # less a term that all share
    near = np.argsort(distances, axis=1, kind="stable")[:, :neighbors]
    # Less than one vote in all: it decides ties alone.
    weights = 1 + np.arange(near.shape[1], 0, -1) / (1 + near.shape[1]) ** 2
    votes = [
        (weights[None, :, None] * np.eye(head.max() + 1)[head[near]]).sum(axis=1)
        for head in labels.T
    ]
    return np.stack([x.argmax(axis=1) for x in votes], axis=1)


def by_factor(
    architecture: Architecture,
    parameters: Parameters,
    inputs: Float[np.ndarray, "n ..."],
    sizes: tuple[int, int],
) -> Int[np.ndarray, "n 2"]:
    """Return two labels read off one head for their combinations, from sums of its probabilities.

    The likeliest combination is always one that was seen; the likeliest row with the likeliest
    column need not be.

    Args:
        architecture: with one head.
        parameters: of the network.
        inputs: shape (n, *shape).
        sizes: classes of the first and of the second label; combinations are numbered first x
            classes of the second + second.

    Returns:
        shape (n, 2).
    """
    x = jnp.asarray(inputs, jnp.float32)
    return np.asarray(_by_factor(architecture, sizes, parameters, x))


@functools.partial(jax.jit, static_argnums=(0, 1))
def _by_factor(
    architecture: Architecture, sizes: tuple[int, int], parameters: Parameters, x: Array
) -> Array:
    """Return the likeliest row and the likeliest column."""
    (logits,) = architecture.logits(parameters, x)
    grid = jax.nn.softmax(logits).reshape(-1, *sizes)
    return jnp.stack([grid.sum(axis=2).argmax(axis=1), grid.sum(axis=1).argmax(axis=1)], axis=1)
