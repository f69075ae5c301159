"""A multilayer perceptron of PyTorch as a `Network`, and back."""

from typing import Any

import numpy as np
import torch
from torch import nn

from saddlescape.bridges._mlp import network_of
from saddlescape.core import InvalidInputError, Network

_NAMES: dict[type, str] = {
    nn.Identity: "identity",
    nn.Sigmoid: "sigmoid",
    nn.Tanh: "tanh",
    nn.ReLU: "relu",
    nn.Softplus: "softplus",
    nn.GELU: "gelu",
    nn.SiLU: "silu",
}
_LEAST_THRESHOLD = 20  # PyTorch's own, beyond which its Softplus is the identity: off by 2e-9
_MADE = {name: kind for kind, name in _NAMES.items()}


def to_network(model: Any) -> tuple[Any, Any]:
    """Return network and theta of a chain of linear layers and activations."""
    layers: list[Any] = []
    activations: list[str] = []
    for name, module in _chain(model, ""):
        if type(module) is nn.Linear:
            if any(module.weight is layer.weight for layer in layers):
                raise InvalidInputError(_in_the_way(name, "tied to a layer before it"))
            layers.append(module)
            activations.append("identity")
        elif _passes(module, is_first=not layers):
            continue
        else:
            found = _activation(name, module)
            if not layers or activations[-1] != "identity":
                raise InvalidInputError(_in_the_way(name, f"{type(module).__name__} without one"))
            activations[-1] = found
    pairs = [(_array(layer.weight), _array(layer.bias)) for layer in layers]
    return network_of(pairs, activations)


def from_network(network: Network, theta: Any) -> Any:
    """Return a Sequential of the layers of a network."""
    modules: list[nn.Module] = []
    for (weight, bias), activation in zip(
        network.unflatten(theta), network.activations, strict=True
    ):
        if activation.name not in _MADE:
            msg = (
                f"torch.nn has no module for the activation {activation.name!r}: it has "
                f"{', '.join(_MADE)}"
            )
            raise InvalidInputError(msg)
        tensor = torch.from_numpy(np.array(weight))
        linear = nn.Linear(*reversed(tensor.shape), bias=bias is not None, dtype=tensor.dtype)
        with torch.no_grad():
            linear.weight.copy_(tensor)
            if bias is not None:
                linear.bias.copy_(torch.from_numpy(np.array(bias)))
        modules.append(linear)
        if activation.name != "identity":
            modules.append(_MADE[activation.name]())
    return nn.Sequential(*modules)


def _chain(model: Any, name: str) -> list[tuple[str, Any]]:
    """Return the modules of a chain by name; chains in it are opened."""
    if type(model) is not nn.Sequential:
        return [(name or "the model", model)]
    prefix = f"{name}." if name else ""
    return [part for key, module in model._modules.items() for part in _chain(module, prefix + key)]


def _passes(module: Any, *, is_first: bool) -> bool:
    """Return whether a module hands on what it gets: samples as rows, or dropout at rest."""
    if isinstance(module, nn.Flatten):
        return is_first and (module.start_dim, module.end_dim) == (1, -1)
    return isinstance(module, nn.modules.dropout._DropoutNd) and not (module.training and module.p)


def _activation(name: str, module: Any) -> str:
    """Return the name of an activation.

    Raises:
        InvalidInputError: for anything else.
    """
    kind = type(module)
    if kind is nn.GELU and module.approximate != "none":
        raise InvalidInputError(_in_the_way(name, "GELU in its tanh approximation"))
    if kind is nn.Softplus and module.beta != 1:
        raise InvalidInputError(_in_the_way(name, f"Softplus with beta {module.beta}"))
    if kind is nn.Softplus and module.threshold < _LEAST_THRESHOLD:
        raise InvalidInputError(_in_the_way(name, f"Softplus with threshold {module.threshold}"))
    if kind not in _NAMES:
        raise InvalidInputError(_in_the_way(name, kind.__name__))
    return _NAMES[kind]


def _in_the_way(name: str, what: str) -> str:
    """Return the sentence on a model that is no multilayer perceptron."""
    known = ", ".join(kind.__name__ for kind in _NAMES)
    return f"{name} is {what}: a Network is a Sequential of Linear, each followed by one of {known}"


def _array(tensor: Any) -> np.ndarray | None:
    """Return a parameter as an array."""
    return None if tensor is None else tensor.detach().cpu().numpy()
