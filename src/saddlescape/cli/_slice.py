"""`saddlescape slice`: the loss along lines and in planes through a point, plain and relaxed."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from saddlescape.cli._exits import DONE, GOAL_MISSED
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


def slice_(
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
    at: Annotated[
        str | None,
        typer.Option(
            metavar="POINT",
            help="The centre: minimum (default) or critical, where a search from the start ends; "
            "start; teacher; origin; or an npz file with one array.",
        ),
    ] = None,
    along: Annotated[
        str | None,
        typer.Option(
            metavar="WAY",
            help="eigenvectors (default): the lowest and the highest curvature; lowest; highest; "
            "random; filter: random, each neuron as long as its weights; or another checkpoint.",
        ),
    ] = None,
    dimensions: Annotated[
        str | None, typer.Option(metavar="1|2", help="Lines (1, default) or a plane (2).")
    ] = None,
    relaxed: Annotated[
        bool | None,
        typer.Option("--relaxed", help="Also with all other directions minimized, point by point."),
    ] = None,
    max_steps: Annotated[
        str | None, typer.Option(metavar="INTEGER", help="Of each search of --relaxed (500).")
    ] = None,
    reach: Annotated[
        str | None,
        typer.Option(
            metavar="FLOAT",
            help="How far either way (1); for checkpoints and trajectories how far beyond (0.25).",
        ),
    ] = None,
    grid: Annotated[
        str | None,
        typer.Option(
            metavar="INTEGER", help="Points each way: 101 on a line, 41 in a plane; relaxed 51, 21."
        ),
    ] = None,
    dense: Annotated[
        str | None,
        typer.Option(
            metavar="INTEGER",
            help="Parameters up to which eigenvectors come from the whole Hessian (1000).",
        ),
    ] = None,
    trajectory: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Rows of parameters (npz): the plane nearest to them."),
    ] = None,
    start: Annotated[
        str | None, typer.Option(metavar="INTEGER", help="Number of the start (0).")
    ] = None,
    seed: Annotated[
        str | None, typer.Option(metavar="INTEGER", help="Of start and random directions (0).")
    ] = None,
    scale: Annotated[
        str | None, typer.Option(metavar="FLOAT", help="Times the usual size of the start (1).")
    ] = None,
    settings: SettingsFile = None,
    out: Annotated[
        str | None, typer.Option(metavar="FILE", help="Write all arrays, as npz.")
    ] = None,
    json: Json = None,
    html: Html = None,
) -> int:
    """Show the loss along lines or in a plane through a point, as it is.

    Every value is the loss at its point: nothing is smoothed, and what is not finite is counted.
    The centre is always on the grid, beside the quadratic model of its derivatives. Between two
    checkpoints it tells the barrier: the rise above the straight line between their losses.

    Costs a loss a point: some 100 for a line, 1,700 for a plane. --relaxed costs two searches a
    point, some steps each: seconds for a line at a dozen parameters, a minute for a plane, more
    with the cube of the parameters. Exit code 3: at some points the relaxed search did not end.
    """  # noqa: DOC201 - what is here is shown by --help
    typed: dict[str, Any] = {
        "problem": problem, "data": data, "target": target, "inputs": names(inputs), "task": task,
        "missing": missing, "samples": samples, "hidden": widths(hidden), "activation": activation,
        "bias": bias, "weight_decay": weight_decay, "at": at, "along": along,
        "dimensions": dimensions, "relaxed": relaxed, "max_steps": max_steps, "reach": reach,
        "grid": grid, "dense": dense, "trajectory": trajectory, "start": start, "seed": seed,
        "scale": scale,
    }  # fmt: skip
    given = {name: value for name, value in typed.items() if value is not None}
    for option, file in (("--json", json), ("--html", html), ("--out", out)):
        check_writable(option, file)
    return _run(given, settings, out, (json, html))


def _run(
    given: dict[str, Any],
    file: str | None,
    out: str | None,
    written: tuple[str | None, str | None],
) -> int:
    """Compute the slices, print them, and return the exit code."""
    json, html = written
    from saddlescape.cli import _show, _show_slice  # noqa: PLC0415 - these import JAX
    from saddlescape.cli._session import prepare  # noqa: PLC0415

    prepare()
    from saddlescape import views  # noqa: PLC0415

    kind = views.SliceSettings
    chosen = kind.read(file, **given) if file else kind.checked(**given)
    with _show_slice.progress(quiet=json == "-") as advance:

        def work(check: Callable[[], None]) -> views.View:
            def on_progress(what: str, done: int, total: int) -> None:
                advance(what, done, total)
                check()

            return views.run(chosen, on_progress)

        view = interruptible(work)
    if out:
        _keep(views.arrays(view), out)
    if html:
        from saddlescape import report  # noqa: PLC0415

        report.write_page(report.slice_page(view), html)
    if json:
        _show.write_json(views.summary(view), json)
    if json != "-":
        _show_slice.slices(view, html)
    return GOAL_MISSED if view.num_unreached else DONE


def _keep(arrays: dict[str, Any], out: str) -> None:
    """Write arrays to an npz file of exactly that name."""
    import numpy as np  # noqa: PLC0415 - after --help has been answered

    with Path(out).open("wb") as file:
        np.savez_compressed(file, **arrays)
