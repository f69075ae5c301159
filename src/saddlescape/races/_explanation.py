"""Why optimizers do what they do, on the landscape of a race: everything the lecture says of it."""

import dataclasses
import json
from pathlib import Path

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from saddlescape.core import (
    EmpiricalLandscape,
    InvalidInputError,
    Landscape,
    find_critical_points,
    find_minima,
)
from saddlescape.optimizers import (
    Approach,
    Escape,
    Evidence,
    GradientNoise,
    MinibatchPoints,
    Pointing,
    Rule,
    approach,
    data_orders,
    escape,
    escape_quadratic,
    minibatch_evidence,
    minibatch_noise,
    minibatch_points,
    pointing,
    rule_evidence,
)
from saddlescape.races._ends import MOST_PARAMETERS
from saddlescape.races._run import Races

_SEARCHES = 24  # starts, for a saddle and for minima
_MOST_MINIMA = 6
_BATCHES = 12
_BATCH = 32
_DISTANCES = 10.0 ** np.arange(-1, -7, -1)  # of the distance at which a saddle is left
_LEAVE = 0.1  # parameters
_MOST_STEPS = 50_000  # away from a saddle
_FLOW = 2.0  # curvature x time: the boring directions have moved, the steep ones arrived


@dataclasses.dataclass(frozen=True, eq=False)
class Explanation:
    """What was measured to explain a race.

    Args:
        saddle: that the optimizers were set beside, shape (p,); None where none was found.
        saddle_source: where it came from, in words.
        escapes: of each optimizer from there; none without a saddle.
        quadratic_escapes: the same from a quadratic saddle of the same falling curvature.
        approaches: of each optimizer, how it approaches its flow as the rate goes to 0.
        batch: samples of a minibatch below; None where the landscape has no samples.
        noise: of the gradient over minibatches, halfway along the first path.
        minima: of the full loss, shape (m, p).
        points: the critical points of minibatches, found from those minima.
        pointing: which minimum minibatches point to along the first path.
        evidence: statements of the lecture beside what was measured.
    """

    saddle: Float[np.ndarray, " p"] | None
    saddle_source: str
    escapes: tuple[Escape, ...]
    quadratic_escapes: tuple[Escape, ...]
    approaches: tuple[Approach, ...]
    batch: int | None
    noise: GradientNoise | None
    minima: Float[np.ndarray, "m p"] | None
    points: MinibatchPoints | None
    pointing: Pointing | None
    evidence: tuple[Evidence, ...]


def explain(races: Races, saddle: Float[np.ndarray, " p"] | None = None) -> Explanation:
    """Return why the optimizers of a race do what they do.

    Args:
        races: a race that has been run.
        saddle: to leave; left out, the lowest one that searches from the starts find.

    Returns:
        escapes, noise, minibatch landscapes, the approach to the flow, and the lecture's statements
        each measured. Costs about a minute for a dozen parameters, most of it compiling.

    Raises:
        InvalidInputError: beyond 400 parameters, or for a saddle that is none or another network's.
    """
    landscape = races.setup.landscape
    require_explainable(landscape, saddle)
    source = "the one given" if saddle is not None else "found from the starts of the race"
    place = _saddle(races) if saddle is None else landscape.ravel(jnp.asarray(saddle))
    rules = [path.rule for path in races.trajectories]
    near, quadratic = _escapes(landscape, rules, place)
    return Explanation(
        saddle=None if place is None else np.asarray(place),
        saddle_source=source if place is not None else "none found from the starts of the race",
        escapes=near,
        quadratic_escapes=quadratic,
        approaches=_approaches(races, rules),
        **_of_minibatches(races),
    )


def require_explainable(
    landscape: Landscape, saddle: Float[np.ndarray, " p"] | None = None
) -> None:
    """Raise for what `explain` cannot do, before a race is run for it.

    Args:
        landscape: of the race.
        saddle: to leave.

    Raises:
        InvalidInputError: beyond 400 parameters, or for a saddle of another network.
    """
    size = landscape.num_parameters
    if size > MOST_PARAMETERS:
        msg = (
            f"the network has {size:,} parameters: explanations need dense Hessians, "
            f"{MOST_PARAMETERS} at most; choose a smaller network, or leave --explain out"
        )
        raise InvalidInputError(msg)
    if saddle is not None and saddle.shape != (size,):
        msg = (
            f"the saddle has {saddle.size} parameters, the network {size}: give a saddle of the "
            "same network"
        )
        raise InvalidInputError(msg)


