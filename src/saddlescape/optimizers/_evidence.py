"""What the lecture says of momentum, RMSProp and Adam, beside what was measured."""

import dataclasses

import jax.numpy as jnp
import numpy as np

from saddlescape.core import FunctionLandscape
from saddlescape.optimizers._adam import Adam
from saddlescape.optimizers._directions import directions
from saddlescape.optimizers._effective import effective_rates
from saddlescape.optimizers._gradient_descent import GradientDescent
from saddlescape.optimizers._minibatch_landscapes import MinibatchPoints, Pointing
from saddlescape.optimizers._momentum import Momentum
from saddlescape.optimizers._nesterov import Nesterov
from saddlescape.optimizers._noise import gradient_noise, running_average, window
from saddlescape.optimizers._oscillation import oscillation
from saddlescape.optimizers._quadratic import spectral_radius
from saddlescape.optimizers._rule import Rule
from saddlescape.optimizers._steady import gain, rule_changes
from saddlescape.optimizers._trajectory import Trajectory, trajectory

_EXERCISE = np.array([[1.1, 0.1, 1.1], [0.9, 0.1, -0.9]])  # lecture 5.3, one column each
_CLOSE = 1e-9  # far above rounding over some hundred steps, far below what the lecture rounds to
_VALLEY = (1.0, 50.0)  # curvatures of a boring and a steep direction
_STEPS = 1_000


@dataclasses.dataclass(frozen=True)
class Evidence:
    """A statement of the lecture, and what was measured.

    Args:
        claim: number of the claim in the lecture, or of the quiz.
        statement: what is said.
        said: whether the lecture holds it for true.
        verdict: "true" or "false" by the measurement, "not supported" where it does not show it.
        measured: the numbers, in words.
        method: what was done.
    """

    claim: str
    statement: str
    said: bool
    verdict: str
    measured: str
    method: str

    @property
    def agrees(self) -> bool:
        """Whether the measurement says what the lecture says."""
        return self.verdict == ("true" if self.said else "false")


def rule_evidence() -> tuple[Evidence, ...]:
    """Return the statements of lecture parts 4 and 5 that concern the rules alone, each measured.

    Returns:
        records in the order of the lecture, quizzes within their part. The rules are run on slopes
        and on a valley with curvatures 1 and 50.

    Example:
        >>> all(one.agrees for one in rule_evidence())
        True
    """
    return (*_momentum(), *_quiz_on_momentum(), *_averages(), *_adaptive())


def minibatch_evidence(points: MinibatchPoints, ways: Pointing) -> tuple[Evidence, ...]:
    """Return claim 5.1, as far as what was measured on one landscape shows it.

    Args:
        points: the critical points of minibatches. Where the network fits its data exactly, every
            minibatch keeps the minima where they are, and the claim is found not supported.
        ways: which minimum minibatches point to along a path.

    Returns:
        two records.
    """
    moved = points.moved[points.converged & ~points.index_changed]
    target, minima = ways.target, np.asarray(points.full.theta)
    changes = float(np.mean(target[:, 1:] != target[:, :-1])) if target.shape[1] > 1 else 0.0
    far = float(np.median(moved)) if moved.size else float("nan")
    size = float(np.median(np.linalg.norm(minima, axis=1)))
    lost = 1 - points.converged.mean()
    return (
        Evidence(
            "5.1",
            "the loss of a minibatch has its minima elsewhere than the full loss",
            True,
            "true" if far > 1e-6 * size else "not supported",
            f"minima moved by {far:.2g} (median; parameters of length {size:.2g}); the search from "
            f"{points.index_changed.mean():.0%} ended at a saddle, from {lost:.0%} nowhere",
            f"critical points of {len(points.points)} minibatches, found from {len(minima)} minima "
            "of the full loss",
        ),
        Evidence(
            "5.1",
            "which minimum the gradient points to can change from one minibatch to the next",
            True,
            "true" if changes > 0 else "not supported",
            f"it changes in {changes:.0%} of the pairs; {ways.disagreement.mean():.0%} point to "
            "another minimum than the full gradient does",
            f"largest cosine with the straight way to {len(minima)} minima, at {len(target)} "
            "points",
        ),
    )


def _said(
    claim: str, statement: str, holds: bool, measured: str, method: str, said: bool = True
) -> Evidence:
    """Return the record of a statement that the measurement decides."""
    return Evidence(claim, statement, said, "true" if holds else "false", measured, method)


