"""What a point is, in one of five answers, with the evidence."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Shaped

from saddlescape.core import Kind, Landscape, classify, gradient_tolerance
from saddlescape.spectra._extremes import (
    EigenPairs,
    Extremes,
    LanczosSettings,
    extremes,
    pairs_of,
)
from saddlescape.spectra._follow import follow
from saddlescape.spectra._operator import Operator, hessian_operator, point_of
from saddlescape.spectra._records import Answer, Verdict, shares_of

DENSE_LIMIT = 1_000
"""Parameters up to which the whole spectrum is computed: a second or two, 8 MB a matrix."""

_FLAT = 1e-6  # |H g| below this share of |H| |g|, as in the search for points of any index
_GRADIENT_ULPS, _ROUNDING_ULPS = 4096.0, 16.0  # as `core.gradient_tolerance`, without the matrix
_AT_A_TIME = 4  # negative eigenvalues sought together


@dataclasses.dataclass(frozen=True)
class _Spectrum:
    """What is known of the spectrum, from the whole matrix or from its ends."""

    lowest: EigenPairs
    highest: EigenPairs
    order: int
    is_complete: bool
    is_exact: bool
    zero_bound: float
    zero_modes: np.ndarray | None
    excluded_below: float
    eigenvalues: np.ndarray
    num_products: int
    kind: Kind | None = None
    tolerance: float | None = None
    is_critical: bool | None = None


def verdict(
    landscape: Landscape,
    theta: Any,
    *,
    blocks: Mapping[str, slice] | None = None,
    symmetry: Shaped[np.ndarray, "k p"] | None = None,
    settings: LanczosSettings | None = None,
    max_negative: int = 20,
    confidence: float = 0.99,
    dense_limit: int = DENSE_LIMIT,
    on_progress: Callable[[int], None] | None = None,
) -> Verdict:
    """Return what a point is: minimum, saddle of which order, or not critical at all.

    Args:
        landscape: the loss.
        theta: the point, shape (p,), or a pytree for a landscape of one.
        blocks: names of parts of theta, such as layers, to tell where a direction lives.
        symmetry: rows along which a symmetry keeps the loss, shape (k, p).
        settings: of Lanczos, beyond `dense_limit`.
        max_negative: negative eigenvalues to find one by one before counting stops.
        confidence: of the statement about what was not found.
        dense_limit: parameters up to which the whole spectrum is computed, in float64.
        on_progress: called with the number of products so far.

    Returns:
        the answer with its evidence. Costs two dense Hessians up to `dense_limit`, or else some
        100 to 1,000 products. An order is proven by Ritz values (Cauchy) and residuals; that
        nothing else is negative is certain for a dense spectrum, else said with its confidence.

    Raises:
        ShapeMismatchError: when theta does not fit the landscape.
        InvalidInputError: when the derivatives there are not finite.

    References:
        Frye et al. (2021), gradient-flat points; Kuczynski and Wozniakowski (1992).

    Example:
        >>> from saddlescape.core import FunctionLandscape
        >>> saddle = FunctionLandscape(lambda v: v[0] ** 2 - v[1] ** 2 + v[1] ** 4, 2)
        >>> found = verdict(saddle, jnp.zeros(2))
        >>> found.sentence
        'A saddle of order 1: curvature from -2 ± 1e-14 to 2 ± 1e-14'
        >>> round(found.escape.drop, 6)  # from 0 to -1/4
        0.25
    """
    point = point_of(landscape, theta)
    loss, gradient = landscape.loss_and_gradient(point)
    slope = np.asarray(gradient, dtype=np.float64)
    operator = hessian_operator(landscape, point)
    if landscape.num_parameters <= dense_limit and point.dtype == jnp.float64:
        known = _whole(landscape, point)
    else:
        chosen = settings or LanczosSettings(tolerance=max(1e-6, operator.eps**0.5))
        known = _ends(operator, chosen, max_negative, confidence, on_progress)
    size = max(abs(known.lowest.values[0]), abs(known.highest.values[-1]))
    length, norm = float(np.linalg.norm(slope)), float(np.abs(slope).max())
    tolerance = _tolerance(known, point, size)
    flatness = float(np.linalg.norm(operator(slope)) / (size * length)) if size * length else 0.0
    answer = _answer(known, norm, tolerance, flatness)
    critical = answer not in {Answer.NOT_CRITICAL, Answer.GRADIENT_FLAT}
    escape = None
    if known.order:
        escape = follow(
            landscape, point, known.lowest.vectors[0], float(known.lowest.values[0])
        )  # fmt: skip
    along = float(slope @ operator(slope)) / length**2 if length else 0.0
    return Verdict(
        answer=answer,
        loss=float(loss),
        gradient_norm=norm,
        gradient_tolerance=tolerance,
        lowest=known.lowest,
        highest=known.highest,
        order=known.order,
        is_exact=known.is_exact,
        zero_bound=known.zero_bound,
        nullity=None if known.zero_modes is None else len(known.zero_modes),
        num_explained=_explained(operator, symmetry, known),
        excluded_below=known.excluded_below,
        confidence=1.0 if known.is_exact else confidence,
        flatness=flatness,
        escape=escape,
        descent=None if critical else follow(landscape, point, -slope, along),
        shares=() if escape is None else shares_of(escape.direction, blocks),
        eigenvalues=known.eigenvalues,
        num_products=known.num_products,
        num_parameters=landscape.num_parameters,
        note=_note(known, critical),
    )


def _whole(landscape: Landscape, point: Any) -> _Spectrum:
    """Return the whole spectrum, judged as by `core.classify`."""
    hessian = landscape.hessian(point)
    values, columns = np.linalg.eigh(np.asarray(hessian))
    rows, tolerance = columns.T, float(gradient_tolerance(point, hessian))
    # A model of another framework cannot be compiled: third derivatives are then not asked for.
    if getattr(landscape, "runs_on_host", False):
        kind = None
        critical = float(jnp.max(jnp.abs(landscape.gradient(point)))) <= tolerance
        bounds = _bounds_on_host(landscape, point, values, rows)
    else:
        judged = classify(landscape, point)
        kind, critical = Kind(int(judged.kind)), bool(judged.converged)
        bounds = np.asarray(judged.bounds)
    size = float(np.abs(values).max())
    rounding = np.full(len(values), 16 * len(values) * np.finfo(float).eps * size)
    # Where the gradient is not zero the Hessian is asked about here, not at a critical point near.
    bounds = bounds if critical else rounding
    order = int(np.sum(values < -bounds))
    count = max(1, order)
    return _Spectrum(
        lowest=EigenPairs(values[:count], rounding[:count], rows[:count]),
        highest=EigenPairs(values[-1:], rounding[-1:], rows[-1:]),
        order=order,
        is_complete=True,
        is_exact=True,
        zero_bound=float(bounds.max()),
        zero_modes=rows[np.abs(values) <= bounds],
        excluded_below=0.0,
        eigenvalues=values,
        num_products=0,
        kind=kind,
        tolerance=tolerance,
        is_critical=critical,
    )


def _bounds_on_host(
    landscape: Landscape, point: Any, values: np.ndarray, rows: np.ndarray
) -> np.ndarray:
    """Return the size below which each eigenvalue counts as zero, as `core.classify` does.

    Rounding, plus four times what the Newton step to the critical point proper changes it by.
    """
    rounding = 16 * len(values) * np.finfo(float).eps * float(np.abs(values).max())
    along = rows @ np.asarray(landscape.gradient(point))
    safe = np.where(np.abs(values) > rounding, values, np.inf)
    step = -rows.T @ (along / safe)
    moved = np.asarray(landscape.hessian(point + jnp.asarray(step)))
    return rounding + 4 * np.abs(np.sum(rows * (rows @ moved), axis=1) - values)


def _ends(
    operator: Operator,
    settings: LanczosSettings,
    max_negative: int,
    confidence: float,
    on_progress: Callable[[int], None] | None,
) -> _Spectrum:
    """Return both ends; negative eigenvalues are found, set aside, and looked for again."""
    spent, found = 0, np.zeros((0, operator.size))

    def tell(count: int) -> None:
        if on_progress is not None:
            on_progress(spent + count)

    first = extremes(operator, 1, min(1, operator.size - 1), settings=settings, on_progress=tell)
    spent = first.num_products
    rounding = _ROUNDING_ULPS * np.sqrt(operator.size) * operator.eps * first.norm
    last, proven = first, int(np.sum(first.ritz < -rounding))
    while np.any(last.ritz < -rounding) and len(found) < max_negative:
        count = min(_AT_A_TIME, operator.size - len(found))
        budget = settings.max_products - spent
        if budget < 2 * count:
            break
        # What was found is set aside exactly: the rest is searched from a start of its own.
        asked = dataclasses.replace(settings, seed=settings.seed + spent, max_products=budget)
        last = extremes(operator, count, 0, settings=asked, deflate=found, on_progress=tell)
        spent += last.num_products
        proven = max(proven, len(found) + int(np.sum(last.ritz < -rounding)))
        good = last.lowest.values + last.lowest.bounds < 0
        if not (last.converged and good.any()):
            break
        found = np.vstack([found, last.lowest.vectors[good]])
        if len(found) == operator.size:
            break
        if not good.all():
            break
    return _judged(operator, first, last, (found, proven, rounding, spent, confidence))


def _judged(
    operator: Operator, first: Extremes, last: Extremes, told: tuple[Any, ...]
) -> _Spectrum:
    """Return what the runs of `_ends` have shown."""
    found, proven, rounding, spent, confidence = told
    proven = max(proven, len(found))
    lowest = pairs_of(operator, found, first.norm) if len(found) else first.lowest
    remaining = last.ritz[last.ritz >= -rounding]
    start = float(remaining.min()) if len(remaining) else 0.0
    return _Spectrum(
        lowest=lowest,
        highest=first.highest if len(first.highest) else first.lowest,
        order=proven,
        is_complete=proven == len(found) and last.converged and first.converged,
        is_exact=False,
        zero_bound=float(rounding),
        zero_modes=None,
        excluded_below=min(start, 0.0) - last.missed(confidence),
        eigenvalues=first.ritz,
        num_products=spent + len(found),
    )


def _tolerance(known: _Spectrum, point: Any, size: float) -> float:
    """Return the gradient's rounding; what `classify` said goes before."""
    if known.tolerance is not None:
        return known.tolerance
    eps = float(jnp.finfo(point.dtype).eps)
    moved = _ROUNDING_ULPS * eps * size * float(jnp.linalg.norm(point))
    return max(moved, _GRADIENT_ULPS * eps * min(1.0, size))


