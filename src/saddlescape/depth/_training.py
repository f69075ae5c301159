"""One compiled training loop for all seeds and learning rates of an architecture."""

import dataclasses
import functools
from collections.abc import Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax.sharding import Mesh, PartitionSpec
from jaxtyping import Array, Float, Int

from saddlescape.core import InvalidInputError, Key, key_for, require_memory
from saddlescape.depth._architecture import Architecture, Parameters

_CHUNK = 500  # samples evaluated at once: their activities stay in the cache


@dataclasses.dataclass(frozen=True)
class Training:
    """How every network is trained: the same budget for all.

    Args:
        epochs: passes over the training part at most.
        batch: samples per step of Adam.
        patience: epochs without a better validation part after which a run stops.
        validation: the part of the samples that chooses when to stop and the learning rate.

    Raises:
        InvalidInputError: for numbers that cannot be.
    """

    epochs: int = 40
    batch: int = 50
    patience: int = 10
    validation: float = 0.2

    def __post_init__(self):
        if min(self.epochs, self.batch, self.patience) < 1 or not 0 < self.validation < 1:
            msg = f"{self}: give epochs, batch and patience of 1 or more, validation in (0, 1)"
            raise InvalidInputError(msg)


@dataclasses.dataclass(frozen=True, eq=False)
class Samples:
    """Samples to train and choose with, and samples only for the last evaluation.

    Args:
        inputs: shape (n, *shape).
        labels: shape (n, heads), one label for each head.
        test_inputs: shape (t, *shape), never used for a choice.
        test_labels: shape (t, heads).

    Raises:
        InvalidInputError: when these do not fit together.
    """

    inputs: np.ndarray
    labels: np.ndarray
    test_inputs: np.ndarray
    test_labels: np.ndarray

    def __post_init__(self):
        fits = (
            len(self.inputs) == len(self.labels)
            and len(self.test_inputs) == len(self.test_labels)
            and self.inputs.shape[1:] == self.test_inputs.shape[1:]
            and self.labels.ndim == 2
            and self.labels.shape[1:] == self.test_labels.shape[1:]
        )
        if not fits:
            shapes = [getattr(self, field.name).shape for field in dataclasses.fields(self)]
            msg = f"inputs, labels and test parts have shapes {shapes}: they do not fit together"
            raise InvalidInputError(msg)


@dataclasses.dataclass(frozen=True, eq=False)
class Runs:
    """Trained networks, one per rate and seed; each as it was when its validation part was best.

    Args:
        rates: learning rates, shape (r,).
        seeds: numbers of the seeds, shape (s,).
        epochs: until the run stopped, shape (r, s).
        train: accuracy on the training part (all heads right), shape (r, s).
        validation: accuracy on the validation part, shape (r, s).
        predictions: classes of the test samples, shape (r, s, t, heads).
        parameters: with leading axes (r, s).
        curve: loss on the validation part by epoch, shape (r, s, epochs); NaN once stopped.
    """

    rates: np.ndarray
    seeds: np.ndarray
    epochs: np.ndarray
    train: np.ndarray
    validation: np.ndarray
    predictions: np.ndarray
    parameters: Parameters
    curve: np.ndarray

    @property
    def best(self) -> int:
        """The number of the rate with the best mean accuracy on the validation parts."""
        return int(np.argmax(self.validation.mean(axis=1)))


class _State(NamedTuple):
    """A run after some epochs."""

    epoch: Array
    parameters: Parameters
    adam: Any
    best: Parameters
    best_score: Array
    best_epoch: Array
    curve: Array


