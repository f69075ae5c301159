"""Down from a saddle: which minima its negative directions lead to."""

import dataclasses
from collections.abc import Callable, Sequence

import numpy as np
from jaxtyping import Float

from saddlescape.core import CriticalPoint, Landscape
from saddlescape.paths._flow import FlowEnd, flow
from saddlescape.paths._line import Line, line_through
from saddlescape.paths._space import FreeSpace

Vector = Float[np.ndarray, " p"]

_ASIDE = 1e-2  # of 1 + |theta|: the first step off the saddle


@dataclasses.dataclass(frozen=True, eq=False)
class Descent:
    """The gradient flow from a saddle, off along one of its negative directions.

    Args:
        line: the way down, the saddle first.
        end: "a minimum", "infinity", or "nowhere in the steps allowed".
        mode: the number of the eigenvector it left along, from 0.
        side: +1 or -1.
    """

    line: Line
    end: str
    mode: int
    side: int

    @property
    def theta(self) -> Vector:
        """Where it ended, shape (p,)."""
        return self.line.theta[-1]

    @property
    def is_minimum(self) -> bool:
        """Whether it ended at a minimum."""
        return self.end == FlowEnd.MINIMUM.value


def descents(
    landscape: Landscape,
    saddle: CriticalPoint,
    sides: Sequence[int] = (1, -1),
    *,
    check: Callable[[], None] = lambda: None,
) -> tuple[Descent, ...]:
    """Return the ways down from a saddle along each of its negative eigenvectors.

    Args:
        landscape: the loss.
        saddle: one critical point.
        sides: the signs to leave with; one is enough where the other side is its mirror image.
        check: called before every step; may raise to stop.

    Returns:
        one descent for each negative eigenvalue and side; none from a minimum.

    Example:
        >>> from saddlescape import problems
        >>> surface = problems.load("two-minima")
        >>> from saddlescape.core import classify
        >>> saddle = classify(surface.landscape, surface.known_points[2].theta)
        >>> [down.end for down in descents(surface.landscape, saddle)]
        ['a minimum', 'a minimum']
    """
    space, theta = FreeSpace(landscape), np.asarray(saddle.theta)
    vectors = np.linalg.eigh(space.at(theta).hessian)[1]
    aside = _ASIDE * (1 + np.linalg.norm(theta))
    found = []
    for mode in range(int(saddle.index)):
        for side in sides:
            way = flow(space, theta + side * aside * vectors[:, mode], check, with_index=False)
            corners = np.array([theta, *(here.theta for here in way.stations)])
            found.append(Descent(line_through(landscape, corners), way.end.value, mode, side))
    return tuple(found)
