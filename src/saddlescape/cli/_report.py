"""`saddlescape report ATLAS`: the atlas as one self-contained page."""

from pathlib import Path
from typing import Annotated

import typer

from saddlescape.cli._exits import DONE
from saddlescape.cli._options import Html, Json, check_writable


def report(
    atlas: Annotated[str, typer.Argument(metavar="ATLAS", help="A folder `survey` has made.")],
    html: Html = None,
    json: Json = None,
) -> int:
    """Write an atlas as one HTML page: finding, classes, spectra, pictures, settings.

    The page is ATLAS/report.html unless --html says otherwise. It needs no network and no other
    file. Costs a second or two.
    """  # noqa: DOC201 - what is here is shown by --help
    for option, path in (("--json", json), ("--html", html)):
        check_writable(option, path)
    from saddlescape.cli import _show  # noqa: PLC0415 - these import JAX, which --help does not need
    from saddlescape.cli._session import prepare  # noqa: PLC0415

    prepare()
    from saddlescape import report as pages  # noqa: PLC0415
    from saddlescape import surveys  # noqa: PLC0415

    opened = surveys.Atlas.open(atlas)
    path = pages.write_atlas_page(atlas, html or Path(atlas) / "report.html")
    result = surveys.summary(opened)
    if json:
        _show.write_json(result, json)
    if json != "-":
        typer.echo(result["finding"])
        typer.echo(f"Page: {path}")
    return DONE
