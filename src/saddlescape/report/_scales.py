"""Scales: where a value is drawn on an axis, and where its ticks stand."""

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from saddlescape.report._figures import Axis, Number
from saddlescape.report._numbers import MINUS, number, power_of_ten

_FEWEST = 6  # digits of a tick that stands alone
_SAME = 1e-9  # decades: losses that near are one loss, and rounding
_MAX_TICKS = 8


@dataclass(frozen=True)
class Scale:
    """Where an axis draws a value.

    Args:
        place: from a value to its position.
        ticks: positions and words; None leaves them to the painter.
        limits: the ends, as positions; None leaves them to the painter.
        strip: the ends of the strip for values below the floor; None where there is none.
    """

    place: Callable[[Number | None], Number | None]
    ticks: tuple[tuple[Number, str], ...] | None = None
    limits: tuple[Number, Number] | None = None
    strip: tuple[float, float] | None = None


def scale_of(axis: Axis, values: list[Any]) -> Scale:
    """Return the scale of an axis for these values; it needs no other knowledge of the figure."""
    finite = [value for value in values if value is not None and math.isfinite(value)]
    if axis.scale == "log":
        return _log(axis, finite)
    if axis.scale == "signed log":
        return _signed_log(axis, finite)
    ticks = tuple((at, text) for at, text in axis.ticks) or None
    return Scale(lambda value: value, ticks, axis.limits)


def _log(axis: Axis, values: list[Any]) -> Scale:
    """Return a logarithmic scale, with a strip at its low end for values below the floor."""
    floor = axis.floor or 0.0
    above = [math.log10(value) for value in values if value > floor] or [0.0]
    low, high = min(above), max(above)
    if axis.limits is not None:
        low, high = (math.log10(limit) for limit in axis.limits)
    # Values that agree to 5 % leave the axis that wide: less would show rounding.
    span = max(high - low, 0.02)
    margin = 0.07 * span
    has_strip = axis.floor is not None and any(value <= floor for value in values)
    width = 0.13 * span if has_strip else 0.0
    strip = (low - margin - width, low - margin) if has_strip else None
    middle = low - margin - width / 2

    def place(value: Number | None) -> Number | None:
        if value is None or math.isnan(value) or (value <= floor and not has_strip):
            return None
        return middle if value <= floor else math.log10(value) if value < math.inf else None

    ticks = tuple((math.log10(at), text) for at, text in axis.ticks) or _decades(low, high)
    if has_strip:
        ticks = ((middle, axis.floor_label), *ticks)
    return Scale(place, ticks, (low - margin - width, high + margin), strip)


def _decades(low: float, high: float) -> tuple[tuple[float, str], ...]:
    """Return ticks for a logarithmic axis from 10^low to 10^high."""
    step = max(1, math.ceil((high - low) / _MAX_TICKS))
    whole = range(math.ceil(low / step - 1e-9) * step, math.floor(high + 1e-9) + 1, step)
    if len(whole) > 2:
        return tuple((float(at), power_of_ten(at)) for at in whole)
    # Less than three decades: round numbers in between, as fine as the span asks for.
    start, stop = 10.0**low, 10.0**high
    if high - low < _SAME:
        return ((low, number(start, _FEWEST)),)
    if high - low > 0.7:
        decades = range(math.floor(low), math.ceil(high) + 1)
        rounds = [m * 10.0**d for d in decades for m in (1, 2, 5)]
    else:
        spacing = round_step((stop - start) / 4 or start)
        first = math.ceil(start / spacing - 1e-9)
        rounds = [spacing * k for k in range(first, math.floor(stop / spacing + 1e-9) + 1)]
    inside = {at for at in rounds if at > 0 and start * 0.98 <= at <= stop * 1.02}
    kept = sorted(inside) or [start]
    # As many digits as tell neighbours apart.
    apart = min((b - a for a, b in itertools.pairwise(kept)), default=stop)
    digits = max(3, math.ceil(math.log10(stop / apart)) + 1)
    return tuple((math.log10(at), number(at, digits)) for at in kept)


def round_step(step: float) -> float:
    """Return the nearest of 1, 2, 5 times a power of ten that is no less than `step`."""
    decade = 10.0 ** math.floor(math.log10(step))
    return next(m * decade for m in (1, 2, 5, 10) if m * decade >= step * (1 - 1e-9))


def _signed_log(axis: Axis, values: list[Any]) -> Scale:
    """Return a scale that is logarithmic on both sides and linear around zero."""
    unit = axis.linear_below

    def place(value: Number | None) -> Number | None:
        if value is None or not math.isfinite(value):
            return None
        return math.copysign(math.log10(1 + abs(value) / unit), value)

    ends = [abs(value) for value in values] or [unit]
    first, last = (
        math.ceil(math.log10(unit) - 1e-9),
        math.floor(math.log10(max(*ends, unit)) + 1e-9),
    )
    step = max(1, math.ceil((last - first + 1) / (_MAX_TICKS // 2)))
    exponents = range(last, first - 1, -step)
    ticks = [(0.0, "0")]
    for sign, mark in ((1, ""), (-1, MINUS)):
        if any(sign * value > unit for value in values):
            ticks += [
                (float(place(sign * 10.0**e) or 0), mark + power_of_ten(e)) for e in exponents
            ]
    return Scale(place, tuple(sorted(ticks)), None)
