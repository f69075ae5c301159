"""What the command line sets up before JAX computes: precision, devices, the compilation cache."""

import contextlib
import os
from pathlib import Path


def prepare() -> None:
    """Turn on float64, one device per core, and the persistent compilation cache.

    The cache is in the user's cache folder (``SADDLESCAPE_CACHE`` names another; empty turns it
    off; JAX's own ``JAX_COMPILATION_CACHE_DIR`` goes before): the second run of a command skips
    compiling.
    """
    import jax  # noqa: PLC0415 - after --help has been answered

    jax.config.update("jax_enable_x64", True)
    if "JAX_NUM_CPU_DEVICES" not in os.environ:
        # A process that has computed already, such as a notebook, keeps the devices it has.
        with contextlib.suppress(RuntimeError):
            jax.config.update("jax_num_cpu_devices", _num_cores())
    folder = None if "JAX_COMPILATION_CACHE_DIR" in os.environ else _cache_folder()
    if folder is not None:
        jax.config.update("jax_compilation_cache_dir", str(folder))
        jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.1)
        jax.config.update("jax_persistent_cache_min_entry_size_bytes", 0)


def _num_cores() -> int:
    """Return the number of cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _cache_folder() -> Path | None:
    """Return the folder for compiled programs, or None where it is off or cannot be written."""
    import platformdirs  # noqa: PLC0415

    named = os.environ.get("SADDLESCAPE_CACHE")
    if named == "":
        return None
    folder = Path(named) if named else Path(platformdirs.user_cache_dir("saddlescape")) / "compiled"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK) else None
