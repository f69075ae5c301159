"""Models of JAX as landscapes: `bridges.jax.landscape(params, loss_fn, batches)`.

Equinox modules are pytrees and are given as they are. Flax Linen: the variables of ``init``. Flax
NNX: ``graph, params, rest = nnx.split(model, nnx.Param, ...)`` and a loss that calls
``nnx.merge(graph, params, rest)``.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array

from saddlescape.bridges._jax_landscape import JaxLandscape
from saddlescape.bridges._jax_mlp import equinox_network, flax_network, to_equinox, to_flax
from saddlescape.bridges._jax_tree import as_precision, with_arrays
from saddlescape.core import Activation, Network

__all__ = [
    "JaxLandscape",
    "as_precision",
    "cross_entropy",
    "flax_params",
    "from_network",
    "is_model",
    "landscape",
    "squared_error",
    "to_network",
    "with_weights",
]


def landscape(
    params: Any,
    loss_fn: Callable[[Any, Any, Any], Any],
    batches: Iterable[tuple[Any, Any]],
    *,
    double: bool = False,
    parameters: str = "*",
) -> JaxLandscape:
    """Return the landscape of a model of JAX, as a function of one vector of its parameters.

    Args:
        params: any pytree, such as an Equinox module, variables of Flax or a dict; its arrays of
            floats are the parameters, everything else stays fixed.
        loss_fn: params, inputs and targets -> the mean loss of a batch.
        batches: pairs of inputs and targets; the loss is their mean, weighted by size.
        double: whether to compute in float64, which an index is counted in.
        parameters: a pattern of names such as ``"layers.0.*"``; the others stay fixed.

    Returns:
        the landscape. Its `theta` is the model as given; `blocks` are its parameters by name, the
        keys on the way through the tree joined by points; `unravel` makes a model of theta.

    Raises:
        InvalidInputError: without parameters or batches, or when the loss is not one real number.
        PrecisionError: for float64 where JAX is not set to it.

    Example:
        >>> import numpy as np
        >>> def loss(params, x, y):
        ...     return jnp.mean((x @ params["w"] - y) ** 2)
        >>> batch = np.array([[1.0], [2.0]]), np.array([1.0, 3.0])
        >>> line = landscape({"w": np.ones(1)}, loss, [batch])
        >>> line.blocks, line.hessian(line.theta).tolist()
        ({'w': slice(0, 1, None)}, [[5.0]])
    """
    chosen = as_precision(params, jnp.float64) if double else params
    return JaxLandscape(chosen, loss_fn, batches, parameters)


def is_model(thing: Any) -> bool:
    """Return whether something is an Equinox module or a pair (params, apply).

    Args:
        thing: anything.

    Returns:
        True or False.
    """
    is_pair = isinstance(thing, tuple) and len(thing) == 2 and callable(thing[1])
    return is_pair or isinstance(thing, eqx.Module)


def with_weights(params: Any, arrays: Mapping[str, Any]) -> Any:
    """Return a pytree with the arrays of a checkpoint.

    Args:
        params: a pytree, such as an Equinox module.
        arrays: by name, as `bridges.read_checkpoint` returns them; the names of `landscape`, joined
            by points or slashes.

    Returns:
        a pytree of the same structure and precision.

    Raises:
        InvalidInputError: when names are missing or too many, or a number is not finite.
        ShapeMismatchError: when an array has another shape.

    Example:
        >>> import numpy as np
        >>> with_weights({"w": jnp.zeros(2)}, {"w": np.array([1.0, 2.0])})["w"].tolist()
        [1.0, 2.0]
    """
    return with_arrays(params, arrays)


def squared_error(outputs: Array, targets: Array) -> Array:
    """Return the mean over samples of the sum over outputs of (output - target)^2.

    Args:
        outputs: one row per sample.
        targets: of the same shape.

    Returns:
        one number, without a factor 1/2.
    """
    return jnp.mean(jnp.sum(((outputs - targets) ** 2).reshape(len(targets), -1), axis=1))


def cross_entropy(outputs: Array, targets: Array) -> Array:
    """Return the cross-entropy, its mean over all targets.

    Args:
        outputs: logits; the classes are the last axis.
        targets: labels from 0, the shape of the outputs without that axis.

    Returns:
        one number, in nats; NaN where a label is no number of a class.
    """
    logits, labels = outputs.reshape(-1, outputs.shape[-1]), targets.reshape(-1, 1)
    own = jnp.take_along_axis(logits, labels, axis=1)
    # A label of -1 would otherwise count from the end.
    margin = logits - jnp.where(labels < 0, jnp.nan, own)
    return jnp.mean(jax.nn.logsumexp(margin, axis=1))


def to_network(
    model: Any, activation: str | Activation = "tanh", output: str | Activation = "identity"
) -> tuple[Network, Array]:
    """Return a multilayer perceptron as a `Network`, which has an exact Hessian and symmetries.

    Args:
        model: an Equinox MLP, Sequential or Linear; or a tree of layers {kernel, bias}, as Flax
            writes them, in the order of their names. Flax numbers layers as they are made: in
            ``Dense(1)(tanh(Dense(3)(x)))`` the outer one comes first, so give it a name.
        activation: of the hidden layers of a tree, which does not tell.
        output: of its last layer.

    Returns:
        the network, and its theta, shape (p,). Activations of Equinox are recognised by their
        values; ``jax.nn.gelu`` has to be exact, ``approximate=False``.

    Raises:
        InvalidInputError: when the model is something else; it names the layer in the way.

    Example:
        >>> first, second = {"kernel": jnp.ones((2, 3))}, {"kernel": jnp.ones((3, 1))}
        >>> to_network({"Dense_0": first, "Dense_1": second}, "relu")[0]
        Network((2, 3, 1), 'relu', bias=False)
    """
    if isinstance(model, eqx.Module):
        return equinox_network(model)
    return flax_network(model, activation, output)


def from_network(network: Network, theta: Array) -> eqx.nn.Sequential:
    """Return a network as an Equinox Sequential.

    Args:
        network: the network.
        theta: its parameters, shape (p,).

    Returns:
        a module of one sample; ``jax.vmap`` maps it over rows.

    Raises:
        ShapeMismatchError: when theta does not fit the network.
    """
    return to_equinox(network, theta)


def flax_params(network: Network, theta: Array) -> dict[str, dict[str, dict[str, Array]]]:
    """Return the parameters of a network as variables of Flax's Dense layers.

    Args:
        network: the network.
        theta: its parameters, shape (p,).

    Returns:
        ``{"params": {"Dense_0": {"kernel": ..., "bias": ...}, ...}}``.

    Raises:
        ShapeMismatchError: when theta does not fit the network.
    """
    return to_flax(network, theta)
