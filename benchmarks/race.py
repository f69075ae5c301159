"""A race of every optimizer at every rate, against loops of torch.optim and optax."""

import time
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
import optax
import torch

import saddlescape as ss
from benchmarks.tables import Goal, Table, main, ratio_cell, time_cell
from saddlescape import optimizers, problems

__all__ = ["run"]

jax.config.update("jax_enable_x64", True)
METHOD = (
    "The lecture problem (12 parameters, 1,681 samples, all at every step): six optimizers at "
    "twelve rates from 1, 5 and 20 starts in one compiled call (compiled before), against loops "
    "that do the same updates for one run after the other: torch.optim with autograd, an optax "
    "transformation with a jitted step called from Python, and the same inside one compiled loop. "
    "A batch of 32 besides. Time of one step of one run; one process, one thread. The "
    "median of three, except for many starts; peers take fewer steps, which are all alike. Our "
    "time holds that of about 200 records of loss and gradient a run."
)
# PyTorch has no RMSProp with Nesterov momentum: its RMSProp with momentum is as much work.
TORCH = {
    "gradient-descent": lambda p: torch.optim.SGD(p, lr=1e-3),
    "momentum": lambda p: torch.optim.SGD(p, lr=1e-3, momentum=0.9),
    "nesterov": lambda p: torch.optim.SGD(p, lr=1e-3, momentum=0.9, nesterov=True),
    "rmsprop": lambda p: torch.optim.RMSprop(p, lr=1e-3, alpha=0.9),
    "rmsprop-nesterov": lambda p: torch.optim.RMSprop(p, lr=1e-3, alpha=0.9, momentum=0.9),
    "adam": lambda p: torch.optim.Adam(p, lr=1e-3),
}


def median(work: Callable[[], object], calls: int = 3) -> float:
    """Return the median time of some calls."""
    spent = []
    for _ in range(calls):
        began = time.perf_counter()
        work()
        spent.append(time.perf_counter() - began)
    return float(np.median(spent))


def raced(landscape, starts, steps: int, batch: int | None) -> float:
    """Return the time of a step of a run in one compiled race."""
    rules = [rule() for rule in optimizers.OPTIMIZERS.values()]

    def work(steps: int = steps) -> None:
        optimizers.race(landscape, rules, starts, steps=steps, batch=batch)

    # All samples: the program is the same for any number of steps. With batches it is not.
    work(20 if batch is None else steps)
    runs = len(rules) * len(optimizers.SWEEP) * len(starts)
    return median(work, 3 if len(starts) == 1 else 1) / (runs * steps)


def with_torch(problem, start, steps: int, batch: int | None) -> float:
    """Return the time of a step of torch.optim, the mean over the six."""
    torch.set_num_threads(1)
    inputs, targets = (
        torch.tensor(np.array(a)) for a in (problem.data.inputs, problem.data.targets)
    )
    spent = []
    for make in TORCH.values():
        weight = torch.tensor(np.array(start[:8]).reshape(4, 2), requires_grad=True)
        out = torch.tensor(np.array(start[8:]).reshape(1, 4), requires_grad=True)
        optimizer = make([weight, out])
        orders = torch.randint(len(inputs), (steps, batch or 1))

        def work(weight=weight, out=out, optimizer=optimizer, orders=orders) -> None:
            for number in range(steps):
                x, y = (inputs, targets) if batch is None else (
                    inputs[orders[number]], targets[orders[number]],
                )  # fmt: skip
                optimizer.zero_grad()
                loss = ((torch.sigmoid(x @ weight.T) @ out.T - y) ** 2).sum(1).mean()
                loss.backward()
                optimizer.step()

        work()
        spent.append(median(work) / steps)
    return float(np.mean(spent))


def with_optax(landscape, start, steps: int, *, compiled: bool) -> float:
    """Return the time of a step of optax, the mean over the six."""
    spent = []
    for rule in optimizers.OPTIMIZERS.values():
        transformation = rule().optax()

        def step(_, carry, transformation=transformation):
            theta, state = carry
            changes, state = transformation.update(landscape.gradient(theta), state, theta)
            return optax.apply_updates(theta, changes), state

        one = jax.jit(step)
        loop = jax.jit(lambda carry, step=step: jax.lax.fori_loop(0, steps, step, carry))

        def work(one=one, loop=loop, transformation=transformation) -> None:
            carry = start, transformation.init(start)
            if compiled:
                carry = loop(carry)
            else:
                for number in range(steps):
                    carry = one(number, carry)
            jax.block_until_ready(carry)

        work()
        spent.append(median(work) / steps)
    return float(np.mean(spent))


def run(quick: bool) -> Table:
    """Return the times of a step, and how they grow with the number of starts."""
    problem = problems.lecture("sigmoid")
    network = problem.student()
    landscape = ss.EmpiricalLandscape(network, problem.data)
    starts = network.starts(20, seed=0)
    steps = 50 if quick else 5_000
    ours = {
        count: raced(landscape, starts[:count], steps, None)
        for count in ((1, 2) if quick else (1, 5, 20))
    }
    most = max(ours)
    few = min(steps, 1_000)
    start = jnp.asarray(starts[0])
    peers = {
        "torch.optim": with_torch(problem, start, few, None),
        "optax, a jitted step": with_optax(landscape, start, few, compiled=False),
        "optax, a compiled loop": with_optax(landscape, start, few, compiled=True),
    }
    small = raced(landscape, starts[: min(most, 5)], steps, 32)
    torch_small = with_torch(problem, start, few, 32)
    rows = [
        (
            f"saddlescape, {count} starts",
            "all",
            time_cell(one),
            ratio_cell(peers["torch.optim"] / one),
        )
        for count, one in ours.items()
    ]
    rows += [
        (name, "all", time_cell(one), ratio_cell(peers["torch.optim"] / one))
        for name, one in peers.items()
    ]
    rows += [
        ("saddlescape", "32", time_cell(small), ratio_cell(torch_small / small)),
        ("torch.optim", "32", time_cell(torch_small), "1"),
    ]
    ratio = peers["torch.optim"] / ours[most]
    goals = (
        Goal(
            "a step of a run at least 10 times as fast as a loop of torch.optim, all samples",
            f"{ratio_cell(ratio)} times",
            ratio >= 10,
        ),
        Goal(
            "cost that does not grow faster than the number of starts",
            f"a step of a run takes {ratio_cell(ours[most] / ours[1])} times as long with {most} "
            "starts as with 1",
            ours[most] <= 1.1 * ours[1],
        ),
    )
    columns = ("who", "samples a step", "time of a step of one run", "times torch's speed")
    return Table("Races of optimizers", METHOD, columns, tuple(rows), goals)


if __name__ == "__main__":
    main(run)
