"""Rules x rates x starts on one landscape: the same starts and the same data for all."""

import dataclasses
from collections.abc import Iterator, Sequence

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from saddlescape.core import EmpiricalLandscape, InvalidInputError, Landscape
from saddlescape.optimizers._batches import data_orders
from saddlescape.optimizers._descend import Runs, advance
from saddlescape.optimizers._rule import Rule

SWEEP = (1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 1e-2, 2e-2, 5e-2, 0.1, 0.2, 0.5)
"""The learning rates of a sweep."""

_RECORDS = 200  # about; a step is recorded when it is 3 to 5 % further than the one before
_SEGMENT = 10  # records between two stages


@dataclasses.dataclass(frozen=True, eq=False)
class Race:
    """What a race has recorded so far; axes are rules, rates, starts, records.

    Args:
        rules: as they were given; their own rate is not used.
        rates: the learning rates.
        batch: samples per step; None for all.
        steps: after how many steps the records were taken, from 0.
        loss: of all samples.
        gradient_norm: the largest component of the gradient of that loss.
        runs: where the runs stand, for each rule, rates before starts.
        total_steps: how many the race is to have.
    """

    rules: tuple[Rule, ...]
    rates: tuple[float, ...]
    batch: int | None
    steps: Int[np.ndarray, " r"]
    loss: Float[np.ndarray, "o q s r"]
    gradient_norm: Float[np.ndarray, "o q s r"]
    runs: tuple[Runs, ...]
    total_steps: int

    @property
    def ends(self) -> Float[np.ndarray, "o q s p"]:
        """Where the runs stand."""
        shape = self.loss.shape[1:3]
        return np.stack([np.asarray(of_one.theta).reshape(*shape, -1) for of_one in self.runs])

    @property
    def is_done(self) -> bool:
        """Whether every step has been done."""
        return int(self.steps[-1]) == self.total_steps

    @property
    def diverged(self) -> Float[np.ndarray, "o q s"]:
        """After how many steps a run was first seen above 10 times the loss it began at.

        A loss that may be negative counts as that far up when it has risen by 9 times its size at
        the start (of the largest of all starts). A run that is not finite counts too; NaN where it
        never happened.
        """
        begun = self.loss[..., :1]
        size = np.where(begun > 0, begun, np.abs(self.loss[..., 0]).max(initial=0.0))
        bad = ~(self.loss <= begun + 9 * size)  # NaN is not <= anything
        return np.where(bad.any(-1), self.steps[bad.argmax(-1)], np.nan)

    @property
    def best(self) -> Int[np.ndarray, " o"]:
        """The number of the rate with the lowest median loss at the end, for each rule."""
        return over_starts(self.loss[..., -1]).argmin(axis=-1)

    def steps_to(self, loss: float) -> Float[np.ndarray, "o q s"]:
        """Return after how many steps a run was first seen at or below a loss.

        Args:
            loss: the level.

        Returns:
            steps, to the resolution of the records; NaN where it was never seen there.
        """
        there = self.loss <= loss
        return np.where(there.any(-1), self.steps[there.argmax(-1)], np.nan)


def over_starts(
    losses: Float[np.ndarray, "*q s"], quantile: float = 0.5
) -> Float[np.ndarray, "*q"]:
    """Return a quantile of losses over the starts: the lowest loss that as many are at or below.

    Args:
        losses: starts last; what is not finite counts as infinite.
        quantile: the median by default.

    Returns:
        a loss that some start had, or infinity.

    Example:
        >>> float(over_starts(np.array([3.0, np.nan, 1.0, 2.0])))
        2.0
    """
    safe = np.where(np.isfinite(losses), losses, np.inf)
    return np.asarray(np.quantile(safe, quantile, axis=-1, method="inverted_cdf"))


def race(
    landscape: Landscape,
    rules: Sequence[Rule],
    starts: Float[Array, "s p"],
    *,
    rates: Sequence[float] = SWEEP,
    steps: int = 5_000,
    batch: int | None = None,
    seed: int = 0,
) -> Race:
    """Return how rules fare at several rates, from the same starts and with the same data order.

    Args:
        landscape: the loss.
        rules: the optimizers; each is run at every rate.
        starts: shape (s, p).
        rates: learning rates.
        steps: how many each run takes.
        batch: samples per step, 1 for the online rule; None for all.
        seed: of the order of the data; start number i sees order number i.

    Returns:
        losses and gradient norms at about 200 recorded steps, and where the runs end. Costs
        rules x rates x starts x steps gradients, spread over the local devices.

    Raises:
        InvalidInputError: for no rules, rates or steps, or a batch that the landscape cannot make.

    Example:
        >>> from saddlescape.core import FunctionLandscape
        >>> from saddlescape.optimizers import GradientDescent, Momentum
        >>> bowl = FunctionLandscape(lambda v: v @ v / 2, num_parameters=2)
        >>> rules = [GradientDescent(), Momentum()]
        >>> ran = race(bowl, rules, jnp.ones((1, 2)), rates=[0.1], steps=50)
        >>> [round(float(loss), 4) for loss in ran.loss[:, 0, 0, -1]]
        [0.0, 0.0044]
    """
    *_, last = stages(landscape, rules, starts, rates=rates, steps=steps, batch=batch, seed=seed)
    return last


