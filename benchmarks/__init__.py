"""Measurements against PyTorch and SciPy: one core, one thread, float64, the same work in one process.

Importing this package sets the machine up, so it happens before JAX and PyTorch are imported:
`BENCHMARK_CORES` (such as ``0,1``) names the cores to run on, the last one by default.
"""

import os

AVAILABLE_CORES = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
_chosen = os.environ.get("BENCHMARK_CORES")
CORES = [int(core) for core in _chosen.split(",")] if _chosen else AVAILABLE_CORES[-1:]
if CORES:
    os.sched_setaffinity(0, CORES)
for _name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[_name] = "1"
os.environ["XLA_FLAGS"] = (
    f"{os.environ.get('XLA_FLAGS', '')} "
    "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
).strip()
