"""The arrays of a pytree by name, and putting others in their place."""

from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from saddlescape.bridges._matching import match
from saddlescape.core import PrecisionError


def name_of(path: Any) -> str:
    """Return the name of a leaf: the keys on the way to it, joined by points.

    Variables of Flax NNX end in ``.value``, which is left out.
    """
    return jax.tree_util.keystr(path, simple=True, separator=".").removesuffix(".value")


def is_array(leaf: Any) -> bool:
    """Return whether a leaf is an array of JAX or NumPy."""
    return isinstance(leaf, jax.Array | np.ndarray)


def is_real(leaf: Any) -> bool:
    """Return whether a leaf is an array of real floating-point numbers."""
    return is_array(leaf) and jnp.issubdtype(leaf.dtype, jnp.floating)


def named_leaves(tree: Any) -> dict[str, Any]:
    """Return the leaves of a tree by name, in its order."""
    return {name_of(path): leaf for path, leaf in jax.tree_util.tree_leaves_with_path(tree)}


def replaced(tree: Any, change: Callable[[str, Any], Any]) -> Any:
    """Return a tree with every leaf replaced by what a function makes of its name and itself."""
    return jax.tree_util.tree_map_with_path(lambda path, leaf: change(name_of(path), leaf), tree)


def as_precision(tree: Any, dtype: Any) -> Any:
    """Return a tree whose floating-point arrays have one precision.

    Raises:
        PrecisionError: for float64 where JAX is not set to it.
    """
    if jnp.zeros((), dtype).dtype != dtype:
        msg = (
            "float64 is asked for, and JAX does not compute in it: call "
            "jax.config.update('jax_enable_x64', True) first"
        )
        raise PrecisionError(msg)
    return jax.tree.map(lambda leaf: jnp.asarray(leaf, dtype) if is_real(leaf) else leaf, tree)


def with_arrays(tree: Any, arrays: Mapping[str, Any]) -> Any:
    """Return a tree that holds the arrays of a checkpoint, in its own precision."""
    leaves = {name: leaf for name, leaf in named_leaves(tree).items() if is_array(leaf)}
    wanted = {name: leaf.shape for name, leaf in leaves.items()}
    spare = [name for name, leaf in leaves.items() if not is_real(leaf)]
    told = {name.replace("/", ".").removesuffix(".value"): a for name, a in arrays.items()}
    found = match(told, wanted, spare)

    def change(name: str, leaf: Any) -> Any:
        return jnp.asarray(np.asarray(found[name]), leaf.dtype) if name in found else leaf

    return replaced(tree, change)
