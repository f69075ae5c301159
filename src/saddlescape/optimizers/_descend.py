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
        move = functools.partial(_one, landscape, (first, at), orders, keep_theta)
        lanes = _lanes(landscape, orders)
        return tuple(jax.lax.map(move, of_one, batch_size=lanes) for of_one in runs)

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


def _one(
    landscape: Landscape,
    steps: tuple[Array, Array],
    orders: Array | None,
    keep_theta: bool,
    run: Runs,
) -> tuple[Runs, Records]:
    """Return one run from the first step on to the last to record."""
    first, at = steps

    def one_step(number: Array, carry: tuple[Array, State]) -> tuple[Array, State]:
        seen = landscape
        if orders is not None and isinstance(landscape, EmpiricalLandscape):
            seen = landscape.minibatch(orders[run.order, number])
        return step(seen, run.rule, *carry)

    def until(carry: tuple, end: Array) -> tuple[tuple, Records]:
        number, theta, memory = carry
        theta, memory = jax.lax.fori_loop(number, end, one_step, (theta, memory))
        loss, gradient = landscape.loss_and_gradient(theta)
        size = jnp.max(jnp.abs(gradient))
        return (end, theta, memory), Records(loss, size, theta if keep_theta else None)

    (_, theta, memory), records = jax.lax.scan(until, (first, run.theta, run.memory), at)
    return Runs(run.rule, theta, memory, run.order), records
