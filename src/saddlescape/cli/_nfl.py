"""`saddlescape nfl`: no free lunch, enumerated."""

from typing import Any

import typer
from typer.core import TyperGroup

from saddlescape.cli._nfl_learning import learning
from saddlescape.cli._nfl_priors import priors
from saddlescape.cli._nfl_search import search


class _Group(TyperGroup):
    """Commands that are listed when none is given."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Return what is left to parse; --help stands for nothing at all."""
        return super().parse_args(ctx, args or ["--help"])


nfl = typer.Typer(
    name="nfl",
    help="No free lunch: exact over all functions, and what structure changes.",
    rich_markup_mode=None,
    cls=_Group,
)


@nfl.callback()
def _common() -> None:
    """No free lunch: exact over all functions, and what structure changes."""


nfl.command()(search)
nfl.command()(learning)
nfl.command()(priors)
