"""Passages between equivalent minima: permutation points of a whole problem, built and measured."""

from saddlescape.passages._orders import BuiltOrder, build_orders

__all__ = ["BuiltOrder", "build_orders"]