def train(
    architecture: Architecture,
    training: Training,
    samples: Samples,
    rates: Sequence[float],
    seeds: Sequence[int],
    *,
    seed: int = 0,
) -> Runs:
    """Return the networks trained from every seed at every rate, in float32.

    A seed's number decides the validation part, the order of the samples and the start; the first
    two are the same for all architectures, so that runs can be compared in pairs. A run stops when
    its validation part (fewer errors, then lower loss) has not got better for `patience` epochs.

    Args:
        architecture: of the network.
        training: the budget.
        samples: to learn and to test.
        rates: Adam's learning rates.
        seeds: numbers of the runs.
        seed: of all random streams.

    Returns:
        the runs. Costs at most rates x seeds x epochs passes over the samples, spread over the
        devices; compiled once per architecture.

    Raises:
        InvalidInputError: when a part of the samples would be empty.
        MemoryBudgetError: when the samples or the networks would not fit into memory.

    Example:
        >>> x = np.linspace(-1, 1, 64)[:, None]
        >>> samples = Samples(x, (x > 0).astype(int), x, (x > 0).astype(int))
        >>> found = train(Architecture((1,), (4,), (2,)), Training(batch=8), samples, [0.1], [0])
        >>> bool((found.predictions[0, 0] == samples.test_labels).mean() > 0.9)
        True
    """
    num_held = round(training.validation * len(samples.inputs))
    if num_held < 1 or num_held >= len(samples.inputs):
        msg = f"{len(samples.inputs)} samples leave no validation or training part: give more"
        raise InvalidInputError(msg)
    _require_memory(architecture, samples, len(rates) * len(seeds), training.batch)
    numbers, steps = np.meshgrid(np.asarray(seeds, np.int32), np.asarray(rates, np.float32))
    arrays = (
        jnp.asarray(samples.inputs, jnp.float32), jnp.asarray(samples.labels, jnp.int32),
        jnp.asarray(samples.test_inputs, jnp.float32), jnp.asarray(samples.test_labels, jnp.int32),
    )  # fmt: skip
    key, count = jax.random.key(seed), numbers.size
    pad = -count % jax.local_device_count()
    lanes = [np.pad(x.ravel(), (0, pad), mode="edge") for x in (numbers, steps)]
    ends = _all_runs(architecture, training, num_held, key, *lanes, *arrays)
    shaped = jax.tree.map(
        lambda leaf: np.asarray(leaf)[:count].reshape(*numbers.shape, *leaf.shape[1:]), ends
    )
    return Runs(np.asarray(rates, float), np.asarray(seeds), **shaped)


def parts(
    training: Training, count: int, number: int, *, seed: int = 0
) -> tuple[Int[np.ndarray, " v"], Int[np.ndarray, " o"]]:
    """Return which samples a seed's number validates on, and which it learns from.

    Args:
        training: says how many.
        count: samples in all.
        number: of the seed.
        seed: of all random streams.

    Returns:
        their numbers, the same for every architecture, and for baselines that are not trained.
    """
    order = np.asarray(_order(jax.random.key(seed), jnp.asarray(number), count))
    num_held = round(training.validation * count)
    return order[:num_held], order[num_held:]


def _order(key: Key, number: Array, count: int) -> Array:
    """Return the order of the samples whose first are the validation part."""
    return jax.random.permutation(key_for(key, "split", number), count)


@functools.partial(jax.jit, static_argnums=(0, 1, 2))
def _all_runs(
    architecture: Architecture,
    training: Training,
    num_held: int,
    key: Key,
    numbers: Int[Array, " m"],
    rates: Float[Array, " m"],
    inputs: Array,
    labels: Array,
    test_inputs: Array,
    test_labels: Array,
) -> dict[str, Any]:
    """Return the end of every run, one after the other on each device."""
    arrays = (key, inputs, labels, test_inputs, test_labels)

    def block(numbers: Array, rates: Array, arrays: tuple[Array, ...]) -> dict[str, Any]:
        run = functools.partial(_one_run, architecture, training, num_held, arrays)
        return jax.lax.map(lambda lane: run(*lane), (numbers, rates))

    devices = jax.local_devices()
    if len(devices) == 1:
        return block(numbers, rates, arrays)
    own, everywhere = PartitionSpec("runs"), PartitionSpec()
    return jax.shard_map(
        block,
        mesh=Mesh(np.array(devices), ("runs",)),
        in_specs=(own, own, everywhere),
        out_specs=own,
        check_vma=False,
    )(numbers, rates, arrays)


