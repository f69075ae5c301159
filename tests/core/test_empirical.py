"""The empirical landscape against a plain reimplementation, for every shape with its own path."""

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from saddlescape.core import Data, EmpiricalLandscape, Network

EPS = np.finfo(np.float64).eps
LONG = np.longdouble


class Case(NamedTuple):
    """A network, its loss, and what else a landscape can have."""

    network: Network
    classes: bool = False
    weighted: bool = False
    decay: float = 0.0
    num_samples: int = 11


CASES = {
    "one output": Case(Network((3, 5, 1), "softplus"), weighted=True),
    "several outputs": Case(Network((3, 4, 3), "tanh"), weighted=True, decay=0.03),
    "output activation": Case(Network((2, 4, 1), "silu", bias=False, output="sigmoid")),
    "output activation, deep": Case(
        Network((2, 3, 2, 2), ("erf", "gelu"), output="tanh"), decay=0.1
    ),
    "mixed layers": Case(
        Network((2, 3, 4, 2), ("g", "relu"), bias=(True, False, True)), classes=True, weighted=True
    ),
    "bias above only": Case(Network((2, 3, 3, 1), "sigmoid", bias=(False, True, False))),
    "depth four": Case(Network((2, 3, 2, 3, 2, 1), "tanh"), weighted=True),
    "depth five": Case(Network((2, 2, 3, 2, 2, 3, 2), "softplus"), classes=True),
    "wide input": Case(Network((70, 3, 1), "tanh")),
    "wide input, deep": Case(Network((102, 2, 2, 3), "sigmoid"), classes=True, decay=0.01),
    "wide layer between": Case(Network((2, 102, 2), "g"), num_samples=7),
    "widths of one": Case(Network((1, 1, 1, 1), "exp"), decay=0.5),
    "no hidden layer": Case(Network((3, 4)), classes=True, weighted=True),
    "no hidden layer, one output": Case(Network((3, 1), output="softplus")),
    "no hidden layer, no bias": Case(Network((2, 2), bias=False)),
}


def data_for(case: Case) -> Data:
    """Return random data of the case's shape."""
    draw = np.random.default_rng(3)
    size, inputs, outputs = case.num_samples, case.network.widths[0], case.network.widths[-1]
    targets = draw.normal(size=(size, outputs))
    if case.classes:
        targets = draw.integers(0, outputs, size)
        targets[0] = outputs - 1
    weights = draw.uniform(0, 3, size) if case.weighted else None
    return Data(draw.normal(size=(size, inputs)) / inputs**0.5, targets, weights)


def plain_loss(case: Case, data: Data, theta):
    """Return the loss as a textbook writes it."""
    outputs = case.network.apply(theta, data.inputs)
    if case.classes:
        losses = -jax.nn.log_softmax(outputs)[jnp.arange(data.num_samples), data.targets]
    else:
        losses = jnp.sum((outputs - data.targets) ** 2, axis=1)
    return data.weights @ losses / data.weights.sum() + case.decay * theta @ theta


def plain_gauss_newton(case: Case, data: Data, theta):
    """Return the mean of J^T (d^2 loss / d output^2) J, sample by sample, plus the decay."""
    total = 2 * case.decay * jnp.eye(theta.size)
    for number in range(data.num_samples):
        outputs = lambda t, x=data.inputs[number]: case.network.apply(t, x[None])[0]  # noqa: E731
        curvature = 2 * jnp.eye(case.network.widths[-1])
        if case.classes:
            p = jax.nn.softmax(outputs(theta))
            curvature = jnp.diag(p) - jnp.outer(p, p)
        jacobian = jax.jacfwd(outputs)(theta)
        total += data.weights[number] / data.weights.sum() * jacobian.T @ curvature @ jacobian
    return total


def closeness(case: Case, expected) -> float:
    """Return a tolerance: sums of n samples and of every layer's units, in two orders."""
    terms = case.num_samples + sum(case.network.widths)
    return 16 * terms * EPS * max(1.0, float(np.abs(expected).max()))


