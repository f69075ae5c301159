"""`saddlescape regions network`: the linear regions of ReLU networks."""

import shlex
import time
from typing import Annotated, Any

import typer

from saddlescape.cli._exits import DONE, GOAL_MISSED, complain
from saddlescape.cli._interrupt import interruptible
from saddlescape.cli._options import Html, Json, check_writable, numbers, whole


def network(
    networks: Annotated[
        list[str] | None,
        typer.Option(
            "--network",
            metavar="FILE",
            help="npz with weight_0, bias_0, weight_1, ... as in PyTorch. Given several times, as "
            "for checkpoints, all are counted and the last is shown.",
        ),
    ] = None,
    widths: Annotated[
        str | None, typer.Option(metavar="2,32,32,1", help="A random network of these widths.")
    ] = None,
    seed: Annotated[
        str | None, typer.Option(metavar="INTEGER", help="With --widths: of the draw (0).")
    ] = None,
    box: Annotated[
        str | None,
        typer.Option(metavar="LOW,HIGH", help="Limits of every input (-2,2)."),
    ] = None,
    ball: Annotated[
        str | None,
        typer.Option(metavar="RADIUS", help="Also count those that reach into this disk."),
    ] = None,
    through: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="CSV of three inputs: the plane through them, coordinates 0,0 and 1,0 and 0,1; of "
            "two: the segment between them.",
        ),
    ] = None,
    everywhere: Annotated[
        bool, typer.Option("--everywhere", help="Without limits, facet by facet, in any dimension.")
    ] = False,
    max_regions: Annotated[
        str | None, typer.Option(metavar="INTEGER", help="Visit at most so many (100,000).")
    ] = None,
    json: Json = None,
    html: Html = None,
) -> int:
    """Count and draw the exact linear regions of a ReLU network.

    Two inputs: all regions in a rectangle, as polygons, beside the published bounds. More inputs:
    in a box facet by facet, or on a plane or a segment (--through).

    Costs seconds for 100,000 polygons, about a millisecond for each region of three to six inputs,
    and more beyond. Exit code 3: there are more regions than --max-regions, or Ctrl-C ended the
    walk from facet to facet; what was visited is told.
    """  # noqa: DOC201 - what is here is shown by --help
    for option, path in (("--json", json), ("--html", html)):
        check_writable(option, path)
    asked: dict[str, Any] = {
        "networks": networks or [], "widths": widths, "seed": whole("--seed", seed),
        "box": _pair(box), "ball": _radius(ball), "through": through, "everywhere": everywhere,
        "max_regions": whole("--max-regions", max_regions),
    }  # fmt: skip
    _check(asked)
    from saddlescape.cli import _network_regions, _show, _show_network  # noqa: PLC0415 - NumPy

    began = time.perf_counter()
    with _show_network.progress(quiet=json == "-") as advance:
        found = interruptible(
            lambda check: _network_regions.measured(asked, check, advance), keeps_parts=True
        )
    told = {**found.told, "seconds": round(time.perf_counter() - began, 3)}
    if html:
        from saddlescape import report  # noqa: PLC0415

        page = report.network_regions_page(found.layers, told, found.plane, command=_command(asked))
        report.write_page(page, html)
    if json:
        _show.write_json(told, json)
    if json != "-":
        _show_network.network(told, html)
    if not told["is_complete"]:
        many = "there are more regions than --max-regions"
        why = "interrupted" if told.get("is_stopped") else many
        complain(f"{why}: what was visited is told")
        return GOAL_MISSED
    return DONE


def _command(asked: dict[str, Any]) -> str:
    """Return the command that repeats this."""
    words = ["saddlescape", "regions", "network"]
    for file in asked["networks"]:
        words += ["--network", file]
    for name in ("widths", "seed", "box", "ball", "through", "max_regions"):
        if asked[name] is not None:
            value = asked[name]
            text = ",".join(f"{x:g}" for x in value) if isinstance(value, tuple) else str(value)
            words += ["--" + name.replace("_", "-"), text]
    return shlex.join(words + ["--everywhere"] * asked["everywhere"])


def _check(asked: dict[str, Any]) -> None:
    """Raise unless there is one kind of network and one place to look at.

    Raises:
        typer.BadParameter: when options do not go together.
    """
    if bool(asked["networks"]) == (asked["widths"] is not None):
        msg = "give a network in one way: --network FILE, or --widths such as 2,32,32,1"
    elif asked["seed"] is not None and asked["widths"] is None:
        msg = "--seed draws a random network: add --widths, or leave it out"
    elif asked["everywhere"] and (asked["box"] or asked["through"]):
        msg = "--everywhere has no limits: leave out --box and --through"
    elif asked["max_regions"] is not None and asked["max_regions"] < 1:
        msg = f"--max-regions is {asked['max_regions']}: give at least 1"
    else:
        return
    raise typer.BadParameter(msg)


def _pair(text: str | None) -> tuple[float, float] | None:
    """Return two numbers.

    Raises:
        typer.BadParameter: when they are not two, the lower first.
    """
    values = numbers("--box", text)
    if values is None:
        return None
    if len(values) != 2 or not values[0] < values[1]:
        msg = f"--box is {text!r}: give two numbers, the lower first, such as -2,2"
        raise typer.BadParameter(msg)
    return values[0], values[1]


def _radius(text: str | None) -> float | None:
    """Return the radius.

    Raises:
        typer.BadParameter: when it is no positive number.
    """
    values = numbers("--ball", text)
    if values is None:
        return None
    if len(values) != 1 or not values[0] > 0:
        msg = f"--ball is {text!r}: give a positive radius"
        raise typer.BadParameter(msg)
    return values[0]
