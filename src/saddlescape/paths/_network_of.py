"""The network behind a landscape, and whether its outgoing weights may be shared at will."""

from saddlescape.core import EmpiricalLandscape, InvalidInputError, Landscape, Network


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
