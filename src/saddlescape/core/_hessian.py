"""The exact Hessian of a multilayer perceptron, block by block, over one chunk of samples.

With alpha_l = (a_{l-1}, 1) the input of layer l, delta_l = d loss / d z_l and
M_{lm} = d^2 loss / d z_l d z_m (perturbations of the pre-activations, weights fixed):

    H[(l j i), (m j' i')] = sum over samples of  M_lm[j, j'] alpha_l[i] alpha_m[i']
                            + delta_m[j'] (d alpha_m[i'] / d z_l[j]) alpha_l[i]        (l < m)

    M_LL = d^2 loss / d z_L^2          M_lm = S_l W_{l+1}^T M_{l+1,m}                    (l < m)
    M_ll = S_l W_{l+1}^T M_{l+1,l+1} W_{l+1} S_l + diag((W_{l+1}^T delta_{l+1}) g''(z_l))

with S = diag(g'(z)). Sums over samples are matrix products of M's rows with products of inputs; for
l = m only the upper triangles of both are formed, a quarter of the work. The Gauss-Newton part
drops every term that holds a second derivative of a layer: the diag(...) and the delta term.
"""

from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from saddlescape.core._losses import AbstractLoss
from saddlescape.core._network import Layer, Network
from saddlescape.core._passes import Chunk, downward, pre_activation

Columns = Float[Array, "k c"]

# Up to so many inputs their products are formed, beyond that inputs are scaled. One chunk took 1.5
# against 3.5 ms (10 neurons, 65 inputs) and 79 against 12 ms (4 neurons, 200 inputs).
_PRODUCTS = 100


class Pass(NamedTuple):
    """What one forward and backward pass leaves behind, layer by layer."""

    inputs: list[Columns]  # alpha_l, with a row of ones where the layer has a bias
    slopes: list[Columns]  # g'(z_l)
    bends: list[Columns]  # (W_{l+1}^T delta_{l+1}) g''(z_l): the diagonal terms of M_ll
    deltas: list[Columns]  # delta_l
    top: Float[Array, "k k c"]  # M_LL
    loss: Float[Array, ""]


def run(
    network: Network,
    kind: AbstractLoss,
    layers: tuple[Layer, ...],
    chunk: Chunk,
    gauss_newton: bool,
) -> Pass:
    """Return the pass over a chunk, sample weights multiplied in at the output."""
    value, inputs, slopes, curvatures = chunk.inputs, [], [], []
    for layer, g in zip(layers, network.activations, strict=True):
        inputs.append(_with_ones(value, layer))
        value, slope, curvature = g.with_curvature(pre_activation(layer, value))
        slopes.append(slope)
        curvatures.append(curvature)
    losses, by_output = kind.gradient(value, chunk.targets)
    by_output = by_output * chunk.weights[None]
    top = kind.curvature(value, chunk.targets) * chunk.weights[None, None]
    above, deltas, bends = by_output, [by_output], [jnp.zeros_like(by_output)]
    if network.activations[-1].name != "identity":
        deltas, bends = [by_output * slopes[-1]], [by_output * curvatures[-1]]
        top = slopes[-1][:, None] * top * slopes[-1][None]
        top = top if gauss_newton else top + _diagonal(bends[0])
    for number in reversed(range(len(layers) - 1)):
        above = downward(layers[number + 1], deltas[0])
        deltas.insert(0, above * slopes[number])
        bends.insert(0, above * curvatures[number])
    return Pass(inputs, slopes, bends, deltas, top, chunk.weights @ losses)


def gradient(passed: Pass, network: Network) -> Float[Array, " p"]:
    """Return the gradient of the chunk, from the deltas."""
    parts = []
    for delta, below, has_bias in zip(passed.deltas, passed.inputs, network.biases, strict=True):
        block = delta @ below.T
        parts += [block[:, :-1].ravel(), block[:, -1]] if has_bias else [block.ravel()]
    return jnp.concatenate(parts)


def blocks(
    passed: Pass, network: Network, layers: tuple[Layer, ...], gauss_newton: bool
) -> list[list[Array]]:
    """Return the Hessian of the chunk (or its Gauss-Newton part) as what `assemble` takes.

    These are added over chunks, which is less work than adding whole matrices: row l holds the
    blocks of layers l and m = l, l + 1, ..., that with itself by the triangles `_same_layer` makes.
    """
    if _has_rank_one(network):
        return [[_one_hidden_layer(passed, network, layers, gauss_newton)]]
    depth = len(layers)
    rows: list[list[Array]] = [[] for _ in range(depth)]
    curvature = passed.top
    for m in range(depth - 1, -1, -1):  # M_mm, then M_lm for every l below m
        rows[m].insert(0, _same_layer(curvature, passed.inputs[m]))
        mixed = curvature
        moving = None  # d a_{m-1} / d z_l, from l = m - 1 downwards
        for l in reversed(range(m)):  # noqa: E741
            mixed = _lower(mixed, layers[l + 1], passed.slopes[l])
            block = _two_layers(mixed, passed.inputs[l], passed.inputs[m])
            if not gauss_newton:
                moving = _response(moving, layers, passed.slopes, l, m)
                block = _add_response(block, passed.deltas[m], moving, passed.inputs[l])
            rows[l].insert(0, block)
        if m:
            curvature = jnp.swapaxes(_lower(curvature, layers[m], passed.slopes[m - 1]), 0, 1)
            curvature = _lower(curvature, layers[m], passed.slopes[m - 1])
            if not gauss_newton:
                curvature = curvature + _diagonal(passed.bends[m - 1])
    return rows


