"""Activations, gradients and Hessians against mpmath at 50 digits."""

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest

from saddlescape.core import ACTIVATIONS, Data, EmpiricalLandscape, Network, activation
from tests.core import jets

EPS = float(np.finfo(np.float64).eps)
SMOOTH_ENOUGH = [name for name in ACTIVATIONS if name != "step"]  # a step has no slope to learn by
WIDTHS = {
    "squared_error": {1: (2, 3, 1), 2: (2, 2, 2, 2), 3: (2, 2, 2, 2, 1)},
    "cross_entropy": {1: (2, 3, 3), 2: (2, 2, 2, 2), 3: (2, 2, 2, 2, 2)},
}
LOSSES = {"squared_error": jets.squared_error, "cross_entropy": jets.cross_entropy}


def a_small_problem(name: str, loss: str, depth: int, bias: bool):
    """Return network, theta and data of a tiny case, away from kinks, with no value special."""
    network = Network(WIDTHS[loss][depth], name, bias=bias)
    draw = np.random.default_rng(depth)
    scale = 0.8 if name == "exp" else 1.5  # exp of exp of exp must stay small
    inputs = draw.uniform(-scale, scale, (4, 2))
    theta = draw.uniform(0.2, scale, network.num_parameters)
    theta *= draw.choice([-1, 1], theta.size)
    outputs = network.widths[-1]
    labels = np.arange(4) % outputs
    targets = labels if loss == "cross_entropy" else draw.uniform(-1, 1, (4, outputs))
    return network, theta, Data(inputs, targets)


@pytest.mark.parametrize("bias", [True, False], ids=["bias", "no-bias"])
@pytest.mark.parametrize("depth", [1, 2, 3])
@pytest.mark.parametrize("loss", list(LOSSES))
@pytest.mark.parametrize("name", SMOOTH_ENOUGH)
def test_the_derivatives_agree_with_50_digits_to_1e13(name, loss, depth, bias):
    network, theta, data = a_small_problem(name, loss, depth, bias)
    told = EmpiricalLandscape(network, data).derivatives(jnp.asarray(theta))
    inputs, targets = np.asarray(data.inputs), np.asarray(data.targets)
    exact = jets.exact_derivatives(network, theta, inputs, targets, LOSSES[loss])
    for ours, true in zip(told, exact, strict=True):
        assert jets.error_in_largest(ours, true) < 1e-13


@pytest.mark.parametrize("name", SMOOTH_ENOUGH)
def test_an_activation_and_its_derivatives_are_exact_to_rounding(name):
    z = np.concatenate([np.linspace(-45, 45, 181), np.geomspace(1e-12, 1, 20)])
    z = np.concatenate([z[z != 0], -np.geomspace(1e-12, 1, 20)])
    told = jax.jit(activation(name).with_curvature)(jnp.asarray(z))
    exact = [jets.EXACT[name](mpmath.mpf(float(x))) for x in z]
    for order, values in enumerate(told):
        true = np.array([triple[order] for triple in exact])
        errors = abs(np.array([mpmath.mpf(float(v)) for v in values]) - true)
        # z itself multiplies or enters an exponential: its rounding is amplified by |z| at most.
        scale = np.maximum(1, abs(true)) * np.maximum(1, abs(z) / 8)
        assert float(max(errors / scale)) < 8 * EPS


@pytest.mark.parametrize("name", ["sigmoid", "softplus", "exp", "g"])
def test_a_saturated_neuron_keeps_its_relative_accuracy(name):
    """Where these decay like exp(z), loss and gradient of a runaway search still mean something."""
    z = np.linspace(-200, -40, 81)
    told = activation(name).with_curvature(jnp.asarray(z))
    exact = [jets.EXACT[name](mpmath.mpf(float(x))) for x in z]
    for order, values in enumerate(told):
        true = np.array([float(triple[order]) for triple in exact])
        # exp(z) has a relative error of half an ulp of its result; products add a few.
        np.testing.assert_allclose(np.asarray(values), true, rtol=8 * EPS)


@pytest.mark.parametrize("name", SMOOTH_ENOUGH)
def test_the_third_derivative_is_the_slope_of_the_second(name):
    """Differentiating a Hessian goes through the third derivative, which JAX takes itself."""
    g, z, h = activation(name), jnp.linspace(-3.1, 2.9, 13), 1e-4
    third = jax.vmap(jax.grad(lambda x: g.with_curvature(x)[2]))(z)
    ahead, behind = (g.with_curvature(z + side * h)[2] for side in (1, -1))
    # Central differences: h^2/6 times a fifth derivative (up to 4^5 for g), and eps / h.
    tolerance = 4**5 * h**2 + 16 * EPS / h
    scale = jnp.maximum(1, jnp.abs(third))
    np.testing.assert_array_less(
        np.asarray(jnp.abs(third - (ahead - behind) / 2 / h) / scale), tolerance
    )
