"""Exact numbers of depth separation: sizes, errors, and linear regions that `regions` counts."""

import dataclasses
import itertools
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from saddlescape import regions
from saddlescape.depth import (
    ExactNetwork,
    fewest_pieces_for_square,
    fewest_units,
    fewest_units_for_parity,
    local_parity,
    parity,
    pieces,
    product,
    sawtooth,
    shallow_parity,
    shallow_product,
    shallow_sawtooth,
    shallow_square,
    square,
)

_MOST_BITS = 6  # beyond, the regions of a unit per example take minutes
_UNIT = (0.0, 1.0)


def sawtooth_row(teeth: int) -> dict[str, Any]:
    """Return the sawtooth's networks; both have the same kinks and values there, so are equal."""
    deep, shallow = sawtooth(teeth), shallow_sawtooth(teeth)
    kinks = [pieces(x, Fraction(0), Fraction(1)) for x in (deep, shallow)]
    are_equal = kinks[0] == kinks[1] and all(deep([x]) == shallow([x]) for x in kinks[0])
    count = len(kinks[0]) - 1
    return {
        "teeth": teeth, "pieces": count, "are_equal": are_equal,
        "deep": _described(deep, _on_interval), "shallow": _described(shallow, _on_interval),
        "regions_by_formula": 2**teeth, "fewest_shallow": 2**teeth,
        "bounds": {depth: fewest_units(count, depth) for depth in range(1, teeth + 1)},
    }  # fmt: skip


def parity_row(bits: int) -> dict[str, Any]:
    """Return the networks of parity, compared on every corner of the cube.

    Units that see the sum of the bits turn where it is 1, 2, ... d - 1: d regions of the cube. A
    unit per example cuts off its corner, and from three bits on something is left in the middle.
    """
    deep, shallow = parity(bits), shallow_parity(bits)
    corners = [[Fraction((n >> i) & 1) for i in range(bits)] for n in range(2**bits)]
    wrong = sum(deep(x) != [sum(x) % 2] or shallow(x) != [sum(x) % 2] for x in corners)
    local = 2 ** (bits - 1)
    return {
        "bits": bits, "corners": len(corners), "wrong": wrong, "deep": _described(deep, _in_cube),
        "shallow": _described(shallow, _in_cube), "regions_by_formula": bits,
        "local": local,
        "local_regions": _in_cube(local_parity(bits)) if bits <= _MOST_BITS else None,
        "local_regions_by_formula": local + (bits > 2),
        "bound": fewest_units_for_parity(bits),
    }  # fmt: skip


def product_row(depth: int) -> dict[str, Any]:
    """Return the squares and products of so many layers, with their largest errors.

    A square turns at x = i / n with n = 2^depth. The product turns on the lines x = i / n,
    y = i / n and x + y = 2 i / n, which cut the unit square into n^2 cells, and half of the cells
    once more.
    """
    one, two, count = square(depth), product(depth), 2**depth
    kinks = pieces(one, Fraction(0), Fraction(1))
    # Between two kinks the error of a straight line to a parabola is largest in the middle.
    middles = [(a + b) / 2 for a, b in itertools.pairwise(kinks)]
    error = max(abs(one([x])[0] - x * x) for x in (*kinks, *middles))
    # Four places to a piece, in the corner cells: a fixed grid would meet the kinks alone.
    places = [Fraction(i, 4 * count) for i in range(2 * 4 + 1) if i <= 4 * count]
    worst = max(abs(two([x, y])[0] - x * y) for x in places for y in places if x <= y)
    return {
        "layers": depth, "square": _described(one, _on_interval), "square_error": float(error),
        "square_regions_by_formula": count,
        "shallow_square": _described(shallow_square(count), _on_interval),
        "fewest_shallow_units": fewest_pieces_for_square(error) - 1,
        "product": _described(two, _in_square), "product_error": float(worst),
        "product_error_bound": float(2 * error), "product_regions_by_formula": 3 * count**2 // 2,
        "shallow_product": _described(shallow_product(count), _in_square),
        "fewest_for_the_same": 3 * (count - 1),
    }  # fmt: skip


@dataclasses.dataclass(frozen=True)
class RegionCount:
    """The linear regions of a network, counted and by a formula.

    Args:
        function: that the network is.
        where: the inputs that are looked at.
        network: deep, or of one hidden layer.
        units: hidden ones.
        counted: regions found one after another.
        formula: their number by a proof.
    """

    function: str
    where: str
    network: str
    units: int
    counted: int
    formula: int


def region_counts(
    sawtooths: Sequence[dict[str, Any]],
    parities: Sequence[dict[str, Any]],
    products: Sequence[dict[str, Any]],
) -> tuple[RegionCount, ...]:
    """Return every number of regions that was counted, beside its formula.

    Args:
        sawtooths: rows of `sawtooth_row`.
        parities: rows of `parity_row`.
        products: rows of `product_row`.

    Returns:
        one record per network.
    """
    told: list[tuple[str, str, str, dict[str, Any], int]] = []
    for row in sawtooths:
        name, formula = f"sawtooth {row['teeth']}", row["regions_by_formula"]
        told += [(name, "[0, 1]", *rest, formula) for rest in _both(row["deep"], row["shallow"])]
    for row in parities:
        name, formula = f"parity {row['bits']}", row["regions_by_formula"]
        where = f"[0, 1]^{row['bits']}"
        told += [(name, where, *rest, formula) for rest in _both(row["deep"], row["shallow"])]
        if row["local_regions"] is not None:
            local = {"units": row["local"], "regions": row["local_regions"]}
            formula = row["local_regions_by_formula"]
            told.append((name, where, "a unit per example", local, formula))
    for row in products:
        for what, where in (("square", "[0, 1]"), ("product", "[0, 1]^2")):
            name, formula = f"{what} {row['layers']}", row[f"{what}_regions_by_formula"]
            pair = _both(row[what], row[f"shallow_{what}"])
            told += [(name, where, *rest, formula) for rest in pair]
    return tuple(
        RegionCount(name, where, network, sizes["units"], sizes["regions"], formula)
        for name, where, network, sizes, formula in told
    )


def _both(deep: dict[str, Any], shallow: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Return two networks with their names."""
    return [("deep", deep), ("one hidden layer", shallow)]


def _described(network: ExactNetwork, count: Callable[[ExactNetwork], int]) -> dict[str, Any]:
    """Return the size of a network, and its number of linear regions."""
    return {
        "widths": list(network.widths), "units": network.num_units,
        "parameters": network.num_parameters, "regions": count(network),
    }  # fmt: skip


def _on_interval(network: ExactNetwork) -> int:
    """Return the number of linear regions on [0, 1]."""
    return len(regions.segment_regions(network.doubles, np.zeros(1), np.ones(1))[1])


def _in_square(network: ExactNetwork) -> int:
    """Return the number of linear regions in the unit square."""
    return regions.plane_regions(network.doubles, (_UNIT, _UNIT)).num_regions


def _in_cube(network: ExactNetwork) -> int:
    """Return the number of linear regions in the unit cube."""
    return regions.network_regions(network.doubles, box=_UNIT).num_regions
