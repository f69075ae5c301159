"""`saddlescape regions count`: regions of hyperplanes in general position, as exact integers."""

import shlex
from typing import Annotated, Any

import typer

from saddlescape import regions
from saddlescape.cli._exits import DONE
from saddlescape.cli._options import Html, Json, check_writable, whole, widths


def count(
    hyperplanes: Annotated[
        str | None,
        typer.Option(metavar="INTEGER", help="How many hyperplanes, or points to split."),
    ] = None,
    dimension: Annotated[
        str | None, typer.Option(metavar="INTEGER", help="Of the space that they cut.")
    ] = None,
    inputs: Annotated[
        str | None,
        typer.Option(metavar="INTEGER", help="With --hidden: inputs of a deep ReLU network."),
    ] = None,
    hidden: Annotated[
        str | None,
        typer.Option(metavar="8,8", help="With --inputs: bounds on its linear regions."),
    ] = None,
    json: Json = None,
    html: Html = None,
) -> int:
    """Count the regions cut by hyperplanes in general position: exact integers.

    Also the bounded regions, the dichotomies of as many points that one hyperplane can separate
    (Cover), and a table over all dimensions. With --inputs and --hidden the published bounds on
    the linear regions of a deep ReLU network: what some network reaches (Montufar et al. 2014),
    what none exceeds (Serra et al. 2018), what is usual (Hanin & Rolnick 2019).

    In JSON, integers are strings, since they may be longer than other readers allow.

    Costs nothing: it answers at once, up to 20,000 hyperplanes.
    """  # noqa: DOC201, DOC501 - what is here is shown by --help
    for option, path in (("--json", json), ("--html", html)):
        check_writable(option, path)
    counted = _counted(whole("--hyperplanes", hyperplanes), whole("--dimension", dimension))
    bounds = _bounds(whole("--inputs", inputs), widths(hidden))
    if counted is None and bounds is None:
        msg = "nothing to count: give --hyperplanes and --dimension, or --inputs and --hidden"
        raise typer.BadParameter(msg)
    typed = {
        "--hyperplanes": hyperplanes, "--dimension": dimension, "--inputs": inputs,
        "--hidden": hidden,
    }  # fmt: skip
    given = [word for pair in typed.items() if pair[1] is not None for word in pair]
    command = shlex.join(["saddlescape", "regions", "count", *map(str, given)])
    _tell(counted, bounds, command, (json, html))
    return DONE


def _counted(n: int | None, d: int | None) -> regions.CountedRegions | None:
    """Return the counts, where they are asked for.

    Raises:
        typer.BadParameter: when one of the two numbers is missing.
    """
    if n is None and d is None:
        return None
    if n is None or d is None:
        msg = "regions need both numbers: give --hyperplanes and --dimension"
        raise typer.BadParameter(msg)
    return regions.count_regions(n, d)


def _bounds(inputs: int | None, hidden: tuple[int, ...] | None) -> regions.Bounds | None:
    """Return the bounds of a deep network, where they are asked for.

    Raises:
        typer.BadParameter: when one of the two options is missing.
    """
    if inputs is None and hidden is None:
        return None
    if inputs is None or hidden is None:
        msg = "the bounds of a network need both: give --inputs and --hidden"
        raise typer.BadParameter(msg)
    return regions.deep_bounds(inputs, hidden)


def _tell(
    counted: regions.CountedRegions | None,
    bounds: regions.Bounds | None,
    command: str,
    written: tuple[str | None, str | None],
) -> None:
    """Write the page and the JSON, and print what is not on standard output already."""
    from saddlescape.cli import _show, _show_regions  # noqa: PLC0415 - rich takes a while

    json, html = written
    if html:
        from saddlescape import report  # noqa: PLC0415 - loads JAX

        report.write_page(report.regions_count_page(counted, bounds, command=command), html)
    if json:
        _show.write_json(result(counted, bounds), json)
    if json != "-":
        _show_regions.counts(counted, bounds)
        if html:
            typer.echo(f"Page: {html}")


def result(counted: regions.CountedRegions | None, bounds: regions.Bounds | None) -> dict[str, Any]:
    """Return everything as JSON values; integers are strings.

    Args:
        counted: regions of hyperplanes, or None.
        bounds: of a deep network, or None.

    Returns:
        a dictionary.
    """
    told: dict[str, Any] = {}
    if counted is not None:
        names = ("hyperplanes", "dimension", "regions", "bounded", "separable_dichotomies")
        told |= {name: _digits(getattr(counted, name)) for name in names}
        told["table"] = [
            {name: _digits(value) for name, value in vars(row).items()} for row in counted.table
        ]
    if bounds is not None:
        told["network"] = {
            "inputs": str(bounds.inputs),
            "hidden": [str(width) for width in bounds.hidden],
            "reachable": None if bounds.reachable is None else _digits(bounds.reachable),
            "upper": _digits(bounds.upper),
            "upper_by_product": _digits(bounds.product),
            "typical": "/".join(map(_digits, bounds.typical.as_integer_ratio())),
        }
    return told


def _digits(value: int) -> str:
    """Return an integer of any length as text."""
    from saddlescape.symmetry import digits  # noqa: PLC0415

    return digits(value)
