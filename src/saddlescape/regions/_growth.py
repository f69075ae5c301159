"""How the number of regions grows as hyperplanes are added in their order."""

import numpy as np
from jaxtyping import Int

from saddlescape.regions._arrangement import Arrangement
from saddlescape.regions._keys import signatures


def growth(cut: Arrangement) -> Int[np.ndarray, " n_plus_1"]:
    """Return the number of regions of the first 0, 1, ..., n hyperplanes.

    Args:
        cut: hyperplanes and their regions.

    Returns:
        shape (n + 1,). Every region of fewer hyperplanes holds regions of all of them, so the
        distinct beginnings of the sign patterns are counted.

    Example:
        >>> import numpy as np
        >>> from saddlescape.regions import arrangement
        >>> lines = np.array([[1.0, 0], [0, 1], [1, 1]]), np.array([0.0, 0, 1])
        >>> growth(arrangement(*lines)).tolist()
        [1, 2, 4, 7]
    """
    keys = np.zeros(cut.num_regions, np.uint64)
    counts = [1]
    for column, number in zip(cut.signs.T, signatures(cut.signs.shape[1]), strict=True):
        keys ^= np.where(column, number, np.uint64(0))
        counts.append(len(np.unique(keys)))
    return np.array(counts)
