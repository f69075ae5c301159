"""From starts of many parameters to the isolated minima beside where gradients lead."""

from collections.abc import Callable, Iterator

import numpy as np
from jaxtyping import Float

from saddlescape import paths
from saddlescape.core import Landscape
from saddlescape.setups import led_down

Vector = Float[np.ndarray, " p"]


def descended(
    landscape: Landscape, starts: Float[np.ndarray, "m p"], check: Callable[[int], None]
) -> Iterator[tuple[Vector, Vector | None]]:
    """Yield where the gradient leads from each start, and the isolated minimum beside that place.

    Args:
        landscape: the loss.
        starts: shape (m, p).
        check: called with the number of the start, again and again; may raise to stop.

    Yields:
        the end of L-BFGS, and the minimum that Newton's method finds there, or None.
    """
    for number, start in enumerate(np.asarray(starts)):
        check(number)
        end = led_down(landscape, start, lambda number=number: check(number))
        yield end, paths.minimum_near(landscape, end)
