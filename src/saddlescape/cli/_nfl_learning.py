"""`saddlescape nfl learning`: learners on every Boolean target."""

import shlex
from collections.abc import Callable
from typing import Annotated

import typer

from saddlescape.cli._exits import DONE
from saddlescape.cli._interrupt import interruptible
from saddlescape.cli._options import Html, Json, check_writable, names, whole


def learning(
    bits: Annotated[str, typer.Option(metavar="INTEGER", help="Bits of an input, 2 to 4.")] = "4",
    train: Annotated[
        str | None,
        typer.Option(metavar="INTEGER", help="Inputs in a training set; half of all if unset."),
    ] = None,
    learners: Annotated[
        str | None,
        typer.Option(
            metavar="A,B",
            help="Learners, or all (default); a wrong name lists them. Two need the extra 'data'.",
        ),
    ] = None,
    classes: Annotated[
        str | None, typer.Option(metavar="A,B", help="Classes of targets, all (default), or none.")
    ] = None,
    sets: Annotated[
        str | None,
        typer.Option(
            metavar="INTEGER", help="Training sets to average over; all where fewer exist (8)."
        ),
    ] = None,
    seed: Annotated[
        str | None, typer.Option(metavar="INTEGER", help="Of training sets and samples (0).")
    ] = None,
    json: Json = None,
    html: Html = None,
) -> int:
    """Train learners for every Boolean target there is, and count wrong labels on unseen inputs.

    The theorem of Wolpert (1996), counted: averaged over all 2^(2^bits) targets every learner is
    wrong on exactly half of the labels it has not seen. On classes of targets learners differ, and
    what one gains there it loses on the other targets, exactly.

    A learner sees the labels of its training set alone, so that 2^train trainings are enough for
    all targets. Costs sets times 2^train trainings of each learner: 20 to 40 seconds for 4 bits,
    8 examples and all learners on one core; 16,384 labellings at most. All numbers are exact for
    the training sets that were drawn; standard errors say what others would change.
    """  # noqa: DOC201 - what is here is shown by --help
    for option, path in (("--json", json), ("--html", html)):
        check_writable(option, path)
    numbers = {
        "bits": whole("--bits", bits), "train": whole("--train", train),
        "sets": whole("--sets", sets), "seed": whole("--seed", seed),
    }  # fmt: skip
    typed = {
        "--bits": bits, "--train": train, "--learners": learners, "--classes": classes,
        "--sets": sets, "--seed": seed,
    }  # fmt: skip
    words = [word for pair in typed.items() if pair[1] is not None for word in pair]
    command = shlex.join(["saddlescape", "nfl", "learning", *words])
    return _run(numbers, (learners, classes), command, (json, html))


def _run(
    numbers: dict[str, int | None],
    chosen: tuple[str | None, str | None],
    command: str,
    written: tuple[str | None, str | None],
) -> int:
    """Enumerate, print and write, and return the exit code."""
    json, html = written
    from saddlescape.cli import _show, _show_nfl  # noqa: PLC0415 - these import JAX
    from saddlescape.cli._session import prepare  # noqa: PLC0415

    prepare()
    from saddlescape import nofreelunch  # noqa: PLC0415

    bits = numbers["bits"] or 0
    half = len(nofreelunch.inputs_of(bits)) // 2
    train = half if numbers["train"] is None else numbers["train"]
    named = None if chosen[0] in {None, "all"} else names(chosen[0])
    kinds = [nofreelunch.learner(name) for name in named or nofreelunch.default_learners()]
    groups = None if chosen[1] in {None, "all"} else names(chosen[1])
    groups = () if chosen[1] == "none" else groups
    with _show_nfl.progress("training sets", quiet=json == "-") as advance:

        def work(check: Callable[[], None]) -> nofreelunch.LearningTable:
            def on_progress(done: int, total: int) -> None:
                advance(done, total)
                check()

            num_sets = 8 if numbers["sets"] is None else numbers["sets"]
            return nofreelunch.learn(
                bits, train, kinds, groups, num_sets=num_sets, seed=numbers["seed"] or 0,
                on_progress=on_progress,
            )  # fmt: skip

        table = interruptible(work)
    if html:
        from saddlescape import report  # noqa: PLC0415

        report.write_page(report.learning_page(table, command=command), html)
    if json:
        _show.write_json(nofreelunch.learning_summary(table), json)
    if json != "-":
        _show_nfl.learning(table, html)
    return DONE
