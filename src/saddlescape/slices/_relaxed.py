"""Relaxed slices: the loss minimized over all directions that are orthogonal to the slice."""

import dataclasses

import jax.numpy as jnp
import numpy as np
from jaxtyping import Bool, Float

from saddlescape.core import InvalidInputError, Landscape, require_memory
from saddlescape.slices._newton import NEWTON_LIMIT, Descended, Problem, newton, quasi_newton
from saddlescape.slices._slice import Progress, Slice, lowest_place, runs_on_host

Place = tuple[int, ...]
_MOST_PASSES = 8  # outwards and inwards
_ROUNDING = 64  # units of it between two programs for one loss


@dataclasses.dataclass(frozen=True, eq=False)
class RelaxedSlice:
    """The lowest losses found with the coordinates of a slice held, on its grid.

    Args:
        cut: the plain slice.
        losses: never above those of the plain slice.
        offsets: from the plain slice to the point of that loss, orthogonal to the directions, shape
            (..., p).
        gradient_norm: largest entry of the gradient there, projected off the directions.
        tolerance: what that should fall to, loss per parameter.
        method: how they were found, with the number of parameters.
    """

    cut: Slice
    losses: Float[np.ndarray, "..."]
    offsets: Float[np.ndarray, "... p"]
    gradient_norm: Float[np.ndarray, "..."]
    tolerance: float
    method: str

    @property
    def reached(self) -> Bool[np.ndarray, "..."]:
        """Where the projected gradient fell to the tolerance."""
        return np.isfinite(self.losses) & (self.gradient_norm <= self.tolerance)

    @property
    def num_unreached(self) -> int:
        """How many points did not get there: their relaxed losses could still fall nearby."""
        return int((~self.reached).sum())

    @property
    def distance(self) -> Float[np.ndarray, "..."]:
        """How far each point is from the plain slice."""
        return np.linalg.norm(self.offsets, axis=-1)

    @property
    def loss(self) -> float:
        """The relaxed loss at the centre: lower than the plain one where that is no minimum."""
        return float(self.losses[self.cut.centre])

    @property
    def lowest(self) -> Place:
        """The place on the grid of the lowest relaxed loss; the centre where none is lower."""
        return lowest_place(self.losses, self.cut.centre)


@dataclasses.dataclass(frozen=True)
class RelaxSettings:
    """How hard a relaxed slice is searched for.

    Args:
        tolerance: largest entry of the projected gradient at which a point is done. By default, for
            Newton's method, the square root of the rounding unit (1.5e-8): the loss is then off by
            its square over twice the curvature, which is rounding. For L-BFGS the power 3/8
            (1.3e-6): it compares losses, whose differences drown at gradients near the root.
        max_steps: of each search.
        newton_limit: parameters up to which Newton's method with dense Hessians is used.

    Raises:
        InvalidInputError: for numbers that cannot be.
    """

    tolerance: float | None = None
    max_steps: int = 500
    newton_limit: int = NEWTON_LIMIT

    def __post_init__(self):
        if (self.tolerance is not None and not self.tolerance > 0) or self.max_steps < 1:
            msg = (
                f"tolerance {self.tolerance}, max_steps {self.max_steps}: give a positive "
                "tolerance and at least one step"
            )
            raise InvalidInputError(msg)


def relax(
    landscape: Landscape,
    cut: Slice,
    settings: RelaxSettings | None = None,
    on_progress: Progress | None = None,
) -> RelaxedSlice:
    """Return the loss on a slice with everything orthogonal to it minimized.

    A plain slice holds all other parameters fixed, so it shows walls that a search walks around;
    the relaxed one shows what is left when all others give way.

    Args:
        landscape: the loss; of any framework.
        cut: a slice of it.
        settings: tolerance and steps.
        on_progress: called with the number of points done and of all, each of which counts twice.

    Returns:
        the relaxed slice. Searches descend from the neighbor nearer to the centre, or from the
        slice itself where that is lower; then from the outside in, and the lower loss stays; then
        both again beside points that were lowered. They end where the projected gradient is zero: a
        relaxed loss is an upper bound on the lowest one. Newton's method leaves the saddles of the
        complement it ends at; L-BFGS that begins on one exactly stays. Costs some Newton steps
        for each point, a dense Hessian each, or some tens to hundreds of gradients beyond
        `newton_limit` parameters and for landscapes on the host; holds one parameter vector a
        point.

    Raises:
        MemoryBudgetError: when those do not fit into memory.

    References:
        `subspace_minloss` of MLPGradientFlow.jl (Brea et al. 2023) does the same in planes.

    Example:
        >>> from saddlescape.core import FunctionLandscape
        >>> from saddlescape.slices import line
        >>> valley = FunctionLandscape(lambda v: v[0] ** 2 + (v[1] - v[0]) ** 2, num_parameters=2)
        >>> cut = line(valley, np.zeros(2), np.array([1.0, 0.0]), count=3)
        >>> cut.losses.tolist(), relax(valley, cut).losses.round(12).tolist()
        ([2.0, 0.0, 2.0], [1.0, 0.0, 1.0])
    """
    settings = settings or RelaxSettings()
    size = cut.origin.size
    cure = "give a smaller grid, or a line instead of a plane"
    require_memory(8 * size * (cut.losses.size + 20), "a relaxed slice", cure)
    dtype = np.asarray(landscape.loss(jnp.asarray(cut.origin))).dtype
    is_newton = size <= settings.newton_limit and not runs_on_host(landscape)
    default = float(np.finfo(dtype).eps ** (0.5 if is_newton else 0.375))
    tolerance = settings.tolerance or default
    span = np.linalg.qr(cut.directions.rows.T)[0].T
    problem = Problem(landscape, span, tolerance, settings.max_steps)
    sweep = _Sweep(problem, cut, is_newton)
    sweep.run(on_progress)
    method = "Newton's method" if is_newton else "L-BFGS"
    return RelaxedSlice(cut, sweep.losses, sweep.offsets, sweep.gradient_norm, tolerance, method)


