"""What a benchmark hands back: rows, and whether each goal is met; and how that is printed."""

import dataclasses
import json
import sys
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path


@dataclasses.dataclass(frozen=True)
class Goal:
    """One goal of the project: what was wanted, what was measured."""

    wanted: str
    measured: str
    is_met: bool

    def __str__(self) -> str:
        """Return the goal as one line of Markdown."""
        verdict = "met" if self.is_met else "not met"
        return f"**{verdict}**: wanted {self.wanted}; measured {self.measured}."


@dataclasses.dataclass(frozen=True)
class Table:
    """A benchmark's result: a title, how it was measured, the rows, the goals."""

    title: str
    method: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    goals: tuple[Goal, ...]

    def __str__(self) -> str:
        """Return the section of RESULTS.md."""
        lines = [f"## {self.title}", "", self.method, ""]
        lines += [f"- {goal}" for goal in self.goals]
        lines += ["", _row(self.columns), _row(["---"] * len(self.columns))]
        return "\n".join(lines + [_row(row) for row in self.rows]) + "\n"

    @classmethod
    def read(cls, path: Path) -> "Table":
        """Return the table that `main` wrote."""
        fields = json.loads(path.read_text())
        goals = tuple(Goal(**goal) for goal in fields.pop("goals"))
        rows = tuple(tuple(row) for row in fields.pop("rows"))
        return cls(**fields, rows=rows, goals=goals)


def _row(cells) -> str:
    return f"| {' | '.join(cells)} |"


def ratio_cell(ratio: float) -> str:
    """Return a ratio with two or three significant digits."""
    return f"{ratio:.0f}" if ratio >= 100 else f"{ratio:.3g}"


def time_cell(seconds: float, spread: float | None = None) -> str:
    """Return a duration with its unit, and the spread where there is one."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if seconds >= size or unit == "us":
            break
    noise = "" if spread is None else f" ±{100 * spread:.0f} %"
    return f"{seconds / size:.3g} {unit}{noise}"


def main(run: Callable[[bool], Table]) -> None:
    """Run one benchmark: `python -m benchmarks.NAME [--quick] [--json FILE]`."""
    parser = ArgumentParser(description=sys.modules["__main__"].__doc__)
    parser.add_argument("--quick", action="store_true", help="a small part, to see that it works")
    parser.add_argument("--json", type=Path, help="also write the table here")
    options = parser.parse_args()
    table = run(options.quick)
    if options.json:
        options.json.write_text(json.dumps(dataclasses.asdict(table)))
    print(table)
