"""Whether the arrays of a checkpoint are those a model wants, said in one sentence."""

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np

from saddlescape.core import InvalidInputError, ShapeMismatchError

_SHOWN = 3  # names of a kind in a message


def match(
    found: Mapping[str, Any], wanted: Mapping[str, tuple[int, ...]], spare: Collection[str] = ()
) -> dict[str, np.ndarray]:
    """Return the arrays that a model wants, by name.

    Args:
        found: arrays by name, as `read_checkpoint` returns them.
        wanted: shapes by name.
        spare: names that may be missing.

    Returns:
        arrays, in the order of `wanted`.

    Raises:
        InvalidInputError: when names are missing or too many, or a number is not finite.
        ShapeMismatchError: when an array has another shape.
    """
    missing = [name for name in wanted if name not in found and name not in spare]
    extra = [name for name in found if name not in wanted]
    if missing or extra:
        told = [f"it has no {_listed(missing)}"] if missing else []
        told += [f"the model has no {_listed(extra)}"] if extra else []
        msg = (
            f"the checkpoint is not of this model: {', and '.join(told)}; give one that was "
            "written from the model that is made"
        )
        raise InvalidInputError(msg)
    arrays = {name: np.asarray(found[name]) for name in wanted if name in found}
    for name, array in arrays.items():
        if array.shape != tuple(wanted[name]):
            msg = (
                f"{name!r} has shape {array.shape} in the checkpoint, the model wants "
                f"{tuple(wanted[name])}: make the model with the sizes it was trained with"
            )
            raise ShapeMismatchError(msg)
        if array.dtype.kind not in "fiub":
            msg = f"{name!r} of the checkpoint holds {array.dtype}: give real numbers"
            raise InvalidInputError(msg)
        if not np.all(np.isfinite(array)):
            msg = f"{name!r} of the checkpoint holds values that are not finite: train it again"
            raise InvalidInputError(msg)
    return arrays


def _listed(names: list[str]) -> str:
    """Return names in quotes, the first of many."""
    shown = ", ".join(map(repr, names[:_SHOWN]))
    return f"{shown} and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else shown
