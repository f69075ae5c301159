"""The work that is measured, built once for us and once for PyTorch, and checked to be the same."""

import dataclasses
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
import torch

import saddlescape as ss

jax.config.update("jax_enable_x64", True)
torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)

TORCH_ACTIVATIONS: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "softplus": torch.nn.functional.softplus,
    "tanh": torch.tanh,
    "g": lambda z: torch.sigmoid(4 * z) + torch.nn.functional.softplus(z),
}


@dataclasses.dataclass(frozen=True)
class Regression:
    """A network on random data (or the data given): two inputs, one output, squared error."""

    network: ss.Network
    inputs: np.ndarray
    targets: np.ndarray
    theta: np.ndarray

    @classmethod
    def random(cls, hidden: tuple[int, ...], num_samples: int) -> "Regression":
        """Return normal inputs and targets, softplus, biases, and a random theta."""
        draw = np.random.default_rng(0)
        network = ss.Network((2, *hidden, 1), "softplus")
        inputs, targets = draw.normal(size=(num_samples, 2)), draw.normal(size=(num_samples, 1))
        return cls(network, inputs, targets, draw.normal(size=network.num_parameters))

    def landscape(self) -> ss.EmpiricalLandscape:
        """Return our loss."""
        return ss.EmpiricalLandscape(self.network, ss.Data(self.inputs, self.targets))

    def torch_loss(self) -> Callable[[torch.Tensor], torch.Tensor]:
        """Return PyTorch's loss, a function of the same flat theta."""
        inputs, targets = torch.from_numpy(self.inputs), torch.from_numpy(self.targets)
        g = TORCH_ACTIVATIONS[self.network.activations[0].name]
        offsets, shapes = self.network.offsets, self.network.shapes
        biases = self.network.biases

        def loss(theta: torch.Tensor) -> torch.Tensor:
            values = inputs
            for number, (outputs, width) in enumerate(shapes):
                start, middle = offsets[number], offsets[number] + outputs * width
                weight = theta[start:middle].reshape(outputs, width)
                bias = theta[middle : offsets[number + 1]] if biases[number] else None
                values = torch.nn.functional.linear(values, weight, bias)
                values = g(values) if number + 1 < len(shapes) else values
            return torch.nn.functional.mse_loss(values, targets)

        return loss

    def torch_module(self) -> torch.nn.Sequential:
        """Return the network as people write it in PyTorch (biases, softplus), at our theta."""
        modules: list[torch.nn.Module] = []
        for (outputs, width), layer in zip(
            self.network.shapes, self.network.unflatten(jnp.asarray(self.theta)), strict=True
        ):
            linear = torch.nn.Linear(width, outputs)
            with torch.no_grad():
                linear.weight.copy_(torch.from_numpy(np.array(layer.weight)))
                linear.bias.copy_(torch.from_numpy(np.array(layer.bias)))
            modules += [linear, torch.nn.Softplus()]
        return torch.nn.Sequential(*modules[:-1])


def require_same(ours, theirs, what: str) -> None:
    """Stop the benchmark unless both computed the same numbers (to 1e-9 of the largest)."""
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    error = np.abs(ours - theirs).max() / np.abs(theirs).max()
    if not error < 1e-9:
        msg = f"{what}: ours and the peer's differ by {error:.1e}, so there is nothing to compare"
        raise SystemExit(msg)
