"""The network whose decisions are looked at: loaded, or trained with Adam on all samples."""

import dataclasses
from collections.abc import Sequence

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float, Int

from saddlescape.core import Activation, Data, InvalidInputError, Network
from saddlescape.core import activation as activation_of
from saddlescape.optimizers import Adam, trajectory
from saddlescape.regions import Planes, read_layers
from saddlescape.setups import Setup


@dataclasses.dataclass(frozen=True, eq=False)
class Learned:
    """A network as plain arrays, and how it labels.

    Args:
        layers: weights and biases, the readout last.
        activations: of the hidden layers.
        level: the output at which a network of one output parts the two sides; None where the
            largest output decides.
    """

    layers: tuple[Planes, ...]
    activations: tuple[Activation, ...]
    level: float | None = None

    @property
    def widths(self) -> tuple[int, ...]:
        """Inputs, hidden widths, outputs."""
        return (self.layers[0].weights.shape[1], *(len(layer.biases) for layer in self.layers))

    @property
    def num_parameters(self) -> int:
        """How many weights and biases there are."""
        return sum(w.size + b.size for w, b in self.layers)

    @property
    def is_relu(self) -> bool:
        """Whether all hidden neurons are rectifiers: then there are linear regions."""
        return all(g.name == "relu" for g in self.activations)

    @property
    def pairs(self) -> tuple[tuple[int, int], ...]:
        """The pairs of outputs whose difference parts two classes; (0, 0) for a level."""
        if self.level is not None:
            return ((0, 0),)
        k = self.widths[-1]
        return tuple((i, j) for i in range(k) for j in range(i + 1, k))

    def activities(self, inputs: Float[np.ndarray, "n d"]) -> list[Float[np.ndarray, "n _"]]:
        """Return what every layer sees.

        Args:
            inputs: shape (n, d).

        Returns:
            the inputs, then the activities of every hidden layer.
        """
        seen = [np.asarray(inputs, float)]
        for (weights, biases), g in zip(self.layers[:-1], self.activations, strict=True):
            seen.append(np.asarray(g(jnp.asarray(seen[-1] @ weights.T + biases))))
        return seen

    def outputs(self, inputs: Float[np.ndarray, "n d"]) -> Float[np.ndarray, "n k"]:
        """Return the outputs.

        Args:
            inputs: shape (n, d).

        Returns:
            shape (n, k).
        """
        return self.activities(inputs)[-1] @ self.layers[-1].weights.T + self.layers[-1].biases

    def labels(self, outputs: Float[np.ndarray, "n k"]) -> Int[np.ndarray, " n"]:
        """Return the class that outputs stand for.

        Args:
            outputs: shape (n, k).

        Returns:
            the number of the largest, or whether the first is above the level.
        """
        if self.level is not None:
            return (outputs[:, 0] > self.level).astype(int)
        return outputs.argmax(axis=1)

    def parting(self, pair: tuple[int, int], outputs: Float[np.ndarray, "n k"]) -> np.ndarray:
        """Return the number that is zero where two classes part.

        Args:
            pair: of classes.
            outputs: shape (n, k).

        Returns:
            shape (n,).
        """
        if self.level is not None:
            return outputs[:, 0] - self.level
        return outputs[:, pair[0]] - outputs[:, pair[1]]

    @property
    def surface(self) -> Planes:
        """The hyperplanes in the last layer's own space on which two classes part."""
        weights, biases = self.layers[-1]
        if self.level is not None:
            return Planes(weights[:1], biases[:1] - self.level)
        rows = [(weights[i] - weights[j], biases[i] - biases[j]) for i, j in self.pairs]
        return Planes(np.array([w for w, _ in rows]), np.array([b for _, b in rows]))


def labels_of(data: Data) -> Int[np.ndarray, " n"]:
    """Return the classes of samples; for numbers, whether the first is above its mean.

    Args:
        data: inputs and targets.

    Returns:
        shape (n,).
    """
    targets = np.asarray(data.targets)
    if data.is_classification:
        return targets
    return (targets[:, 0] > targets[:, 0].mean()).astype(int)


def loaded(setup: Setup, file: str, name: str) -> Learned:
    """Return the network in a file.

    Args:
        setup: whose data it should fit.
        file: npz with ``weight_0``, ``bias_0``, ...
        name: of the activation of all hidden layers.

    Returns:
        the network.

    Raises:
        InvalidInputError: where file and data do not fit together.
    """
    layers, data = read_layers(file), setup.problem.data
    d, k = layers[0].weights.shape[1], len(layers[-1].biases)
    if data is None or d != data.num_inputs:
        wanted = 0 if data is None else data.num_inputs
        msg = f"{file} has {d} inputs, {setup.problem.name!r} has {wanted}: give data that fit"
        raise InvalidInputError(msg)
    if k != data.num_outputs and not (k == 1 and data.is_classification and data.num_classes == 2):
        msg = (
            f"{file} has {k} outputs, {setup.problem.name!r} needs {data.num_outputs}: give a "
            "network of these data"
        )
        raise InvalidInputError(msg)
    return Learned(layers, (activation_of(name),) * (len(layers) - 1), _level(data, k))


def trained(
    setup: Setup, steps: Sequence[int], *, rate: float, seed: int = 0, scale: float = 1.0,
    start: int = 0,
) -> tuple[list[Learned], Float[np.ndarray, " c"]]:  # fmt: skip
    """Return a network at some steps of Adam on all samples, and its losses there.

    Args:
        setup: data, network and loss.
        steps: numbers of steps, increasing; 0 is the start.
        rate: of Adam.
        seed: of the start.
        scale: of the start.
        start: its number.

    Returns:
        one network for each, and the losses.

    Raises:
        InvalidInputError: for a surface, which has no network.
    """
    network, data = setup.network, setup.problem.data
    if network is None or data is None:
        msg = f"{setup.problem.name!r} is a surface without a network: give data, such as spirals"
        raise InvalidInputError(msg)
    theta = setup.starts(start, 1, seed, scale)[0]
    later = [step for step in steps if step]
    ran = trajectory(setup.landscape, Adam(rate=rate), theta, later)
    thetas, losses = list(ran.theta), list(ran.loss)
    if len(later) < len(steps):
        thetas, losses = [theta, *thetas], [float(setup.landscape.loss(theta)), *losses]
    return [_plain(network, np.asarray(t), data) for t in thetas], np.asarray(losses, float)


def _plain(network: Network, theta: np.ndarray, data: Data) -> Learned:
    """Return a network with its parameters as arrays."""
    layers = tuple(
        Planes(
            np.asarray(layer.weight, float),
            np.zeros(len(layer.weight)) if layer.bias is None else np.asarray(layer.bias, float),
        )
        for layer in network.unflatten(jnp.asarray(theta))
    )
    return Learned(layers, network.activations[:-1], _level(data, network.widths[-1]))


def _level(data: Data, outputs: int) -> float | None:
    """Return where one output parts two sides; None where the largest output decides."""
    if data.is_classification:
        return 0.0 if outputs == 1 else None
    return float(np.asarray(data.targets)[:, 0].mean())


def relu(layers: int) -> tuple[Activation, ...]:
    """Return the rectifier for every hidden layer.

    Args:
        layers: how many there are.

    Returns:
        activations.
    """
    return (activation_of("relu"),) * layers
