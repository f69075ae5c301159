"""PyTorch models as landscapes: `bridges.torch.landscape(model, loss_fn, batches)`."""

import importlib.util
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
from jaxtyping import Array

from saddlescape.bridges._torch_landscape import TorchLandscape
from saddlescape.core import MissingExtraError, Network

__all__ = [
    "TorchLandscape",
    "cross_entropy",
    "from_network",
    "is_model",
    "landscape",
    "outputs",
    "squared_error",
    "to_network",
    "with_weights",
]


def landscape(
    model: Any,
    loss_fn: Callable[[Any, Any], Any],
    batches: Iterable[tuple[Any, Any]],
    *,
    double: bool = False,
    parameters: str = "*",
    keep_graph: bool = True,
) -> TorchLandscape:
    """Return the landscape of a PyTorch model, as a function of one vector of its parameters.

    Args:
        model: any `nn.Module`; it is copied, its mode (train or eval) and buffers as they are.
        loss_fn: outputs and targets -> the mean loss of a batch, such as
            ``torch.nn.functional.cross_entropy``.
        batches: pairs of inputs and targets; the loss is their mean, weighted by size.
        double: whether to compute in float64, which an index is counted in.
        parameters: a pattern such as ``"layer1.*"``; the others stay fixed.
        keep_graph: whether the graph of the gradient at the last theta is kept: each product then
            costs two backward passes and no forward one, for the memory of the graph.

    Returns:
        the landscape. Its `theta` is the model as given; `blocks` are its parameters by name.

    Raises:
        InvalidInputError: without parameters or batches, or with dropout that is switched on.
        MissingExtraError: without PyTorch.
    """
    _require_torch()
    from saddlescape.bridges._torch_engine import Engine  # noqa: PLC0415 - loads PyTorch

    engine = Engine(model, loss_fn, batches, double, parameters, keep_graph)
    return TorchLandscape(engine)


def is_model(thing: Any) -> bool:
    """Return whether something is an `nn.Module`; PyTorch is not loaded to find out.

    Args:
        thing: anything.

    Returns:
        True or False.
    """
    loaded = sys.modules.get("torch.nn")
    return loaded is not None and isinstance(thing, loaded.Module)


def with_weights(model: Any, arrays: Mapping[str, Any]) -> Any:
    """Return a copy of a model with the parameters and buffers of a checkpoint.

    Args:
        model: an `nn.Module`.
        arrays: by name, as `bridges.read_checkpoint` returns them; a tied weight may stand under
            any of its names, and counters of batches may be missing.

    Returns:
        the copy; numbers are rounded to the precision of the model.

    Raises:
        InvalidInputError: when names are missing or too many, or a number is not finite.
        ShapeMismatchError: when an array has another shape.
    """
    from saddlescape.bridges import _torch_model  # noqa: PLC0415 - loads PyTorch

    return _torch_model.with_weights(model, arrays)


def outputs(model: Any, batches: Iterable[tuple[Any, Any]]) -> np.ndarray:
    """Return the outputs of a model for the inputs of batches.

    Args:
        model: an `nn.Module`.
        batches: pairs of inputs and targets; the targets are not looked at.

    Returns:
        one row per sample.

    Raises:
        InvalidInputError: when the model does not return one tensor.
    """
    from saddlescape.bridges import _torch_model  # noqa: PLC0415 - loads PyTorch

    return _torch_model.outputs(model, batches)


def squared_error(outputs: Any, targets: Any) -> Any:
    """Return the mean over samples of the sum over outputs of (output - target)^2.

    Args:
        outputs: a tensor, one row per sample.
        targets: of the same shape.

    Returns:
        a tensor of one number, without the factor 1/k of ``mse_loss``.
    """
    from saddlescape.bridges import _torch_model  # noqa: PLC0415 - loads PyTorch

    return _torch_model.squared_error(outputs, targets)


def cross_entropy(outputs: Any, targets: Any) -> Any:
    """Return the cross-entropy, its mean over all targets.

    Args:
        outputs: logits; the classes are the last axis.
        targets: labels, the shape of the outputs without that axis.

    Returns:
        a tensor of one number, in nats.
    """
    from saddlescape.bridges import _torch_model  # noqa: PLC0415 - loads PyTorch

    return _torch_model.cross_entropy(outputs, targets)


def to_network(model: Any) -> tuple[Network, Array]:
    """Return a multilayer perceptron as a `Network`, which has an exact Hessian and symmetries.

    Args:
        model: a Sequential of Linear, each followed by at most one of Sigmoid, Tanh, ReLU,
            Softplus, GELU (exact), SiLU; Flatten may come first, Dropout in evaluation mode
            anywhere.

    Returns:
        the network, and its theta, shape (p,). Outputs agree to rounding; PyTorch's Softplus
        leaves out exp(-z) above z = 20, which is 2e-9.

    Raises:
        InvalidInputError: when the model is something else; it names the layer in the way.
    """
    _require_torch()
    from saddlescape.bridges import _torch_mlp  # noqa: PLC0415 - loads PyTorch

    return _torch_mlp.to_network(model)


def from_network(network: Network, theta: Array) -> Any:
    """Return a network as a Sequential of PyTorch, in the precision of theta.

    Args:
        network: the network.
        theta: its parameters, shape (p,).

    Returns:
        an `nn.Sequential`.

    Raises:
        InvalidInputError: for an activation that `torch.nn` does not have.
        ShapeMismatchError: when theta does not fit the network.
    """
    _require_torch()
    from saddlescape.bridges import _torch_mlp  # noqa: PLC0415 - loads PyTorch

    return _torch_mlp.from_network(network, theta)


def _require_torch() -> None:
    """Raise without PyTorch.

    Raises:
        MissingExtraError: with what to install.
    """
    if importlib.util.find_spec("torch") is None:
        msg = "a PyTorch model needs PyTorch: pip install 'saddlescape[torch]'"
        raise MissingExtraError(msg)
