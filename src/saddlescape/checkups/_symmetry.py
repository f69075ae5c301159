"""What a network's theta consists of, and along which directions its loss cannot change."""

import numpy as np
from jaxtyping import Array, Float

from saddlescape.core import CrossEntropy, EmpiricalLandscape, Network


def blocks_of(network: Network | None) -> dict[str, slice]:
    """Return the parts of theta by name: the weights and biases of each layer.

    Args:
        network: the network; None for a surface, which has no parts.

    Returns:
        slices of theta.

    Example:
        >>> blocks_of(Network((2, 3, 1), "tanh"))["layer 2 bias"]
        slice(12, 13, None)
    """
    blocks: dict[str, slice] = {}
    if network is None:
        return blocks
    layers = zip(network.shapes, network.offsets, network.biases, strict=False)
    for number, ((rows, columns), begin, has_bias) in enumerate(layers, 1):
        end = begin + rows * columns
        blocks[f"layer {number} weight"] = slice(begin, end)
        if has_bias:
            blocks[f"layer {number} bias"] = slice(end, end + rows)
    return blocks


def symmetry_directions(
    landscape: EmpiricalLandscape, theta: Float[Array, " p"]
) -> Float[np.ndarray, "k p"]:
    """Return directions along which a symmetry of the network keeps the loss, at first order.

    Args:
        landscape: the loss of a network.
        theta: where, shape (p,).

    Returns:
        one row for each neuron with a homogeneous activation, whose scale can be moved from its
        outgoing to its incoming weights; one row for cross-entropy with output biases, which may
        all grow alike; one row for each sum of outgoing weights with an input of cross-entropy that
        may do so too. None with weight decay, which breaks all of them.

    Example:
        >>> import jax.numpy as jnp
        >>> from saddlescape.core import Data
        >>> line = Data(np.ones((2, 1)), np.ones((2, 1)))
        >>> relu = EmpiricalLandscape(Network((1, 1, 1), "relu", bias=False), line)
        >>> symmetry_directions(relu, jnp.array([3.0, 2.0])).tolist()
        [[3.0, -2.0]]
    """
    network = landscape.network
    if float(np.asarray(landscape.weight_decay)) != 0.0:
        return np.zeros((0, network.num_parameters))
    rows = [*_scales(network, np.asarray(theta)), *_logits(landscape)]
    return np.array(rows).reshape(-1, network.num_parameters)


def _scales(network: Network, theta: np.ndarray) -> list[np.ndarray]:
    """Return a row for each neuron whose scale is free."""
    rows, blocks = [], blocks_of(network)
    for layer, activation in enumerate(network.activations[:-1], 1):
        if not activation.is_homogeneous:
            continue
        for neuron in range(network.widths[layer]):
            row = np.zeros_like(theta)
            _grow(row, theta, blocks[f"layer {layer} weight"], (neuron, slice(None), 1.0), network)
            if network.biases[layer - 1]:
                where = blocks[f"layer {layer} bias"].start + neuron
                row[where] = theta[where]
            following = (slice(None), neuron, -1.0)
            _grow(row, theta, blocks[f"layer {layer + 1} weight"], following, network)
            rows.append(row)
    return rows


def _grow(row, theta, block: slice, which: tuple, network: Network) -> None:
    """Set the part of `row` that scales one row or column of a weight matrix."""
    number = next(i for i, begin in enumerate(network.offsets) if begin == block.start)
    shape = network.shapes[number]
    part, source = row[block].reshape(shape), theta[block].reshape(shape)
    part[which[0], which[1]] = which[2] * source[which[0], which[1]]


def _logits(landscape: EmpiricalLandscape) -> list[np.ndarray]:
    """Return the rows that add the same to all logits, which softmax does not see."""
    network = landscape.network
    if not isinstance(landscape.kind, CrossEntropy) or network.activations[-1].name != "identity":
        return []
    blocks, last, rows = blocks_of(network), len(network.shapes), []
    block = blocks[f"layer {last} weight"]
    for column in range(network.shapes[-1][1]):
        row = np.zeros(network.num_parameters)
        row[block].reshape(network.shapes[-1])[:, column] = 1.0
        rows.append(row)
    if network.biases[-1]:
        row = np.zeros(network.num_parameters)
        row[blocks[f"layer {last} bias"]] = 1.0
        rows.append(row)
    return rows
