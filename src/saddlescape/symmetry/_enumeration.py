"""All elements that a few generators make, breadth first, a block at a time."""

import hashlib
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from saddlescape.core import Network
from saddlescape.symmetry._group import GroupElement
from saddlescape.symmetry._layers import HostLayer, join, move_layer

# Numbers in the pictures of elements expanded at once: two megabytes.
_BLOCK = 2**18


class Elements(NamedTuple):
    """A block of m elements without scales: for each hidden layer (m, h), numbers and signs."""

    permutations: tuple[np.ndarray, ...]
    signs: tuple[np.ndarray, ...]

    @staticmethod
    def identity(widths: tuple[int, ...]) -> "Elements":
        """Return the identity alone."""
        numbers = tuple(np.arange(width, dtype=np.int32)[None] for width in widths)
        return Elements(numbers, tuple(np.ones((1, width), dtype=np.int8) for width in widths))

    def then(self, generator: GroupElement) -> "Elements":
        """Return every element followed by a generator."""
        chosen = generator.permutations
        moved = [p[:, c] for p, c in zip(self.permutations, chosen, strict=True)]
        pairs = zip(self.signs, chosen, generator.factors, strict=True)
        signs = [s[:, c] * f.astype(np.int8) for s, c, f in pairs]
        return Elements(tuple(moved), tuple(signs))

    def take(self, rows: np.ndarray | slice) -> "Elements":
        """Return some of the elements."""
        return Elements(
            tuple(p[rows] for p in self.permutations), tuple(s[rows] for s in self.signs)
        )

    def act(self, layers: list[HostLayer]) -> np.ndarray:
        """Return the rows (m, p) that the elements make of one point's layers."""
        for number, (chosen, signs) in enumerate(zip(self.permutations, self.signs, strict=True)):
            layers = move_layer(layers, number, chosen, signs)
        count = len(layers[0].weight)
        return join([_repeated(layer, count) for layer in layers])

    def one_by_one(self) -> Iterator[GroupElement]:
        """Go through the elements.

        Yields:
            each element.
        """
        for row in range(len(self.signs[0])):
            yield GroupElement(
                tuple(p[row].astype(np.int64) for p in self.permutations),
                tuple(s[row].astype(np.float64) for s in self.signs),
            )

    @staticmethod
    def joined(blocks: list["Elements"]) -> "Elements":
        """Return blocks as one."""
        permutations = zip(*(block.permutations for block in blocks), strict=True)
        signs = zip(*(block.signs for block in blocks), strict=True)
        return Elements(tuple(map(np.concatenate, permutations)), tuple(map(np.concatenate, signs)))


def generators(network: Network) -> list[GroupElement]:
    """Return generators of all permutations and sign flips: two neurons, all around, one sign."""
    found = []
    for number, activation in enumerate(network.activations[:-1]):
        width = network.hidden[number]
        members = np.arange(width)
        found += exchanges(network.hidden, number, members, np.ones(width))
        if activation.is_odd:
            found.append(flip(network.hidden, number, 0))
    return found


def exchanges(
    widths: tuple[int, ...], number: int, members: np.ndarray, signs: np.ndarray
) -> list[GroupElement]:
    """Return two elements that generate all permutations of some neurons alike up to signs (h,)."""
    cycles = [members[:2], members] if len(members) > 2 else [members] * (len(members) == 2)
    found = []
    for cycle in cycles:
        element = _writable_identity(widths)
        element.permutations[number][cycle] = np.roll(cycle, -1)
        element.factors[number][cycle] = signs[cycle] * signs[np.roll(cycle, -1)]
        found.append(element)
    return found


def flip(widths: tuple[int, ...], number: int, neuron: int) -> GroupElement:
    """Return the element that flips one neuron's sign."""
    element = _writable_identity(widths)
    element.factors[number][neuron] = -1.0
    return element


def walk(
    widths: tuple[int, ...],
    steps: list[GroupElement],
    picture: Callable[[Elements], np.ndarray],
) -> Iterator[Elements]:
    """Go, breadth first, through products of the steps whose pictures (m, _) are all different.

    A finite group is reached from the identity by its generators alone. What is kept is 16 bytes of
    each picture, and the elements whose neighbors have not been looked at.

    Yields:
        the elements, a block at a time.
    """
    frontier = Elements.identity(widths)
    first = picture(frontier)
    seen, size = set(_digests(first)), max(1, _BLOCK // first.size)
    yield frontier
    while steps and len(frontier.signs[0]):
        ahead = [frontier.take(slice(0, 0))]
        for start in range(0, len(frontier.signs[0]), size):
            block = frontier.take(slice(start, start + size))
            for step in steps:
                new = _new(block.then(step), picture, seen)
                if len(new.signs[0]):
                    yield new
                    ahead.append(new)
        frontier = Elements.joined(ahead)


def _new(block: Elements, picture: Callable[[Elements], np.ndarray], seen: set[bytes]) -> Elements:
    """Return the elements of a block whose pictures have not been seen, now seen."""
    rows = []
    for row, digest in enumerate(_digests(picture(block))):
        if digest not in seen:
            seen.add(digest)
            rows.append(row)
    return block.take(np.array(rows, dtype=np.int64))


def _digests(pictures: np.ndarray) -> list[bytes]:
    """Return 16 bytes for each row: two of 100,000 rows agree by chance once in 1e28 times."""
    # Adding 0 turns -0 into 0.
    rows = np.ascontiguousarray(pictures + 0.0)
    return [hashlib.blake2b(row.tobytes(), digest_size=16).digest() for row in rows]


def _repeated(layer: HostLayer, count: int) -> HostLayer:
    """Return a layer of one or `count` networks as one of `count`."""
    weight = np.broadcast_to(layer.weight, (count, *layer.weight.shape[1:]))
    bias = layer.bias
    return HostLayer(
        weight, None if bias is None else np.broadcast_to(bias, (count, bias.shape[1]))
    )


def _writable_identity(widths: tuple[int, ...]) -> GroupElement:
    """Return the identity in arrays of its own."""
    return GroupElement(
        tuple(np.arange(width) for width in widths), tuple(np.ones(width) for width in widths)
    )
