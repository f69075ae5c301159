"""`saddlescape race`: every optimizer at every rate, from the same starts."""

from collections.abc import Callable
from typing import Annotated, Any

import typer

from saddlescape.cli._exits import BAD_INPUT, DONE, GOAL_MISSED, complain
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
    numbers,
    widths,
)


def race(
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
    optimizers: Annotated[
        str | None,
        typer.Option(metavar="A,B", help="Optimizers, or all (default); a wrong name lists them."),
    ] = None,
    rates: Annotated[
        str | None,
        typer.Option(metavar="0.1,0.01", help="Learning rates, or sweep (default): 1e-4 to 0.5."),
    ] = None,
    steps: Annotated[
        str | None, typer.Option(metavar="INTEGER", help="Steps of each run (5000).")
    ] = None,
    batch: Annotated[
        str | None,
        typer.Option(metavar="INTEGER", help="Samples per step: 1, 32, ... or full (default)."),
    ] = None,
    seeds: Annotated[
        str | None,
        typer.Option(metavar="INTEGER", help="Starts, each with its own order of the data (5)."),
    ] = None,
    seed: Annotated[
        str | None, typer.Option(metavar="INTEGER", help="Of starts and orders (0).")
    ] = None,
    scale: Annotated[
        str | None, typer.Option(metavar="FLOAT", help="Times the usual size of the starts (1).")
    ] = None,
    explain: Annotated[
        bool,
        typer.Option("--explain", help="Measure why, too: a minute more, 400 parameters at most."),
    ] = False,
    saddle: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Saddle to leave (of path --json), for --explain."),
    ] = None,
    settings: SettingsFile = None,
    out: Annotated[
        str | None,
        typer.Option(metavar="FOLDER", help="Keeps the race: the same command continues there."),
    ] = None,
    json: Json = None,
    html: Html = None,
) -> int:
    """Race optimizers at many rates, from the same starts and with the same order of the data.

    Tells the best rate of each, how soon given losses are reached, where each ended (minimum or
    saddle), and which runs diverged.

    With --explain it also measures how long each stays beside a saddle, the noise of each
    parameter's gradient, where minibatches have their minima, the approach to the gradient flow,
    and every statement of the lecture on momentum, RMSProp and Adam.

    Costs a gradient for every optimizer, rate, start and step: the default race of the lecture
    problem (6 optimizers, 12 rates, 5 starts, 5,000 steps) takes a minute on two cores. Exit code
    3: even at its best rate more than half of the runs of some optimizer are not finite. With --out
    a race survives an interruption.
    """  # noqa: DOC201 - what is here is shown by --help
    typed: dict[str, Any] = {
        "problem": problem, "data": data, "target": target, "inputs": names(inputs), "task": task,
        "missing": missing, "samples": samples, "hidden": widths(hidden), "activation": activation,
        "bias": bias, "weight_decay": weight_decay,
        "optimizers": None if optimizers == "all" else names(optimizers),
        "rates": None if rates == "sweep" else numbers("--rates", rates), "steps": steps,
        "batch": None if batch == "full" else batch, "seeds": seeds, "seed": seed, "scale": scale,
    }  # fmt: skip
    given = {name: value for name, value in typed.items() if value is not None}
    for option, file in (("--json", json), ("--html", html)):
        check_writable(option, file)
    if saddle is not None and not explain:
        complain("--saddle FILE is what --explain sets optimizers beside: give both, or neither")
        return BAD_INPUT
    return _run(given, settings, out, (json, html), (explain, saddle))


def _run(
    given: dict[str, Any],
    file: str | None,
    out: str | None,
    written: tuple[str | None, str | None],
    why: tuple[bool, str | None],
) -> int:
    """Run the race, print it, and return the exit code."""
    (json, html), (explain, saddle) = written, why
    from saddlescape.cli import _show, _show_race  # noqa: PLC0415 - these import JAX
    from saddlescape.cli._session import prepare  # noqa: PLC0415

    prepare()
    from saddlescape import optimizers, races, setups  # noqa: PLC0415

    kind = races.RaceSettings
    chosen = kind.read(file, **given) if file else kind.checked(**given)
    beside = None if saddle is None else races.read_saddle(saddle)
    if explain:
        races.require_explainable(setups.prepare(chosen).landscape, beside)
    with _show_race.progress(quiet=json == "-") as advance:

        def search(check: Callable[[], None]) -> races.Races:
            def on_progress(stage: optimizers.Race) -> None:
                advance(stage)
                check()

            return races.run(chosen, on_progress, out)

        try:
            found = interruptible(search)
        except KeyboardInterrupt:
            if out is None:
                complain("without --out FOLDER nothing is stored, with it every stage is")
            raise
    measured = races.diagnose(found) if json or html else ()
    told = races.explain(found, beside) if explain else None
    result = races.summary(found, measured, told)
    if html:
        from saddlescape import report  # noqa: PLC0415

        report.write_race_page(found, html, measured, told)
    if json:
        _show.write_json(result, json)
    if json != "-":
        _show_race.race(found, result["finding"], html)
        if told is not None:
            _show_race.evidence(told)
    lost = any(one["final_loss"]["median"] is None for one in result["optimizers"])
    return GOAL_MISSED if lost else DONE
