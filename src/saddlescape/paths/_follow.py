"""Following the constrained minimum as the distance of two neurons goes to zero.

The path is quasi-static: at each distance it sits at a minimum under the constraint, followed by a
predictor and Newton's method with adaptive steps. Where that minimum disappears (a fold: an
eigenvalue of the constrained Hessian reaches zero), the path relaxes at fixed distance along the
gradient flow to the next minimum.
"""

import dataclasses
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from saddlescape.paths._flow import Flow, FlowEnd, flow
from saddlescape.paths._settle import approach, settle
from saddlescape.paths._space import FixedDistance, Here, Mark

Vector = Float[np.ndarray, " p"]

_FIRST_STEP, _LONGEST_STEP = 0.02, 0.05  # of the first distance
_SHORTEST_STEP = 1e-5  # of the first distance: a branch that refuses it has ended
_STILL = 1e-4  # a step that moves theta less, relative to 1 + |theta|, is refused by no branch
_LAST = 1e-3  # of the first distance: from here Newton's method finds the permutation point
_REACH = 0.1  # what a step may move theta by, relative to 1 + |theta|
_OFF = 0.05  # what the prediction may be wrong by, relative to 1 + |theta|
_NUDGE = 1e-3  # off the end of a branch, relative to 1 + |theta|
_STAYED = 1e-2  # a relaxation that moves less, relative to 1 + |theta|, is no fold
_FAR = 30.0  # times 1 + |theta| at the start: running to infinity
# Running to infinity too: over so many stations the distance falls by less than a hundredth of the
# first one while theta grows by half. No branch that arrived on the lecture problem did that.
_WINDOW, _STANDSTILL, _GROWN = 60, 1e-2, 1.5
_MAX_STATIONS = 1_500
_MAX_FOLDS = 50


class Station(NamedTuple):
    """A point of the path: where, what it is there, and whether the path is relaxing."""

    here: Mark
    is_relaxing: bool


@dataclasses.dataclass(frozen=True)
class Fold:
    """A place where the followed minimum disappears.

    Args:
        distance: of the two incoming weight vectors there, to a hundred-thousandth of the first
            distance: the branch was followed to within a step of that size.
        loss: at the end of the branch.
        relaxed_to: the loss at the next constrained minimum; None where the flow found none.
    """

    distance: float
    loss: float
    relaxed_to: float | None


@dataclasses.dataclass(frozen=True, eq=False)
class Followed:
    """One way from the start towards distance 0.

    Args:
        stations: in order.
        folds: in order.
        reason: why it ended early; "" when the last distance was reached.
    """

    stations: tuple[Station, ...]
    folds: tuple[Fold, ...]
    reason: str


