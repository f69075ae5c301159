"""ReLU networks with rational weights, evaluated without rounding."""

import dataclasses
from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from saddlescape.core import InvalidInputError, ShapeMismatchError

Matrix = tuple[tuple[Fraction, ...], ...]


@dataclasses.dataclass(frozen=True)
class ExactLayer:
    """An affine map with rational entries.

    Args:
        weight: one row per output.
        bias: one number per output.
    """

    weight: Matrix
    bias: tuple[Fraction, ...]

    def __call__(self, values: Sequence[Fraction]) -> list[Fraction]:
        """Return the outputs."""
        return [
            sum((w * v for w, v in zip(row, values, strict=True)), b)
            for row, b in zip(self.weight, self.bias, strict=True)
        ]


@dataclasses.dataclass(frozen=True)
class ExactNetwork:
    """A network of ReLU units: all layers but the last are followed by max(0, z).

    Args:
        layers: the hidden layers, then the output.

    Raises:
        ShapeMismatchError: when a layer does not fit the one before.

    Example:
        >>> tent = ExactNetwork((layer([[1], [1]], [0, "-1/2"]), layer([[2, -4]], [0])))
        >>> [str(tent([Fraction(x, 4)])[0]) for x in range(5)]
        ['0', '1/2', '1', '1/2', '0']
    """

    layers: tuple[ExactLayer, ...]

    def __post_init__(self):
        for before, after in zip(self.layers[:-1], self.layers[1:], strict=True):
            if {len(row) for row in after.weight} != {len(before.weight)}:
                msg = f"a layer takes {len(after.weight[0])} values, {len(before.weight)} come"
                raise ShapeMismatchError(msg)

    @property
    def widths(self) -> tuple[int, ...]:
        """Units of every hidden layer."""
        return tuple(len(one.weight) for one in self.layers[:-1])

    @property
    def num_units(self) -> int:
        """Hidden units."""
        return sum(self.widths)

    @property
    def num_parameters(self) -> int:
        """Weights and biases."""
        return sum(len(one.bias) * (len(one.weight[0]) + 1) for one in self.layers)

    @property
    def doubles(self) -> tuple[tuple[np.ndarray, np.ndarray], ...]:
        """The same (weights, biases) in float64; an error where an entry would be rounded."""
        made = []
        for one in self.layers:
            entries = [x for row in (*one.weight, one.bias) for x in row]
            rounded = next((x for x in entries if Fraction(float(x)) != x), None)
            if rounded is not None:
                msg = f"{rounded} is no double: scale the network to halves, quarters, ..."
                raise InvalidInputError(msg)
            made.append((np.array(one.weight, float), np.array(one.bias, float)))
        return tuple(made)

    def __call__(self, values: Sequence[Fraction]) -> list[Fraction]:
        """Return the outputs for one sample."""
        for one in self.layers[:-1]:
            values = [max(Fraction(0), z) for z in one(values)]
        return self.layers[-1](values)


def layer(weight: Sequence[Sequence], bias: Sequence) -> ExactLayer:
    """Return a layer of numbers that `Fraction` takes.

    Args:
        weight: one row per output.
        bias: one number per output.

    Returns:
        the layer.
    """
    return ExactLayer(
        tuple(tuple(Fraction(x) for x in row) for row in weight), tuple(Fraction(x) for x in bias)
    )


def pieces(network: ExactNetwork, start: Fraction, end: Fraction) -> tuple[Fraction, ...]:
    """Return where the slope of a network of one input and one output changes, exactly.

    Args:
        network: one input, one output.
        start: of the interval.
        end: of the interval.

    Returns:
        the interval's ends and every place between where the slope differs on both sides: one
        more than there are linear pieces. Costs two evaluations for each candidate.

    Raises:
        InvalidInputError: when there are several inputs or outputs.

    Example:
        >>> tent = ExactNetwork((layer([[1], [1]], [0, "-1/2"]), layer([[2, -4]], [0])))
        >>> [str(x) for x in pieces(tent, Fraction(0), Fraction(1))]
        ['0', '1/2', '1']
    """
    if len(network.layers[0].weight[0]) != 1 or len(network.layers[-1].weight) != 1:
        msg = "pieces are counted along a line: give a network of one input and one output"
        raise InvalidInputError(msg)
    places = [start, end]
    values = [[start], [end]]
    for one in network.layers[:-1]:
        places, values = _with_kinks(places, [one(v) for v in values])
        values = [[max(Fraction(0), z) for z in v] for v in values]
    outputs = [network.layers[-1](v)[0] for v in values]
    return _bends(places, outputs)


def _with_kinks(
    places: list[Fraction], values: list[list[Fraction]]
) -> tuple[list[Fraction], list[list[Fraction]]]:
    """Return places and values with those added where some value passes through zero."""
    new_places, new_values = [places[0]], [values[0]]
    for at, after, low, high in zip(places, places[1:], values, values[1:], strict=False):
        shares = sorted({a / (a - b) for a, b in zip(low, high, strict=True) if a * b < 0})
        for share in shares:
            new_places.append(at + share * (after - at))
            new_values.append([a + share * (b - a) for a, b in zip(low, high, strict=True)])
        new_places.append(after)
        new_values.append(high)
    return new_places, new_values


def _bends(places: list[Fraction], outputs: list[Fraction]) -> tuple[Fraction, ...]:
    """Return the ends and the places where the slope differs on both sides."""
    slopes = [
        (b - a) / (y - x)
        for x, y, a, b in zip(places, places[1:], outputs, outputs[1:], strict=False)
    ]
    kept = [
        x for x, left, right in zip(places[1:], slopes, slopes[1:], strict=False) if left != right
    ]
    return (places[0], *kept, places[-1])
