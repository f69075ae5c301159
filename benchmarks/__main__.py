"""Run the benchmarks and write RESULTS.md: `python -m benchmarks [NAME ...] [--quick]`."""

import importlib.metadata
import platform
import subprocess
import sys
import tempfile
from argparse import ArgumentParser
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import AVAILABLE_CORES
from benchmarks.tables import Table

NAMES = (
    "gradient", "hessian", "hessian_two_layers", "autodiff", "starts", "memory", "cores",
    "compile_time", "merging", "alignment", "race", "nfl", "regions", "depth", "spectra",
)  # fmt: skip
RESULTS = Path(__file__).parent / "RESULTS.md"


def machine() -> str:
    """Return the processor, the cores and the versions, in one paragraph."""
    versions = ", ".join(
        f"{name} {importlib.metadata.version(name)}"
        for name in ("saddlescape", "jax", "torch", "scipy", "numpy")
    )
    today = datetime.now(UTC).date().isoformat()
    return (
        f"Measured on {today}: {processor()}, {len(AVAILABLE_CORES)} cores available, one used "
        f"unless a section says otherwise; Python {platform.python_version()}, {versions}; float64."
    )


def processor() -> str:
    """Return the processor's name."""
    information = Path("/proc/cpuinfo")
    lines = information.read_text().splitlines() if information.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def result_of(name: str, quick: bool) -> Table:
    """Return the table of one benchmark, from a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.json"
        command = [sys.executable, "-m", f"benchmarks.{name}", "--json", str(path)]
        subprocess.run(command + ["--quick"] * quick, check=True)  # noqa: S603 - our own module
        return Table.read(path)


def main() -> None:
    """Run what was asked for; all of it is written to RESULTS.md, a part is only printed."""
    parser = ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(NAMES)}; or all")
    parser.add_argument("--quick", action="store_true", help="a small part, to see that it works")
    options = parser.parse_args()
    unknown = sorted(set(options.names) - set(NAMES))
    if unknown:
        parser.error(f"no benchmark is called {', '.join(unknown)}: choose of {', '.join(NAMES)}")
    tables = [result_of(name, options.quick) for name in options.names or NAMES]
    if options.quick or options.names:
        return
    title = "# Results of `make bench`"
    RESULTS.write_text("\n".join([title, "", machine(), "", *map(str, tables)]))
    print(f"wrote {RESULTS.relative_to(Path.cwd())}")


if __name__ == "__main__":
    main()
