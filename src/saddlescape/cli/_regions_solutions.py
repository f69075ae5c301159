"""`saddlescape regions solutions`: how many different solutions students of one problem find."""

from collections.abc import Callable
from typing import Annotated, Any

import typer

from saddlescape.cli._exits import DONE, GOAL_MISSED, complain
from saddlescape.cli._interrupt import interruptible
from saddlescape.cli._options import (
    ActivationName,
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
    Task,
    check_writable,
    names,
    numbers,
    widths,
)


def solutions(
    problem: ProblemName = None,
    data: DataFile = None,
    target: TargetColumn = None,
    inputs: InputColumns = None,
    task: Task = None,
    missing: Missing = None,
    samples: Samples = None,
    students: Annotated[
        str | None,
        typer.Option(
            "--widths",
            metavar="4,8",
            help="Neurons of the hidden layer, one student each (as the problem suggests, and "
            "twice as many).",
        ),
    ] = None,
    activation: ActivationName = None,
    bias: Bias = None,
    weight_decay: Annotated[
        str | None,
        typer.Option(
            metavar="FLOAT",
            help="Adds that many times the sum of squared parameters (1e-4): without it classes "
            "that can be told apart have no minimum.",
        ),
    ] = None,
    starts: Annotated[
        str | None, typer.Option(metavar="INTEGER", help="Random starts of each student (300).")
    ] = None,
    within: Annotated[
        str | None,
        typer.Option(
            metavar="0.1,0.3",
            help="How far above the best loss, relative to it, still counts "
            "(0.01,0.03,0.1,0.3,1); sentences quote the middle one.",
        ),
    ] = None,
    seed: Annotated[str | None, typer.Option(metavar="INTEGER", help="Of the starts (0).")] = None,
    scale: Annotated[
        str | None, typer.Option(metavar="FLOAT", help="Times the usual size of the starts (1).")
    ] = None,
    settings: SettingsFile = None,
    out: Annotated[
        str | None,
        typer.Option(
            metavar="FOLDER",
            help="Keep every block of starts there; the same command goes on, also with more "
            "--starts, other --widths or --within.",
        ),
    ] = None,
    json: Json = None,
    html: Html = None,
) -> int:
    """Count the different near-optimal solutions of a problem, by the number of hidden neurons.

    Every start is followed to a minimum, to machine precision. Solutions that a permutation (or a
    sign flip, with an odd activation) makes equal are one; how many have not been seen yet is
    estimated. The page draws them. By default a crescent whose curved edge takes 4 lines, learned
    by 4 and by 8 neurons; --problem box is cut out by 6 planes, and has 720 equivalent copies.

    Costs a search for every start and width: the default a minute of one core. Exit code 3:
    no start of some student reached a minimum.
    """  # noqa: DOC201 - what is here is shown by --help
    typed: dict[str, Any] = {
        "problem": problem, "data": data, "target": target, "inputs": names(inputs), "task": task,
        "missing": missing, "samples": samples, "widths": _widths(students),
        "activation": activation, "bias": bias, "weight_decay": weight_decay, "starts": starts,
        "within": numbers("--within", within), "seed": seed, "scale": scale,
    }  # fmt: skip
    given = {name: value for name, value in typed.items() if value is not None}
    if data is not None and problem is None:
        given["problem"] = None
    for option, file in (("--json", json), ("--html", html)):
        check_writable(option, file)
    return _run(given, settings, out, (json, html))


def _widths(text: str | None) -> tuple[int, ...] | None:
    """Return the widths that were typed.

    Raises:
        typer.BadParameter: when they are no positive integers.
    """
    try:
        return widths(text)
    except typer.BadParameter:
        msg = f"--widths is {text!r}: give numbers of neurons separated by commas, such as 4,8"
        raise typer.BadParameter(msg) from None


def _run(
    given: dict[str, Any],
    file: str | None,
    out: str | None,
    written: tuple[str | None, str | None],
) -> int:
    """Search, print what was found, and return the exit code."""
    json, html = written
    from saddlescape.cli import _show, _show_solutions  # noqa: PLC0415 - these import JAX
    from saddlescape.cli._session import prepare  # noqa: PLC0415

    prepare()
    from saddlescape import students  # noqa: PLC0415

    kind = students.SolutionsSettings
    chosen = kind.read(file, **given) if file else kind.checked(**given)
    with _show_solutions.progress(quiet=json == "-") as advance:

        def search(check: Callable[[], None]) -> students.Solutions:
            def on_progress(state: students.Progress) -> None:
                advance(state)
                check()

            return students.run(chosen, on_progress, out)

        try:
            found = interruptible(search)
        except KeyboardInterrupt:
            if out is None:
                complain("without --out FOLDER nothing is stored, with it every block is")
            raise
    if html:
        from saddlescape import report  # noqa: PLC0415

        report.write_page(report.solutions_page(found), html)
    if json:
        _show.write_json(students.summary(found), json)
    if json != "-":
        _show_solutions.solutions(found, html)
    return DONE if all(student.solutions for student in found.students) else GOAL_MISSED
