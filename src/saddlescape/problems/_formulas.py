"""Equations of Feynman's lectures as regression problems without noise."""

import dataclasses
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from saddlescape.problems._problem import Problem
from saddlescape.problems._subset import check_samples
from saddlescape.problems._tables import regression

_SOURCE = (
    "Udrescu & Tegmark (2020), AI Feynman, Science Advances 6: eaay2631, ranges from its table of "
    "equations. Computed here; no licence applies."
)


class Formula(NamedTuple):
    """A function of several variables, all drawn from one interval."""

    function: Callable[..., np.ndarray]
    variables: tuple[str, ...]
    output: str
    interval: tuple[float, float]
    hidden: int


def _density(sigma, theta):
    return np.exp(-((theta / sigma) ** 2) / 2) / (np.sqrt(2 * np.pi) * sigma)


def _velocity(c, v, u):
    return (u + v) / (1 + u * v / c**2)


def _interference(x1, x2, theta1, theta2):
    return np.sqrt(x1**2 + x2**2 - 2 * x1 * x2 * np.cos(theta1 - theta2))


def _response(x, omega, t, alpha):
    return x * (np.cos(omega * t) + alpha * np.cos(omega * t) ** 2)


# How many tanh units a formula needs was measured by cross-validation: three, but ten for the last.
FORMULAS = {
    "feynman-i.6.2": Formula(_density, ("sigma", "theta"), "f", (1, 3), 3),
    "feynman-i.16.6": Formula(_velocity, ("c", "v", "u"), "v1", (1, 5), 3),
    "feynman-i.29.16": Formula(_interference, ("x1", "x2", "theta1", "theta2"), "x", (1, 5), 3),
    "feynman-i.50.26": Formula(_response, ("x", "omega", "t", "alpha"), "x(t)", (1, 3), 10),
}


def formula(name: str, samples: int | None, seed: int) -> Problem:
    """Return 300 samples of a formula, or as many as asked for."""
    check_samples(samples, seed)
    entry = FORMULAS[name]
    shape = (300 if samples is None else samples, len(entry.variables))
    inputs = np.random.default_rng(seed).uniform(*entry.interval, shape)
    targets = entry.function(*inputs.T)
    problem = regression(name, inputs, targets, (entry.variables, entry.output), _SOURCE)
    return dataclasses.replace(problem, hidden=(entry.hidden,))
