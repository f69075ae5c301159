"""Graphs of one batch that give products with its Hessian or one of the two parts, any number."""

from collections.abc import Sequence
from typing import Any

import torch

from saddlescape.core import InvalidInputError

Tensors = Sequence[torch.Tensor]


class HessianGraph:
    """The gradient as a function of the parameters; a product is reverse over reverse."""

    def __init__(self, engine: Any, leaves: list[torch.Tensor], number: int):
        loss = engine.batch_loss(leaves, number)
        self.leaves = leaves
        self.gradient = torch.autograd.grad(loss, leaves, create_graph=True, materialize_grads=True)

    def times(self, vector: Tensors, *, keep: bool) -> Tensors:
        """Return the product with a vector, tensor by tensor."""
        return pulled(self.gradient, self.leaves, vector, keep=keep)


class GaussNewtonGraph:
    """The outputs, and J^T u as a linear function of u, whose derivative along v is J v.

    Reverse mode alone: what has no forward derivative works too, and a product with kept graphs
    costs no forward pass.
    """

    def __init__(self, engine: Any, leaves: list[torch.Tensor], number: int):
        self.leaves, self.outputs = leaves, outputs_of(engine, leaves, number)
        self.ends = self.outputs.detach().requires_grad_()
        loss = engine.loss_of(self.ends, number)
        self.slope = torch.autograd.grad(loss, [self.ends], create_graph=True)
        self.dummy = torch.zeros_like(self.ends).requires_grad_()
        self.back = torch.autograd.grad(
            self.outputs, leaves, self.dummy, create_graph=True, materialize_grads=True
        )

    def times(self, vector: Tensors, *, keep: bool) -> Tensors:
        """Return J^T (d^2 loss / d output^2) J v."""
        forward = pulled(self.back, [self.dummy], vector, keep=True)
        bent = pulled(self.slope, [self.ends], forward, keep=keep)
        return pulled([self.outputs], self.leaves, bent, keep=keep)


class ResidualGraph:
    """J^T r as a function of the parameters, r = d loss / d outputs held fixed."""

    def __init__(self, engine: Any, leaves: list[torch.Tensor], number: int):
        outputs = outputs_of(engine, leaves, number)
        ends = outputs.detach().requires_grad_()
        residual = torch.autograd.grad(engine.loss_of(ends, number), ends)[0]
        self.leaves = leaves
        self.back = torch.autograd.grad(
            outputs, leaves, residual, create_graph=True, materialize_grads=True
        )

    def times(self, vector: Tensors, *, keep: bool) -> Tensors:
        """Return the derivative of J^T r along v."""
        return pulled(self.back, self.leaves, vector, keep=keep)


GRAPHS = {
    "hvp": HessianGraph,
    "gauss_newton_product": GaussNewtonGraph,
    "residual_product": ResidualGraph,
}


def pulled(outputs: Tensors, inputs: Tensors, along: Tensors, *, keep: bool) -> Tensors:
    """Return the derivatives by the inputs of the inner product of outputs with `along`."""
    # A gradient that is constant has no graph, and no second derivative.
    pairs = [(out, v) for out, v in zip(outputs, along, strict=True) if out.requires_grad]
    if not pairs:
        return [torch.zeros_like(tensor) for tensor in inputs]
    bent, directions = zip(*pairs, strict=True)
    return torch.autograd.grad(bent, inputs, directions, retain_graph=keep, materialize_grads=True)


def outputs_of(engine: Any, leaves: list[torch.Tensor], number: int) -> torch.Tensor:
    """Return the outputs of a batch as one tensor.

    Raises:
        InvalidInputError: when the model returns something else.
    """
    outputs = engine.outputs(leaves, number)
    if not isinstance(outputs, torch.Tensor):
        msg = (
            f"the model returns {type(outputs).__name__}, the parts of the Hessian need one "
            "tensor: wrap it in a module that returns the outputs the loss is a function of"
        )
        raise InvalidInputError(msg)
    return outputs
