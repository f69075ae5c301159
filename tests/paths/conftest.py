"""Paths of the lecture problem, followed once for all tests."""

import functools

import numpy as np
import pytest

import saddlescape as ss
from saddlescape import paths, problems


@functools.cache
def lecture(activation):
    """Return problem and landscape."""
    problem = problems.lecture(activation)
    return problem, ss.EmpiricalLandscape(problem.network, problem.data)


@functools.cache
def merged(activation, pair):
    """Return the merging path of a pair."""
    problem, landscape = lecture(activation)
    return paths.merge(landscape, problem.teacher, 0, pair)


@pytest.fixture(scope="session")
def small():
    """Two hidden layers, biases, two outputs, and a minimum of that landscape."""
    draw = np.random.default_rng(3)
    inputs = draw.normal(size=(40, 2))
    targets = np.stack([np.sin(2 * inputs[:, 0]), inputs[:, 0] * inputs[:, 1]], axis=1)
    network = ss.Network((2, 3, 3, 2), "tanh")
    landscape = ss.EmpiricalLandscape(network, ss.Data(inputs, targets), weight_decay=1e-3)
    points = ss.find_minima(landscape, network.starts(4, seed=1))
    good = np.flatnonzero(np.asarray(points.kind) == ss.Kind.MINIMUM)
    return landscape, np.asarray(points.theta)[good[0]]
