"""`saddlescape path`: two neurons merge, and a minimum becomes its own permutation."""

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


def path(
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
    layer: Annotated[
        str | None, typer.Option(metavar="INTEGER", help="The hidden layer, from 0 (0).")
    ] = None,
    pair: Annotated[
        tuple[int, int] | None,
        typer.Option(metavar="I J", help="Two neurons of it, from 0; all pairs if unset."),
    ] = None,
    flip: Annotated[
        bool,
        typer.Option("--flip", help="Turn J upside down first (odd activations): another path."),
    ] = False,
    compare: Annotated[
        bool,
        typer.Option("--compare", help="Look for other ways too: 5 to 10 times as long."),
    ] = False,
    max_steps: Annotated[
        str | None,
        typer.Option(
            metavar="INTEGER",
            help="Steps after which a path ends where it is, exit 3 (5000: 8 minutes for 870 "
            "parameters, 1,797 samples). Other ways of that pair may take as many together.",
        ),
    ] = None,
    starts: Annotated[
        str | None,
        typer.Option(metavar="INTEGER", help="Starts to find a minimum from, if no teacher (10)."),
    ] = None,
    seed: Annotated[
        str | None, typer.Option(metavar="INTEGER", help="Of those starts (0).")
    ] = None,
    settings: SettingsFile = None,
    out: Annotated[
        str | None,
        typer.Option(
            metavar="FOLDER", help="Keeps finished paths: the same command continues there."
        ),
    ] = None,
    json: Json = None,
    html: Html = None,
) -> int:
    """Follow two neurons of a minimum until they merge and change places.

    The distance of their incoming weights goes to 0, everything else stays at a minimum of the loss
    under that constraint; the way back with exchanged labels leads to the permuted minimum. The
    highest loss on the way is an upper bound of the barrier between the two.

    Costs 1 to 5 seconds a pair on the lecture problem (12 parameters), half a minute for 870
    parameters and 1,797 samples after 10 seconds for the start and 10 of compiling, which later
    runs skip. Exit code 3: some pair did not meet; what was found is printed and written all the
    same. With --out finished paths survive an interruption.
    """  # noqa: DOC201 - what is here is shown by --help
    typed: dict[str, Any] = {
        "problem": problem, "data": data, "target": target, "inputs": names(inputs), "task": task,
        "missing": missing, "samples": samples, "hidden": widths(hidden), "activation": activation,
        "bias": bias, "weight_decay": weight_decay, "layer": layer, "pair": pair,
        "flip": flip or None, "compare": compare or None, "max_steps": max_steps, "starts": starts,
        "seed": seed,
    }  # fmt: skip
    given = {name: value for name, value in typed.items() if value is not None}
    for option, file in (("--json", json), ("--html", html)):
        check_writable(option, file)
    return _run(given, settings, out, (json, html))


def _run(
    given: dict[str, Any], file: str | None, out: str | None, written: tuple[str | None, str | None]
) -> int:
    """Find the passages, print them, and return the exit code."""
    json, html = written
    from saddlescape.cli import _show, _show_path  # noqa: PLC0415 - these import JAX
    from saddlescape.cli._session import prepare  # noqa: PLC0415

    prepare()
    from saddlescape import passages  # noqa: PLC0415

    kind = passages.PassageSettings
    chosen = kind.read(file, **given) if file else kind.checked(**given)
    with _show_path.progress(quiet=json == "-") as advance:

        def search(check: Callable[[], None]) -> passages.Passages:
            def on_progress(state: passages.Progress) -> None:
                advance(state)
                check()

            return passages.cross(chosen, on_progress, out)

        try:
            found = interruptible(search)
        except KeyboardInterrupt:
            if out is None:
                complain("without --out FOLDER nothing is stored, with it every finished path")
            raise
    result = passages.summary(found)
    if html:
        from saddlescape import report  # noqa: PLC0415

        report.write_path_page(found, html)
    if json:
        _show.write_json(result, json)
    if json != "-":
        _show_path.passages(found, result["finding"], html)
    return DONE if all(passage.path.reached for passage in found.passages) else GOAL_MISSED
