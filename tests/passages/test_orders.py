"""All permutation points of a small network, against minima and curvatures found without JAX."""

from collections import Counter

import jax.numpy as jnp
import numpy as np
import pytest
from scipy import optimize

from saddlescape import passages, problems
from saddlescape.core import Data, InvalidInputError

CRITICAL = 1e-12  # largest entry of a gradient, for entries that are sums of terms of order one


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


class Student:
    """A committee of sigmoids in NumPy: its lowest minimum, and each neuron's curvature there."""

    def __init__(self, problem, width):
        self.inputs = np.asarray(problem.data.inputs)
        self.targets = np.asarray(problem.data.targets)[:, 0]
        self.width = width
        random = np.random.default_rng(0)
        ends = [
            optimize.minimize(self.loss, random.normal(size=3 * width), options={"gtol": 1e-8})
            for _ in range(12)
        ]
        best = min(ends, key=lambda end: end.fun)
        self.lowest, self.theta = best.fun, best.x

    def loss(self, theta):
        incoming, outgoing = theta[: 2 * self.width].reshape(-1, 2), theta[2 * self.width :]
        return np.mean((sigmoid(self.inputs @ incoming.T) @ outgoing - self.targets) ** 2)

    def falls(self):
        """Return for each neuron how many eigenvalues of the mean of 2 (f - y) a g'' x x^T fall."""
        incoming, outgoing = self.theta[: 2 * self.width].reshape(-1, 2), self.theta[-self.width :]
        g = sigmoid(self.inputs @ incoming.T)
        bends = (g @ outgoing - self.targets)[:, None] * outgoing * g * (1 - g) * (1 - 2 * g)
        curvatures = np.einsum("sw,si,sj->wij", bends, self.inputs, self.inputs)
        return (np.linalg.eigvalsh(curvatures) < 0).sum(axis=1)


@pytest.fixture(scope="module")
def built():
    return passages.build_orders(problems.lecture("sigmoid"), [3], num_starts=20)


def test_all_points_of_a_layer_of_three_are_built_and_critical(built):
    assert [(entry.order, entry.narrow) for entry in built] == [(1, (2,)), (2, (1,))]
    assert [entry.expected for entry in built] == [6, 1]
    for entry in built:
        assert entry.expected == entry.built == entry.different == entry.critical
        assert entry.gradient_norm <= CRITICAL
        assert entry.nullity == ((entry.order, entry.built),)


def test_their_loss_and_index_are_those_of_narrower_minima_found_by_scipy(built):
    problem = problems.lecture("sigmoid")
    first, second = Student(problem, 2), Student(problem, 1)
    # Of three neurons two copy one of the two, in three ways each; or all copy the only one.
    pairs, triple = Counter(first.falls().tolist() * 3), Counter((2 * second.falls()).tolist())
    for entry, student, index in zip(built, (first, second), (pairs, triple), strict=True):
        # A quasi-Newton search with differences ends within about 1e-7 of a minimum.
        assert entry.loss == pytest.approx(student.lowest, rel=1e-6)
        assert dict(entry.index) == dict(index)


def test_with_several_layers_mergers_are_distributed_over_them():
    """Two outputs and biases; where a layer has one neuron left, searches may all run away."""
    line = np.linspace(-2, 2, 7)
    inputs = np.stack(np.meshgrid(line, line), axis=-1).reshape(-1, 2)
    targets = [np.tanh(inputs[:, 0] - inputs[:, 1] ** 2 / 4), np.cos(inputs.sum(1) / 2)]
    problem = problems.Problem(
        name="two curves",
        description="Two smooth functions on a grid.",
        source="Computed here.",
        data=Data(jnp.asarray(inputs), jnp.asarray(np.stack(targets, axis=1))),
        activation="tanh",
    )
    built = passages.build_orders(problem, [3, 2], max_order=1, num_starts=6)
    assert [(entry.order, entry.narrow) for entry in built] == [(1, (3, 1)), (1, (2, 2))]
    assert [entry.expected for entry in built] == [6, 12]
    for entry in built:
        all_or_none = entry.expected if entry.num_minima else 0
        assert (entry.loss is None) == (entry.num_minima == 0)
        assert entry.built == entry.different == entry.critical == all_or_none
        assert entry.gradient_norm <= CRITICAL
    assert built[1].built == 12


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: passages.build_orders(problems.load("double-well"), [3]), "is a surface"),
        (lambda: passages.build_orders(problems.lecture(), [9]), "at most 20,000"),
        (lambda: passages.build_orders(problems.lecture(), [3], max_order=3), "give 1 to 2"),
        (lambda: passages.build_orders(problems.lecture(), [3], activation="step"), "slope 0"),
    ],
)
def test_what_cannot_be_built_is_refused(call, said):
    with pytest.raises(InvalidInputError, match=said):
        call()
