"""Which labellings of the regions one hidden layer of threshold neurons can realise: exact."""

import dataclasses

import numpy as np
from jaxtyping import Bool, Float

from saddlescape.core import InvalidInputError, ShapeMismatchError
from saddlescape.regions._arrangement import Arrangement, arrangement
from saddlescape.regions._files import Planes

_MOST_WEIGHT_REGIONS = 400_000  # about a minute


@dataclasses.dataclass(frozen=True, eq=False)
class Labellings:
    """The labellings of the regions of hyperplanes that a linear readout of their sides can give.

    Neuron i tells on which side of hyperplane i an input lies, 0 or 1; the readout is positive on
    some regions. Weights and bias of the readout are a point in n + 1 dimensions, every region of
    the input a hyperplane there, through the origin, and every region of *that* arrangement is one
    labelling: so they are enumerated like any other arrangement, whole numbers, no linear program.

    Args:
        cut: the hyperplanes and their regions.
        labels: of every region, for every labelling that can be had, shape (l, r).
        readouts: weights and then the bias that give it, shape (l, n + 1).
    """

    cut: Arrangement
    labels: Bool[np.ndarray, "l r"]
    readouts: Float[np.ndarray, "l n_plus_1"]

    @property
    def num_realizable(self) -> int:
        """How many labellings can be had."""
        return len(self.labels)

    @property
    def num_labellings(self) -> int:
        """How many labellings there are."""
        return 2**self.cut.num_regions

    @property
    def checkerboard(self) -> Bool[np.ndarray, " r"]:
        """The labelling in which neighbours always differ: XOR, of any number of hyperplanes."""
        return self.cut.signs.sum(axis=1) % 2 == 1

    def has(self, labels: Bool[np.ndarray, " r"]) -> bool:
        """Return whether a labelling can be had.

        Args:
            labels: one for every region.

        Returns:
            whether some readout gives it.

        Raises:
            ShapeMismatchError: when there are not as many labels as regions.
        """
        if labels.shape != (self.cut.num_regions,):
            msg = f"{labels.size} labels for {self.cut.num_regions} regions: give one for each"
            raise ShapeMismatchError(msg)
        return bool((self.labels == labels).all(axis=1).any())


def labellings(weights: Float[np.ndarray, "n d"], biases: Float[np.ndarray, " n"]) -> Labellings:
    """Return every labelling of the regions of hyperplanes that one hidden layer can realise.

    Args:
        weights: normals of the hidden neurons, shape (n, d).
        biases: shape (n,).

    Returns:
        the labellings, each with a readout.

    Raises:
        InvalidInputError: where there would be too many.

    Notes:
        Costs milliseconds for three lines, seconds for five.

    Example:
        Two lines make four regions, and the two labellings that are XOR cannot be had:

        >>> import numpy as np
        >>> found = labellings(np.eye(2), np.zeros(2))
        >>> found.num_realizable, found.num_labellings, found.has(found.checkerboard)
        (14, 16, False)
    """
    cut = arrangement(weights, biases)
    rows = np.hstack([cut.signs, np.ones((cut.num_regions, 1))])
    dual = arrangement(rows, np.zeros(len(rows)), max_regions=_MOST_WEIGHT_REGIONS)
    return Labellings(cut, dual.signs, dual.points)


def one_more_layer(
    signs: Bool[np.ndarray, "r n"], labels: Bool[np.ndarray, " r"]
) -> tuple[Planes, Planes]:
    """Return a second hidden layer and a readout that give any labelling of the regions.

    Args:
        signs: for every region, which neurons of the first layer are on, shape (r, n).
        labels: for every region, what the readout shall say.

    Returns:
        a layer with one threshold neuron for each region with a positive label, on in that region
        alone; and a readout that asks whether any is on.

    Raises:
        InvalidInputError: when there are not as many labels as regions.

    Example:
        >>> import numpy as np
        >>> corners = np.array([[False, False], [False, True], [True, False], [True, True]])
        >>> second, readout = one_more_layer(corners, np.array([False, True, True, False]))
        >>> on = corners @ second.weights.T + second.biases > 0
        >>> (on @ readout.weights.T + readout.biases > 0).ravel().tolist()
        [False, True, True, False]
    """
    if labels.shape != signs.shape[:1]:
        msg = f"{labels.size} labels for {len(signs)} regions: give one for each"
        raise InvalidInputError(msg)
    chosen = signs[labels]
    # The largest value of (2 s - 1) . h over all h in {0, 1}^n is that of h = s, by at least 1.
    second = Planes(np.where(chosen, 1.0, -1.0), 0.5 - chosen.sum(axis=1))
    return second, Planes(np.ones((1, len(chosen))), np.array([-0.5]))
