"""The orbit of one theta, and its stabilizer, as things to read, count and go through."""

import dataclasses
import math
from collections.abc import Iterator

import numpy as np
from jaxtyping import Float

from saddlescape.core import InvalidInputError, Network
from saddlescape.symmetry._align import normal_form
from saddlescape.symmetry._enumeration import Elements, exchanges, flip, generators, walk
from saddlescape.symmetry._group import GroupElement, identity_element, inverse, order, product
from saddlescape.symmetry._inputs import (
    Theta,
    as_row,
    require_count,
    require_network,
    require_tolerance,
)
from saddlescape.symmetry._layers import split
from saddlescape.symmetry._stabilizer import Fixing, Groups, alike_layers, fixing, rounding

# A list of so many points of a small network is ready in seconds and fits any memory.
_MOST = 100_000
_MOST_REASONS = 3


@dataclasses.dataclass(frozen=True, eq=False)
class Stabilizer:
    """The symmetries that leave one theta where it is.

    Args:
        network: the network theta belongs to.
        order: how many permutations and sign flips there are, an exact integer.
        generators: elements whose products are all of them; none where only the identity stays.
        reason: why there are any, in words, such as "neurons 0 and 1 of hidden layer 0 are equal";
            empty where only the identity stays.
        scales: the rescaling that gives incoming weights norm 1 where the activation allows it;
            equal neurons are equal after it.
    """

    network: Network
    order: int
    generators: tuple[GroupElement, ...]
    reason: str
    scales: GroupElement

    def elements(self, max_elements: int = _MOST) -> Iterator[GroupElement]:
        """Return an iterator over all elements, the identity first.

        Args:
            max_elements: refuse to go through more than these.

        Returns:
            each element once; with homogeneous activations each with the scales that it takes.

        Raises:
            InvalidInputError: when there are more.
        """
        require_count(max_elements, "max_elements", 1)
        if self.order > max_elements:
            msg = (
                f"the stabilizer has {_counted(self.order)} elements, more than {max_elements:,}: "
                "use its generators, or raise max_elements"
            )
            raise InvalidInputError(msg)
        if self.order == 1:
            return iter((identity_element(self.network),))
        # Scales are positive, so the signs are what is left without them.
        steps = [
            GroupElement(g.permutations, tuple(map(np.sign, g.factors))) for g in self.generators
        ]
        blocks = walk(self.network.hidden, steps, _picture)
        return (_scaled(g, self.scales) for block in blocks for g in block.one_by_one())

    def __str__(self) -> str:
        """Return what stays and why, in one sentence."""
        if self.order == 1:
            return "only the identity leaves it in place"
        return f"{_counted(self.order)} symmetries leave it in place: {self.reason}"


@dataclasses.dataclass(frozen=True, eq=False)
class Orbit:
    """All points that permutations and sign flips make of one theta; iterating goes through them.

    Args:
        network: the network theta belongs to.
        theta: the point it is the orbit of, shape (p,).
        size: how many different points there are, an exact integer.
        group_order: how many symmetries there are; `size` of them where no neurons are equal.
        stabilizer: those that leave theta where it is: ``size * stabilizer.order == group_order``.
        tolerance: numbers closer than this were taken for equal.
    """

    network: Network
    theta: Float[np.ndarray, " p"]
    size: int
    group_order: int
    stabilizer: Stabilizer
    tolerance: float

    def points(self, max_points: int = _MOST) -> Iterator[Float[np.ndarray, " p"]]:
        """Return an iterator over the distinct points, theta first; they are made as they are read.

        Args:
            max_points: refuse to go through more than these.

        Returns:
            each point once, shape (p,). With homogeneous activations, neurons equal up to scale
            count as equal, and one of the points that differ by their exchange is given.

        Raises:
            InvalidInputError: when there are more.
        """
        require_count(max_points, "max_points", 1)
        if self.size > max_points:
            msg = (
                f"the orbit has {_counted(self.size)} points, more than {max_points:,}: draw some "
                "with random_element, or raise max_points"
            )
            raise InvalidInputError(msg)
        if not self.network.hidden:
            return iter((self.theta,))
        row = self.theta[None]
        labels = alike_layers(self.network, row, self.tolerance)
        blocks = walk(self.network.hidden, generators(self.network), lambda e: e.act(labels))
        layers = split(self.network, row)
        return (point for block in blocks for point in block.act(layers))

    def __iter__(self) -> Iterator[Float[np.ndarray, " p"]]:
        """Return `points()`."""
        return self.points()

    def __str__(self) -> str:
        """Return the number of points and what makes them fewer, in one sentence."""
        if self.size == self.group_order:
            return f"orbit of {_counted(self.size)} point{'s' * (self.size > 1)}, no two the same"
        few = f"orbit of {_counted(self.size)} point{'s' * (self.size > 1)}"
        return f"{few} instead of {_counted(self.group_order)}: {self.stabilizer.reason}"


