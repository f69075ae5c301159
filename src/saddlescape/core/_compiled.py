"""Compiling methods of pytrees at their first call from Python."""

import functools
from collections.abc import Callable
from typing import Any, TypeVar

import equinox as eqx

Method = TypeVar("Method", bound=Callable[..., Any])


def compiled(method: Method) -> Method:
    """Return the method, compiled; a plain function, so that `jax.jit(object.method)` works too.

    Args:
        method: of an `equinox.Module`, of arrays and pytrees alone.

    Returns:
        the method: compiled once per shape, inlined inside other compiled code.
    """
    fast = eqx.filter_jit(method)

    @functools.wraps(method)
    def call(self, *args):
        return fast(self, *args)

    return call  # pyright: ignore[reportReturnType]
