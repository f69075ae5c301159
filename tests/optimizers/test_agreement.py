"""Our rules against torch.optim, optax and the book, on a real network."""

import functools

import jax
import numpy as np
import optax
import pytest
import torch

import saddlescape as ss
from saddlescape import optimizers, problems

torch.set_num_threads(1)  # a dozen numbers: more threads only wait for one another
STEPS = 1_000
# One step rounds each parameter a few times. The error of early steps is damped or carried along by
# the descent, hardly amplified; measured: at most 2e-13 of the largest parameter after 1,000 steps.
CLOSE = 1e-12


@pytest.fixture(scope="module")
def penguins():
    """A network on 340 birds, cross-entropy: the landscape, a start, and the same in PyTorch."""
    problem = problems.load("penguins")
    network = problem.student(hidden=(5,))
    landscape = ss.EmpiricalLandscape(network, problem.data)
    inputs = torch.tensor(np.array(problem.data.inputs))
    labels = torch.tensor(np.array(problem.data.targets), dtype=torch.long)

    def loss(theta):
        (w1, b1), (w2, b2) = _layers(network, theta)
        logits = torch.tanh(inputs @ w1.T + b1) @ w2.T + b2
        return torch.nn.functional.cross_entropy(logits, labels)

    return landscape, network.starts(1, seed=3)[0], loss


def _layers(network, theta):
    for number, (outputs, inputs) in enumerate(network.shapes):
        start = network.offsets[number]
        weight = theta[start : start + outputs * inputs].reshape(outputs, inputs)
        yield weight, theta[start + outputs * inputs : network.offsets[number + 1]]


def ours(landscape, rule, start):
    """Return theta, and where the gradient is taken, after the steps."""

    @jax.jit
    def run(theta):
        def one(_, carry):
            theta, memory = carry
            change, memory = rule.update(landscape.gradient(rule.interim(theta, memory)), memory)
            return theta + change, memory

        theta, memory = jax.lax.fori_loop(0, STEPS, one, (theta, rule.init(theta)))
        return theta, rule.interim(theta, memory)

    return run(start)


def with_torch(loss, make, start):
    theta = torch.tensor(np.array(start), requires_grad=True)
    optimizer = make([theta])
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss(theta).backward()
        optimizer.step()
    return theta.detach().numpy()


def with_optax(landscape, transformation, start):
    @jax.jit
    def run(theta):
        def one(_, carry):
            theta, state = carry
            changes, state = transformation.update(landscape.gradient(theta), state, theta)
            return optax.apply_updates(theta, changes), state

        return jax.lax.fori_loop(0, STEPS, one, (theta, transformation.init(theta)))[0]

    return run(start)


# Where both rules are the same: with delta = eps = 0 RMSProp's delta stands nowhere.
TORCH = {
    "gradient descent": (
        optimizers.GradientDescent(rate=0.1),
        functools.partial(torch.optim.SGD, lr=0.1),
    ),
    "momentum": (
        optimizers.Momentum(rate=0.05, momentum=0.9),
        functools.partial(torch.optim.SGD, lr=0.05, momentum=0.9),
    ),
    "nesterov": (
        optimizers.Nesterov(rate=0.05, momentum=0.9),
        functools.partial(torch.optim.SGD, lr=0.05, momentum=0.9, nesterov=True),
    ),
    "rmsprop": (
        optimizers.RMSProp(rate=1e-4, decay=0.9, delta=0.0),
        functools.partial(torch.optim.RMSprop, lr=1e-4, alpha=0.9, eps=0.0),
    ),
    "adam": (
        optimizers.Adam(rate=1e-2),
        functools.partial(torch.optim.Adam, lr=1e-2, betas=(0.9, 0.999), eps=1e-8),
    ),
}


@pytest.mark.parametrize("name", TORCH)
def test_a_thousand_steps_end_where_those_of_torch_end(name, penguins):
    landscape, start, loss = penguins
    rule, make = TORCH[name]
    _, interim = ours(landscape, rule, start)
    theirs = with_torch(loss, make, start)
    assert np.abs(np.asarray(interim) - theirs).max() <= CLOSE * np.abs(theirs).max()


@pytest.mark.parametrize("name", optimizers.OPTIMIZERS)
def test_a_thousand_steps_end_where_those_of_optax_end(name, penguins):
    landscape, start, _ = penguins
    rule = optimizers.optimizer(name)(rate=1e-3 if "prop" in name else 0.02)
    theta, interim = ours(landscape, rule, start)
    theirs = with_optax(landscape, rule.optax(), start)
    assert np.abs(interim - theirs).max() <= CLOSE * np.abs(theirs).max()
    # Any rule can be wrapped, and then tells theta itself too.
    wrapped = optimizers.as_optax(rule)
    assert (
        np.abs(interim - with_optax(landscape, wrapped, start)).max()
        <= CLOSE * np.abs(theirs).max()
    )
    assert np.isfinite(np.asarray(theta)).all()