def assemble(rows: list[list[Array]], network: Network) -> Float[Array, "p p"]:
    """Return the Hessian from the sums of its `blocks`, symmetric up to rounding."""
    if _has_rank_one(network):
        return rows[0][0]
    whole: list[list[Array]] = []
    for l, row in enumerate(rows):  # noqa: E741
        below = [jnp.transpose(whole[m][l], (2, 3, 0, 1)) for m in range(l)]
        width, size = network.shapes[l][0], network.shapes[l][1] + network.biases[l]
        whole.append([*below, _unfolded(row[0], width, size), *row[1:]])
    return _in_order(whole, network)


def _has_rank_one(network: Network) -> bool:
    """Return whether there is one hidden layer and one output."""
    return len(network.widths) == 3 and network.widths[-1] == 1


def _one_hidden_layer(passed, network, layers, gauss_newton) -> Float[Array, "p p"]:
    """Return the Hessian for one hidden layer and one output.

    Here the Gauss-Newton part has rank one per sample: with r = d^2 loss / d z^2 of the output and
    J its Jacobian, it is one matrix product (J r) J^T, and M_11's remainder is diagonal.
    """
    below, (slope, _) = passed.inputs[0], passed.slopes
    upward = slope * layers[1].weight[0][:, None]
    jacobian = _by_layer_order(_outer(upward, below), network, 0)
    jacobian = jnp.concatenate([*jacobian, passed.inputs[1]])
    product = (jacobian * passed.top[0]) @ jacobian.T
    if gauss_newton:
        return product
    width, first = slope.shape[0], network.offsets[1]
    upper, lower = _triangle(below.shape[0])
    bend = passed.bends[0] @ (below[upper] * below[lower]).T  # (h, pairs)
    cross = (passed.deltas[1] * slope) @ below.T  # (h, inputs): d^2 / d w_ji d v_j
    places = _places(network)
    neuron = np.arange(width)[:, None]
    bend_at = (places[neuron, upper], places[neuron, lower])
    cross_at = (places, np.broadcast_to(first + neuron, places.shape))
    off = upper != lower
    rows = np.concatenate(
        [x.ravel() for x in (bend_at[0], bend_at[1][:, off], cross_at[0], cross_at[1])]
    )
    columns = np.concatenate(
        [x.ravel() for x in (bend_at[1], bend_at[0][:, off], cross_at[1], cross_at[0])]
    )
    values = jnp.concatenate([bend.ravel(), bend[:, off].ravel(), cross.ravel(), cross.ravel()])
    return product.at[rows, columns].add(values, unique_indices=True)


def _with_ones(values: Array, layer: Layer) -> Array:
    """Return the values with a row of ones below, where the layer has a bias."""
    if layer.bias is None or values.shape[0] > layer.weight.shape[1]:
        return values
    return jnp.concatenate([values, jnp.ones((1, values.shape[1]), values.dtype)])


def _diagonal(values: Columns) -> Float[Array, "j j c"]:
    """Return the diagonal matrix of every sample."""
    return jnp.eye(values.shape[0], dtype=values.dtype)[:, :, None] * values[:, None]


def _outer(left: Float[Array, "j c"], right: Float[Array, "i c"]) -> Float[Array, "j i c"]:
    """Return the products of every row of `left` with every row of `right`."""
    return left[:, None] * right[None]