class _Sweep:
    """The searches at all points of a grid, each begun where a neighbor ended."""

    def __init__(self, problem: Problem, cut: Slice, is_newton: bool):
        self.problem, self.cut = problem, cut
        self.search = newton if is_newton else quasi_newton
        self.losses = cut.losses.copy()
        self.gradient_norm = np.full(cut.losses.shape, np.inf)
        self.offsets = np.zeros((*cut.losses.shape, cut.origin.size))

    def run(self, on_progress: Progress | None) -> None:
        """Go outwards, inwards, and on while a pass lowers a loss, where a neighbor was lowered."""
        places = sorted(np.ndindex(self.losses.shape), key=lambda one: (sum(self.away(one)), one))
        fresh, done, total = set(places), 0, 2 * len(places)
        for number in range(_MOST_PASSES):
            is_outward, lowered = number % 2 == 0, set()
            for place in places if is_outward else reversed(places):
                near = self.neighbours(place, outward=not is_outward)
                if number > 1 and not (fresh | lowered).intersection(near):
                    continue
                if self.visit(place, near, is_first=number == 0):
                    lowered.add(place)
                done += 1
                if on_progress is not None:
                    on_progress(done, max(done, total))
            if number > 0 and not lowered:
                return
            fresh = lowered

    def away(self, place: Place) -> list[int]:
        """Return how many points a place is from the centre, along each direction."""
        return [abs(i - c) for i, c in zip(place, self.cut.centre, strict=True)]

    def neighbours(self, place: Place, outward: bool) -> list[Place]:
        """Return the neighbors nearer to the centre, or farther from it."""
        found = []
        for axis, (index, middle) in enumerate(zip(place, self.cut.centre, strict=True)):
            sides = (1, -1) if index == middle else ((1,) if index > middle else (-1,))
            for side in sides if outward else [-side for side in sides if index != middle]:
                other = (*place[:axis], index + side, *place[axis + 1 :])
                if 0 <= other[axis] < self.losses.shape[axis]:
                    found.append(other)
        return found

    def visit(self, place: Place, near: list[Place], *, is_first: bool) -> bool:
        """Search at a place from its best neighbor, keep what is lower, return whether it is."""
        base = self.cut.origin + np.array(self.cut.at(place)) @ self.cut.directions.rows
        begins = [self.offsets[other] for other in near]
        if is_first:
            begins.append(self.offsets[place])
        if not begins:
            return False
        losses = [self._loss(base + begin) for begin in begins]
        begin, known = begins[int(np.argmin(losses))], float(self.losses[place])
        self._keep(place, base, self.search(self.problem, base, begin))
        slack = np.finfo(float).eps ** 0.5 * abs(known)
        return bool(np.isfinite(self.losses[place]) and not self.losses[place] >= known - slack)

    def _loss(self, theta: np.ndarray) -> float:
        """Return a loss, infinite where it is not finite."""
        loss = float(self.problem.landscape.loss(jnp.asarray(theta)))
        return loss if np.isfinite(loss) else np.inf

    def _keep(self, place: Place, base: np.ndarray, ended: Descended) -> None:
        """Keep an end that is lower than what is known, or the same up to rounding but calmer."""
        known = float(self.losses[place])
        slack = _ROUNDING * np.finfo(float).eps * abs(known) if np.isfinite(known) else np.inf
        calmer = ended.gradient_norm < self.gradient_norm[place]
        same = calmer and ended.loss <= known + slack
        if np.isfinite(ended.loss) and (not np.isfinite(known) or ended.loss < known or same):
            self.losses[place] = min(ended.loss, known) if np.isfinite(known) else ended.loss
            self.gradient_norm[place], self.offsets[place] = ended.gradient_norm, ended.offset
        elif np.isinf(self.gradient_norm[place]) and np.isfinite(known):
            theta = jnp.asarray(base + self.offsets[place])
            gradient = np.asarray(self.problem.landscape.gradient(theta), dtype=float)
            span = self.problem.span
            self.gradient_norm[place] = np.abs(gradient - span.T @ (span @ gradient)).max()