def _answer(known: _Spectrum, norm: float, tolerance: float, flatness: float) -> Answer:
    """Return the answer that the evidence allows."""
    critical = norm <= tolerance if known.is_critical is None else known.is_critical
    if not critical:
        return Answer.GRADIENT_FLAT if flatness <= _FLAT else Answer.NOT_CRITICAL
    if known.kind is Kind.SADDLE and known.order == 0:
        return Answer.AT_LEAST  # a monkey saddle: third derivatives show that the loss falls
    if not known.is_complete:
        return Answer.AT_LEAST
    return Answer.SADDLE if known.order else Answer.MINIMUM


def _note(known: _Spectrum, critical: bool) -> str:
    """Return what else there is to say."""
    if critical and known.kind in {Kind.SADDLE, Kind.PLATEAU} and known.order == 0:
        return "No curvature is negative, but the third derivative shows that the loss falls."
    if critical and known.kind is Kind.FLAT:
        return "Some curvatures are zero: second derivatives alone do not decide there."
    return ""


def _explained(operator: Operator, symmetry: Any, known: _Spectrum) -> int:
    """Return how many independent directions of a symmetry have curvature zero."""
    if symmetry is None or len(symmetry) == 0:
        return 0
    rows = np.linalg.qr(np.asarray(symmetry, dtype=np.float64).T)[0].T
    if known.zero_modes is not None:
        overlap = np.linalg.svd(rows @ known.zero_modes.T, compute_uv=False)
        return int(np.sum(overlap > 0.5**0.5))
    return int(sum(np.linalg.norm(operator(row)) <= 10 * known.zero_bound for row in rows))
