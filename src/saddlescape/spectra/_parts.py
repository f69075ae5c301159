"""The two parts of a Hessian: Gauss-Newton, which sees the loss bend, and residual, the model."""

import dataclasses
from collections.abc import Callable
from typing import Any

from saddlescape.core import InvalidInputError, Landscape
from saddlescape.spectra._density import Density, density
from saddlescape.spectra._extremes import EigenPairs, LanczosSettings, extremes
from saddlescape.spectra._operator import Operator, hessian_operator, operator_of
from saddlescape.spectra._trace import Trace, trace

_ROUNDING_ULPS = 64.0  # times sqrt(p) |H|: two backward passes of some layers


@dataclasses.dataclass(frozen=True, eq=False)
class Part:
    """One part of a Hessian, looked at by itself.

    Args:
        name: ``"Gauss-Newton"`` or ``"residual"``.
        lowest: its lowest eigenvalue.
        highest: its highest eigenvalue.
        trace: with its standard error.
        density: of its spectrum; None where the part is zero.
        is_zero: whether nothing is left of it but rounding.
        num_products: used for all of this.
    """

    name: str
    lowest: EigenPairs
    highest: EigenPairs
    trace: Trace
    density: Density | None
    is_zero: bool
    num_products: int


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


def parts(
    landscape: Landscape,
    theta: Any,
    *,
    settings: LanczosSettings | None = None,
    num_probes: int = 10,
    num_steps: int = 60,
    on_progress: Callable[[int], None] | None = None,
) -> tuple[Part, Part]:
    """Return the Gauss-Newton part and the residual part, each with ends, trace and density.

    Args:
        landscape: the loss of a network or of a PyTorch model.
        theta: parameters, shape (p,).
        settings: of Lanczos; its seed is that of the random vectors too.
        num_probes: of the densities.
        num_steps: of the densities.
        on_progress: called with the number of products so far.

    Returns:
        both parts; costs some 100 products for the ends of each, 60 for its trace, and
        `num_probes * num_steps` for its density.

    Raises:
        InvalidInputError: for a landscape that does not tell outputs from loss.
        ShapeMismatchError: when theta does not fit the landscape.

    Example:
        >>> from saddlescape.core import Data, EmpiricalLandscape, Network
        >>> data = Data([[1.0]], [[3.0]])
        >>> chain = EmpiricalLandscape(Network((1, 1, 1), "identity", bias=False), data)
        >>> first, second = parts(chain, [1.0, 2.0])  # output w v, loss (w v - 3)^2
        >>> [round(float(end.values[0]), 9) for end in (first.highest, second.lowest)]
        [10.0, -2.0]
    """
    chosen = settings or LanczosSettings(tolerance=1e-6)
    made = (
        ("Gauss-Newton", gauss_newton_operator(landscape, theta)),
        ("residual", residual_operator(landscape, theta)),
    )
    whole = hessian_operator(landscape, theta)
    size = extremes(whole, 0, 1, settings=LanczosSettings(tolerance=0.1, seed=chosen.seed)).norm
    found: list[Part] = []
    for name, operator in made:
        spent = sum(part.num_products for part in found)

        def tell(count: int, spent: int = spent) -> None:
            if on_progress is not None:
                on_progress(spent + count)

        zero = _ROUNDING_ULPS * operator.size**0.5 * operator.eps * size
        found.append(_looked_at(name, operator, (chosen, num_probes, num_steps, zero), tell))
    return found[0], found[1]


def _looked_at(
    name: str, operator: Operator, asked: tuple[Any, ...], tell: Callable[[int], None]
) -> Part:
    """Return what there is to say of one part."""
    settings, num_probes, num_steps, zero = asked
    ends = extremes(
        operator, 1, min(1, operator.size - 1), settings=settings, on_progress=tell
    )  # fmt: skip
    total = trace(operator, seed=settings.seed)
    spent = ends.num_products + total.num_products
    blurred = None
    if ends.norm > zero:
        blurred = density(
            operator,
            num_probes=num_probes,
            num_steps=num_steps,
            seed=settings.seed,
            on_progress=lambda count: tell(spent + count),
        )
        spent += blurred.num_products
    return Part(
        name=name,
        lowest=ends.lowest,
        highest=ends.highest if len(ends.highest) else ends.lowest,
        trace=total,
        density=blurred,
        is_zero=blurred is None,
        num_products=spent,
    )


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