@pytest.fixture(scope="module", params=CASES)
def compared(request):
    """Everything a landscape tells of a point, beside what JAX tells of the plain loss."""
    case = CASES[request.param]
    data = data_for(case)
    landscape = EmpiricalLandscape(case.network, data, weight_decay=case.decay)
    theta = case.network.starts(1, seed=1)[0]
    direction = jnp.cos(jnp.arange(theta.size, dtype=float))
    plain = partial(plain_loss, case, data)

    @jax.jit
    def both(landscape, theta, direction):
        loss, gradient, hessian = landscape.derivatives(theta)
        ours = {
            "loss": loss, "gradient": gradient, "hessian": hessian,
            "loss alone": landscape.loss(theta), "gradient alone": landscape.gradient(theta),
            "hvp": landscape.hvp(theta, direction),
        }  # fmt: skip
        loss, gradient, hessian = plain(theta), jax.grad(plain)(theta), jax.hessian(plain)(theta)
        theirs = {
            "loss": loss, "gradient": gradient, "hessian": hessian,
            "loss alone": loss, "gradient alone": gradient, "hvp": hessian @ direction,
        }  # fmt: skip
        return ours, theirs

    return case, *both(landscape, theta, direction)


def test_every_derivative_is_that_of_the_plain_loss(compared):
    case, ours, theirs = compared
    for what, expected in theirs.items():
        tolerance = closeness(case, expected)
        np.testing.assert_allclose(ours[what], expected, rtol=0, atol=tolerance, err_msg=what)


def test_the_hessian_is_exactly_symmetric(compared):
    hessian = np.asarray(compared[1]["hessian"])
    np.testing.assert_array_equal(hessian, hessian.T)


@pytest.mark.parametrize("name", ["output activation", "mixed layers"])
def test_jax_differentiates_the_loss_as_we_do(name):
    case = CASES[name]
    landscape = EmpiricalLandscape(case.network, data_for(case))
    theta = case.network.starts(1, seed=1)[0]
    direction = jnp.cos(jnp.arange(theta.size, dtype=float))

    @jax.jit
    def by_jax(landscape, theta, direction):
        slope = jax.jvp(landscape.loss, (theta,), (direction,))[1]
        return slope, jax.grad(landscape.loss)(theta), jax.hessian(landscape.loss)(theta)

    _, gradient, hessian = landscape.derivatives(theta)
    expected = (gradient @ direction, gradient, hessian)
    for theirs, ours in zip(by_jax(landscape, theta, direction), expected, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=closeness(case, theirs))


@pytest.mark.parametrize("name", ["one output", "several outputs", "mixed layers"])
def test_the_gauss_newton_part_is_the_jacobian_squared(name):
    case = CASES[name]
    data, theta = data_for(case), case.network.starts(1, seed=2)[0]
    landscape = EmpiricalLandscape(case.network, data, weight_decay=case.decay)
    expected = np.asarray(jax.jit(partial(plain_gauss_newton, case, data))(theta))
    ours = np.asarray(landscape.gauss_newton(theta))
    np.testing.assert_allclose(ours, expected, rtol=0, atol=closeness(case, expected))
    lowest = np.linalg.eigvalsh(ours)[0]
    assert lowest > -closeness(case, expected)


def test_at_a_perfect_fit_the_gauss_newton_part_is_the_whole_hessian():
    network = Network((2, 3, 2), "tanh", output="tanh")
    inputs, theta = np.random.default_rng(0).normal(size=(9, 2)), network.starts(1)[0]
    landscape = EmpiricalLandscape(network, Data(inputs, network.apply(theta, jnp.asarray(inputs))))
    difference = landscape.hessian(theta) - landscape.gauss_newton(theta)
    # The residual is one rounding of outputs below 1, and multiplies second derivatives below 3.
    assert float(jnp.abs(difference).max()) < 32 * EPS


# --- every number of samples, and many chunks, against sums in extended precision ---

TINY = Network((2, 2, 1), "tanh")


