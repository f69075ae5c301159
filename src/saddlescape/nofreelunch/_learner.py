"""What a learner is: from labelled inputs to votes, for many labellings at once."""

import abc

import numpy as np
from jaxtyping import Int

Inputs = Int[np.ndarray, "x b"]
"""Inputs, zeros and ones, one per row."""
Labels = Int[np.ndarray, "l t"]
"""Labels of the training set, zeros and ones; one row for each time a learner is trained."""
Votes = Int[np.ndarray, "l x"]
"""Votes for label 1, from 0 to `num_votes`; one row for each row of labels."""


class AbstractLearner(abc.ABC):
    """A learner of Boolean targets: it sees a training set and its labels, and nothing else."""

    name: str
    """What tables call it."""
    description: str
    """What it does, as half a sentence."""
    num_votes: int
    """It predicts 1 with probability votes / num_votes; 1 where there is no chance."""

    @abc.abstractmethod
    def votes(self, seen: Int[np.ndarray, "t b"], labels: Labels, asked: Inputs) -> Votes:
        """Return the votes for label 1.

        Args:
            seen: the inputs of the training set.
            labels: their labels.
            asked: inputs to label.

        Returns:
            whole numbers from 0 to `num_votes`.
        """
