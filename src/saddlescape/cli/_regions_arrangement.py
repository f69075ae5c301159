"""`saddlescape regions arrangement`: every region of given hyperplanes."""

import shlex
import time
from typing import Annotated, Any

import typer

from saddlescape.cli._exits import DONE
from saddlescape.cli._interrupt import interruptible
from saddlescape.cli._options import Html, Json, check_writable, whole

_MOST_LISTED = 10_000  # regions in JSON


def arrangement(
    file: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="Hyperplanes: CSV with weights and then the bias per line, or npz with weights "
            "and biases.",
        ),
    ] = None,
    network: Annotated[
        str | None,
        typer.Option(
            metavar="FILE", help="The first layer of this network: npz with weight_0, bias_0, ..."
        ),
    ] = None,
    hyperplanes: Annotated[
        str | None, typer.Option(metavar="INTEGER", help="That many random ones instead.")
    ] = None,
    dimension: Annotated[
        str | None, typer.Option(metavar="INTEGER", help="With --hyperplanes: of the space.")
    ] = None,
    seed: Annotated[
        str | None, typer.Option(metavar="INTEGER", help="With --hyperplanes: of the draw (0).")
    ] = None,
    max_regions: Annotated[
        str | None,
        typer.Option(metavar="INTEGER", help="Refuse where there may be more (2,000,000)."),
    ] = None,
    out: Annotated[
        str | None,
        typer.Option(
            metavar="FILE", help="Write all regions to an npz: signs, points, directions."
        ),
    ] = None,
    json: Json = None,
    html: Html = None,
) -> int:
    """List every region that hyperplanes cut space into, in any position.

    Hyperplanes may be parallel, concurrent or repeated. Of every region: on which side of each
    hyperplane it lies, a point inside, its facets, and whether it is bounded, with a direction in
    which it goes to infinity where not. No linear program is solved.

    Costs seconds for a million regions in general position, and about ten times as much in any
    other; memory for twice as many numbers as regions times hyperplanes. JSON lists the regions up
    to 10,000; --out has them all.
    """  # noqa: DOC201 - what is here is shown by --help
    for option, path in (("--json", json), ("--html", html), ("--out", out)):
        check_writable(option, path)
    typed = {
        "--file": file, "--network": network, "--hyperplanes": hyperplanes,
        "--dimension": dimension, "--seed": seed, "--max-regions": max_regions,
    }  # fmt: skip
    _check_source(typed)
    given = [word for pair in typed.items() if pair[1] is not None for word in pair]
    command = shlex.join(["saddlescape", "regions", "arrangement", *map(str, given)])
    most = whole("--max-regions", max_regions)
    from saddlescape import regions  # noqa: PLC0415 - these load NumPy
    from saddlescape.cli import _show, _show_arrangement  # noqa: PLC0415

    planes = _planes(typed)
    began = time.perf_counter()
    cut = interruptible(
        lambda _: regions.arrangement(*planes, max_regions=2_000_000 if most is None else most)
    )
    seconds = time.perf_counter() - began
    told = result(cut, seconds)
    if out:
        _store(cut, out)
    if html:
        from saddlescape import report  # noqa: PLC0415

        report.write_page(report.arrangement_page(cut, command=command), html)
    if json:
        _show.write_json(told, json)
    if json != "-":
        _show_arrangement.arrangement(told, (("Page", html), ("Regions", out)))
    return DONE


def _check_source(typed: dict[str, str | None]) -> None:
    """Raise unless the hyperplanes come from one place.

    Raises:
        typer.BadParameter: when they come from none or from several.
    """
    sources = [name for name in ("--file", "--network", "--hyperplanes") if typed[name] is not None]
    if len(sources) != 1:
        msg = "give hyperplanes in one way: --file, --network, or --hyperplanes with --dimension"
        raise typer.BadParameter(msg)
    if (typed["--dimension"] is None) != (typed["--hyperplanes"] is None):
        msg = "--hyperplanes and --dimension belong together: give both"
        raise typer.BadParameter(msg)
    if typed["--seed"] is not None and typed["--hyperplanes"] is None:
        msg = "--seed draws random hyperplanes: add --hyperplanes and --dimension, or leave it out"
        raise typer.BadParameter(msg)


def _planes(typed: dict[str, str | None]) -> Any:
    """Return weights and biases."""
    from saddlescape import regions  # noqa: PLC0415

    if typed["--file"] is not None:
        return regions.read_hyperplanes(typed["--file"])
    if typed["--network"] is not None:
        return regions.read_layers(typed["--network"])[0]
    n, d, seed = (whole(name, typed[name]) for name in ("--hyperplanes", "--dimension", "--seed"))
    return regions.random_hyperplanes(n or 0, d or 0, seed or 0)


def _store(cut: Any, out: str) -> None:
    """Write all regions to an npz file."""
    import numpy as np  # noqa: PLC0415

    arrays = {name: getattr(cut, name) for name in ("weights", "biases", "signs", "points")}
    with open(out, "wb") as opened:  # noqa: PTH123 - savez adds an ending to a path, not to a file
        np.savez_compressed(opened, **arrays, directions=cut.directions)


def result(cut: Any, seconds: float) -> dict[str, Any]:
    """Return everything as JSON values.

    Args:
        cut: the arrangement.
        seconds: what the enumeration took.

    Returns:
        a dictionary; its regions are listed up to 10,000.
    """
    import numpy as np  # noqa: PLC0415

    from saddlescape import regions  # noqa: PLC0415

    n, d = cut.weights.shape
    told: dict[str, Any] = {
        "hyperplanes": n,
        "dimension": d,
        "rank": cut.rank,
        "regions": cut.num_regions,
        "bounded": cut.num_bounded,
        "in_general_position": cut.is_general,
        "regions_in_general_position": str(regions.num_regions(n, d)),
        "closest_decision": cut.closest if np.isfinite(cut.closest) else None,
        "seconds": round(seconds, 3),
    }
    if cut.num_regions * max(n, 1) <= 20_000_000:
        facets = cut.facets()
        sizes, numbers = np.unique(facets.sum(axis=1), return_counts=True)
        told["facets"] = {str(s): int(k) for s, k in zip(sizes, numbers, strict=True)}
        if cut.num_regions <= _MOST_LISTED:
            told["list"] = [_region(cut, facets, i) for i in range(cut.num_regions)]
    return told


def _region(cut: Any, facets: Any, i: int) -> dict[str, Any]:
    """Return one region as JSON values."""
    bounded = bool(cut.is_bounded[i])
    return {
        "signs": "".join("+" if above else "-" for above in cut.signs[i]),
        "point": cut.points[i].tolist(),
        "facets": facets[i].nonzero()[0].tolist(),
        "bounded": bounded,
        "direction": None if bounded else cut.directions[i].tolist(),
    }