def read_saddle(file: str | Path) -> Float[np.ndarray, " p"]:
    """Return the permutation saddle in what `saddlescape path --json` wrote.

    Args:
        file: JSON of one pair or of a layer; of a layer, the lowest that was reached.

    Returns:
        theta, shape (p,).

    Raises:
        InvalidInputError: when the file cannot be read or holds none.
    """
    try:
        told = json.loads(Path(file).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        msg = f"cannot read a saddle from {file} ({error}): give what saddlescape path --json wrote"
        raise InvalidInputError(msg) from None
    pairs = told.get("pairs", [told]) if isinstance(told, dict) else []
    saddles = [pair["saddle"] for pair in pairs if isinstance(pair, dict) and pair.get("saddle")]
    falling = [one for one in saddles if isinstance(one, dict) and one.get("index", 0) >= 1]
    if not falling:
        msg = (
            f"{file} holds no saddle with a direction down: give what saddlescape path --json "
            "wrote of a pair that meets"
        )
        raise InvalidInputError(msg)
    return np.asarray(min(falling, key=lambda one: one["loss"])["theta"], float)


def _saddle(races: Races) -> Array | None:
    """Return the lowest saddle that searches from the starts find."""
    landscape, settings = races.setup.landscape, races.settings
    starts = races.setup.starts(0, _SEARCHES, settings.seed, settings.scale)
    found = find_critical_points(landscape, landscape.ravel(starts))
    good = np.asarray(found.converged) & (np.asarray(found.index) > 0)
    if not good.any():
        return None
    return found.theta[int(np.where(good, np.asarray(found.loss), np.inf).argmin())]


def _escapes(
    landscape: Landscape, rules: list[Rule], saddle: Array | None
) -> tuple[tuple[Escape, ...], tuple[Escape, ...]]:
    """Return how the rules leave a saddle, and the quadratic one of the same curvature."""
    if saddle is None:
        return (), ()
    far = {"leave": _LEAVE, "max_steps": _MOST_STEPS}
    near = escape(landscape, rules, saddle, _LEAVE * _DISTANCES, **far)
    curvature = near[0].curvatures
    return near, escape_quadratic(rules, _LEAVE * _DISTANCES, curvature, **far)


def _approaches(races: Races, rules: list[Rule]) -> tuple[Approach, ...]:
    """Return how each rule approaches its flow, from the first start."""
    landscape, start = races.setup.landscape, jnp.asarray(races.trajectories[0].before[0])
    hessian = np.asarray(landscape.hessian(start))
    time = _FLOW / max(float(np.abs(np.linalg.eigvalsh(hessian)).max()), 1e-12)
    # The rules that divide by the size of the gradient move about one parameter in time 1.
    return tuple(
        approach(landscape, rule, start, min(time, 0.1) if hasattr(rule, "delta") else time)
        for rule in rules
    )


def _of_minibatches(races: Races) -> dict:
    """Return what minibatches show; only the rules' part of the evidence without samples."""
    landscape, settings = races.setup.landscape, races.settings
    if not isinstance(landscape, EmpiricalLandscape):
        nothing = dict.fromkeys(("batch", "noise", "minima", "points", "pointing"))
        return {**nothing, "evidence": rule_evidence()}
    batch = min(settings.batch or _BATCH, max(1, landscape.num_samples // 2))
    batches = data_orders(landscape.num_samples, batch, _BATCHES, seed=settings.seed)[0]
    path = races.trajectories[0].before
    path = path[np.isfinite(path).all(axis=1)]
    minima, told = _minima(races), rule_evidence()
    both: dict = {"points": None, "pointing": None}
    if minima is not None:
        both["points"] = minibatch_points(landscape, minima, batches)
    if minima is not None and len(minima) > 1:
        both["pointing"] = pointing(landscape, path, minima, batches)
        told = (*told, *minibatch_evidence(both["points"], both["pointing"]))
    return {
        "batch": batch,
        "noise": minibatch_noise(landscape, jnp.asarray(path[len(path) // 2]), batches),
        "minima": minima,
        **both,
        "evidence": tuple(sorted(told, key=lambda one: (one.claim.startswith("Quiz"), one.claim))),
    }


def _minima(races: Races) -> Float[np.ndarray, "m p"] | None:
    """Return the lowest different minima that searches from the starts find."""
    landscape, settings = races.setup.landscape, races.settings
    starts = races.setup.starts(0, _SEARCHES, settings.seed, settings.scale)
    found = find_minima(landscape, landscape.ravel(starts))
    good = np.asarray(found.converged) & (np.asarray(found.index) == 0)
    thetas = np.asarray(found.theta)[good][np.argsort(np.asarray(found.loss)[good])]
    return _distinct(thetas)[:_MOST_MINIMA] if len(thetas) else None


def _distinct(thetas: Float[np.ndarray, "m p"]) -> Float[np.ndarray, "k p"]:
    """Return points that are not the same up to the accuracy of a search, in their order."""
    kept: list[Int[np.ndarray, ""]] = []
    for theta in thetas:
        if all(np.abs(theta - other).max() > 1e-6 * (1 + np.abs(other).max()) for other in kept):
            kept.append(theta)
    return np.stack(kept)
