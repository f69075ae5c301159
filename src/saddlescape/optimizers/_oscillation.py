"""Oscillation: how often a step goes back on the one before, in every eigen-direction."""

import dataclasses

import numpy as np
from jaxtyping import Float

from saddlescape.core import InvalidInputError
from saddlescape.optimizers._directions import Directions, Vectors
from saddlescape.optimizers._effective import matching
from saddlescape.optimizers._quadratic import iteration_matrix
from saddlescape.optimizers._rule import Rule


@dataclasses.dataclass(frozen=True, eq=False)
class Oscillation:
    """The share of steps that go back on the one before.

    Args:
        share: 0 where all steps go one way, 1 where every step turns round; NaN where nothing
            moved.
        directions: what the columns are: eigen-directions; None for the parameters themselves.
    """

    share: Float[np.ndarray, " p"]
    directions: Directions | None


def oscillation(changes: Vectors, directions: Directions | None = None) -> Oscillation:
    """Return the share of sign changes of the step, along each parameter or eigen-direction.

    Args:
        changes: the steps, shape (t, p).
        directions: to measure along; left out, along the parameters.

    Returns:
        the shares, of the pairs of successive steps that are both not zero.

    Raises:
        InvalidInputError: for fewer than two steps.
        ShapeMismatchError: when the steps do not fit the directions.

    Example:
        >>> oscillation(np.array([[1.0, 1.0], [-1.0, 1.0], [1.0, 1.0]])).share.tolist()
        [1.0, 0.0]
    """
    changes, _ = matching(changes, changes, directions)
    if len(changes) < 2:
        msg = f"{len(changes)} steps: a sign changes between two, give at least 2"
        raise InvalidInputError(msg)
    if directions is not None:
        changes = directions.along(changes)
    signs = np.sign(changes)
    product = signs[1:] * signs[:-1]
    pairs = np.sum(product != 0, axis=0)
    with np.errstate(invalid="ignore"):
        share = np.where(pairs == 0, np.nan, np.sum(product < 0, axis=0) / pairs)
    return Oscillation(share, directions)


def expected_oscillation(
    rule: Rule, curvatures: Float[np.ndarray, " c"]
) -> Float[np.ndarray, " c"]:
    """Return the share of sign changes of a linear rule on a quadratic, in the long run.

    Args:
        rule: gradient descent, momentum or Nesterov.
        curvatures: eigenvalues of the Hessian.

    Returns:
        angle / pi of the eigenvalue of the iteration matrix that is largest in modulus: 0 for a
        positive one, 1 for a negative one, between them for a complex pair.

    Raises:
        InvalidInputError: for a rule that is not linear.

    Example:
        >>> from saddlescape.optimizers import GradientDescent
        >>> expected_oscillation(GradientDescent(rate=0.1), np.array([5.0, 15.0])).tolist()
        [0.0, 1.0]
    """
    matrices = np.stack([iteration_matrix(rule, float(curvature)) for curvature in curvatures])
    eigenvalues = np.linalg.eigvals(matrices)
    largest = np.abs(eigenvalues).argmax(axis=1)
    return np.abs(np.angle(eigenvalues[np.arange(len(largest)), largest])) / np.pi
