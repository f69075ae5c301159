"""The network behind a landscape, and whether its outgoing weights may be shared at will."""

from typing import Any

import numpy as np
from jaxtyping import Float

from saddlescape.core import (
    EmpiricalLandscape,
    InvalidInputError,
    Landscape,
    Network,
    ShapeMismatchError,
)


def network_of(landscape: Landscape) -> Network:
    """Return the network whose loss a landscape is.

    Args:
        landscape: the loss of a network.

    Returns:
        the network.

    Raises:
        InvalidInputError: for a landscape that does not say which neurons it has.
    """
    if not isinstance(landscape, EmpiricalLandscape):
        msg = (
            f"a {type(landscape).__name__} has no neurons to merge: "
            "give an EmpiricalLandscape(network, data)"
        )
        raise InvalidInputError(msg)
    return landscape.network


def is_flat(landscape: Landscape) -> bool:
    """Return whether outgoing weights can be shared at no cost: with weight decay they cannot."""
    return not isinstance(landscape, EmpiricalLandscape) or float(landscape.weight_decay) == 0


def require_flat(landscape: Landscape) -> None:
    """Raise where there is no flat valley.

    Raises:
        InvalidInputError: for a landscape with weight decay.
    """
    if not is_flat(landscape):
        msg = (
            "with weight decay outgoing weights cannot be shared at equal loss, so there is no "
            "flat valley: classify(landscape, theta) says what the permutation point is"
        )
        raise InvalidInputError(msg)


def refuse_record(theta: Any) -> None:
    """Raise for a point or path where its parameters are wanted: NumPy would unpack it for ever.

    Raises:
        InvalidInputError: for anything that has a theta itself, or text.
    """
    if hasattr(theta, "theta") or isinstance(theta, str):
        what = f"a {type(theta).__name__}"
        msg = f"theta is {what}: give parameters, such as points.theta[0] or saddle.theta"
        raise InvalidInputError(msg)


def vector_of(landscape: Landscape, theta: Any) -> Float[np.ndarray, " p"]:
    """Return theta as a finite float64 vector that fits the landscape.

    Raises:
        InvalidInputError: for text or numbers that are not finite.
        ShapeMismatchError: when it does not have p entries.
    """
    refuse_record(theta)
    try:
        vector = np.asarray(theta, dtype=np.float64)
    except (TypeError, ValueError):
        msg = f"theta is {theta!r}: give {landscape.num_parameters} numbers"
        raise InvalidInputError(msg) from None
    if vector.shape != (landscape.num_parameters,):
        msg = f"theta has shape {vector.shape}, wanted ({landscape.num_parameters},)"
        raise ShapeMismatchError(msg)
    if not np.isfinite(vector).all():
        msg = "theta holds numbers that are not finite: give a point of the landscape"
        raise InvalidInputError(msg)
    return vector
