"""The network behind a landscape."""

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
