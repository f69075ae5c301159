"""A model of PyTorch or JAX, asked the same questions."""

import abc
import copy
from collections.abc import Callable, Mapping
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from saddlescape import bridges
from saddlescape.core import InvalidInputError, Network

Batches = list[tuple[np.ndarray, np.ndarray]]


class AbstractFramework(abc.ABC):
    """What a checkup asks of a model."""

    name: str

    @abc.abstractmethod
    def load(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Take the parameters of a checkpoint."""

    @abc.abstractmethod
    def outputs(self, batches: Batches) -> np.ndarray:
        """Return the outputs for the inputs of batches."""

    @abc.abstractmethod
    def our_loss(self, *, classes: bool) -> Callable[[Any, Any], Any]:
        """Return cross-entropy or squared error of outputs and targets."""

    @abc.abstractmethod
    def landscape(self, loss: Callable[[Any, Any], Any], batches: Batches, parameters: str) -> Any:
        """Return the landscape, which knows its `theta` and `blocks`."""

    @abc.abstractmethod
    def network(self) -> tuple[Network, Array]:
        """Return the model as a network with its theta; it raises where the model is none."""


class TorchModel(AbstractFramework):
    """A PyTorch model in evaluation mode."""

    name = "PyTorch"

    def __init__(self, model: Any, *, double: bool):
        model = copy.deepcopy(model).eval()
        self.model = model.double() if double else model.float()

    def load(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Take the parameters of a checkpoint."""
        self.model = bridges.torch.with_weights(self.model, arrays)

    def outputs(self, batches: Batches) -> np.ndarray:
        """Return the outputs for the inputs of batches."""
        return bridges.torch.outputs(self.model, batches)

    def our_loss(self, *, classes: bool) -> Callable[[Any, Any], Any]:
        """Return cross-entropy or squared error of outputs and targets."""
        return bridges.torch.cross_entropy if classes else bridges.torch.squared_error

    def landscape(self, loss: Callable[[Any, Any], Any], batches: Batches, parameters: str) -> Any:
        """Return the landscape; the graph is kept where all rows are computed at once anyway."""
        return bridges.torch.landscape(
            self.model, loss, batches, parameters=parameters, keep_graph=len(batches) == 1
        )

    def network(self) -> tuple[Network, Array]:
        """Return a Sequential as a network with its theta."""
        return bridges.torch.to_network(self.model)


class JaxModel(AbstractFramework):
    """An Equinox module, or parameters with a function of them and the inputs."""

    name = "JAX"

    def __init__(self, model: Any, *, double: bool):
        self.is_module = isinstance(model, eqx.Module)
        if self.is_module:
            model, self.apply = eqx.nn.inference_mode(model), _by_rows
        else:
            model, self.apply = model
        self.dtype = jnp.float64 if double else jnp.float32
        self.params = bridges.jax.as_precision(model, self.dtype)

    def load(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Take the parameters of a checkpoint."""
        self.params = bridges.jax.with_weights(self.params, arrays)

    def outputs(self, batches: Batches) -> np.ndarray:
        """Return the outputs for the inputs of batches."""
        apply, made = eqx.filter_jit(self.apply), []
        for inputs, _ in batches:
            result = apply(self.params, bridges.jax.as_precision(inputs, self.dtype))
            if not isinstance(result, Array):
                msg = f"the model returns {type(result).__name__}: return one array of outputs"
                raise InvalidInputError(msg)
            made.append(np.asarray(result, dtype=np.float64))
        return np.concatenate(made)

    def our_loss(self, *, classes: bool) -> Callable[[Any, Any], Any]:
        """Return cross-entropy or squared error of outputs and targets."""
        return bridges.jax.cross_entropy if classes else bridges.jax.squared_error

    def landscape(self, loss: Callable[[Any, Any], Any], batches: Batches, parameters: str) -> Any:
        """Return the landscape, which knows its `theta` and `blocks`."""
        apply = self.apply

        def of_batch(params: Any, inputs: Any, targets: Any) -> Any:
            return loss(apply(params, inputs), targets)

        return bridges.jax.landscape(self.params, of_batch, batches, parameters=parameters)

    def network(self) -> tuple[Network, Array]:
        """Return an Equinox module as a network with its theta."""
        if not self.is_module:
            msg = "parameters alone do not tell their activations"
            raise InvalidInputError(msg)
        return bridges.jax.to_network(self.params)


def _by_rows(model: Any, inputs: Any) -> Any:
    """Return the outputs of a module of one sample, for each row."""
    return jax.vmap(model)(inputs)


def framework_of(made: Any, name: str, *, double: bool) -> AbstractFramework:
    """Return a model as its framework sees it.

    Raises:
        InvalidInputError: when it is none.
    """
    if bridges.torch.is_model(made):
        return TorchModel(made, double=double)
    if bridges.jax.is_model(made):
        return JaxModel(made, double=double)
    msg = (
        f"{name} returns {type(made).__name__}: return a torch.nn.Module, an equinox.Module, or a "
        "pair (params, apply) with apply(params, inputs) the outputs"
    )
    raise InvalidInputError(msg)
