"""What a user waits for before the first number: compiling the demo's search, cold and cached."""

import statistics
import tempfile

from benchmarks import AVAILABLE_CORES
from benchmarks.children import measure
from benchmarks.tables import Goal, Table, main, time_cell


def run(quick: bool) -> Table:
    """Return the time to compile with an empty and with a filled cache."""
    found: dict[str, list[dict]] = {"empty": [], "filled": []}
    for _ in range(1 if quick else 3):
        with tempfile.TemporaryDirectory() as folder:
            environment = {
                "JAX_COMPILATION_CACHE_DIR": folder,
                "BENCHMARK_CORES": ",".join(map(str, AVAILABLE_CORES)),  # as the user has them
                "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
            }
            for runs in found.values():
                runs.append(measure("lecture_finder", 100, environment=environment))

    def median(cache: str, of) -> float:
        return statistics.median(of(run) for run in found[cache])

    compiling = {c: median(c, lambda run: run["first"] - run["second"]) for c in found}
    preparing = {c: median(c, lambda run: run["prepare"]) for c in found}
    cold, warm = compiling["empty"], compiling["filled"]
    return Table(
        "Compiling the demo's search",
        "First call less second call of `find_minima` on the lecture problem, a new process each; "
        "before that: imports, the problem, the starts.",
        ("cache", "imports, problem, starts", "compiling"),
        tuple((c, time_cell(preparing[c]), time_cell(compiling[c])) for c in found),
        (
            Goal("under 3 s", time_cell(cold), cold < 3),
            Goal("cached across runs (under a third)", time_cell(warm), warm < cold / 3),
        ),
    )


if __name__ == "__main__":
    main(run)
