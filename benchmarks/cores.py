"""Two devices against one: the same starts, the same numbers, less time."""

import statistics

from benchmarks import AVAILABLE_CORES
from benchmarks.children import measure
from benchmarks.tables import Goal, Table, main


def run(quick: bool) -> Table:
    """Return the times of the lecture's search with one and with two devices."""
    cores = ",".join(map(str, AVAILABLE_CORES[-2:]))
    if len(AVAILABLE_CORES) < 2:
        msg = "two devices need two cores, this machine has one"
        raise SystemExit(msg)
    starts = 100 if quick else 1_000
    found: dict[int, list[dict]] = {1: [], 2: []}
    for _ in range(1 if quick else 3):
        for devices, runs in found.items():
            environment = {"BENCHMARK_CORES": cores, "JAX_NUM_CPU_DEVICES": str(devices)}
            runs.append(measure("lecture_finder", starts, environment=environment))
    seconds = {d: statistics.median(r["second"] for r in runs) for d, runs in found.items()}
    hashes = {run["hash"] for runs in found.values() for run in runs}
    ratio = seconds[1] / seconds[2]
    return Table(
        "Two cores, lecture problem, g, width 4",
        f"{starts:,} starts; one process per measurement, in turns, both cores allowed to both.",
        ("devices", "seconds"),
        tuple((str(devices), f"{value:.2f}") for devices, value in seconds.items()),
        (
            Goal("at least 1.8 times as fast", f"{ratio:.2f}", ratio >= 1.8),
            Goal(
                "the same numbers, bit for bit",
                f"{len(hashes)} set(s) of numbers",
                len(hashes) == 1,
            ),
        ),
    )


if __name__ == "__main__":
    main(run)