def _triangle(size: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the row and column numbers of the upper triangle."""
    return np.triu_indices(size)


def _lower(mixed: Float[Array, "a b c"], above: Layer, slope: Columns) -> Float[Array, "j b c"]:
    """Return S_l W_{l+1}^T M: the first axis of M moved one layer down."""
    return jnp.einsum("aj,abc->jbc", above.weight, mixed) * slope[:, None]


def _same_layer(
    curvature: Float[Array, "j j c"], below: Float[Array, "i c"]
) -> Float[Array, "pairs _"] | Float[Array, "pairs i i"]:
    """Return sum over samples of M_ll[j, j'] alpha[i] alpha[i'], for j <= j', as `_unfolded` takes.

    With few inputs i <= i' alone, a quarter of the entries, from their products.
    """
    (j, k), (i, l) = _triangle(curvature.shape[0]), _triangle(below.shape[0])  # noqa: E741
    if below.shape[0] <= _PRODUCTS:
        return curvature[j, k] @ (below[i] * below[l]).T
    scaled = curvature[j, k][:, None] * below[None]
    product = scaled.reshape(-1, below.shape[1]) @ below.T
    return product.reshape(len(j), *2 * (below.shape[0],))


def _unfolded(compact: Array, width: int, size: int) -> Float[Array, "j i j i"]:
    """Return the block of one layer from its triangles."""
    block = compact[_unfold(width)]
    if compact.ndim == 2:
        block = block[:, :, _unfold(size)]
    return block.transpose(0, 2, 1, 3)


def _unfold(size: int) -> np.ndarray:
    """Return, for every matrix entry, its number in the upper triangle."""
    numbers = np.zeros((size, size), int)
    numbers[np.triu_indices(size)] = np.arange(size * (size + 1) // 2)
    return np.maximum(numbers, numbers.T)


def _two_layers(
    mixed: Float[Array, "j k c"], lower: Float[Array, "i c"], upper: Float[Array, "l c"]
) -> Float[Array, "j i k l"]:
    """Return sum over samples of M_lm[j, k] alpha_l[i] alpha_m[l]."""
    width, height = mixed.shape[:2]
    if lower.shape[0] > _PRODUCTS:
        left = (mixed[:, :, None] * upper[None, None]).reshape(-1, upper.shape[1])
        block = (left @ lower.T).reshape(width, height, upper.shape[0], lower.shape[0])
        return block.transpose(0, 3, 1, 2)
    pairs = _outer(lower, upper).reshape(-1, lower.shape[1])
    block = (mixed.reshape(width * height, -1) @ pairs.T).reshape(
        width, height, lower.shape[0], upper.shape[0]
    )
    return block.transpose(0, 2, 1, 3)


def _response(moving, layers, slopes, l: int, m: int) -> Array:  # noqa: E741
    """Return d a_{m-1} / d z_l per sample: (h_l, c) for l = m - 1 (a diagonal), (k, j, c) below."""
    if moving is None:
        return slopes[m - 1]
    weight = layers[l + 1].weight  # d z_{l+1} / d z_l = W_{l+1} S_l
    if moving.ndim == 2:
        return moving[:, None] * weight[:, :, None] * slopes[l][None]
    return jnp.einsum("kbc,bj->kjc", moving, weight) * slopes[l][None]


def _add_response(block: Array, delta: Columns, moving: Array, lower: Array) -> Array:
    """Return block + sum over samples of delta_m[k] (d a_{m-1}[l] / d z_l[j]) alpha_l[i]."""
    width = moving.shape[-2]
    if moving.ndim == 2:
        term = (_outer(delta, moving).reshape(-1, lower.shape[1]) @ lower.T).reshape(
            delta.shape[0], width, lower.shape[0]
        )
        j = np.arange(width)
        return block.at[j, :, :, j].add(term.transpose(1, 2, 0))
    height = moving.shape[0]
    rows = (delta[:, None, None] * moving[None]).reshape(-1, lower.shape[1])
    term = (rows @ lower.T).reshape(delta.shape[0], height, width, lower.shape[0])
    return block.at[:, :, :, :height].add(term.transpose(2, 3, 0, 1))


def _by_layer_order(rows: Float[Array, "j i c"], network: Network, number: int) -> list[Array]:
    """Return rows in theta's order: the weights of all neurons, then their biases."""
    if not network.biases[number]:
        return [rows.reshape(-1, rows.shape[-1])]
    return [rows[:, :-1].reshape(-1, rows.shape[-1]), rows[:, -1]]


def _places(network: Network) -> np.ndarray:
    """Return where the first layer's parameter (neuron j, input i or bias) stands in theta."""
    width, inputs = network.shapes[0]
    weights = np.arange(width * inputs).reshape(width, inputs)
    if not network.biases[0]:
        return weights
    return np.concatenate([weights, width * inputs + np.arange(width)[:, None]], axis=1)


def _in_order(rows: list[list], network: Network) -> Float[Array, "p p"]:
    """Return the matrix in theta's order from blocks [(j, i), (k, l)], biases as last inputs."""
    strips = []
    for number, blocks in enumerate(rows):
        strip = jnp.concatenate(
            [_columns_in_order(block, network.biases[m]) for m, block in enumerate(blocks)], axis=2
        )
        if network.biases[number]:
            strips += [strip[:, :-1].reshape(-1, strip.shape[2]), strip[:, -1]]
        else:
            strips.append(strip.reshape(-1, strip.shape[2]))
    return jnp.concatenate(strips)


def _columns_in_order(block: Float[Array, "j i k l"], has_bias: bool) -> Float[Array, "j i q"]:
    """Return the block with its last two axes flattened in theta's order."""
    if not has_bias:
        return block.reshape(*block.shape[:2], -1)
    weights = block[..., :-1].reshape(*block.shape[:2], -1)
    return jnp.concatenate([weights, block[..., -1]], axis=2)
