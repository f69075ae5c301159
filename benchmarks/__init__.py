"""Measurements against PyTorch and SciPy: one core, one thread, float64, one process, same work.

Importing this package sets the machine up, so it happens before JAX and PyTorch are imported:
`BENCHMARK_CORES` (such as ``0,1``) names the cores to run on, the last one by default.
"""

import os


def _cores_in(variable: str) -> list[int]:
    return [int(core) for core in os.environ.get(variable, "").split(",") if core]


# A process started by a pinned one sees one core only, so the first one leaves word for the others.
_allowed = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
AVAILABLE_CORES = _cores_in("BENCHMARK_AVAILABLE_CORES") or _allowed
os.environ["BENCHMARK_AVAILABLE_CORES"] = ",".join(map(str, AVAILABLE_CORES))
_chosen = _cores_in("BENCHMARK_CORES") or AVAILABLE_CORES[-1:]
if _allowed:
    os.sched_setaffinity(0, _chosen)
# For one core only: OpenBLAS told to use one thread makes two devices wait in turn.
_LIMITS = {
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
}
for _name, _value in _LIMITS.items():
    if len(_chosen) > 1:
        os.environ.pop(_name, None)
    else:
        os.environ[_name] = _value