def extended(theta, inputs, targets):
    """Return loss, gradient and Hessian of one hidden layer of tanh, in extended precision."""
    width = (len(theta) - 1) // 4
    precision = LONG if len(theta) * len(inputs) < 100_000 else np.float64  # seconds otherwise
    theta, x, y = (np.asarray(part, precision) for part in (theta, inputs, targets))
    weight, bias = theta[: 2 * width].reshape(width, 2), theta[2 * width : 3 * width]
    outgoing = theta[3 * width : 4 * width]
    value = np.tanh(x @ weight.T + bias)
    slope = 1 - value**2
    residual = value @ outgoing + theta[-1] - y[:, 0]
    carried = np.concatenate([x, np.ones_like(y)], axis=1)  # what multiplies weights and bias
    by_z = slope * outgoing
    jacobian = np.concatenate(
        [*(by_z[:, [j]] * x for j in range(width)), by_z, value, np.ones_like(y)], axis=1
    )
    hessian = 2 * jacobian.T @ jacobian
    for j in range(width):
        own = [2 * j, 2 * j + 1, 2 * width + j]
        bend = (residual * -2 * value[:, j] * by_z[:, j])[:, None] * carried
        hessian[np.ix_(own, own)] += 2 * bend.T @ carried
        cross = 2 * (residual * slope[:, j]) @ carried
        hessian[own, 3 * width + j] += cross
        hessian[3 * width + j, own] += cross
    return (residual**2).mean(), 2 * residual @ jacobian / len(y), hessian / len(y)


@jax.jit
def everything(landscape, theta):
    """Return loss, gradient and Hessian, then loss and gradient alone, as one program."""
    return (*landscape.derivatives(theta), landscape.loss(theta), landscape.gradient(theta))


def agree(landscape, theta, inputs, targets, ulps) -> None:
    """Assert that loss, gradient and Hessian agree with the extended sums."""
    expected = extended(theta, inputs, targets)
    told = everything(landscape, theta)
    for ours, true in zip(told, (*expected, *expected[:2]), strict=True):
        tolerance = ulps * EPS * np.abs(true).max()
        np.testing.assert_allclose(np.asarray(ours, LONG), true, rtol=0, atol=tolerance)


# Samples are padded to a multiple of eight: every remainder once with one and with several eights,
# and both sides of larger multiples.
SIZES = ((*range(1, 10),), (*range(16, 25),), (31, 32, 33, 47, 48, 63, 64, 65, 79, 80))


@pytest.mark.parametrize("sizes", SIZES, ids=["few", "some", "many"])
def test_every_number_of_samples_gives_the_right_sums(sizes):
    draw = np.random.default_rng(sizes[0])
    theta = TINY.starts(1, seed=4)[0]
    for size in sizes:
        inputs, targets = draw.normal(size=(size, 2)), draw.normal(size=(size, 1))
        landscape = EmpiricalLandscape(TINY, Data(inputs, targets))
        agree(landscape, theta, inputs, targets, ulps=64)  # a sum of up to 80 terms of both signs


@pytest.mark.parametrize(("width", "size"), [(100, 5_000), (200, 129), (200, 257), (2, 2_049)])
def test_many_chunks_give_the_right_sums(width, size):
    network = Network((2, width, 1), "tanh")
    draw = np.random.default_rng(size)
    inputs, targets = draw.normal(size=(size, 2)), draw.normal(size=(size, 1))
    landscape = EmpiricalLandscape(network, Data(inputs, targets))
    assert landscape.chunks.weights.shape[0] > 1
    # Rounding errors of n terms of both signs grow like sqrt(n).
    agree(landscape, network.starts(1)[0], inputs, targets, ulps=16 * size**0.5)


# --- what a user may rely on ---

draws = st.lists(st.integers(0, 4), min_size=6, max_size=6).filter(any)


