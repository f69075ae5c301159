"""`saddlescape index ...`: how many escape directions a random point has."""

from typing import Any

import typer
from typer.core import TyperGroup

from saddlescape.cli._index_cloud import cloud
from saddlescape.cli._index_law import law


class _Group(TyperGroup):
    """Commands that are listed when none is given."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Return what is left to parse; --help stands for nothing at all."""
        return super().parse_args(ctx, args or ["--help"])


index = typer.Typer(
    name="index",
    help="The statistics of the index: how many curvatures are negative by chance.",
    rich_markup_mode=None,
    cls=_Group,
)


@index.callback()
def _common() -> None:
    """The statistics of the index: how many curvatures are negative by chance."""


index.command()(law)
index.command()(cloud)
