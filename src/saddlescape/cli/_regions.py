"""`saddlescape regions ...`: hyperplanes and networks that cut space, one command each."""

import typer
from typer.core import TyperGroup

from saddlescape.cli._regions_arrangement import arrangement
from saddlescape.cli._regions_count import count
from saddlescape.cli._regions_decision import decision
from saddlescape.cli._regions_labellings import labellings
from saddlescape.cli._regions_local import local
from saddlescape.cli._regions_network import network
from saddlescape.cli._regions_solutions import solutions

regions = typer.Typer(
    help="Regions cut by hyperplanes and by networks: counted, listed, drawn.",
    cls=TyperGroup,
    rich_markup_mode=None,
)
regions.command()(count)
regions.command()(arrangement)
regions.command()(network)
regions.command()(labellings)
regions.command()(solutions)
regions.command()(decision)
regions.command()(local)
