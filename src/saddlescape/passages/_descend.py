"""Down to minima of many parameters: by gradients first, by Newton's method only at the end."""

from collections.abc import Callable, Iterator

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float
from scipy.optimize import minimize

from saddlescape import paths
from saddlescape.core import Landscape

Vector = Float[np.ndarray, " p"]

MANY = 200
"""Parameters from which on gradients are so much cheaper than Hessians that they go first. With 870
parameters and 1,797 samples a gradient takes 0.4 ms, a step of Newton's method 25 to 130 ms."""

_MAX_STEPS = 5_000  # of L-BFGS: digits with weight decay 1e-4 take some 2,000
_MEMORY = 30  # pairs that L-BFGS keeps; its own default 10 takes twice as many steps
_CHECKED = 50  # steps between two looks at whether to stop
_CALM = 1e-8  # the largest entry of a gradient from which Newton's method goes on


def descended(
    landscape: Landscape, starts: Float[np.ndarray, "m p"], check: Callable[[int], None]
) -> Iterator[tuple[Vector, Vector | None]]:
    """Yield where the gradient leads from each start, and the isolated minimum beside that place.

    Args:
        landscape: the loss.
        starts: shape (m, p).
        check: called with the number of the start, again and again; may raise to stop.

    Yields:
        the end of L-BFGS (Liu & Nocedal 1989), and the minimum that Newton's method finds there, or
        None.
    """

    def both(theta: Vector) -> tuple[float, Vector]:
        loss, gradient = landscape.loss_and_gradient(jnp.asarray(theta))
        return float(loss), np.asarray(gradient)

    for number, start in enumerate(np.asarray(starts)):
        check(number)
        count = 0

        def look(_: Vector, number: int = number) -> None:
            nonlocal count
            count += 1
            if count % _CHECKED == 0:
                check(number)

        found = minimize(
            both,
            start,
            jac=True,
            method="L-BFGS-B",
            callback=look,
            options={
                "maxiter": _MAX_STEPS, "maxfun": 2 * _MAX_STEPS, "maxcor": _MEMORY,
                "gtol": _CALM, "ftol": 0.0,
            },
        )  # fmt: skip
        yield found.x, paths.minimum_near(landscape, found.x)