def _momentum() -> tuple[Evidence, ...]:
    """Return claims 4.1 to 4.3."""
    curvature = _VALLEY[1]
    below, across, beyond = (
        _valley(GradientDescent(factor / curvature)) for factor in (0.9, 1.5, 2.1)
    )
    share = [float(oscillation(run.change).share[1]) for run in (below, across)]
    ends = [abs(float(run.theta[-1, 1])) for run in (below, across, beyond)]
    measured = gain(Momentum(momentum=0.9))
    grown, shrunk = float(measured.constant[-1]), float(measured.alternating[-1])
    counts = [_evaluations(rule) for rule in (Momentum(0.01), Nesterov(0.01))]
    on_slopes = f"momentum 0.9 run {_STEPS:,} steps on a gradient of size 1"
    in_valley = f"200 steps in a quadratic valley, curvatures {_VALLEY}"
    return (
        _said(
            "4.1",
            "gradient descent oscillates beyond rate 1/curvature and diverges beyond 2/curvature",
            share[0] == 0 and share[1] == 1 and max(ends[:2]) < 1 < ends[2],
            f"at 0.9, 1.5 and 2.1 over the curvature {share[0]:.0%}, {share[1]:.0%} of steps turn "
            f"round in the first two, and the distance 1 becomes "
            + ", ".join(f"{end:.1e}" for end in ends),
            in_valley,
        ),
        _said(
            "4.2",
            "on a constant slope momentum 0.9 grows the step to 1/(1 - 0.9)",
            abs(grown / 10 - 1) < _CLOSE,
            f"factor {grown:.9f}",
            on_slopes,
        ),
        _said(
            "4.2",
            "where the gradient alternates it shrinks the step to 1/(1 + 0.9)",
            abs(shrunk * 1.9 - 1) < _CLOSE,
            f"factor {shrunk:.9f}",
            f"{on_slopes} whose sign changes every step",
        ),
        _said(
            "4.3",
            "Nesterov takes one gradient a step, as many as momentum",
            counts == [_STEPS, _STEPS],
            f"momentum {counts[0]:,}, Nesterov {counts[1]:,} gradients",
            f"gradients counted over {_STEPS:,} steps",
        ),
    )


def _quiz_on_momentum() -> tuple[Evidence, ...]:
    """Return quiz 4."""
    curvature = _VALLEY[1]
    measured = gain(Momentum(momentum=0.9))
    grown, shrunk = float(measured.constant[-1]), float(measured.alternating[-1])
    boring, steep = _valley_rates(Momentum(0.01, 0.9))
    rules = (GradientDescent(1.9 / curvature), Momentum(1.9 / curvature, 0.9))
    radii = [float(spectral_radius(rule, curvature)) for rule in rules]
    counts = [_evaluations(rule) for rule in (Momentum(0.01), Nesterov(0.01))]
    on_slopes = f"momentum 0.9 run {_STEPS:,} steps on a gradient of size 1"
    return (
        _said(
            "Quiz 4",
            "momentum speeds up boring directions",
            boring > 2 * 0.01,
            f"effective rate {boring:.4f} in the boring direction, {steep:.4f} in the steep one, "
            "at rate 0.01",
            f"the first 20 steps in a quadratic valley, curvatures {_VALLEY}",
        ),
        _said(
            "Quiz 4",
            "momentum suppresses oscillations",
            shrunk < 1,
            f"an alternating gradient is answered by {shrunk:.3f} times the plain step. Yet on the "
            f"quadratic at rate 1.9/curvature a step contracts by {radii[1]:.3f} with momentum 0.9 "
            f"and by {radii[0]:.3f} without: what oscillates slowly instead is not damped faster",
            "the same run, and the spectral radius of both",
        ),
        _said(
            "Quiz 4", "the factor is 1.9", abs(grown - 1.9) < 0.1, f"{grown:.3f}", on_slopes, False
        ),
        _said("Quiz 4", "the factor is 10", abs(grown - 10) < 0.1, f"{grown:.3f}", on_slopes),
        _said(
            "Quiz 4",
            "Nesterov needs twice the gradient evaluations",
            counts[1] >= 2 * counts[0],
            f"{counts[1] / counts[0]:.0f} times as many",
            f"gradients counted over {_STEPS:,} steps",
            False,
        ),
    )


