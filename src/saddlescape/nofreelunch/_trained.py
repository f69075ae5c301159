"""Learners that are trained: perceptrons, all labellings at once; scikit-learn, one by one."""

import dataclasses
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jaxtyping import Array, Float, Int

from saddlescape.core import MissingExtraError, Network, key_for
from saddlescape.nofreelunch._learner import AbstractLearner, Inputs, Labels, Votes


@dataclasses.dataclass(frozen=True)
class Perceptron(AbstractLearner):
    """A multilayer perceptron trained by Adam on the cross-entropy, from one start.

    Bits are -1 and 1 to it. Since the start is given, it is a function of the labels: trained once
    on every labelling of the training set it has been trained for every target there is.

    Args:
        hidden: widths of the hidden layers.
        steps: of Adam, each on all examples.
        rate: the learning rate.
        seed: of the start.

    Example:
        >>> seen, labels = np.array([[0], [1]]), np.array([[0, 1], [1, 1]])
        >>> Perceptron((4,)).votes(seen, labels, seen).tolist()
        [[0, 1], [1, 1]]
    """

    hidden: tuple[int, ...]
    steps: int = 500
    rate: float = 0.01
    seed: int = 0
    num_votes = 1

    @property
    def name(self) -> str:  # type: ignore[override]
        """What tables call it."""
        return f"perceptron {'-'.join(map(str, self.hidden))}"

    @property
    def description(self) -> str:  # type: ignore[override]
        """What it does."""
        layers = f"{len(self.hidden)} hidden layer{'s' * (len(self.hidden) > 1)}"
        return f"{layers} of tanh, {self.steps} steps of Adam at {self.rate:g}"

    def votes(self, seen: Int[np.ndarray, "t b"], labels: Labels, asked: Inputs) -> Votes:
        """Return the signs of the outputs."""
        network = Network((seen.shape[1], *self.hidden, 1), "tanh")
        start = network.init(key_for(self.seed, f"start of {self.name}"))
        signs = [jnp.asarray(2.0 * x - 1) for x in (seen, labels, asked)]
        return np.asarray(
            _trained(network, self.steps, jnp.asarray(self.rate), start, *signs), np.int64
        )


@partial(jax.jit, static_argnums=(0, 1))
def _trained(
    network: Network,
    steps: int,
    rate: Float[Array, ""],
    start: Float[Array, " p"],
    seen: Float[Array, "t b"],
    labels: Float[Array, "l t"],
    asked: Float[Array, "x b"],
) -> Int[Array, "l x"]:
    """Return 1 where the trained networks' outputs are positive, one network per labelling."""
    rule = optax.adam(rate)

    def loss(theta, signs):
        return jax.nn.softplus(-signs * network.apply(theta, seen)[:, 0]).mean()

    def trained(signs):
        def step(_, state):
            theta, moments = state
            change, moments = rule.update(jax.grad(loss)(theta, signs), moments)
            return optax.apply_updates(theta, change), moments

        theta, _ = jax.lax.fori_loop(0, steps, step, (start, rule.init(start)))
        return network.apply(theta, asked)[:, 0] > 0

    return jax.vmap(trained)(labels).astype(int)


@dataclasses.dataclass(frozen=True)
class DecisionTree(AbstractLearner):
    """scikit-learn's decision tree, grown until every example is right."""

    name = "decision tree"
    description = "scikit-learn's, grown until every example is right"
    num_votes = 1

    def votes(self, seen: Int[np.ndarray, "t b"], labels: Labels, asked: Inputs) -> Votes:
        """Return the trees' predictions."""
        kind = _sklearn("tree", self.name).DecisionTreeClassifier
        return _fitted(kind(random_state=0), seen, labels, asked)


@dataclasses.dataclass(frozen=True)
class LogisticRegression(AbstractLearner):
    """scikit-learn's logistic regression with its usual penalty."""

    name = "logistic regression"
    description = "scikit-learn's, with its usual penalty"
    num_votes = 1

    def votes(self, seen: Int[np.ndarray, "t b"], labels: Labels, asked: Inputs) -> Votes:
        """Return the predictions."""
        kind = _sklearn("linear_model", self.name).LogisticRegression
        return _fitted(kind(), 2 * seen - 1, labels, 2 * asked - 1)


def has_sklearn() -> bool:
    """Return whether learners of scikit-learn can be used."""
    try:
        _sklearn("tree", "a decision tree")
    except MissingExtraError:
        return False
    return True


def _sklearn(module: str, what: str) -> Any:
    """Return a module of scikit-learn, which is in the extra `data`."""
    import importlib  # noqa: PLC0415

    try:
        return importlib.import_module(f"sklearn.{module}")
    except ImportError as error:
        msg = f"{what} needs scikit-learn: pip install 'saddlescape[data]', or leave it out"
        raise MissingExtraError(msg) from error


def _fitted(model: Any, seen: np.ndarray, labels: np.ndarray, asked: np.ndarray) -> Votes:
    """Return what a model predicts after each labelling; a single label is predicted everywhere."""
    votes = np.empty((len(labels), len(asked)), np.int64)
    for row, told in zip(votes, labels, strict=True):
        row[:] = told[0] if (told == told[0]).all() else model.fit(seen, told).predict(asked)
    return votes
