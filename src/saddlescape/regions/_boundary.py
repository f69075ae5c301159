"""Lines of a picture: borders between regions, and where a network's output is zero."""

import numpy as np
from jaxtyping import Float

from saddlescape.core import InvalidInputError
from saddlescape.regions._deep import PlaneRegions

_DIGITS = 12  # of the box: borders are drawn once, though both regions have their own corners


def borders(found: PlaneRegions) -> Float[np.ndarray, "e 4"]:
    """Return the sides of all regions, those that two regions share once.

    Args:
        found: regions in a rectangle.

    Returns:
        ``(x0, y0, x1, y1)`` each. Where corners of one region lie within a side of another, parts
        of the side are told by both.

    Example:
        >>> import numpy as np
        >>> from saddlescape.regions import plane_regions
        >>> xor = [(np.eye(2), np.zeros(2)), (np.ones((1, 2)), np.zeros(1))]
        >>> borders(plane_regions(xor)).shape  # 4 on the axes, 8 on the rectangle
        (12, 4)
    """
    a, b = _sides(found)
    ends = np.stack([found.places[a], found.places[b]], axis=1)
    size = max(abs(side) for limits in found.box for side in limits)
    rounded = np.round(ends / size, _DIGITS) + 0.0
    swap = (rounded[:, 0, 0] > rounded[:, 1, 0]) | (
        (rounded[:, 0, 0] == rounded[:, 1, 0]) & (rounded[:, 0, 1] > rounded[:, 1, 1])
    )
    rounded[swap] = rounded[swap][:, ::-1]
    _, kept = np.unique(rounded.reshape(-1, 4), axis=0, return_index=True)
    return ends.reshape(-1, 4)[np.sort(kept)]


def zero_lines(found: PlaneRegions, output: int = 0) -> Float[np.ndarray, "e 4"]:
    """Return where an output of the network is zero: one segment in each region that it crosses.

    Args:
        found: regions in a rectangle.
        output: number of the output.

    Returns:
        ``(x0, y0, x1, y1)`` each.

    Raises:
        InvalidInputError: when there is no such output.

    Example:
        >>> import numpy as np
        >>> from saddlescape.regions import plane_regions
        >>> ramp = [(np.array([[1.0, 0.0]]), np.zeros(1)), (np.ones((1, 1)), np.array([-0.5]))]
        >>> zero_lines(plane_regions(ramp))[:, [0, 2]].tolist()
        [[0.5, 0.5]]
    """
    if not 0 <= output < found.outputs.shape[1]:
        msg = f"output {output}: the network has outputs 0 to {found.outputs.shape[1] - 1}"
        raise InvalidInputError(msg)
    a, b = _sides(found)
    value = found.outputs[:, output]
    crossing = (value[a] > 0) != (value[b] > 0)
    a, b = a[crossing], b[crossing]
    share = (value[a] / (value[a] - value[b]))[:, None]
    # A convex region is entered once and left once, so that crossings come in pairs.
    return (found.places[a] + share * (found.places[b] - found.places[a])).reshape(-1, 4)


def _sides(found: PlaneRegions) -> tuple[np.ndarray, np.ndarray]:
    """Return the corner numbers of both ends of every side."""
    following = np.arange(1, len(found.corners) + 1)
    following[np.append(found.begins[1:], len(found.corners)) - 1] = found.begins
    return found.corners, found.corners[following]
