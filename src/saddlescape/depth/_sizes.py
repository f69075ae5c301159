"""Architectures of a given depth with about a given number of parameters."""

from saddlescape.core import InvalidInputError
from saddlescape.depth._architecture import Architecture


def sized(
    shape: tuple[int, ...],
    heads: tuple[int, ...],
    depth: int,
    num_parameters: int,
    *,
    is_convolutional: bool = False,
) -> Architecture:
    """Return the network of equal widths whose number of parameters is nearest to what is asked.

    Args:
        shape: of one sample.
        heads: classes of every head.
        depth: hidden layers.
        num_parameters: wanted.
        is_convolutional: whether weights are shared over places.

    Returns:
        the architecture; of two equally near ones the narrower.

    Raises:
        InvalidInputError: when even the narrowest has more than 1.5 times as many.

    Example:
        >>> sized((40, 1), (10,), 1, 5_110).widths
        (100,)
    """

    def of(width: int) -> Architecture:
        return Architecture(shape, (width,) * depth, heads, is_convolutional)

    low, high = 1, 2
    while of(high).num_parameters < num_parameters:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if of(middle).num_parameters < num_parameters else (low, middle)
    found = min(of(low), of(high), key=lambda x: (abs(x.num_parameters - num_parameters), x.widths))
    if found.num_parameters > 1.5 * num_parameters:
        msg = (
            f"{num_parameters:,} parameters are too few for {depth} hidden layers over samples of "
            f"shape {shape}: the narrowest network has {found.num_parameters:,}, ask for more"
        )
        raise InvalidInputError(msg)
    return found
