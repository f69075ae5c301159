"""`saddlescape depth separation`: units that functions take, deep and shallow."""

from typing import Annotated, Any

import typer

from saddlescape.cli._depth_work import Out, Quick, searched
from saddlescape.cli._exits import DONE, GOAL_MISSED
from saddlescape.cli._options import Html, Json, SettingsFile, check_writable, numbers


def separation(
    teeth: Annotated[
        str | None, typer.Option(metavar="INTEGER", help="Sawtooth of up to 2^teeth pieces (8).")
    ] = None,
    bits: Annotated[
        str | None, typer.Option(metavar="INTEGER", help="Parity of 2 to so many bits (8).")
    ] = None,
    squares: Annotated[
        str | None, typer.Option(metavar="INTEGER", help="Products of up to so many layers (6).")
    ] = None,
    trained_teeth: Annotated[
        str | None,
        typer.Option(metavar="INTEGER", help="Up to here training looks for networks (3)."),
    ] = None,
    trained_bits: Annotated[
        str | None, typer.Option(metavar="INTEGER", help="The same for parity (4); 0 for none.")
    ] = None,
    trained_products: Annotated[
        str | None,
        typer.Option(metavar="INTEGER", help="Layers of the product to be as near as (2); 0: none"),
    ] = None,
    tries: Annotated[
        str | None,
        typer.Option(metavar="INTEGER", help="Widths tried from the lower bound upwards (8)."),
    ] = None,
    rates: Annotated[
        str | None, typer.Option(metavar="A,B", help="Learning rates (0.003,0.01,0.03).")
    ] = None,
    seeds: Annotated[
        str | None, typer.Option(metavar="INTEGER", help="Starts of each width and rate (16).")
    ] = None,
    epochs: Annotated[
        str | None, typer.Option(metavar="INTEGER", help="Passes over the points at most (500).")
    ] = None,
    starts: Annotated[
        str | None, typer.Option(metavar="INTEGER", help="Starts of each width as a function (32).")
    ] = None,
    steps: Annotated[
        str | None, typer.Option(metavar="INTEGER", help="Steps of Adam from each start (3000).")
    ] = None,
    seed: Annotated[str | None, typer.Option(metavar="INTEGER", help="Of the starts (0).")] = None,
    quick: Quick = False,
    settings: SettingsFile = None,
    out: Out = None,
    json: Json = None,
    html: Html = None,
) -> int:
    """Count the hidden units that functions take, deep and shallow, exactly, beside lower bounds.

    Sawtooth, parity, and products: a deep narrow ReLU network with rational weights, the shallow
    one, what no network can do with fewer, the linear regions of both; all without rounding. Then
    training looks for the smallest network of one hidden layer that names points rightly, for the
    deep one, and for the smallest one that is the function up to an error.

    Exact numbers take seconds; training takes some four minutes of one core, --quick less than one.
    It grows with seeds x rates x epochs x tries, and starts x steps x tries; each more tooth or bit
    doubles the points. Exit code 3: for some function no width that was tried was enough.
    """  # noqa: DOC201 - what is here is shown by --help
    typed: dict[str, Any] = {
        "teeth": teeth, "bits": bits, "squares": squares, "trained_teeth": trained_teeth,
        "trained_bits": trained_bits, "tries": tries, "rates": numbers("--rates", rates),
        "trained_products": trained_products, "seeds": seeds, "epochs": epochs, "starts": starts,
        "steps": steps, "seed": seed,
    }  # fmt: skip
    given = {name: value for name, value in typed.items() if value is not None}
    for option, file in (("--json", json), ("--html", html)):
        check_writable(option, file)
    from saddlescape.cli import _show, _show_depth  # noqa: PLC0415 - these import JAX
    from saddlescape.cli._session import prepare  # noqa: PLC0415

    prepare()
    from saddlescape import comparisons  # noqa: PLC0415

    kind = comparisons.SeparationSettings
    small = kind.small(given) if quick else {}
    chosen = kind.read(settings, **small, **given) if settings else kind.checked(**small, **given)
    found = searched(
        lambda tell: comparisons.separation(chosen, tell, out), _show_depth.progress, out, json
    )
    result = comparisons.separation_summary(found)
    if html:
        from saddlescape import report  # noqa: PLC0415

        report.write_separation_page(found, html)
    if json:
        _show.write_json(result, json)
    if json != "-":
        _show_depth.separation(result, html)
    return DONE if found.is_complete else GOAL_MISSED
