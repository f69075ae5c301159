"""How much a survey has not seen: the unseen species of statistics, applied to critical points."""

import dataclasses
import math

import numpy as np
from jaxtyping import Array, Int

from saddlescape.core import InvalidInputError
from saddlescape.symmetry._inputs import real_numbers


@dataclasses.dataclass(frozen=True)
class Unseen:
    """What the counts of seen classes say about classes not yet seen.

    Args:
        num_points: how many points were grouped.
        num_seen: how many classes they fell into.
        num_singletons: classes found exactly once.
        num_doubletons: classes found exactly twice.
        share: estimated share of further starts that would end in a class not yet seen.
        standard_error: of `share`.
        num_classes: estimated lower bound on the number of classes, seen and unseen.
    """

    num_points: int
    num_seen: int
    num_singletons: int
    num_doubletons: int
    share: float
    standard_error: float
    num_classes: float


def unseen(counts: Int[np.ndarray | Array, " _"] | list[int] | tuple[int, ...]) -> Unseen:
    """Return estimates of what a survey has not seen, from how often each class was found.

    Args:
        counts: how often each class was found, at least one of them positive.

    Returns:
        the Good-Turing share of the unseen with its standard error, and the Chao1 bound.

    Raises:
        InvalidInputError: for negative or no counts, or what are no numbers.

    References:
        Good (1953), Biometrika 40: f1 / n. Esty (1983), Annals of Statistics 11: its variance.
        Chao (1984), Scandinavian Journal of Statistics 11: classes >= seen + f1^2 / (2 f2).

    Example:
        >>> result = unseen([5, 2, 1, 1, 1])
        >>> result.share, result.num_classes
        (0.3, 9.05)
    """
    found = real_numbers(counts, "counts")
    if found.ndim != 1 or not (found >= 0).all() or not 0 < found.sum() < np.inf:
        msg = (
            f"counts are {found.tolist()}: "
            "give how often each class was found, at least one above 0"
        )
        raise InvalidInputError(msg)
    total, once, twice = int(found.sum()), int((found == 1).sum()), int((found == 2).sum())
    seen = int((found > 0).sum())
    # Without doubletons Chao's ratio is replaced by its bias-corrected form.
    extra = once**2 / (2 * twice) if twice else once * (once - 1) / 2
    share = once / total
    return Unseen(
        num_points=total,
        num_seen=seen,
        num_singletons=once,
        num_doubletons=twice,
        share=share,
        standard_error=math.sqrt(once * (1 - share) + 2 * twice) / total,
        num_classes=seen + (total - 1) / total * extra,
    )
