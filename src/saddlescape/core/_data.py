"""A data set: inputs, targets and sample weights, checked once at the door."""

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from saddlescape.core._errors import InvalidInputError, ShapeMismatchError

_MAX_LABEL = 1_000_000  # labels are numbers of classes, not identifiers


class Data(eqx.Module):
    """Samples to fit: inputs of shape ``(n, d)``, targets, and optional weights of shape ``(n,)``.

    Targets are floats of shape ``(n, k)`` for regression (a vector is taken as one column), or
    integer labels of shape ``(n,)`` for classification. Weights are relative: the loss divides by
    their sum.

    Args:
        inputs: one row per sample; a vector is taken as one input per sample.
        targets: values to fit, or class labels 0, 1, ... as integers.
        weights: how much each sample counts; all alike by default.

    Raises:
        InvalidInputError: for no samples, NaN or infinite values, negative weights or labels.
        ShapeMismatchError: when inputs, targets and weights differ in length.

    Example:
        >>> Data([[0.0], [1.0]], [1, 0]).num_classes
        2
    """

    inputs: Float[Array, "n d"]
    targets: Float[Array, "n k"] | Int[Array, " n"]
    weights: Float[Array, " n"]

    def __init__(self, inputs, targets, weights=None):
        inputs, targets = _columns(inputs, "inputs"), _targets(targets)
        weights = np.ones(len(inputs)) if weights is None else np.asarray(weights, float)
        _check(inputs, targets, weights)
        self.inputs, self.targets, self.weights = (
            jnp.asarray(inputs),
            jnp.asarray(targets),
            jnp.asarray(weights),
        )

    @property
    def is_classification(self) -> bool:
        """Whether the targets are class labels."""
        return self.targets.ndim == 1

    @property
    def num_samples(self) -> int:
        """The number of samples n."""
        return self.inputs.shape[0]

    @property
    def num_inputs(self) -> int:
        """The number of inputs d of a sample."""
        return self.inputs.shape[1]

    @property
    def num_classes(self) -> int:
        """The number of classes: one more than the largest label.

        Raises:
            InvalidInputError: when the targets are not class labels.
        """
        if not self.is_classification:
            msg = "the targets are numbers, not class labels: there is no number of classes"
            raise InvalidInputError(msg)
        return int(self.targets.max()) + 1

    @property
    def num_outputs(self) -> int:
        """The number of outputs a network needs: target columns, or classes."""
        return self.num_classes if self.is_classification else self.targets.shape[1]


def _columns(values, what: str) -> np.ndarray:
    """Return `values` as a float64 matrix with one row per sample."""
    dtype = getattr(values, "dtype", np.dtype(float))
    if isinstance(values, np.ma.MaskedArray) or getattr(dtype, "kind", "f") in "cmM":
        given = "masked" if isinstance(values, np.ma.MaskedArray) else str(dtype)
        msg = f"{what} are {given}: give plain real numbers"
        raise InvalidInputError(msg)
    try:
        values = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        msg = f"{what} cannot be read as a table of numbers ({error}): give rows of equal length"
        raise InvalidInputError(msg) from None
    values = values[:, None] if values.ndim == 1 else values
    if values.ndim != 2 or values.size == 0:
        msg = f"{what} have shape {values.shape}; wanted (samples, columns), with at least one each"
        raise ShapeMismatchError(msg)
    return values


def _targets(values) -> np.ndarray:
    """Return labels as integers of shape (n,), anything else as a float64 matrix."""
    try:
        array = np.asarray(values)
    except ValueError:  # rows of different length; `_columns` says so
        return _columns(values, "targets")
    if array.dtype.kind in "US":
        msg = (
            "targets are text: number the classes 0, 1, ..., "
            "numpy.unique(targets, return_inverse=True)[1] does"
        )
        raise InvalidInputError(msg)
    array = array.astype(np.int32) if array.dtype.kind == "b" else array
    if array.dtype.kind in "iu" and array.ndim == 1:
        if array.size and array.max() >= _MAX_LABEL:
            msg = f"the class label {array.max()} is too large: number the classes 0, 1, ..."
            raise InvalidInputError(msg)
        return array.astype(np.int32)
    return _columns(values, "targets")


def _check(inputs: np.ndarray, targets: np.ndarray, weights: np.ndarray) -> None:
    """Raise unless the three arrays fit together and hold usable numbers."""
    if not len(inputs) == len(targets) == len(weights):
        msg = (
            f"{len(inputs)} inputs, {len(targets)} targets and {len(weights)} weights: "
            "give as many of each, one per sample"
        )
        raise ShapeMismatchError(msg)
    for what, values in (("inputs", inputs), ("targets", targets), ("weights", weights)):
        bad = np.argwhere(~np.isfinite(values))
        if len(bad):
            value, sample = values[tuple(bad[0])], bad[0][0]
            msg = f"{what} hold {value} in sample {sample}: remove or fill such samples"
            raise InvalidInputError(msg)
    if weights.ndim != 1 or (weights < 0).any() or not 0 < weights.sum() < np.inf:
        msg = "weights must be one number >= 0 per sample, with a positive, finite sum"
        raise InvalidInputError(msg)
    if targets.ndim == 1 and (targets < 0).any():
        msg = f"the class label {targets.min()} is negative: number the classes 0, 1, ..."
        raise InvalidInputError(msg)
