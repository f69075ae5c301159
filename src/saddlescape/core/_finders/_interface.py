"""What a finder is: one start in, one critical point out, inside compiled code."""

import abc

import equinox as eqx

from saddlescape.core._critical import CriticalPoint
from saddlescape.core._landscape import Landscape, Theta


class AbstractFinder(eqx.Module):
    """A search for a critical point from one start; `find` maps it over many."""

    @property
    def can_shard(self) -> bool:
        """Whether starts may be spread over devices in one program."""
        return True

    @abc.abstractmethod
    def search(self, landscape: Landscape, coarse: Landscape | None, start: Theta) -> CriticalPoint:
        """Return where the search from `start` ends, classified, with its outcome.

        Args:
            landscape: the loss.
            coarse: a cheaper landscape that resembles it, or None.
            start: shape (p,).

        Returns:
            one record; traceable by JAX.
        """
