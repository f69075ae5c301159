"""Filter normalization: random directions that move every neuron by its own size."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Float, Int

from saddlescape.core import InvalidInputError, Network, ShapeMismatchError
from saddlescape.slices._directions import Directions

_NO_FILTER = -1


def filters_of(model: Network | Sequence[tuple[int, ...]]) -> Int[np.ndarray, " p"]:
    """Return which filter each parameter belongs to.

    A filter is what feeds one output: a row of a weight matrix, or the kernel of one channel of a
    convolution. Biases and the scales of normalizing layers belong to none.

    Args:
        model: a network, or the shapes of its parameters in the order of theta, such as
            ``[tuple(part.shape) for part in model.parameters()]`` of a PyTorch model.

    Returns:
        numbers from 0, or -1 for no filter, shape (p,).

    Example:
        >>> filters_of([(2, 3), (2,)]).tolist()
        [0, 0, 0, 1, 1, 1, -1, -1]
    """
    owners, first = [], 0
    for shape in _shapes(model) if isinstance(model, Network) else model:
        if len(shape) < 2:
            owners.append(np.full(int(np.prod(shape)), _NO_FILTER))
        else:
            owners.append(first + np.repeat(np.arange(shape[0]), int(np.prod(shape[1:]))))
            first += shape[0]
    return np.concatenate(owners).astype(np.int64)


def _shapes(network: Network) -> list[tuple[int, ...]]:
    """Return the shapes of a network's parameters in the order of theta."""
    pairs = zip(network.shapes, network.biases, strict=True)
    return [part for shape, biased in pairs for part in (shape, *([shape[:1]] if biased else []))]


def filter_normalized(
    filters: Int[np.ndarray, " _"],
    theta: Any,
    directions: Directions,
) -> Directions:
    """Return directions whose filters are each as long as those of theta; biases stay.

    A step of 1 then changes every neuron by as much as it holds, so that networks whose weights
    differ in scale can be compared.

    Args:
        filters: which filter each parameter belongs to; see `filters_of`.
        theta: the centre, shape (p,).
        directions: such as `random_directions`.

    Returns:
        the directions. Parameters without a filter (biases, scales of normalization) do not move,
        as in the published figures. Scaling filters turns directions: orthogonal ones are no longer
        exactly so, and `cosine` says how far. For comparisons of two directions' losses that is of
        no account; lengths in the plane are then those of oblique axes.

    Raises:
        ShapeMismatchError: when the three do not fit together.
        InvalidInputError: when no filter of theta has a length.

    References:
        Li et al. (2018), Visualizing the loss landscape of neural nets, section 4.

    Example:
        >>> given = Directions(np.array([[3.0, 4.0, 7.0]]), ("d",), "given")
        >>> filter_normalized(np.array([0, 0, -1]), np.array([0.0, 10.0, 1.0]), given).rows.tolist()
        [[6.0, 8.0, 0.0]]
    """
    theta = np.asarray(theta, dtype=float)
    sizes = {len(filters), theta.size, directions.rows.shape[1]}
    if len(sizes) > 1:
        msg = (
            f"filters for {len(filters)} parameters, theta of {theta.size}, directions of "
            f"{directions.rows.shape[1]}: give those of one network"
        )
        raise ShapeMismatchError(msg)
    held = filters != _NO_FILTER
    wanted = _norms(filters[held], theta[held])
    if not wanted.any():
        msg = "no filter of theta has a length: filter normalization needs weights that are not 0"
        raise InvalidInputError(msg)
    rows = np.zeros_like(directions.rows)
    for number, row in enumerate(directions.rows):
        lengths = _norms(filters[held], row[held])
        scale = np.divide(wanted, lengths, out=np.zeros_like(wanted), where=lengths > 0)
        rows[number, held] = row[held] * scale[filters[held]]
    return Directions(rows, directions.names, f"{directions.source}, filter-normalized")


def _norms(
    owners: Int[np.ndarray, " q"], values: Float[np.ndarray, " q"]
) -> Float[np.ndarray, " f"]:
    """Return the length of each filter; scaled first, so that no square overflows."""
    largest = float(np.abs(values).max(initial=0.0)) or 1.0
    return largest * np.sqrt(np.bincount(owners, weights=(values / largest) ** 2))
