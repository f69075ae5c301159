"""The two parts of a Hessian, against dense Jacobians and the networks' own second derivatives."""

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from saddlescape.core import Data, EmpiricalLandscape, FunctionLandscape, InvalidInputError, Network
from saddlescape.spectra import gauss_newton_operator, hessian_operator, residual_operator
from saddlescape.spectra import parts as parts_of

EPS = np.finfo(np.float64).eps


class Case(NamedTuple):
    """A network with its kind of targets."""

    network: Network
    classes: bool = False
    decay: float = 0.0


CASES = {
    "one output": Case(Network((3, 4, 1), "softplus")),
    "output activation": Case(Network((2, 3, 2), "erf", output="tanh"), decay=0.1),
    "classes, deep, mixed": Case(
        Network((2, 3, 3, 3), ("tanh", "relu"), bias=(True, False, True)), classes=True, decay=0.02
    ),
    "no bias below": Case(Network((2, 4, 2), "sigmoid", bias=(False, True)), classes=True),
    "no hidden layer": Case(Network((3, 2))),
}
SAMPLES = 9


def data_for(case: Case) -> Data:
    draw = np.random.default_rng(4)
    inputs, outputs = case.network.widths[0], case.network.widths[-1]
    targets = draw.normal(size=(SAMPLES, outputs))
    if case.classes:
        targets = np.arange(SAMPLES) % outputs
    return Data(draw.normal(size=(SAMPLES, inputs)), targets, draw.uniform(1, 2, SAMPLES))


def naive(case: Case, data: Data, theta):
    """Return both parts from the Jacobian and the Hessian of every output of every sample."""

    def loss(outputs):
        if case.classes:
            losses = -jax.nn.log_softmax(outputs)[jnp.arange(SAMPLES), data.targets]
        else:
            losses = jnp.sum((outputs - data.targets) ** 2, axis=1)
        return data.weights @ losses / data.weights.sum()

    model = partial(case.network.apply, inputs=data.inputs)
    outputs = model(theta)
    first, second = jax.grad(loss)(outputs), jax.hessian(loss)(outputs)
    jacobian = jax.jacobian(model)(theta)
    gauss_newton = jnp.einsum("nkp,nkml,mlq->pq", jacobian, second, jacobian)
    bent = jnp.einsum("nk,nkpq->pq", first, jax.hessian(model)(theta))
    return gauss_newton + 2 * case.decay * jnp.eye(theta.size), bent


@pytest.fixture(scope="module", params=CASES)
def parts(request):
    """Both parts and the Hessian as matrices of products, and the naive parts."""
    case = CASES[request.param]
    data, theta = data_for(case), case.network.starts(1, seed=3)[0]
    landscape = EmpiricalLandscape(case.network, data, weight_decay=case.decay)
    made = (gauss_newton_operator, residual_operator, hessian_operator)
    ours = [operator(landscape, theta).dense() for operator in made]
    theirs = [np.asarray(part) for part in jax.jit(partial(naive, case, data))(theta)]
    # Sums of 9 samples and of every layer's units, in two orders.
    terms = SAMPLES + sum(case.network.widths)
    return ours, theirs, 16 * terms * EPS * max(1.0, np.abs(theirs[0]).max())


def test_both_parts_are_those_of_the_dense_jacobian(parts):
    ours, theirs, tolerance = parts
    for part, expected in zip(ours, theirs, strict=False):
        np.testing.assert_allclose(part, expected, rtol=0, atol=tolerance)


def test_the_parts_add_to_the_hessian_and_the_first_has_no_negative_curvature(parts):
    (gauss_newton, residual, hessian), _, tolerance = parts
    np.testing.assert_allclose(gauss_newton + residual, hessian, rtol=0, atol=tolerance)
    assert np.linalg.eigvalsh(gauss_newton)[0] >= -tolerance


def test_at_a_teacher_nothing_is_left_of_the_residual_part():
    """Residuals are one rounding of outputs below 1, and no difference of matrices is taken."""
    network = Network((2, 3, 2), "tanh", output="tanh")
    inputs, theta = np.random.default_rng(0).normal(size=(9, 2)), network.starts(1)[0]
    landscape = EmpiricalLandscape(network, Data(inputs, network.apply(theta, jnp.asarray(inputs))))
    assert np.abs(residual_operator(landscape, theta).dense()).max() < 8 * EPS
    assert np.linalg.eigvalsh(gauss_newton_operator(landscape, theta).dense())[-1] > 1


@pytest.mark.parametrize(("activation", "vanishes"), [("relu", True), ("tanh", False)])
def test_within_one_layer_the_outputs_of_piecewise_linear_networks_do_not_bend(
    activation, vanishes
):
    """Away from kinks they are linear in each layer's parameters; between layers they are not."""
    network = Network((2, 4, 3, 2), activation)
    draw = np.random.default_rng(5)
    data = Data(draw.normal(size=(9, 2)), draw.normal(size=(9, 2)))
    residual = residual_operator(
        EmpiricalLandscape(network, data), network.starts(1, seed=3)[0]
    ).dense()
    layers = [slice(a, b) for a, b in zip(network.offsets, network.offsets[1:], strict=False)]
    within = [np.abs(residual[layer, layer]).max() for layer in layers]
    between = [np.abs(residual[layers[i], layers[j]]).max() for i, j in ((0, 1), (0, 2), (1, 2))]
    assert min(between) > 0.01
    assert within[-1] == 0  # the last layer is linear whatever the activation
    assert (max(within) == 0) == vanishes
    # A trace of zero leaves as much negative curvature as positive.
    assert (abs(np.trace(residual)) == 0) == vanishes


def test_each_part_is_told_with_the_ends_and_the_trace_of_its_matrix():
    case = CASES["output activation"]
    landscape = EmpiricalLandscape(case.network, data_for(case), weight_decay=case.decay)
    theta = case.network.starts(1, seed=3)[0]
    for part, operator in zip(
        parts_of(landscape, theta, num_probes=2, num_steps=8),
        (gauss_newton_operator, residual_operator),
        strict=True,
    ):
        values = np.linalg.eigvalsh(operator(landscape, theta).dense())
        assert abs(part.lowest.values[0] - values[0]) <= part.lowest.bounds[0]
        assert abs(part.highest.values[0] - values[-1]) <= part.highest.bounds[0]
        assert part.trace.value == pytest.approx(values.sum(), abs=1e-12)  # 60 products of 17
        nodes, weights = part.density.nodes, part.density.weights
        # A quadrature of 8 nodes is exact for the second moment of each probe, itself random.
        assert np.all((nodes >= values[0] - 1e-9) & (nodes <= values[-1] + 1e-9))
        np.testing.assert_allclose(weights.sum(axis=1), 1, rtol=1e-12)


def test_a_plain_function_has_no_parts():
    bowl = FunctionLandscape(lambda v: (v**2).sum(), 2)
    with pytest.raises(InvalidInputError, match="does not tell outputs from loss"):
        gauss_newton_operator(bowl, [0.0, 0.0])
