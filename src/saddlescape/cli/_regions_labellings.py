"""`saddlescape regions labellings`: what one hidden layer can and cannot make of regions."""

import shlex
from typing import Annotated, Any

import typer

from saddlescape.cli._exits import DONE
from saddlescape.cli._options import Html, Json, check_writable, whole

_MOST_BITS = 4


def labellings(
    file: Annotated[
        str | None,
        typer.Option(
            metavar="FILE", help="Hyperplanes: CSV with weights, then the bias, per line."
        ),
    ] = None,
    lines: Annotated[
        str | None, typer.Option(metavar="INTEGER", help="That many random lines instead, up to 6.")
    ] = None,
    seed: Annotated[
        str | None, typer.Option(metavar="INTEGER", help="With --lines: of the draw (0).")
    ] = None,
    parity: Annotated[
        str | None,
        typer.Option(
            metavar="INTEGER",
            help="Also how many neurons the parity of up to so many bits needs (4).",
        ),
    ] = None,
    json: Json = None,
    html: Html = None,
) -> int:
    """Count the labellings of the regions of lines that one hidden layer can realise.

    Each threshold neuron tells on which side of its line an input lies; a readout of their sum must
    have the right sign on every region. All labellings that can be had are enumerated exactly, for
    the first line, the first two, and so on: XOR is the first that cannot. One more hidden layer
    has them all.

    Costs half a second for 5 lines and about ten times as much for each further one. --parity costs
    some seconds.
    """  # noqa: DOC201, DOC501 - what is here is shown by --help
    for option, path in (("--json", json), ("--html", html)):
        check_writable(option, path)
    given = {"--file": file, "--lines": lines, "--seed": seed, "--parity": parity}
    if (file is None) == (lines is None):
        msg = "give lines in one way: --lines, such as --lines 4, or --file"
        raise typer.BadParameter(msg)
    if seed is not None and lines is None:
        msg = "--seed draws random lines: add --lines, or leave it out"
        raise typer.BadParameter(msg)
    words = [word for pair in given.items() if pair[1] is not None for word in pair]
    command = shlex.join(["saddlescape", "regions", "labellings", *map(str, words)])
    told, found = _measured(file, whole("--lines", lines), whole("--seed", seed) or 0,
                            whole("--parity", parity))  # fmt: skip
    from saddlescape.cli import _show  # noqa: PLC0415
    from saddlescape.cli._show_labellings import labellings as show  # noqa: PLC0415

    if html:
        from saddlescape import report  # noqa: PLC0415

        report.write_page(report.labellings_page(found, told, command=command), html)
    if json:
        _show.write_json(told, json)
    if json != "-":
        show(told, html)
    return DONE


def _measured(
    file: str | None, lines: int | None, seed: int, bits: int | None
) -> tuple[dict[str, Any], Any]:
    """Return what is told, and the labellings of all lines.

    Raises:
        typer.BadParameter: for no line at all, or more bits than can be searched.
    """
    from saddlescape import regions  # noqa: PLC0415 - loads NumPy

    if lines is not None and lines < 1:
        msg = f"--lines is {lines}: give at least 1"
        raise typer.BadParameter(msg)
    if bits is not None and not 1 <= bits <= _MOST_BITS:
        msg = f"--parity is {bits}: give 1 to {_MOST_BITS}"
        raise typer.BadParameter(msg)
    planes = (
        regions.random_hyperplanes(lines or 0, 2, seed)
        if file is None
        else regions.read_hyperplanes(file)
    )
    parities = [regions.parity_neurons(k) for k in range(1, (bits or 0) + 1)]
    n = len(planes.biases)
    found = [regions.labellings(planes.weights[:k], planes.biases[:k]) for k in range(n, 0, -1)][
        ::-1
    ]  # the largest first: what cannot be done is refused at once
    rows = [
        {
            "hyperplanes": k,
            "regions": one.cut.num_regions,
            "labellings": str(one.num_labellings),
            "realizable": str(one.num_realizable),
            "fraction": one.num_realizable / one.num_labellings,
            "xor_is_realizable": one.has(one.checkerboard),
        }
        for k, one in enumerate(found, 1)
    ]
    neurons = [
        {"bits": p.bits, "neurons": p.neurons, "sets_excluded": list(p.tried)} for p in parities
    ]
    return {
        **rows[-1],
        "dimension": planes.weights.shape[1],
        "table": rows,
        "parity": neurons,
    }, found[-1]