def stages(
    landscape: Landscape,
    rules: Sequence[Rule],
    starts: Float[Array, "s p"],
    *,
    rates: Sequence[float] = SWEEP,
    steps: int = 5_000,
    batch: int | None = None,
    seed: int = 0,
    done: Race | None = None,
) -> Iterator[Race]:
    """Yield a race as far as it has come, again and again until it is done.

    Args:
        landscape: see `race`, as everything that follows.
        rules: the optimizers.
        starts: shape (s, p).
        rates: learning rates.
        steps: how many each run takes.
        batch: samples per step.
        seed: of the order of the data.
        done: the last stage of the same race, to go on from there.

    Yields:
        the race so far; the first holds the starts alone.

    Raises:
        InvalidInputError: for no rules, rates or steps, or a batch that the landscape cannot make.
    """
    starts = landscape.ravel(starts)
    _check(landscape, rules, rates, steps, batch)
    orders = _orders(landscape, len(starts), steps, batch, seed)
    at = recorded_steps(steps)
    stage = done or _begun(landscape, tuple(rules), starts, tuple(rates), batch, steps)
    yield stage
    while not stage.is_done:
        left = at[at > stage.steps[-1]][:_SEGMENT]
        # Always as many records, so that one compiled program serves every stage.
        padded = np.concatenate([left, np.repeat(left[-1:], _SEGMENT - len(left))])
        runs, records = advance(
            landscape, stage.runs, int(stage.steps[-1]), jnp.asarray(padded), orders
        )
        shape = stage.loss.shape[1:3]
        loss, size = (
            np.stack(
                [
                    np.asarray(getattr(of_one, name))[:, : len(left)].reshape(*shape, -1)
                    for of_one in records
                ]
            )
            for name in ("loss", "gradient_norm")
        )
        stage = dataclasses.replace(
            stage,
            runs=runs,
            steps=np.concatenate([stage.steps, left]),
            loss=np.concatenate([stage.loss, loss], axis=-1),
            gradient_norm=np.concatenate([stage.gradient_norm, size], axis=-1),
        )
        yield stage


def recorded_steps(steps: int) -> Int[np.ndarray, " r"]:
    """Return after how many steps a race of so many is recorded: every one, then ever rarer.

    Args:
        steps: the last.

    Returns:
        increasing numbers from 1 to `steps`.

    Example:
        >>> recorded_steps(5).tolist()
        [1, 2, 3, 4, 5]
    """
    return np.unique(np.geomspace(1, steps, _RECORDS).round().astype(int))


def at_rates(rule: Rule, rates: Float[Array, " q"], repeats: int) -> Rule:
    """Return a rule with an axis of runs on each of its numbers: every rate, repeated.

    Args:
        rule: the optimizer.
        rates: learning rates.
        repeats: how often each stands in a row.

    Returns:
        the rule, every leaf of shape (q * repeats,).
    """
    count = len(rates) * repeats
    spread = jax.tree.map(lambda leaf: jnp.full(count, leaf, rates.dtype), rule)
    return eqx.tree_at(lambda rule: rule.rate, spread, jnp.repeat(rates, repeats))


def _begun(
    landscape: Landscape,
    rules: tuple[Rule, ...],
    starts: Array,
    rates: tuple[float, ...],
    batch: int | None,
    steps: int,
) -> Race:
    """Return a race before the first step."""
    loss, size = _measured(landscape, starts)
    shape = (len(rules), len(rates), len(starts), 1)
    thetas = jnp.tile(starts, (len(rates), 1))
    orders = jnp.tile(jnp.arange(len(starts)), len(rates))
    runs = tuple(
        Runs(
            at_rates(rule, jnp.asarray(rates, starts.dtype), len(starts)),
            thetas,
            jax.vmap(rule.init)(thetas),
            orders,
        )
        for rule in rules
    )
    return Race(
        rules=rules,
        rates=rates,
        batch=batch,
        steps=np.zeros(1, int),
        loss=np.broadcast_to(np.asarray(loss)[:, None], shape).copy(),
        gradient_norm=np.broadcast_to(np.asarray(size)[:, None], shape).copy(),
        runs=runs,
        total_steps=steps,
    )


@eqx.filter_jit
def _measured(landscape: Landscape, thetas: Array) -> tuple[Array, Array]:
    """Return loss and largest gradient component of each theta."""
    loss, gradient = jax.lax.map(landscape.loss_and_gradient, thetas)
    return loss, jnp.max(jnp.abs(gradient), axis=-1)


def _orders(
    landscape: Landscape, num_starts: int, steps: int, batch: int | None, seed: int
) -> Array | None:
    """Return the samples of every step, one row per start; None where all are used."""
    if batch is None or not isinstance(landscape, EmpiricalLandscape):
        return None
    return data_orders(landscape.num_samples, batch, steps, runs=num_starts, seed=seed)


def _check(
    landscape: Landscape,
    rules: Sequence[Rule],
    rates: Sequence[float],
    steps: int,
    batch: int | None,
) -> None:
    """Raise unless there is something to run."""
    if not len(rules) or not len(rates) or steps < 1:
        msg = f"{len(rules)} rules, {len(rates)} rates and {steps} steps: give at least one of each"
        raise InvalidInputError(msg)
    if not all(np.isfinite(rate) and rate > 0 for rate in rates):
        msg = f"the rates are {list(rates)}: give numbers above 0"
        raise InvalidInputError(msg)
    if batch is not None and not isinstance(landscape, EmpiricalLandscape):
        msg = "minibatches need a landscape of samples (EmpiricalLandscape): leave batch out"
        raise InvalidInputError(msg)
