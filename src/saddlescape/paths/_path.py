"""A path in parameter space as one object: where it goes and what the loss does on it."""

import dataclasses

import numpy as np
from jaxtyping import Bool, Float, Int

from saddlescape.paths._follow import Fold
from saddlescape.paths._saddle import PermutationPoint


@dataclasses.dataclass(frozen=True, eq=False)
class Path:
    """The path along which two neurons merge and part again with their labels exchanged.

    It is the polygon through f stations. Where the saddle was not reached it ends early and has no
    second half.

    Args:
        layer: the hidden layer, from 0.
        pair: the two neurons, from 0.
        theta: the stations, shape (f, p).
        arclength: Euclidean length of the path up to each station, shape (f,).
        distance: of the two incoming weight vectors, shape (f,).
        loss: at the stations, shape (f,).
        gradient: largest entry of the gradient along the constraint, shape (f,).
        index: negative eigenvalues of the landscape's Hessian, constraint or not, shape (f,).
        relaxing: where the path descends at fixed distance instead of following a minimum, (f,).
        folds: where the followed minimum disappeared, on the first half.
        saddle: the permutation point; None where it was not reached.
        reason: why it was not reached; "" where it was.
        barrier: the highest loss on the polygon, with the places between stations looked at.
        asymmetry: the largest relative difference of the losses at mirrored stations.
    """

    layer: int
    pair: tuple[int, int]
    theta: Float[np.ndarray, "f p"]
    arclength: Float[np.ndarray, " f"]
    distance: Float[np.ndarray, " f"]
    loss: Float[np.ndarray, " f"]
    gradient: Float[np.ndarray, " f"]
    index: Int[np.ndarray, " f"]
    relaxing: Bool[np.ndarray, " f"]
    folds: tuple[Fold, ...]
    saddle: PermutationPoint | None
    reason: str
    barrier: float
    asymmetry: float

    def __repr__(self) -> str:
        """Return the path in words."""
        i, j = self.pair
        folds = f"{len(self.folds)} fold{'' if len(self.folds) == 1 else 's'}"
        end = f"saddle {self.saddle.loss:.6g}" if self.saddle else f"not reached: {self.reason}"
        what = f"neurons {i} and {j} of layer {self.layer}"
        return f"<path of {what}: barrier {self.barrier:.6g}, {folds}, {end}>"

    @property
    def reached(self) -> bool:
        """Whether the two neurons were brought together at a critical point."""
        return self.saddle is not None

    @property
    def is_cut_short(self) -> bool:
        """Whether it ended only because its steps were spent."""
        return "max_steps" in self.reason

    @property
    def turn(self) -> int:
        """The station at which the labels are exchanged; the last one where it was not reached."""
        return len(self.loss) // 2 if self.reached else len(self.loss) - 1