def orbit(network: Network, theta: Theta, tolerance: float | None = None) -> Orbit:
    """Return the orbit of theta under permutations and sign flips.

    Args:
        network: the network theta belongs to.
        theta: parameters, shape (p,).
        tolerance: as in `stabilizer_order`.

    Returns:
        the orbit: its exact size at once, its points as they are read, and a sentence.

    Raises:
        InvalidInputError: when theta does not hold finite real numbers, or tolerance is no size.
        ShapeMismatchError: when theta does not have p entries.

    Example:
        >>> network = Network((1, 4, 1), "sigmoid", bias=False)
        >>> found = orbit(network, np.array([1.0, 1.0, 2.0, 3.0, 5.0, 5.0, 5.0, 5.0]))
        >>> print(found)
        orbit of 12 points instead of 24: neurons 0 and 1 of hidden layer 0 are equal
        >>> found.size, len(list(found))
        (12, 12)
    """
    fixed = stabilizer(network, theta, tolerance)
    row, total = as_row(network, theta)[0], order(network)
    tolerance = rounding(theta) if tolerance is None else float(tolerance)
    return Orbit(network, row, total // fixed.order, total, fixed, tolerance)


def stabilizer(network: Network, theta: Theta, tolerance: float | None = None) -> Stabilizer:
    """Return the permutations and sign flips that leave theta where it is.

    Args:
        network: the network theta belongs to.
        theta: parameters, shape (p,).
        tolerance: as in `stabilizer_order`.

    Returns:
        the subgroup: its exact order, a few generators, all elements as they are read, and why.

    Raises:
        InvalidInputError: when theta does not hold finite real numbers, or tolerance is no size.
        ShapeMismatchError: when theta does not have p entries.

    Example:
        >>> network = Network((1, 3, 1), "tanh", bias=False)
        >>> found = stabilizer(network, np.array([1.0, -1.0, 2.0, 5.0, -5.0, 5.0]))
        >>> print(found)
        2 symmetries leave it in place: neurons 0 and 1 of hidden layer 0 are equal up to sign
        >>> [element.factors[0].tolist() for element in found.elements()]
        [[1.0, 1.0, 1.0], [-1.0, -1.0, 1.0]]
    """
    require_network(network)
    require_tolerance(tolerance)
    row = as_row(network, theta)
    found = fixing(network, row, rounding(theta) if tolerance is None else tolerance)
    scales, _ = normal_form(network, row)
    steps = tuple(_scaled(element, scales) for element in _generators(network, found))
    return Stabilizer(network, found.order, steps, _reason(network, found), scales)


def _generators(network: Network, found: Fixing) -> list[GroupElement]:
    """Return what exchanges equal neurons, flips dead ones and moves neurons of several layers."""
    widths, steps = network.hidden, []
    for number, layer in enumerate(found.groups):
        for group in [*layer.alive, layer.dead]:
            steps += exchanges(widths, number, group, layer.signs)
        if found.flips[number] and len(layer.dead):
            steps.append(flip(widths, number, int(layer.dead[0])))
    return steps + [_lifted(widths, found.groups, i) for level in found.joint for i in level]


def _lifted(
    widths: tuple[int, ...], groups: list[Groups], images: list[np.ndarray]
) -> GroupElement:
    """Return the element that moves whole groups of equal neurons as their first neurons move."""
    permutations = tuple(np.arange(width) for width in widths)
    factors = tuple(np.ones(width) for width in widths)
    for number, layer in enumerate(groups):
        count = len(layer.alive)
        for here, image in enumerate(images[number + 1][:count].tolist()):
            ours, theirs = layer.alive[here], layer.alive[image % count]
            permutations[number][ours] = theirs
            signs = layer.signs[ours] * layer.signs[theirs]
            signs = signs * layer.signs[ours[0]] * layer.signs[theirs[0]]
            factors[number][ours] = signs if image < count else -signs
    return GroupElement(permutations, factors)


def _scaled(element: GroupElement, scales: GroupElement) -> GroupElement:
    """Return what an element of the normalized point does to the point itself."""
    return product(inverse(scales), product(element, scales))


def _picture(block: Elements) -> np.ndarray:
    """Return elements as rows of numbers."""
    return np.concatenate([*block.permutations, *block.signs], axis=1)


def _reason(network: Network, found: Fixing) -> str:
    """Return in words what leaves a point in place; empty where nothing does."""
    words = []
    for number, layer in enumerate(found.groups):
        activation = network.activations[number]
        scale = " and scale" if activation.is_odd else " up to scale"
        scale = scale if activation.is_homogeneous else ""
        sign = " up to sign" if activation.is_odd else ""
        for group in layer.alive:
            if len(group) > 1:
                is_mixed = len(set(layer.signs[group].tolist())) > 1
                alike = (sign if is_mixed or scale else "") + scale
                words.append(f"{_neurons(group, number)} are equal{alike}")
        if len(layer.dead) > 1 or (len(layer.dead) and activation.is_odd):
            verb = "have" if len(layer.dead) > 1 else "has"
            words.append(f"{_neurons(layer.dead, number)} {verb} no weights")
    if any(found.joint):
        words.append("neurons of several layers can be exchanged or flipped together")
    rest = len(words) - _MOST_REASONS
    return "; ".join(words[:_MOST_REASONS]) + (f"; and {rest:,} more" if rest > 0 else "")


def _neurons(group: np.ndarray, number: int) -> str:
    """Return neurons by number, a long list cut short."""
    names = list(map(str, group.tolist()))
    if len(names) == 1:
        return f"neuron {names[0]} of hidden layer {number}"
    listed = names if len(names) <= 6 else [*names[:3], "...", names[-1]]
    joined = f"{', '.join(listed[:-1])} and {listed[-1]}" if len(names) <= 6 else ", ".join(listed)
    return f"neurons {joined} of hidden layer {number}"


def _counted(count: int) -> str:
    """Return a count with all its digits, or as a power of ten where these are too many."""
    if count < 10**15:
        return f"{count:,}"
    exponent = math.log10(count)
    return f"about {10 ** (exponent % 1):.2f}e{int(exponent)}"
