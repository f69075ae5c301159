"""The lecture's teacher: known answer, permutations, refusals."""

import itertools

import jax.numpy as jnp
import numpy as np
import pytest
from scipy.special import expit

from saddlescape.core import EmpiricalLandscape, UnknownNameError
from saddlescape.problems import lecture

EPS = np.finfo(float).eps
INCOMING = np.array([[0.6, 0.5], [-0.5, 0.5], [-0.2, -0.6], [0.1, -0.6]])
TWINS = {
    "g": lambda z: expit(4 * z) + np.logaddexp(0, z),
    "sigmoid": expit,
    "softplus": lambda z: np.logaddexp(0, z),
    "tanh": np.tanh,
    "relu": lambda z: np.maximum(z, 0),
}


@pytest.mark.parametrize("activation", TWINS)
def test_the_targets_are_the_sum_of_four_neurons(activation):
    data = lecture(activation).data
    terms = TWINS[activation](np.asarray(data.inputs) @ INCOMING.T)
    # Four terms, each from a sum of two products: an argument of 5.5 carries its rounding into g.
    bound = 32 * EPS * np.abs(terms).sum(axis=1, keepdims=True) + 32 * EPS
    error = np.abs(np.asarray(data.targets) - terms.sum(axis=1, keepdims=True))
    assert (error <= bound).all()


def test_the_inputs_are_every_quarter_from_minus_five_to_five_squared():
    line = [quarter / 4 for quarter in range(-20, 21)]
    rows = {tuple(row) for row in np.asarray(lecture().data.inputs).tolist()}
    assert rows == set(itertools.product(line, line))
    assert lecture().data.num_samples == 1681


@pytest.mark.parametrize("order", [(1, 0, 2, 3), (3, 2, 1, 0), (2, 3, 0, 1)])
def test_permuting_the_teachers_neurons_leaves_its_targets(order):
    problem = lecture()
    (incoming, _), (outgoing, _) = problem.network.unflatten(problem.teacher)
    order = jnp.asarray(order)
    permuted = problem.network.flatten([(incoming[order], None), (outgoing[:, order], None)])
    outputs = np.asarray(problem.network.apply(permuted, problem.data.inputs))
    targets = np.asarray(problem.data.targets)
    np.testing.assert_allclose(outputs, targets, rtol=8 * EPS)  # a sum of four in another order


@pytest.mark.parametrize("activation", ["g", "tanh"])
def test_the_teacher_is_a_critical_point_without_loss(activation):
    problem = lecture(activation)
    landscape = EmpiricalLandscape(problem.network, problem.data)
    rounding = 8 * EPS * float(np.abs(np.asarray(problem.data.targets)).max())
    assert float(landscape.loss(problem.teacher)) <= rounding**2
    # A gradient is twice a mean of residual times slope, and slopes are at most 2 times an input.
    slope = 2 * 2 * np.abs(np.asarray(problem.data.inputs)).max()
    assert np.abs(np.asarray(landscape.gradient(problem.teacher))).max() <= slope * rounding


def test_the_student_has_the_teachers_form():
    problem = lecture("tanh")
    assert problem.student() == problem.network
    assert problem.student(hidden=(5,)).widths == (2, 5, 1)


def test_an_unknown_activation_is_refused():
    with pytest.raises(UnknownNameError, match="no activation is called 'tahn'"):
        lecture("tahn")