def _one_run(
    architecture: Architecture,
    training: Training,
    num_held: int,
    arrays: tuple[Array, ...],
    number: Array,
    rate: Array,
) -> dict[str, Any]:
    """Return the end of one run."""
    key, inputs, labels, test_inputs, test_labels = arrays
    order = _order(key, number, len(inputs))
    held, own = order[:num_held], order[num_held:]
    size = min(training.batch, len(own))
    adam = optax.scale_by_adam()
    start = architecture.init(key_for(key, "start", number))

    def step(at: Array, carry: tuple[Parameters, Any, Array]):
        parameters, state, shuffled = carry
        rows = jax.lax.dynamic_slice(shuffled, (at * size,), (size,))
        slope = jax.grad(loss_of, argnums=1)(architecture, parameters, inputs[rows], labels[rows])
        change, state = adam.update(slope, state)
        return jax.tree.map(lambda p, c: p - rate * c, parameters, change), state, shuffled

    def epoch(now: _State) -> _State:
        mixed = jax.random.permutation(
            key_for(key_for(key, "order", number), "epoch", now.epoch), own
        )
        parameters, state, _ = jax.lax.fori_loop(
            0, len(own) // size, step, (now.parameters, now.adam, mixed)
        )
        loss, right, _ = evaluate(architecture, parameters, inputs[held], labels[held])
        score = (num_held - right) + loss / (1 + loss)  # errors first, the loss decides ties
        better = score < now.best_score
        best = jax.tree.map(lambda a, b: jnp.where(better, a, b), parameters, now.best)
        return _State(
            now.epoch + 1, parameters, state, best,
            jnp.where(better, score, now.best_score),
            jnp.where(better, now.epoch + 1, now.best_epoch),
            now.curve.at[now.epoch].set(loss),
        )  # fmt: skip

    def goes_on(now: _State) -> Array:
        return (now.epoch < training.epochs) & (now.epoch - now.best_epoch < training.patience)

    zero = jnp.zeros((), jnp.int32)
    curve = jnp.full((training.epochs,), jnp.nan, jnp.float32)
    begun = _State(zero, start, adam.init(start), start, jnp.float32(jnp.inf), zero, curve)
    end = jax.lax.while_loop(goes_on, epoch, begun)
    rights = [
        evaluate(architecture, end.best, inputs[rows], labels[rows])[1] for rows in (own, held)
    ]
    return {
        "epochs": end.epoch,
        "train": rights[0] / len(own),
        "validation": rights[1] / num_held,
        "predictions": evaluate(architecture, end.best, test_inputs, test_labels)[2],
        "parameters": end.best,
        "curve": end.curve,
    }


def loss_of(
    architecture: Architecture,
    parameters: Parameters,
    inputs: Float[Array, "n ..."],
    labels: Int[Array, "n heads"],
) -> Float[Array, ""]:
    """Return the cross-entropy, summed over the heads.

    Args:
        architecture: of the network.
        parameters: of the network.
        inputs: shape (n, *shape).
        labels: shape (n, heads).

    Returns:
        the mean over the samples.
    """
    heads = architecture.logits(parameters, inputs)
    losses = [
        optax.softmax_cross_entropy_with_integer_labels(logits, labels[:, number])
        for number, logits in enumerate(heads)
    ]
    return sum(losses[1:], losses[0]).mean()


def evaluate(
    architecture: Architecture,
    parameters: Parameters,
    inputs: Float[Array, "n ..."],
    labels: Int[Array, "n heads"],
) -> tuple[Float[Array, ""], Int[Array, ""], Int[Array, "n heads"]]:
    """Return loss, number of samples with all heads right, and the predictions.

    Args:
        architecture: of the network.
        parameters: of the network.
        inputs: shape (n, *shape).
        labels: shape (n, heads).

    Returns:
        the mean loss, the count, and the predicted classes; in chunks, so that activities of large
        sets are never held at once.
    """

    def one(sample: tuple[Array, Array]) -> tuple[Array, Array]:
        x, y = sample[0][None], sample[1][None]
        guesses = [logits.argmax(axis=1) for logits in architecture.logits(parameters, x)]
        return (
            loss_of(architecture, parameters, x, y),
            jnp.concatenate(guesses).astype(jnp.int32),
        )

    losses, guesses = jax.lax.map(one, (inputs, labels), batch_size=_CHUNK)
    return losses.mean(), (guesses == labels).all(axis=1).sum(), guesses


def _require_memory(
    architecture: Architecture, samples: Samples, num_runs: int, batch: int
) -> None:
    """Raise unless data, parameters of the runs and activities of a chunk fit into memory."""
    spread = architecture.shape[:-1] if architecture.is_convolutional else ()
    places = int(np.prod([-(-side // 2) for side in spread]))  # the first layer halves each side
    wide = [rows + columns for rows, columns in architecture.sizes]
    data = 4 * (samples.inputs.size + samples.test_inputs.size)
    # Floats, and three of each: the activities, what is made of them, their derivatives.
    work = 12 * places * (_CHUNK * max(wide) + batch * sum(wide)) * jax.local_device_count()
    kept = 4 * num_runs * (architecture.num_parameters + samples.test_labels.size)
    require_memory(
        2 * data + work + kept, "training so many networks", "take fewer samples, widths or seeds"
    )
