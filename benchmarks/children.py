"""Measurements that need a process of their own: peak memory, device counts, cold compilation.

`python -m benchmarks.children NAME` measures in this process and prints one line of JSON.
"""

import hashlib
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path


def measure(name: str, *arguments: object, environment: Mapping[str, str] | None = None) -> dict:
    """Return what the measurement `name` prints, from a new process."""
    done = subprocess.run(  # noqa: S603 - our own module, our own arguments
        [sys.executable, "-m", "benchmarks.children", name, *map(str, arguments)],
        env=os.environ | dict(environment or {}), capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        msg = f"the measurement {name} failed:\n{done.stderr}"
        raise SystemExit(msg)
    return json.loads(done.stdout.splitlines()[-1])


def memory(num_hidden: str, num_samples: str) -> dict:
    """Return the peak of the resident memory of one Hessian, above what was there before."""
    import jax
    import psutil

    from benchmarks.work import Regression

    work = Regression.random((int(num_hidden),), int(num_samples))
    landscape, theta = work.landscape(), jax.numpy.asarray(work.theta)
    jax.block_until_ready((landscape, theta))
    before = psutil.Process().memory_info().rss
    landscape.hessian(theta).block_until_ready()
    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {"peak": kilobytes * 1024 - before, "data": work.inputs.nbytes + work.targets.nbytes}


def lecture_finder(num_starts: str) -> dict:
    """Return how long the demo's search takes at its first and second call."""
    began = time.perf_counter()
    import jax

    import saddlescape as ss
    from saddlescape import problems

    jax.config.update("jax_enable_x64", True)
    network = ss.Network((2, 4, 1), "g", bias=False)
    landscape = ss.EmpiricalLandscape(network, problems.lecture(activation="g").data)
    starts = jax.block_until_ready(network.starts(int(num_starts), seed=0))
    prepared = time.perf_counter()
    jax.block_until_ready(ss.find_minima(landscape, starts))
    first = time.perf_counter()
    points = jax.block_until_ready(ss.find_minima(landscape, starts))
    second = time.perf_counter()
    arrays = (points.theta, points.loss, points.eigenvalues)
    numbers = b"".join(jax.device_get(array).tobytes() for array in arrays)
    return {
        "devices": jax.local_device_count(),
        "prepare": prepared - began,
        "first": first - prepared,
        "second": second - first,
        "hash": hashlib.sha256(numbers).hexdigest(),
    }


def spectra_memory(kind: str, name: str) -> dict:
    """Return the peak of the resident memory of one tool, and what was there before its work."""
    import importlib

    import psutil

    from benchmarks.spectra import memory_of, trained
    from benchmarks.spectra_peers import module_of

    importlib.import_module(module_of(name))
    trained(kind, importlib.import_module("torch").float64)
    before = psutil.Process().memory_info().rss
    memory_of(kind, name)
    # ru_maxrss is at least that of the parent, which is large here: it survives fork and exec.
    lines = Path("/proc/self/status").read_text().splitlines()
    peak = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
    return {"peak": peak * 1024, "before": before}


if __name__ == "__main__":
    known = {f.__name__: f for f in (memory, lecture_finder, spectra_memory)}
    print(json.dumps(known[sys.argv[1]](*sys.argv[2:])))
