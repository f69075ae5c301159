"""What every test and doctest runs under: float64, no silent broadcasting, cached programs."""

import gc
import os
from pathlib import Path

import jax
import pytest
from hypothesis import settings

collect_ignore = ["docs/house_habits.py"]  # needs the tools of `make docs`

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_numpy_rank_promotion", "raise")

# Compiling dominates the time of a first example, so there is no deadline.
settings.register_profile("fast", max_examples=25, deadline=None, derandomize="CI" in os.environ)
settings.register_profile("thorough", max_examples=500, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fast"))


def pytest_configure(config):
    """Keep compiled programs between runs, and hand the folder to processes that tests start."""
    if not config.pluginmanager.has_plugin("cacheprovider"):
        return
    programs = str(config.cache.mkdir("programs"))
    os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", programs)
    jax.config.update("jax_compilation_cache_dir", os.environ["JAX_COMPILATION_CACHE_DIR"])
    for name in ("min_compile_time_secs", "min_entry_size_bytes"):
        os.environ.setdefault(f"JAX_PERSISTENT_CACHE_{name.upper()}", "0")
        jax.config.update(f"jax_persistent_cache_{name}", 0)


@pytest.fixture(autouse=True)
def _examples_write_elsewhere(request, tmp_path, monkeypatch):
    """Run doctests in an empty folder, so that what they write is never found by the next run."""
    if isinstance(request.node, pytest.DoctestItem):
        monkeypatch.chdir(tmp_path)


# Every compiled program holds some memory mappings; Linux allows a process 65,530 of them, and XLA
# crashes where it gets no more. What is dropped here is read from the disk when it is needed again.
_MANY_MAPPINGS = 20_000


@pytest.fixture(autouse=True, scope="module")
def _programs_do_not_pile_up():
    """Drop compiled programs after a module that leaves many."""
    yield
    maps = Path("/proc/self/maps")
    if maps.exists() and maps.read_bytes().count(b"\n") > _MANY_MAPPINGS:
        jax.clear_caches()
        gc.collect()
