"""`saddlescape index cloud`: critical points of every index, their loss against their index."""

from collections.abc import Callable
from typing import Annotated, Any

import typer

from saddlescape.cli._exits import DONE, GOAL_MISSED, complain
from saddlescape.cli._interrupt import interruptible
from saddlescape.cli._options import (
    ActivationName,
    Bias,
    DataFile,
    Hidden,
    Html,
    InputColumns,
    Json,
    Missing,
    ProblemName,
    Samples,
    SettingsFile,
    TargetColumn,
    Task,
    WeightDecay,
    check_writable,
    names,
    widths,
)


def cloud(
    problem: ProblemName = None,
    data: DataFile = None,
    target: TargetColumn = None,
    inputs: InputColumns = None,
    task: Task = None,
    missing: Missing = None,
    samples: Samples = None,
    hidden: Hidden = None,
    activation: ActivationName = None,
    bias: Bias = None,
    weight_decay: WeightDecay = None,
    starts: Annotated[
        str | None, typer.Option(metavar="INTEGER", help="Searches for a critical point (300).")
    ] = None,
    max_index: Annotated[
        str | None, typer.Option(metavar="INTEGER", help="Highest index to ask for (6).")
    ] = None,
    max_steps: Annotated[
        str | None, typer.Option(metavar="INTEGER", help="Newton steps of a search (300).")
    ] = None,
    matrices: Annotated[
        str | None,
        typer.Option(metavar="INTEGER", help="Random matrices to compare a spectrum with (999)."),
    ] = None,
    scale: Annotated[
        str | None, typer.Option(metavar="FLOAT", help="Times the usual size of the starts (1).")
    ] = None,
    seed: Annotated[
        str | None, typer.Option(metavar="INTEGER", help="Of starts and of chance (0).")
    ] = None,
    settings: SettingsFile = None,
    out: Annotated[
        str | None,
        typer.Option(metavar="FOLDER", help="Keeps the points: the same command continues there."),
    ] = None,
    json: Json = None,
    html: Html = None,
) -> int:
    """Find critical points of every index, and tell whether loss and index rise together.

    Half of the searches begin at points that training passes, half beside points that those have
    found: by Newton's method, by least squares of the gradient, and by following eigenvectors to
    index 0, 1, ..., --max-index. Accepted is what has a gradient below 1e-10; gradient-flat
    impostors and runaways are counted. Distinct points modulo symmetry are the sample of the rank
    correlation. Spectra are tested against random matrices of their size, and the steps that
    gradient descent needs to leave a saddle stand beside ln(1/e) / (rate |lambda|).

    Costs up to --max-steps Hessians and eigendecompositions a search: the lecture problem took
    two minutes on two busy cores, a search on digits with 310 parameters 24 seconds.
    Classes without --weight-decay have no critical points. Exit code 3: none was found.
    """  # noqa: DOC201 - what is here is shown by --help
    typed: dict[str, Any] = {
        "problem": problem, "data": data, "target": target, "inputs": names(inputs), "task": task,
        "missing": missing, "samples": samples, "hidden": widths(hidden), "activation": activation,
        "bias": bias, "weight_decay": weight_decay, "starts": starts, "max_index": max_index,
        "max_steps": max_steps, "matrices": matrices, "scale": scale, "seed": seed,
    }  # fmt: skip
    given = {name: value for name, value in typed.items() if value is not None}
    for option, file in (("--json", json), ("--html", html)):
        check_writable(option, file)
    return _run(given, settings, out, (json, html))


def _run(
    given: dict[str, Any],
    file: str | None,
    out: str | None,
    written: tuple[str | None, str | None],
) -> int:
    """Find the cloud, print it, and return the exit code."""
    json, html = written
    from saddlescape.cli import _show, _show_cloud  # noqa: PLC0415 - these import JAX
    from saddlescape.cli._session import prepare  # noqa: PLC0415

    prepare()
    from saddlescape import clouds  # noqa: PLC0415

    kind = clouds.CloudSettings
    chosen = kind.read(file, **given) if file else kind.checked(**given)
    with _show_cloud.progress(quiet=json == "-") as advance:

        def search(check: Callable[[], None]) -> clouds.Cloud:
            def on_progress(state: clouds.Progress) -> None:
                advance(state)
                check()

            return clouds.run(chosen, on_progress, out)

        try:
            found = interruptible(search)
        except KeyboardInterrupt:
            if out is None:
                complain("without --out FOLDER nothing is stored, with it every block is")
            raise
    evidence = (clouds.spectra_of(found), clouds.escapes(found))
    result = clouds.summary(found, *evidence)
    if html:
        from saddlescape import report  # noqa: PLC0415

        report.write_cloud_page(found, html, *evidence)
    if json:
        _show.write_json(result, json)
    if json != "-":
        _show_cloud.cloud(result, html)
    return DONE if result["points"] else GOAL_MISSED
