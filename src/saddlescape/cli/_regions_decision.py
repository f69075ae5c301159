"""`saddlescape regions decision`: a network opened layer by layer."""

from collections.abc import Callable
from typing import Annotated, Any

import typer

from saddlescape.cli._exits import DONE
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


def decision(
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
    network: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="Instead of training: npz with weight_0, bias_0, ...; its inputs "
            "are scaled as the data are.",
        ),
    ] = None,
    plane: Annotated[
        str | None,
        typer.Option(
            metavar="PLANE",
            help="With more than two inputs: samples (through three of them, default) or pca.",
        ),
    ] = None,
    steps: Annotated[
        str | None, typer.Option(metavar="INTEGER", help="Steps of Adam, on all samples (3000).")
    ] = None,
    rate: Annotated[
        str | None, typer.Option(metavar="FLOAT", help="Learning rate of Adam (0.01).")
    ] = None,
    seed: Annotated[str | None, typer.Option(metavar="INTEGER", help="Of the start (0).")] = None,
    scale: Annotated[
        str | None, typer.Option(metavar="FLOAT", help="Times the usual size of the start (1).")
    ] = None,
    training: Annotated[
        bool, typer.Option("--training", help="Also count regions along training.")
    ] = False,
    checkpoints: Annotated[
        str | None, typer.Option(metavar="INTEGER", help="With --training: how often (40).")
    ] = None,
    settings: SettingsFile = None,
    json: Json = None,
    html: Html = None,
) -> int:
    """Open a network on two inputs layer by layer: hyperplanes, regions, separating surface.

    Each neuron's hyperplane with its normal, in the input plane and in the space of the layer's own
    inputs; the surface that parts the classes; the linear regions of a ReLU network (the default).
    More than two inputs are seen on a plane through them.

    Costs the training, a gradient of all samples for each step: some seconds for hundreds of
    samples; regions cost microseconds each.
    """  # noqa: DOC201 - what is here is shown by --help
    typed: dict[str, Any] = {
        "problem": problem, "data": data, "target": target, "inputs": names(inputs), "task": task,
        "missing": missing, "samples": samples, "hidden": widths(hidden), "activation": activation,
        "bias": bias, "weight_decay": weight_decay, "network": network, "plane": plane,
        "steps": steps, "rate": rate, "seed": seed, "scale": scale,
        "training": training or None, "checkpoints": checkpoints,
    }  # fmt: skip
    given = {name: value for name, value in typed.items() if value is not None}
    for option, file in (("--json", json), ("--html", html)):
        check_writable(option, file)
    return _run(given, settings, (json, html))


def _run(given: dict[str, Any], file: str | None, written: tuple[str | None, str | None]) -> int:
    """Open the network, print what is seen, and return the exit code."""
    json, html = written
    from saddlescape.cli import _show, _show_decision  # noqa: PLC0415 - these import JAX
    from saddlescape.cli._session import prepare  # noqa: PLC0415

    prepare()
    from saddlescape import decisions  # noqa: PLC0415

    kind = decisions.DecisionSettings
    chosen = kind.read(file, **given) if file else kind.checked(**given)
    with _show_decision.progress(quiet=json == "-") as advance:

        def look(check: Callable[[], None]) -> decisions.Decision:
            def on_progress(words: str) -> None:
                advance(words)
                check()

            return decisions.run(chosen, on_progress)

        found = interruptible(look)
    if html:
        from saddlescape import report  # noqa: PLC0415

        report.write_page(report.decision_page(found), html)
    if json:
        _show.write_json(decisions.summary(found), json)
    if json != "-":
        _show_decision.decision(found, html)
    return DONE