class Follower:
    """The state of one following.

    Args:
        space: landscape and pair.
        start: a constrained minimum.
        on_station: called with the distance at every new station; may raise to stop.
        max_steps: after which it ends where it is.
    """

    def __init__(
        self,
        space: FixedDistance,
        start: Here,
        on_station: Callable[[float], None],
        max_steps: int,
    ):
        self.left, self.max_steps = max_steps, max_steps
        self.space, self.here, self.on_station = space, start, on_station
        self.stations, self.folds = [Station(start.marked(), is_relaxing=False)], []
        self.first = float(space.pair.distance(start.theta))
        self.far = _FAR * (1 + float(np.linalg.norm(start.theta)))
        self.step = _FIRST_STEP * self.first

    @property
    def distance(self) -> float:
        """The distance now."""
        return float(self.space.pair.distance(self.here.theta))

    @property
    def pace(self) -> float:
        """How far theta moves along the branch per distance, relative to 1 + |theta|."""
        speed = np.linalg.norm(self.space.velocity(self.here)) / np.sqrt(2)
        still = np.finfo(float).tiny  # a branch that does not move at all
        return max(float(speed / (1 + np.linalg.norm(self.here.theta))), still)

    @property
    def shortest_step(self) -> float:
        """The step that a branch which goes on would allow."""
        return min(_SHORTEST_STEP * self.first, _STILL / self.pace)

    def run(self) -> Followed:
        """Return the way to the last distance, or to where it ended."""
        reason = next(filter(None, self._reasons()), "")
        return Followed(tuple(self.stations), tuple(self.folds), reason)

    def _reasons(self) -> Iterator[str]:
        """Go on step by step; yield "" after each, a reason when the way has ended."""
        while self.distance > _LAST * self.first * (1 + 1e-9):
            if self.left <= 0:
                yield _out_of_steps(self.max_steps, self.distance)
            self.left -= 1
            self.on_station(self.distance)
            self.step = min(self.step, _REACH / self.pace)
            if not self._advance():
                self.step /= 2
                if self.step < self.shortest_step:
                    yield self._relax()
            if np.linalg.norm(self.here.theta) > self.far or self._is_running():
                yield f"the constrained minimum runs to infinity at distance {self.distance:.4g}"
            if len(self.stations) > _MAX_STATIONS:
                yield f"{_MAX_STATIONS:,} stations were not enough, at distance {self.distance:.4g}"

    def _is_running(self) -> bool:
        """Whether theta grows without the distance going on."""
        if len(self.stations) <= _WINDOW:
            return False
        before = self.stations[-1 - _WINDOW].here.theta
        fell = float(self.space.pair.distance(before)) - self.distance
        grown = np.linalg.norm(self.here.theta) / np.linalg.norm(before)
        return bool(fell < _STANDSTILL * self.first and grown > _GROWN)

    def _advance(self) -> bool:
        """Take a step along the branch, and say whether it was taken."""
        target = max(_LAST * self.first, self.distance - self.step)
        guess = self.space.predicted(self.here, target)
        size = 1 + np.linalg.norm(self.here.theta)
        better = approach(self.space, self.here, guess)
        if better is None and self.step >= 2 * self.shortest_step:
            return False  # only the last refusal, which makes a fold, is judged by Hessians
        there = settle(self.space, guess if better is None else better)
        if there is None or not there.is_stable:
            return False
        error = np.linalg.norm(there.theta - guess) / (_OFF * size)
        if error > 1:
            return False
        self.here = there
        self.stations.append(Station(there.marked(), is_relaxing=False))
        longest = min(_LONGEST_STEP * self.first, max(self.distance / 2, _LAST * self.first))
        # The error of the prediction is quadratic in the step: aim at a twentieth of its limit.
        growth = np.clip(np.sqrt(0.05 / max(error, 1e-12)), 0.5, 2.0)
        self.step = min(self.step * growth, longest)
        return True

    def _relax(self) -> str:
        """Relax just beyond the end of a branch; return a reason when that leads nowhere."""
        distance = self.distance
        beyond = max(distance - _SHORTEST_STEP * self.first, _LAST * self.first)
        before, way = self.here, self._flow(beyond)
        end = way.last if way.end is FlowEnd.MINIMUM else None
        stayed = end is not None and _apart(end, before) <= _STAYED
        if not stayed:
            relaxed_to = None if end is None else end.loss
            self.folds.append(Fold(distance, before.loss, relaxed_to))
        self.stations += [Station(here, is_relaxing=True) for here in way.stations[:-1]]
        self.stations.append(Station(way.stations[-1], is_relaxing=end is None))
        self.here, self.step = way.last, _FIRST_STEP / 2 * self.first
        if end is None:
            is_spent = way.end is FlowEnd.OUT_OF_STEPS and self.left <= 0
            return _out_of_steps(self.max_steps, distance) if is_spent else _lost(way, distance)
        if len(self.folds) >= _MAX_FOLDS:
            return f"there are more than {_MAX_FOLDS} folds, the last at distance {distance:.4g}"
        return ""

    def _flow(self, distance: float) -> Flow:
        """Return the relaxation at a smaller distance, within the steps that are left."""
        at = self.distance
        way = flow(
            self.space, self._nudged(distance), lambda: self.on_station(at), max_steps=self.left
        )
        self.left -= way.num_steps
        return way

    def _nudged(self, distance: float) -> Vector:
        """Return the end of the branch at a smaller distance, moved to the side that falls."""
        placed = self.space.placed(self.here.theta, distance)
        here = self.space.at(placed)
        lowest = np.linalg.eigh(here.matrix)[1][:, 0] * _NUDGE * (1 + np.linalg.norm(placed))
        sides = [self.space.moved(here, sign * lowest) for sign in (1.0, -1.0)]
        lower = min(sides, key=lambda theta: self.space.at(theta).loss)
        return lower if self.space.at(lower).loss <= here.loss else placed


def _apart(end: Here, before: Here) -> float:
    """Return the distance of two points relative to their size."""
    return float(np.linalg.norm(end.theta - before.theta) / (1 + np.linalg.norm(before.theta)))


def _lost(way: Flow, distance: float) -> str:
    """Return where a relaxation went that found no minimum."""
    where = "runs to infinity" if way.end is FlowEnd.INFINITY else "finds no minimum"
    return f"the relaxation at distance {distance:.4g} {where}"


def _out_of_steps(max_steps: int, distance: float) -> str:
    """Return that the budget is spent, and the cure."""
    where = f"at distance {distance:.4g}"
    return f"{max_steps:,} steps were not enough, {where}: raise max_steps (--max-steps)"
