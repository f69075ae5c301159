"""Regions of arrangements against the formula, and of networks against regioncam."""

import numpy as np
import torch
from regioncam import Regioncam

from benchmarks.tables import Goal, Table, main, ratio_cell, time_cell
from benchmarks.timing import in_turns, seconds_of
from saddlescape import regions

__all__ = ["run"]

torch.set_num_threads(1)
METHOD = (
    "Arrangements of random hyperplanes, in general position and, with one hyperplane given twice, "
    "in any; ReLU networks of two inputs in the square from -2 to 2, beside regioncam (Rust, "
    "single precision; ours is double), whose time is that of adding the PyTorch network; one "
    "thread. parx needs Julia and was not measured."
)
ARRANGEMENTS = ((20, 3), (20, 4), (20, 5), (20, 6), (60, 3), (120, 3), (181, 3))
NETWORKS = (
    (2, 32, 32, 32, 1), (2, 64, 64, 1), (2, 128, 128, 128, 1), (2, 150, 150, 150, 1),
)  # fmt: skip
BOX = ((-2.0, 2.0), (-2.0, 2.0))


def arranged(n: int, d: int, *, twice: bool) -> tuple[tuple[str, ...], int, float]:
    """Return a row, how many regions there were, and the seconds it took."""
    weights, biases = regions.random_hyperplanes(n, d)
    if twice:
        weights, biases = np.vstack([weights, weights[:1]]), np.append(biases, biases[0])
    found: list[regions.Arrangement] = []
    seconds = seconds_of(lambda: found.append(regions.arrangement(weights, biases)))
    count = found[0].num_regions
    exact = "equal" if count == regions.num_regions(n, d) else "NOT equal"
    how = "any" if twice else "general"
    row = (f"{n} in {d}-D, {how} position", f"{count:,}", f"formula: {exact}", time_cell(seconds))
    return (*row, time_cell(seconds / count), "-"), count, seconds


def in_torch(layers: tuple[regions.Planes, ...]) -> torch.nn.Sequential:
    """Return a network as PyTorch has it."""
    modules: list[torch.nn.Module] = []
    for weights, biases in layers:
        linear = torch.nn.Linear(*weights.T.shape)
        linear.weight.data = torch.tensor(weights, dtype=torch.float32)
        linear.bias.data = torch.tensor(biases, dtype=torch.float32)
        modules += [linear, torch.nn.ReLU()]
    return torch.nn.Sequential(*modules[:-1])


def compared(widths: tuple[int, ...]) -> tuple[tuple[str, ...], float, int, bool]:
    """Return a row, how many times faster we are, how many regions, and whether counts agree."""
    layers = regions.random_network(widths)
    network, counts = in_torch(layers), {}

    def ours() -> None:
        counts["ours"] = regions.plane_regions(layers, BOX).num_regions

    def theirs() -> None:
        camera = Regioncam(size=2)
        camera.add(network)
        counts["theirs"] = camera.num_faces

    timed = in_turns({"ours": ours, "theirs": theirs}, repeats=5)
    ratio = timed["theirs"].median / timed["ours"].median
    row = (
        "network " + "-".join(map(str, widths)),
        f"{counts['ours']:,}",
        f"regioncam: {counts['theirs']:,}",
        time_cell(timed["ours"].median, timed["ours"].spread),
        time_cell(timed["ours"].median / counts["ours"]),
        f"{time_cell(timed['theirs'].median)} ({ratio_cell(ratio)} times ours)",
    )
    return row, ratio, counts["ours"], counts["ours"] == counts["theirs"]


def run(quick: bool) -> Table:
    """Return the table of arrangements and networks."""
    arrangements = ARRANGEMENTS[:3] if quick else ARRANGEMENTS
    rows = [arranged(n, d, twice=False) for n, d in arrangements]
    slow = [arranged(n, d, twice=True) for n, d in arrangements if (n, d) != ARRANGEMENTS[-1]]
    networks = [compared(widths) for widths in (NETWORKS[:2] if quick else NETWORKS)]
    _, count, seconds = rows[-1]
    _, ratio, faces, _ = networks[-1]
    goals = (
        Goal(
            "10^6 regions of a generic arrangement in 60 s on one core",
            f"{count:,} in {time_cell(seconds)}",
            60 * count / seconds > 1e6,
        ),
        Goal(
            "as fast as regioncam at 10^5 regions of a network",
            f"{ratio_cell(ratio)} times as fast at {faces:,}",
            ratio >= 1,
        ),
        Goal(
            "counts equal to regioncam's",
            f"{sum(same for *_, same in networks)} of {len(networks)} networks",
            all(same for *_, same in networks),
        ),
    )
    columns = ("what", "regions", "compared with", "time", "per region", "peer's time")
    every = tuple(row for row, *_ in (*rows, *slow, *networks))
    return Table("Regions", METHOD, columns, every, goals)


if __name__ == "__main__":
    main(run)
