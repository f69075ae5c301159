"""A model of PyTorch or JAX, asked the same questions."""

import abc
import copy
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from saddlescape import bridges
from saddlescape.core import InvalidInputError

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


class TorchModel(AbstractFramework):
    """A PyTorch model in evaluation mode."""

    name = "PyTorch"

    def __init__(self, model: Any, *, double: bool):
        model = copy.deepcopy(model).eval()
        self.model = model.double() if double else model

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


def framework_of(made: Any, name: str, *, double: bool) -> AbstractFramework:
    """Return a model as its framework sees it.

    Raises:
        InvalidInputError: when it is none.
    """
    if bridges.torch.is_model(made):
        return TorchModel(made, double=double)
    msg = (
        f"{name} returns {type(made).__name__}: return a torch.nn.Module, an equinox.Module, or a "
        "pair (params, apply) with apply(params, inputs) the outputs"
    )
    raise InvalidInputError(msg)
