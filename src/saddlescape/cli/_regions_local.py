"""`saddlescape regions local`: distributed against local representation."""

from collections.abc import Callable
from typing import Annotated, Any

import typer

from saddlescape.cli._exits import DONE
from saddlescape.cli._interrupt import interruptible
from saddlescape.cli._options import (
    Bias,
    DataFile,
    Html,
    InputColumns,
    Json,
    Missing,
    ProblemName,
    Samples,
    SettingsFile,
    TargetColumn,
    WeightDecay,
    check_writable,
    names,
)
from saddlescape.cli._options import widths as read_widths


def local(
    problem: ProblemName = None,
    data: DataFile = None,
    target: TargetColumn = None,
    inputs: InputColumns = None,
    missing: Missing = None,
    samples: Samples = None,
    bias: Bias = None,
    weight_decay: WeightDecay = None,
    widths: Annotated[
        str | None,
        typer.Option(metavar="4,8,16,32", help="Neurons per layer, one network for each."),
    ] = None,
    depth: Annotated[
        str | None, typer.Option(metavar="INTEGER", help="Hidden layers of each (1).")
    ] = None,
    starts: Annotated[
        str | None,
        typer.Option(metavar="INTEGER", help="Runs of each, the lowest loss is kept (3)."),
    ] = None,
    steps: Annotated[
        str | None, typer.Option(metavar="INTEGER", help="Steps of Adam, on all samples (3000).")
    ] = None,
    rate: Annotated[
        str | None, typer.Option(metavar="FLOAT", help="Learning rate of Adam (0.01).")
    ] = None,
    seed: Annotated[
        str | None, typer.Option(metavar="INTEGER", help="Of starts, and what is held out (0).")
    ] = None,
    settings: SettingsFile = None,
    json: Json = None,
    html: Html = None,
) -> int:
    """Set ReLU networks beside the nearest neighbour, on two inputs and classes.

    How many regions each network cuts, how many hold no training sample and what they are
    called, on which part of the area the two rules differ (exactly), how many held-out points each
    labels rightly, and how many numbers each stores for a region.

    Costs widths x starts x steps gradients of all samples: half a minute for the default on
    spirals.
    """  # noqa: DOC201 - what is here is shown by --help
    typed: dict[str, Any] = {
        "problem": problem, "data": data, "target": target, "inputs": names(inputs),
        "missing": missing, "samples": samples, "bias": bias, "weight_decay": weight_decay,
        "widths": _sizes(widths), "depth": depth, "starts": starts, "steps": steps, "rate": rate,
        "seed": seed,
    }  # fmt: skip
    if data is not None:
        typed["task"] = "classification"
    given = {name: value for name, value in typed.items() if value is not None}
    for option, file in (("--json", json), ("--html", html)):
        check_writable(option, file)
    return _run(given, settings, (json, html))


def _sizes(text: str | None) -> tuple[int, ...] | None:
    """Return the widths that were typed.

    Raises:
        typer.BadParameter: when they are none.
    """
    try:
        return read_widths(text)
    except typer.BadParameter as error:
        raise typer.BadParameter(str(error).replace("--hidden", "--widths")) from None


def _run(given: dict[str, Any], file: str | None, written: tuple[str | None, str | None]) -> int:
    """Compare, print what was found, and return the exit code."""
    json, html = written
    from saddlescape.cli import _show, _show_decision  # noqa: PLC0415 - these import JAX
    from saddlescape.cli._session import prepare  # noqa: PLC0415

    prepare()
    from saddlescape import decisions  # noqa: PLC0415

    kind = decisions.LocalSettings
    chosen = kind.read(file, **given) if file else kind.checked(**given)
    runs = len(set(chosen.widths)) * chosen.starts
    with _show_decision.bar("Training", runs, "runs", quiet=json == "-") as advance:

        def look(check: Callable[[], None]) -> decisions.Local:
            def on_progress(done: int) -> None:
                advance(done)
                check()

            return decisions.beside(chosen, on_progress)

        found = interruptible(look)
    if html:
        from saddlescape import report  # noqa: PLC0415

        report.write_page(report.local_page(found), html)
    if json:
        _show.write_json(decisions.local_summary(found), json)
    if json != "-":
        _show_decision.local(found, html)
    return DONE
