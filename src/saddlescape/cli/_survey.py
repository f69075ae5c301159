"""`saddlescape survey`: many starts, every critical point they reach, an atlas folder."""

from collections.abc import Callable
from pathlib import Path
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


def survey(
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
    finder: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="minima (default), any-index or gradient-norm (saddles too), index (1), flow.",
        ),
    ] = None,
    max_steps: Annotated[
        str | None, typer.Option(metavar="INTEGER", help="Newton steps a start may take.")
    ] = None,
    scale: Annotated[
        str | None, typer.Option(metavar="FLOAT", help="Multiplies the random starts.")
    ] = None,
    starts: Annotated[
        str | None, typer.Option(metavar="INTEGER", help="How many starts (1000).")
    ] = None,
    seed: Annotated[
        str | None, typer.Option(metavar="INTEGER", help="Same seed, same starts (0).")
    ] = None,
    settings: SettingsFile = None,
    out: Annotated[str, typer.Option(metavar="FOLDER", help="The atlas.")] = "atlas",
    json: Json = None,
    html: Html = None,
) -> int:
    """Find the critical points of a network's loss from many random starts.

    Writes an atlas: a folder with one row per start (points/*.parquet) and one per distinct point
    modulo symmetry (classes.parquet). Interrupt it when you like: finished blocks are kept, and the
    same command continues; a larger --starts extends a finished atlas.

    Costs about 2 ms a start and core on the lecture problem (12 parameters, 1,681 samples), growing
    with samples x parameters^2, after 3 to 8 seconds of compiling that later runs skip.
    """  # noqa: DOC201 - what is here is shown by --help
    typed: dict[str, Any] = {
        "problem": problem, "data": data, "target": target, "inputs": names(inputs), "task": task,
        "missing": missing, "samples": samples, "hidden": widths(hidden), "activation": activation,
        "bias": bias, "weight_decay": weight_decay, "finder": finder, "max_steps": max_steps,
        "scale": scale, "starts": starts, "seed": seed,
    }  # fmt: skip
    given = {name: value for name, value in typed.items() if value is not None}
    for option, path in (("--json", json), ("--html", html)):
        check_writable(option, path, made=Path(out))
    return _run(given, settings, Path(out), (json, html))


def _run(given: dict[str, Any], file: str | None, out: Path, written: tuple[Any, Any]) -> int:
    """Run the survey, print what it found, and return the exit code."""
    from saddlescape.cli import _show  # noqa: PLC0415 - these import JAX, which --help does not need
    from saddlescape.cli._session import prepare  # noqa: PLC0415

    prepare()
    from saddlescape import surveys  # noqa: PLC0415
    from saddlescape.core import Outcome  # noqa: PLC0415

    checked, read = surveys.SurveySettings.checked, surveys.SurveySettings.read
    chosen = read(file, **given) if file else checked(**given)
    json, html = written
    with _show.progress(quiet=json == "-") as advance:

        def search(check: Callable[[], None]) -> surveys.Atlas:
            def on_block(state: surveys.Progress) -> None:
                advance(state)
                check()

            return surveys.run(chosen, out, on_block)

        atlas = interruptible(search)
    result = surveys.summary(atlas)
    if html:
        from saddlescape import report  # noqa: PLC0415

        report.write_atlas_page(out, html)
    if json:
        _show.write_json(result, json)
    if json != "-":
        _show.survey(result, out, html)
    reached = result["converged"] + result["at_infinity"]
    if not reached:
        outcomes = {outcome.label: outcome for outcome in Outcome}
        complain(outcomes[next(iter(result["outcomes"]))].advice)
    return DONE if reached else GOAL_MISSED
