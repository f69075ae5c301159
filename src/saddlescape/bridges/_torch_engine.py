"""Loss, gradient and products of a PyTorch model for a flat vector of parameters."""

import copy
import fnmatch
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch.func import functional_call
from torch.nn.attention import SDPBackend, sdpa_kernel

from saddlescape.bridges._torch_graphs import GRAPHS
from saddlescape.core import InvalidInputError


class Engine:
    """The work behind `TorchLandscape`, on NumPy vectors; see `bridges.torch.landscape`."""

    def __init__(self, model, loss_fn, batches, double, parameters, keep_graph):
        model = copy.deepcopy(model)
        _refuse_dropout(model)
        self.model = model.double() if double else model
        self.loss_fn, self.keep_graph = loss_fn, keep_graph
        named = dict(self.model.named_parameters())  # a tied weight is named once
        chosen = {name: p for name, p in named.items() if fnmatch.fnmatchcase(name, parameters)}
        if not chosen:
            msg = f"no parameter is called {parameters!r}: choose among {', '.join(named)}"
            raise InvalidInputError(msg)
        self.tensors = {name: tensor.detach().clone() for name, tensor in chosen.items()}
        first = next(iter(self.tensors.values()))
        self.dtype, self.device = first.dtype, first.device
        if self.dtype not in {torch.float32, torch.float64}:
            msg = f"the model computes in {self.dtype}: use double=True, or model.float()"
            raise InvalidInputError(msg)
        self.batches = [tuple(map(self._placed, batch)) for batch in batches]
        if not self.batches:
            msg = "there are no batches: give a list of (inputs, targets)"
            raise InvalidInputError(msg)
        sizes = np.array([len(targets) for _, targets in self.batches], dtype=float)
        if not sizes.all():
            number = int(sizes.argmin())
            msg = f"batch {number} is empty, so its mean loss is no number: leave it out"
            raise InvalidInputError(msg)
        self.weights = (sizes / sizes.sum()).tolist()
        self.sizes = [tensor.numel() for tensor in self.tensors.values()]
        self.known: tuple[Any, list[Any]] | None = None  # which part and theta, and its graphs

    def _placed(self, array: Any) -> Any:
        """Return inputs or targets as a tensor of the model's precision, on its device."""
        tensor = torch.as_tensor(array)
        wanted = self.dtype if tensor.is_floating_point() else tensor.dtype
        return tensor.to(device=self.device, dtype=wanted)

    def flat(self, tensors: Any) -> np.ndarray:
        """Return tensors, in the order of the parameters, as one vector."""
        return torch.cat([tensor.detach().reshape(-1) for tensor in tensors]).cpu().numpy()

    def leaves(self, theta: np.ndarray) -> list[torch.Tensor]:
        """Return a vector as tensors of the parameters' shapes."""
        vector = torch.tensor(np.asarray(theta), dtype=self.dtype, device=self.device)
        return self._shaped(vector)

    def _shaped(self, vector: torch.Tensor) -> list[torch.Tensor]:
        """Return the views of a vector that are the parameters."""
        shapes = [tensor.shape for tensor in self.tensors.values()]
        parts = torch.split(vector, self.sizes)
        return [part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)]

    def outputs(self, leaves: list[torch.Tensor], number: int) -> Any:
        """Return what the model makes of a batch."""
        named = dict(zip(self.tensors, leaves, strict=True))
        with sdpa_kernel(SDPBackend.MATH):  # the fused kernels have no second derivative
            return functional_call(self.model, named, (self.batches[number][0],))

    def loss_of(self, outputs: Any, number: int) -> torch.Tensor:
        """Return the loss of a batch's outputs times its weight."""
        return self.weights[number] * self.loss_fn(outputs, self.batches[number][1])

    def batch_loss(self, leaves: list[torch.Tensor], number: int) -> torch.Tensor:
        """Return the loss of a batch times its weight."""
        return self.loss_of(self.outputs(leaves, number), number)

    def loss(self, theta: np.ndarray) -> np.ndarray:
        """Return the loss."""
        with torch.no_grad():
            leaves = self.leaves(theta)
            total = sum(float(self.batch_loss(leaves, i)) for i in range(len(self.batches)))
        return np.asarray(total)

    def loss_and_gradient(self, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return loss and gradient."""
        total, gradient = 0.0, np.zeros(sum(self.sizes))
        for number in range(len(self.batches)):
            leaves = [leaf.requires_grad_() for leaf in self.leaves(theta)]
            loss = self.batch_loss(leaves, number)
            total += float(loss.detach())
            parts = torch.autograd.grad(loss, leaves, materialize_grads=True)
            gradient += self.flat(parts)
        return np.asarray(total), gradient

    def product_at(self, theta: np.ndarray, part: str) -> Callable[[np.ndarray], np.ndarray]:
        """Return the product with the Hessian or a part of it at theta, as a function."""
        graphs = self._graphs(theta, GRAPHS[part]) if self.keep_graph else None

        def multiply(direction: np.ndarray) -> np.ndarray:
            # A product of a million numbers passes through memory as rarely as can be.
            own = np.require(direction, requirements=["C", "W"])
            vector = self._shaped(torch.from_numpy(own).to(self.device, self.dtype))
            made = self._graphs(theta, GRAPHS[part]) if graphs is None else graphs
            products = (self.flat(graph.times(vector, keep=self.keep_graph)) for graph in made)
            total = next(products)
            for product in products:
                total += product
            return total

        return multiply

    def _graphs(self, theta: np.ndarray, kind: Any) -> Any:
        """Return, or make one by one, the graphs of every batch."""
        known = self.known
        if known is not None and known[0][0] is kind and np.array_equal(known[0][1], theta):
            return known[1]
        self.known = None  # the old graph's memory goes before the new one takes its own
        made = (
            kind(self, [leaf.requires_grad_() for leaf in self.leaves(theta)], number)
            for number in range(len(self.batches))
        )
        if not self.keep_graph:
            return made
        self.known = ((kind, np.array(theta)), list(made))
        return self.known[1]


def _refuse_dropout(model: Any) -> None:
    """Raise where the loss would be another one at every call.

    Raises:
        InvalidInputError: with dropout in training mode.
    """
    for name, module in model.named_modules():
        is_dropout = isinstance(module, torch.nn.modules.dropout._DropoutNd)
        if is_dropout and module.training and module.p > 0:
            msg = f"{name} drops at random, so the loss has no fixed value: call model.eval()"
            raise InvalidInputError(msg)
