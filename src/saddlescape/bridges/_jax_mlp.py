"""A multilayer perceptron of Equinox or Flax as a `Network`, and back."""

import re
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp

from saddlescape.bridges._jax_tree import is_real, named_leaves
from saddlescape.bridges._mlp import activation_of, network_of
from saddlescape.core import Activation, InvalidInputError, Network


def equinox_network(model: Any) -> tuple[Any, Any]:
    """Return network and theta of an Equinox MLP, Sequential or Linear."""
    layers: list[Any] = []
    activations: list[str | Activation] = []
    for name, module in _chain(model):
        if isinstance(module, eqx.nn.Linear):
            if "scalar" in {module.in_features, module.out_features}:
                raise InvalidInputError(_in_the_way(name, "Linear of scalars"))
            layers.append(module)
            activations.append("identity")
        elif isinstance(module, eqx.nn.Identity) or _rests(module):
            continue
        elif isinstance(module, eqx.nn.Lambda):
            if not layers or activations[-1] != "identity":
                raise InvalidInputError(_in_the_way(name, "an activation without one"))
            activations[-1] = activation_of(module.fn, name)
        else:
            raise InvalidInputError(_in_the_way(name, type(module).__name__))
    return network_of([(layer.weight, layer.bias) for layer in layers], activations)


def flax_network(
    params: Any, activation: str | Activation, output: str | Activation
) -> tuple[Any, Any]:
    """Return network and theta of layers {kernel, bias}, in the order of their names."""
    layers: dict[str, dict[str, Any]] = {}
    for name, leaf in named_leaves(params).items():
        layer, _, kind = name.rpartition(".")
        if not is_real(leaf) or kind not in {"kernel", "bias"}:
            msg = f"{name!r} is in the way: a Network is layers of kernel and bias alone"
            raise InvalidInputError(msg)
        layers.setdefault(layer, {})[kind] = leaf
    for name, layer in layers.items():
        if "kernel" not in layer or layer["kernel"].ndim != 2:
            msg = f"{name!r} has no kernel of shape (inputs, outputs): it is no linear layer"
            raise InvalidInputError(msg)
    ordered = [layers[name] for name in sorted(layers, key=_as_counted)]
    pairs = [(layer["kernel"].T, layer.get("bias")) for layer in ordered]
    return network_of(pairs, [*[activation] * (len(pairs) - 1), output])


def to_equinox(network: Network, theta: Any) -> Any:
    """Return an Equinox Sequential of the layers of a network."""
    modules: list[Any] = []
    for (weight, bias), g in zip(network.unflatten(theta), network.activations, strict=True):
        outputs, inputs = weight.shape
        linear = eqx.nn.Linear(inputs, outputs, use_bias=bias is not None, key=jax.random.key(0))
        linear = eqx.tree_at(lambda layer: layer.weight, linear, weight)
        if bias is not None:
            linear = eqx.tree_at(lambda layer: layer.bias, linear, bias)
        modules.append(linear)
        if g.name != "identity":
            modules.append(eqx.nn.Lambda(g))
    return eqx.nn.Sequential(modules)


def to_flax(network: Network, theta: Any) -> dict[str, dict[str, dict[str, Any]]]:
    """Return the variables of Flax's Dense layers."""
    layers = {}
    for number, (weight, bias) in enumerate(network.unflatten(theta)):
        held = {"kernel": weight.T} | ({} if bias is None else {"bias": jnp.asarray(bias)})
        layers[f"Dense_{number}"] = held
    return {"params": layers}


def _chain(model: Any) -> list[tuple[str, Any]]:
    """Return the layers and activations of a model by name."""
    if isinstance(model, eqx.nn.Sequential):
        return [(f"layers.{i}", layer) for i, layer in enumerate(model.layers)]
    if not isinstance(model, eqx.nn.MLP):
        return [("the model", model)]
    if jax.tree.leaves(eqx.filter((model.activation, model.final_activation), eqx.is_array)):
        raise InvalidInputError(_in_the_way("activation", "a function with parameters"))
    parts: list[tuple[str, Any]] = []
    for number, layer in enumerate(model.layers):
        is_last = number == len(model.layers) - 1
        g = model.final_activation if is_last else model.activation
        parts += [(f"layers.{number}", layer), (f"layers.{number}", eqx.nn.Lambda(g))]
    return parts


def _rests(module: Any) -> bool:
    """Return whether a module is dropout that does nothing."""
    return isinstance(module, eqx.nn.Dropout) and bool(module.inference or module.p == 0)


def _as_counted(name: str) -> list[Any]:
    """Return a key that puts Dense_10 after Dense_9."""
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", name)]


def _in_the_way(name: str, what: str) -> str:
    """Return the sentence on a model that is no multilayer perceptron."""
    return f"{name} is {what}: a Network is Linear layers, each followed by one elementwise Lambda"