@given(counts=draws, seed=st.integers(0, 1000))
def test_a_weight_counts_a_sample_as_often(counts, seed):
    draw = np.random.default_rng(seed)
    inputs, targets = draw.normal(size=(6, 2)), draw.normal(size=(6, 1))
    weighted = EmpiricalLandscape(TINY, Data(inputs, targets, np.array(counts, float)))
    theta = jnp.asarray(draw.normal(size=TINY.num_parameters))
    often = [np.repeat(part, counts, axis=0) for part in (inputs, targets)]
    loss, gradient, hessian = extended(theta, *often)
    for ours, true in zip(weighted.derivatives(theta), (loss, gradient, hessian), strict=True):
        tolerance = 64 * EPS * max(np.abs(true).max(), float(loss))  # a sum of up to 24 terms
        np.testing.assert_allclose(np.asarray(ours, LONG), true, rtol=0, atol=tolerance)


def test_the_coarse_landscape_is_the_loss_of_some_of_the_samples():
    draw = np.random.default_rng(0)
    inputs, targets = draw.normal(size=(3000, 2)), np.zeros((3000, 1))
    full = EmpiricalLandscape(TINY, Data(inputs, targets))
    coarse, theta = full.coarse(), TINY.starts(1)[0]
    assert coarse.num_parameters == full.num_parameters
    assert coarse.num_samples < 3000 / 4
    # Both are means of squared outputs: the smaller sample's standard error bounds the difference.
    losses = np.asarray(TINY.apply(theta, jnp.asarray(inputs)) ** 2)
    error = losses.std() / coarse.num_samples**0.5
    assert abs(float(coarse.loss(theta) - full.loss(theta))) < 4 * error
    assert EmpiricalLandscape(TINY, Data(inputs[:100], targets[:100])).coarse() is None


@pytest.mark.parametrize("logit", [40.0, 800.0, 1e5])
def test_cross_entropy_keeps_its_accuracy_at_huge_logits(logit):
    """Two classes, one sample right and one wrong by the same margin: known in closed form."""
    network = Network((1, 2), bias=False)
    right = EmpiricalLandscape(network, Data([[1.0]], np.array([0])))
    wrong = EmpiricalLandscape(network, Data([[1.0], [1.0]], np.array([1, 1])))
    theta = jnp.array([logit, 0.0])
    tail = np.exp(-logit)  # exp(-m) to first order, exact to rounding from m = 40 on
    loss, gradient, hessian = right.derivatives(theta)
    np.testing.assert_allclose([loss, -gradient[0], gradient[1]], tail, rtol=4 * EPS)
    np.testing.assert_allclose(np.abs(hessian), tail, rtol=4 * EPS)
    loss, gradient, _ = wrong.derivatives(theta)
    np.testing.assert_allclose([loss, *gradient], [logit, 1, -1], rtol=4 * EPS)


def test_a_class_without_samples_is_only_pushed_away():
    network = Network((1, 3), bias=True)
    landscape = EmpiricalLandscape(network, Data([[1.0], [2.0]], np.array([0, 1])))
    _, gradient, hessian = landscape.derivatives(jnp.zeros(6))
    bias = network.unflatten(gradient)[0].bias
    np.testing.assert_allclose(bias, [-1 / 6, -1 / 6, 1 / 3], rtol=4 * EPS)
    np.testing.assert_allclose(hessian.sum(axis=0)[3:], 0, atol=8 * EPS)


def test_derivatives_follow_the_precision_of_theta():
    landscape = EmpiricalLandscape(TINY, Data(np.ones((5, 2)), np.ones((5, 1))), weight_decay=0.1)
    theta = TINY.starts(1)[0]
    single = landscape.derivatives(theta.astype(jnp.float32))
    for rough, fine in zip(single, landscape.derivatives(theta), strict=True):
        assert rough.dtype == jnp.float32
        np.testing.assert_allclose(rough, fine, atol=32 * np.finfo(np.float32).eps)


def test_methods_of_a_landscape_can_be_compiled_mapped_and_differentiated():
    landscape = EmpiricalLandscape(TINY, Data(np.eye(2), np.ones((2, 1))))
    starts = TINY.starts(3)
    mapped = jax.jit(jax.vmap(landscape.gradient))(starts)
    alone = jnp.stack([landscape.gradient(start) for start in starts])
    np.testing.assert_allclose(mapped, alone, rtol=0, atol=32 * EPS)
