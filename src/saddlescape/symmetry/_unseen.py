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
        interval: from where to where that bound lies, at 95 % confidence. Taken outwards to whole
            numbers it holds the number of classes itself where all are about equally frequent; it
            lies too low where some are rare, and says nothing after fewer than two points.
    """

    num_points: int
    num_seen: int
    num_singletons: int
    num_doubletons: int
    share: float
    standard_error: float
    num_classes: float
    interval: tuple[float, float]


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
        Chao (1987), Biometrics 43: the variance, and an interval that is log-normal in what is
        unseen. Burnham & Overton (1978), Biometrika 65: where no class was found once.

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
        interval=_interval(found[found > 0], once, twice, (total - 1) / total * extra),
    )


def _interval(found: np.ndarray, once: int, twice: int, extra: float) -> tuple[float, float]:
    """Return the 95 % interval of Chao's bound, from the counts above 0."""
    seen, total = len(found), float(found.sum())
    if extra == 0:
        # Nothing speaks for unseen classes: each class is missed with probability exp(-count).
        missed = np.exp(-found)
        share = missed.sum() / seen
        variance = (missed - missed**2).sum() - (found * missed).sum() ** 2 / total
        middle, width = seen / (1 - share), _NORMAL * math.sqrt(max(variance, 0)) / (1 - share)
        return max(float(seen), float(middle - width)), max(float(seen), float(middle + width))
    part = (total - 1) / total
    if twice:
        ratio = once / twice
        variance = twice * (part * ratio**2 / 2 + part**2 * ratio**3 + part**2 * ratio**4 / 4)
    else:
        variance = part * once * (once - 1) / 2 + part**2 * once * (2 * once - 1) ** 2 / 4
        variance -= part**2 * once**4 / (4 * (seen + extra))
    spread = math.exp(_NORMAL * math.sqrt(math.log1p(variance / extra**2)))
    return seen + extra / spread, seen + extra * spread


_NORMAL = 1.959964  # 95 % of a normal variable lie within so many standard deviations
