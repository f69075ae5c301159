"""Training of networks of several depths, against the same loop in PyTorch."""

import numpy as np
import torch

from benchmarks.tables import Goal, Table, main, ratio_cell, time_cell
from benchmarks.timing import in_turns
from saddlescape import depth

__all__ = ["run"]

METHOD = (
    "Random signals of 40 points in 10 classes, as many as MNIST-1D has (4,000), batches of 50, "
    "Adam, float32, one thread. Ours: `depth.train`, all runs in one compiled call (compiled "
    "before), its validation after every epoch included. PyTorch: the usual loop of a Module and "
    "torch.optim.Adam, its samples already shuffled, without validation. Time of one step of one "
    "run."
)
NETWORKS = {
    "fully connected, 1 layer, 117 wide": depth.Architecture((40, 1), (117,), (10,)),
    "fully connected, 4 layers, 36 wide": depth.Architecture((40, 1), (36,) * 4, (10,)),
    "convolutional, 1 layer, 107 channels": depth.Architecture((40, 1), (107,), (10,), True),
    "convolutional, 4 layers, 22 channels": depth.Architecture((40, 1), (22,) * 4, (10,), True),
    "convolutional, 11 layers, 13 channels": depth.Architecture((40, 1), (13,) * 11, (10,), True),
}


def module(network: depth.Architecture) -> torch.nn.Module:
    """Return the same network as PyTorch writes it."""
    layers: list[torch.nn.Module] = []
    before = 1 if network.is_convolutional else 40
    for number, width in enumerate(network.widths):
        if network.is_convolutional:
            kernel, stride = (5, 2) if number == 0 else (3, 1)
            layers.append(torch.nn.Conv1d(before, width, kernel, stride, kernel // 2))
        else:
            layers.append(torch.nn.Linear(before, width))
        layers.append(torch.nn.ReLU())
        before = width
    if network.is_convolutional:
        layers += [torch.nn.AvgPool1d(4), torch.nn.Flatten(), torch.nn.Linear(5 * before, 10)]
    else:
        layers = [torch.nn.Flatten(), *layers, torch.nn.Linear(before, 10)]
    return torch.nn.Sequential(*layers)


def with_torch(network: depth.Architecture, samples: depth.Samples, steps: int):
    """Return a call that does so many steps."""
    model = module(network)
    if sum(p.numel() for p in model.parameters()) != network.num_parameters:
        msg = f"the peer of {network} has another number of parameters"
        raise RuntimeError(msg)
    adam = torch.optim.Adam(model.parameters(), lr=1e-3)
    inputs = torch.tensor(samples.inputs, dtype=torch.float32).transpose(1, 2)
    labels = torch.tensor(samples.labels[:, 0], dtype=torch.int64)

    def work() -> None:
        for number in range(steps):
            rows = slice(50 * (number % 64), 50 * (number % 64) + 50)
            adam.zero_grad()
            torch.nn.functional.cross_entropy(model(inputs[rows]), labels[rows]).backward()
            adam.step()

    return work


def run(quick: bool) -> Table:
    """Return the times of a step, ours and PyTorch's."""
    torch.set_num_threads(1)
    draw = np.random.default_rng(0)
    inputs = draw.normal(size=(4_000, 40, 1)).astype(np.float32)
    labels = draw.integers(0, 10, (4_000, 1))
    samples = depth.Samples(inputs, labels, inputs[:50], labels[:50])
    epochs, runs = (1, 2) if quick else (3, 4)
    steps = 64 * epochs
    rows, ratios = [], []
    training = depth.Training(epochs, 50, epochs)
    for name, network in NETWORKS.items():

        def ours(network: depth.Architecture = network) -> None:
            depth.train(network, training, samples, [1e-3], range(runs))

        ours()  # compiling alone may be over the budget of the first call
        times = in_turns(
            {"ours": ours, "torch": with_torch(network, samples, steps)},
            repeats=1 if quick else 5,
            budget=1.0 if quick else 10.0,
        )
        own, peer = times["ours"].per(steps * runs).median, times["torch"].per(steps).median
        ratios.append(peer / own)
        cells = (time_cell(own), time_cell(peer), ratio_cell(peer / own))
        rows.append((name, f"{network.num_parameters:,}", *cells))
    goals = (
        Goal(
            "a step at least as fast as PyTorch's, for every network",
            f"at least {ratio_cell(min(ratios))} times",
            min(ratios) >= 1,
        ),
    )
    columns = ("network", "parameters", "saddlescape", "PyTorch", "times torch's speed")
    return Table("Training by depth", METHOD, columns, tuple(rows), goals)


if __name__ == "__main__":
    main(run)
