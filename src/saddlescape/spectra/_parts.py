"""The two parts of a Hessian: Gauss-Newton, which sees the loss bend, and residual, the model."""

from typing import Any

from saddlescape.core import InvalidInputError, Landscape
from saddlescape.spectra._operator import Operator, operator_of


def gauss_newton_operator(landscape: Landscape, theta: Any) -> Operator:
    """Return the Gauss-Newton part of the Hessian, J^T (d^2 loss / d output^2) J, as an operator.

    Args:
        landscape: the loss of a network or of a PyTorch model.
        theta: parameters, shape (p,).

    Returns:
        the operator; positive semi-definite where the loss is convex in the outputs. Weight decay
        counts to it: it would be there if the outputs were linear in theta. A product costs about
        two gradients.

    Raises:
        InvalidInputError: for a landscape that does not tell outputs from loss.
        ShapeMismatchError: when theta does not fit the landscape.

    References:
        Schraudolph (2002); Papyan (2019).

    Example:
        >>> from saddlescape.core import Data, EmpiricalLandscape, Network
        >>> data = Data([[1.0]], [[3.0]])
        >>> chain = EmpiricalLandscape(Network((1, 1, 1), "identity", bias=False), data)
        >>> gauss_newton_operator(chain, [1.0, 2.0]).dense().tolist()  # loss (w v - 3)^2
        [[8.0, 4.0], [4.0, 2.0]]
    """
    return _part(landscape, theta, "gauss_newton_product")


def residual_operator(landscape: Landscape, theta: Any) -> Operator:
    """Return the Hessian less its Gauss-Newton part: residuals times the curvature of the outputs.

    Args:
        landscape: the loss of a network or of a PyTorch model.
        theta: parameters, shape (p,).

    Returns:
        the operator; zero at a perfect fit. It is computed by itself, not as a difference, so that
        it stays exact where it is small. A product costs about as much as one of the Hessian.

    Raises:
        InvalidInputError: for a landscape that does not tell outputs from loss.
        ShapeMismatchError: when theta does not fit the landscape.

    Example:
        >>> from saddlescape.core import Data, EmpiricalLandscape, Network
        >>> data = Data([[1.0]], [[3.0]])
        >>> chain = EmpiricalLandscape(Network((1, 1, 1), "identity", bias=False), data)
        >>> residual_operator(chain, [1.0, 2.0]).dense().tolist()  # 2 (w v - 3) d^2 (w v)
        [[0.0, -2.0], [-2.0, 0.0]]
    """
    return _part(landscape, theta, "residual_product")


def has_parts(landscape: Landscape) -> bool:
    """Return whether a landscape tells outputs from loss, so that its Hessian has two parts.

    Args:
        landscape: any.

    Returns:
        whether the operators of the parts exist.
    """
    return hasattr(landscape, "gauss_newton_product")


def _part(landscape: Landscape, theta: Any, name: str) -> Operator:
    """Return the operator of one part.

    Raises:
        InvalidInputError: for a landscape that has none.
    """
    if not has_parts(landscape):
        msg = (
            f"{type(landscape).__name__} does not tell outputs from loss, so its Hessian has no "
            "parts: give an EmpiricalLandscape or a PyTorch model"
        )
        raise InvalidInputError(msg)
    return operator_of(landscape, theta, name)
