"""Multilayer perceptrons of PyTorch, Equinox and Flax as networks and back: equal outputs."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch
from torch import nn

from saddlescape import bridges
from saddlescape.core import ACTIVATIONS, Activation, InvalidInputError, Network

X = np.random.default_rng(9).normal(size=(30, 3))
TORCH = ["identity", "sigmoid", "tanh", "relu", "softplus", "gelu", "silu"]
WIDTHS, BIASES = (3, 5, 4, 2), (True, False, True)
FUNCTIONS = {
    "identity": lambda z: z, "sigmoid": jax.nn.sigmoid, "tanh": jnp.tanh, "relu": jax.nn.relu,
    "softplus": jax.nn.softplus, "exp": jnp.exp, "silu": jax.nn.silu, "erf": jax.scipy.special.erf,
    "gelu": lambda z: jax.nn.gelu(z, approximate=False),
}  # fmt: skip


def agree(ours, theirs) -> None:
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-12 * np.abs(theirs).max())


def drawn(network: Network) -> jax.Array:
    """Return parameters with which no layer of exp overflows."""
    return jnp.asarray(np.random.default_rng(2).normal(0, 0.5, network.num_parameters))


def case(name: str, output: str = "identity") -> tuple[Network, jax.Array]:
    network = Network(WIDTHS, name, bias=BIASES, output=output)
    return network, drawn(network)


@pytest.mark.parametrize("name", TORCH)
def test_a_sequential_has_the_outputs_of_its_network_and_comes_back(name):
    network, theta = case(name, output=name)
    model = bridges.torch.from_network(network, theta)
    assert [type(layer) for layer in model[:1]] == [nn.Linear]
    with torch.no_grad():
        outputs = model(torch.as_tensor(X)).numpy()
    agree(network.apply(theta, jnp.asarray(X)), outputs)
    again, same = bridges.torch.to_network(model)
    assert again == network
    np.testing.assert_array_equal(same, theta)


def test_chains_in_chains_flatten_and_dropout_at_rest_are_seen_through():
    torch.manual_seed(0)
    shared = nn.Tanh()
    inner = nn.Sequential(nn.Linear(3, 3), shared, nn.Dropout(0.5))
    model = nn.Sequential(nn.Flatten(), inner, nn.Linear(3, 4), shared, nn.Linear(4, 1)).double()
    network, theta = bridges.torch.to_network(model.eval())
    assert network == Network((3, 3, 4, 1), "tanh")
    with torch.no_grad():
        agree(network.apply(theta, jnp.asarray(X)), model(torch.as_tensor(X)).numpy())


def tied() -> nn.Module:
    layer = nn.Linear(3, 3)
    return nn.Sequential(layer, nn.Tanh(), layer)


NO_CHAINS = {
    "1 is Dropout": lambda: nn.Sequential(nn.Linear(3, 3), nn.Dropout(0.5)),
    "0 is Conv1d": lambda: nn.Sequential(nn.Conv1d(3, 3, 1)),
    "1 is GELU in its tanh approximation": lambda: nn.Sequential(
        nn.Linear(3, 3), nn.GELU(approximate="tanh")
    ),
    "1 is Softplus with beta 2": lambda: nn.Sequential(nn.Linear(3, 3), nn.Softplus(beta=2)),
    "1 is Softplus with threshold 1": lambda: nn.Sequential(
        nn.Linear(3, 3), nn.Softplus(threshold=1)
    ),
    "0 is Tanh without one": lambda: nn.Sequential(nn.Tanh(), nn.Linear(3, 3)),
    "2 is Tanh without one": lambda: nn.Sequential(nn.Linear(3, 3), nn.Tanh(), nn.Tanh()),
    "2 is tied to a layer": tied,
    "the model is LSTM": lambda: nn.LSTM(3, 3),
    "no linear layer": nn.Sequential,
    "takes 5 numbers, the one before it gives 4": lambda: nn.Sequential(
        nn.Linear(3, 4), nn.Linear(5, 1)
    ),
}


@pytest.mark.parametrize("told", NO_CHAINS)
def test_a_model_of_pytorch_that_is_no_chain_is_refused(told):
    with pytest.raises(InvalidInputError, match=told):
        bridges.torch.to_network(NO_CHAINS[told]())


def test_an_activation_that_torch_lacks_is_named():
    network, theta = case("erf")
    with pytest.raises(InvalidInputError, match="no module for the activation 'erf'"):
        bridges.torch.from_network(network, theta)


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
def test_an_equinox_sequential_has_the_outputs_of_its_network_and_comes_back(name):
    network, theta = case(name)
    model = bridges.jax.from_network(network, theta)
    agree(jax.vmap(model)(jnp.asarray(X)), network.apply(theta, jnp.asarray(X)))
    again, same = bridges.jax.to_network(model)
    assert again == network
    np.testing.assert_array_equal(same, theta)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_an_equinox_perceptron_is_recognised_by_the_values_of_its_activation(name):
    model = eqx.nn.MLP(
        3, 2, 4, 2, activation=FUNCTIONS[name], use_final_bias=False, key=jax.random.key(1)
    )
    network, theta = bridges.jax.to_network(model)
    assert network == Network((3, 4, 4, 2), name, bias=(True, True, False))
    agree(network.apply(theta, jnp.asarray(X)), jax.vmap(model)(jnp.asarray(X)))


def test_layers_of_flax_are_read_in_the_order_of_their_numbers():
    network = Network((3, *[2] * 11, 1), "sigmoid")  # twelve layers: Dense_10 after Dense_9
    theta = drawn(network)
    params = bridges.jax.flax_params(network, theta)
    assert params["params"]["Dense_0"]["kernel"].shape == (3, 2)
    again, same = bridges.jax.to_network(params, "sigmoid")
    assert again == network
    np.testing.assert_array_equal(same, theta)


KEY = jax.random.key(0)
NO_MODULES = {
    "approximate=False": eqx.nn.MLP(3, 2, 4, 1, activation=jax.nn.gelu, key=KEY),
    "applies elu": eqx.nn.MLP(3, 2, 4, 1, activation=jax.nn.elu, key=KEY),
    "applies relu6": eqx.nn.MLP(3, 2, 4, 1, activation=jax.nn.relu6, key=KEY),
    "a function with parameters": eqx.nn.MLP(3, 2, 4, 1, activation=eqx.nn.PReLU(), key=KEY),
    "Linear of scalars": eqx.nn.MLP("scalar", 2, 4, 1, key=KEY),
    "layers.0 is Conv1d": eqx.nn.Sequential([eqx.nn.Conv1d(1, 1, 3, key=KEY)]),
    "'scale' is in the way": {"scale": jnp.ones(3)},
    "no kernel": {"a": {"bias": jnp.ones(3)}},
}


@pytest.mark.parametrize("told", NO_MODULES)
def test_a_model_of_jax_that_is_no_perceptron_is_refused(told):
    with pytest.raises(InvalidInputError, match=told):
        bridges.jax.to_network(NO_MODULES[told])


def test_an_activation_of_your_own_goes_both_ways():
    cube = Activation.define("cube", lambda z: z**3, is_odd=True)
    network = Network((3, 2, 1), cube)
    model = bridges.jax.from_network(network, drawn(network))
    assert bridges.jax.to_network(model)[0] == network