def _averages() -> tuple[Evidence, ...]:
    """Return claims 5.2 to 5.5."""
    seen, noise = window(0.9), gradient_noise(_EXERCISE)
    ratio = noise.ratio
    averaged = float(running_average(np.full((_STEPS, 1), 3.0), 0.9)[-1, 0])
    first = running_average(np.full((100, 1), 3.0), 0.999, corrected=True)
    wrong = float(np.abs(first / 3 - 1).max())
    exercise = (
        np.array_equal(noise.mean.round(9), [1.0, 0.1, 0.1])
        and np.array_equal(noise.second_moment.round(9), [1.01, 0.01, 1.01])
        and np.array_equal(ratio.round(3), [0.990, 10, 0.099])
    )
    return (
        _said(
            "5.2",
            "a running average forgets over about 1/(1 - rho) samples",
            abs(seen.reach - 10) < 1e-6,
            f"rho 0.9: mean reach {seen.reach:.6f}, {seen.share:.0%} of the weight on the newest "
            f"10; as noisy as a plain mean of {seen.effective_count:.1f}",
            "the average of a single 1 among zeros",
        ),
        _said(
            "5.2",
            "for a constant value it converges to it",
            abs(averaged / 3 - 1) < _CLOSE,
            f"{averaged:.9f} for the value 3",
            f"{_STEPS:,} values, rho 0.9",
        ),
        _said(
            "5.3",
            "means 1.0, 0.1, 0.1, mean squares 1.01, 0.01, 1.01, ratios 0.990, 10, 0.099",
            exercise,
            f"means {noise.mean.round(9).tolist()}, mean squares "
            f"{noise.second_moment.round(9).tolist()}, ratios {ratio.round(3).tolist()}; "
            f"variances {noise.variance.round(9).tolist()}",
            "the two gradients of each",
        ),
        _said(
            "5.5",
            "bias correction makes the first steps exact for a constant gradient",
            wrong < _CLOSE,
            f"relative error at most {wrong:.0e}",
            "100 values, rho 0.999",
        ),
    )


def _adaptive() -> tuple[Evidence, ...]:
    """Return claim 5.6 and quiz 5."""
    small, large = (
        _last_step(Adam(0.01), scale * np.ones((_STEPS, 1)))[0] for scale in (1e-3, 1e3)
    )
    signs = np.tile([[1.1, 0.1], [-0.9, 0.1]], (_STEPS * 5, 1))
    noisy, quiet = (float(x) for x in np.abs(_last_step(Adam(0.01), signs)))
    same = abs(float(small / large) - 1)
    constant = f"Adam, rate 0.01, {_STEPS:,} steps on constant gradients of 0.001 and 1,000"
    mixed = "Adam, rate 0.01, 10,000 steps; one gradient alternates 1.1, -0.9, one is always 0.1"
    step_sizes = f"steps of {float(abs(small)):.6f} and {float(abs(large)):.6f}"
    return (
        _said(
            "5.6",
            "the step does not depend on the size of a noise-free gradient",
            same < 1e-4,
            f"{step_sizes}; they differ by {same:.0e}, which is delta",
            constant,
        ),
        _said(
            "5.6",
            "the step is smaller in noisy directions",
            noisy < quiet,
            f"step {noisy:.6f} where it is noisy, {quiet:.6f} where it is not",
            mixed,
        ),
        _said(
            "Quiz 5",
            "every weight has its own effective rate",
            noisy / 0.9 < 0.5 * quiet / 0.1,
            f"step over gradient {noisy / 0.9:.4f} and {quiet / 0.1:.4f}",
            mixed,
        ),
        _said("Quiz 5", "smaller steps for noisy gradients", noisy < quiet, "as in 5.6", mixed),
        _said(
            "Quiz 5",
            "in batch mode the same step for small and large gradients",
            same < 1e-4,
            step_sizes,
            constant,
        ),
    )


def _valley(rule: Rule, steps: int = 200) -> Trajectory:
    """Return a run in a quadratic valley from (1, 1)."""
    return trajectory(_bowl(), rule, jnp.ones(2), range(1, steps + 1))


def _bowl() -> FunctionLandscape:
    """Return the valley."""
    hessian = jnp.asarray(_VALLEY)
    return FunctionLandscape(lambda v: v @ (hessian * v) / 2, num_parameters=2)


def _valley_rates(rule: Rule) -> tuple[float, float]:
    """Return the effective rates in the boring and in the steep direction."""
    run, found = _valley(rule, 20), directions(_bowl(), jnp.zeros(2))
    rates = effective_rates(run.gradient, run.change, found)
    return rates.median(found.is_boring), rates.median(found.is_steep)


def _evaluations(rule: Rule) -> int:
    """Return how many gradients a run takes, counted."""
    theta, hessian, count = jnp.ones(2), jnp.asarray(_VALLEY), 0
    state = rule.init(theta)
    for _ in range(_STEPS):
        gradient = hessian * rule.interim(theta, state)
        count += 1
        change, state = rule.update(gradient, state)
        theta += change
    return count


def _last_step(rule: Rule, gradients: np.ndarray) -> np.ndarray:
    """Return the last step that a rule takes on given gradients."""
    return np.asarray(rule_changes(rule, jnp.asarray(gradients)))[-1]
