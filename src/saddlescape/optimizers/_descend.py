"""Many runs of one rule in one compiled program: recorded at chosen steps, the loop inside."""

import functools
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh, PartitionSpec
from jaxtyping import Array, Float, Int

from saddlescape.core import EmpiricalLandscape, Landscape
from saddlescape.optimizers._rule import Rule, State

_NUMBERS_AT_ONCE = 16_384  # activations of the runs that are stepped together stay in the L2 cache
_MOST_LANES = 64


class Runs(NamedTuple):
    """Where some runs of a rule stand; every array has a leading axis of runs."""

    rule: Rule
    theta: Array
    memory: State
    order: Int[Array, " m"]  # which row of the data orders a run sees


class Records(NamedTuple):
    """What was recorded of every run, at every recorded step."""

    loss: Float[Array, "m r"]
    gradient_norm: Float[Array, "m r"]  # largest component, of the loss of all samples
    theta: Float[Array, "m r p"] | None  # None where it was not asked for


def step(landscape: Landscape, rule: Rule, theta: Array, memory: State) -> tuple[Array, State]:
    """Return theta and memory after one step on a landscape.

    Args:
        landscape: whose gradient is followed: of all samples, or of a minibatch.
        rule: the optimizer.
        theta: shape (p,).
        memory: of the rule.

    Returns:
        the next theta and memory.
    """
    change, memory = rule.update(landscape.gradient(rule.interim(theta, memory)), memory)
    return theta + change, memory


def advance(
    landscape: Landscape,
    runs: tuple[Runs, ...],
    first: int,
    at: Int[Array, " r"],
    orders: Int[Array, "s t b"] | None = None,
    *,
    keep_theta: bool = False,
) -> tuple[tuple[Runs, ...], tuple[Records, ...]]:
    """Return the runs further on, with a record at each of the steps `at`, in one compiled call.

    Args:
        landscape: the loss of all samples, which is recorded.
        runs: where they stand, for each rule.
        first: how many steps they have done.
        at: the numbers of steps after which to record, increasing, the first not below `first`.
        orders: the samples of every step from step 0 on, one row of steps per data order; None
            for all samples at every step.
        keep_theta: whether the parameters are recorded too.

    Returns:
        for each rule the runs after the last recorded step, and the records.
    """
    counts = [of_one.theta.shape[0] for of_one in runs]
    padded = tuple(jax.tree.map(_padded, of_one) for of_one in runs)
    moved = _advance(landscape, padded, jnp.asarray(first), at, orders, keep_theta)
    cut = [jax.tree.map(lambda leaf: leaf[:m], of_one) for of_one, m in zip(moved, counts)]  # noqa: B023, B905
    return tuple(runs for runs, _ in cut), tuple(records for _, records in cut)


def _padded(leaf: Array) -> Array:
    """Return an array with as many runs as the devices can share out evenly."""
    pad = -leaf.shape[0] % jax.local_device_count()
    return jnp.concatenate([leaf, leaf[:1].repeat(pad, 0)]) if pad else leaf


@eqx.filter_jit
def _advance(
    landscape: Landscape,
    runs: tuple[Runs, ...],
    first: Array,
    at: Array,
    orders: Array | None,
    keep_theta: bool,
) -> tuple[tuple[Runs, Records], ...]:
    """Return the runs further on, spread over the devices."""
    devices = jax.local_devices()
    arrays, static = eqx.partition((landscape, runs), eqx.is_array)
    (everywhere, own), (fixed, fixed_runs) = arrays, static

    def block(shared: tuple, runs: tuple[Runs, ...]) -> tuple[tuple[Runs, Records], ...]:
        arrays, first, at, orders = shared
        landscape, runs = eqx.combine(arrays, fixed), eqx.combine(runs, fixed_runs)
        return tuple(_block(landscape, of_one, (first, at), orders, keep_theta) for of_one in runs)

    shared = (everywhere, first, at, orders)
    if len(devices) == 1:
        return block(shared, own)
    return jax.shard_map(
        block,
        mesh=Mesh(np.array(devices), ("runs",)),
        in_specs=(PartitionSpec(), PartitionSpec("runs")),
        out_specs=PartitionSpec("runs"),
        check_vma=False,
    )(shared, own)


def _lanes(landscape: Landscape, orders: Array | None) -> int | None:
    """Return how many runs are stepped together: many where a step is little work."""
    if not isinstance(landscape, EmpiricalLandscape):
        return _MOST_LANES
    samples = landscape.num_samples if orders is None else orders.shape[-1]
    work = samples * sum(landscape.network.widths[1:])
    lanes = min(_MOST_LANES, _NUMBERS_AT_ONCE // work)
    return lanes if lanes > 1 else None


def _block(
    landscape: Landscape,
    runs: Runs,
    steps: tuple[Array, Array],
    orders: Array | None,
    keep_theta: bool,
) -> tuple[Runs, Records]:
    """Return the runs of one rule from the first step on to the last to record."""
    first, at = steps
    lanes = _lanes(landscape, orders)

    def until(carry: tuple[Array, Runs], end: Array) -> tuple[tuple, Records]:
        start, runs = carry
        move = functools.partial(_move, landscape, start, end, orders)
        runs = jax.lax.map(move, runs, batch_size=lanes)
        # One by one: all samples at once are work enough for the cache.
        loss, gradient = jax.lax.map(landscape.loss_and_gradient, runs.theta)
        sizes = jnp.max(jnp.abs(gradient), axis=-1)
        return (end, runs), Records(loss, sizes, runs.theta if keep_theta else None)

    (_, runs), records = jax.lax.scan(until, (first, runs), at)
    return runs, jax.tree.map(lambda leaf: jnp.moveaxis(leaf, 0, 1), records)


def _move(landscape: Landscape, start: Array, end: Array, orders: Array | None, run: Runs) -> Runs:
    """Return one run after the steps from `start` to `end`."""

    def one_step(number: Array, carry: tuple[Array, State]) -> tuple[Array, State]:
        seen = landscape
        if orders is not None and isinstance(landscape, EmpiricalLandscape):
            seen = landscape.minibatch(orders[run.order, number])
        return step(seen, run.rule, *carry)

    theta, memory = jax.lax.fori_loop(start, end, one_step, (run.theta, run.memory))
    return Runs(run.rule, theta, memory, run.order)
