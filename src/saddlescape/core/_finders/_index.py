"""To a critical point of a requested index: eigenvector following."""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

from saddlescape.core._critical import CriticalPoint
from saddlescape.core._finders._interface import AbstractFinder
from saddlescape.core._finders._newton import search
from saddlescape.core._landscape import Landscape, Theta


def _as_integer(order) -> Array:
    """Return the order as an array, so that one compiled program serves every order."""
    return jnp.asarray(order, jnp.int32)


_MISSED = 0.5  # of the change of the gradient: the Hessian does not foretell so long a step


def _is_foreseen(before: Theta, after: Theta, foretold: Theta) -> Bool[Array, ""]:
    """Return whether the Hessian foretold the gradient; on the way up it need not fall."""
    missed = jnp.linalg.norm(after - foretold)
    return missed <= _MISSED * jnp.linalg.norm(foretold - before)


class IndexFinder(AbstractFinder):
    """Eigenvector following: up along the `order` lowest eigenvectors, down along all others.

    Where the curvatures have those signs a step is Newton's, so the search ends there
    quadratically; elsewhere it leaves. It may still end at a point of another index where
    eigenvalues are zero: the point says its own index (Cerjan and Miller 1981; Wales 2003,
    chapter 6).
    """

    order: Int[Array, ""] = eqx.field(default=1, converter=_as_integer)
    """The index that is wanted."""
    max_steps: int = 500

    def search(self, landscape: Landscape, coarse: Landscape | None, start: Theta) -> CriticalPoint:
        """Return a point of index `order` near `start`; see `AbstractFinder.search`."""
        del coarse

        def follow(eigenvalues: Theta, along: Theta, floor: Float[Array, ""]) -> Theta:
            up = jnp.arange(eigenvalues.size) < self.order
            # Twice c / (|lambda| + sqrt(lambda^2 + 4 c^2)): Newton's step where it is short, no
            # longer than 1 where lambda is near zero; nothing where lambda is rounding.
            size = jnp.abs(eigenvalues)
            length = 2 * along / (size + jnp.sqrt(eigenvalues**2 + 4 * along**2) + floor)
            return jnp.where(up, 1.0, -1.0) * length * size**2 / (size**2 + floor**2)

        return search(landscape, start, self.max_steps, follow, _is_foreseen)
