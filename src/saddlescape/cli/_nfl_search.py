"""`saddlescape nfl search`: search algorithms on every function."""

import importlib.util
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from saddlescape.cli._exits import DONE
from saddlescape.cli._interrupt import interruptible
from saddlescape.cli._options import Html, Json, check_writable, names, whole


def search(
    points: Annotated[
        str, typer.Option(metavar="INTEGER", help="Points to search among, on a ring.")
    ] = "6",
    values: Annotated[
        str, typer.Option(metavar="INTEGER", help="Values a function may have; higher is better.")
    ] = "3",
    evaluations: Annotated[
        str | None,
        typer.Option(metavar="INTEGER", help="Compare after so many evaluations; half of all."),
    ] = None,
    algorithms: Annotated[
        str | None,
        typer.Option(metavar="A,B", help="Algorithms, or all (default); a wrong name lists them."),
    ] = None,
    policy: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FILE:NAME",
            help="Also a Python function of yours, (visited, values) -> next point, a number from "
            "0 not in visited; repeatable. The file is run. It is proved legal on every history, "
            "or refused.",
        ),
    ] = None,
    classes: Annotated[
        str | None,
        typer.Option(metavar="A,B", help="Classes of functions, all (default), or none."),
    ] = None,
    tapes: Annotated[
        str | None,
        typer.Option(
            metavar="INTEGER",
            help="Times a random algorithm is run where it has more than a million different runs, "
            "too many to count each (8).",
        ),
    ] = None,
    seed: Annotated[
        str | None, typer.Option(metavar="INTEGER", help="Of tapes and sampled classes (0).")
    ] = None,
    json: Json = None,
    html: Html = None,
) -> int:
    """Run search algorithms that never visit a point twice on every function there is.

    The theorem of Wolpert & Macready (1997), counted: over all functions together every algorithm
    sees every sequence of values equally often, so it finds as much as any other. On a class of
    functions they differ, unless it is closed under permutations of the points; what one gains
    there it loses on the other functions, exactly.

    Costs less than a second for the 729 functions of 6 points and 3 values, about 10 seconds for
    the 531,441 of 12 points; at most 20,000,000 functions are taken. All numbers are exact ratios;
    those of a random algorithm on a class are estimates, with standard errors, where it has more
    than a million different runs.
    """  # noqa: DOC201, DOC501 - what is here is shown by --help
    for option, path in (("--json", json), ("--html", html)):
        check_writable(option, path)
    numbers = {
        "points": whole("--points", points), "values": whole("--values", values),
        "evaluations": whole("--evaluations", evaluations), "tapes": whole("--tapes", tapes),
        "seed": whole("--seed", seed),
    }  # fmt: skip
    if (numbers["tapes"] or 2) < 2:
        msg = f"--tapes is {tapes}: give at least 2, so that there is a standard error"
        raise typer.BadParameter(msg)
    typed = {
        "--points": points, "--values": values, "--evaluations": evaluations,
        "--algorithms": algorithms, "--classes": classes, "--tapes": tapes, "--seed": seed,
    }  # fmt: skip
    words = [word for pair in typed.items() if pair[1] is not None for word in pair]
    words += [word for rule in policy or () for word in ("--policy", rule)]
    command = shlex.join(["saddlescape", "nfl", "search", *words])
    return _run(numbers, (algorithms, policy or [], classes), command, (json, html))


def _run(
    numbers: dict[str, int | None],
    chosen: tuple[str | None, list[str], str | None],
    command: str,
    written: tuple[str | None, str | None],
) -> int:
    """Enumerate, print and write, and return the exit code."""
    json, html = written
    from saddlescape.cli import _show, _show_nfl  # noqa: PLC0415 - these import JAX
    from saddlescape.cli._session import prepare  # noqa: PLC0415

    prepare()
    from saddlescape import nofreelunch  # noqa: PLC0415

    space = nofreelunch.SearchSpace(numbers["points"] or 0, numbers["values"] or 0)
    after = (space.points + 1) // 2 if numbers["evaluations"] is None else numbers["evaluations"]
    nofreelunch.require_evaluations(space.points, after)
    policies, classes = _policies(chosen), _classes(chosen[2], space)
    with _show_nfl.progress("algorithms", quiet=json == "-") as advance:

        def work(check: Callable[[], None]) -> nofreelunch.SearchTable:
            def on_progress(done: int, total: int) -> None:
                advance(done, total)
                check()

            tapes = 8 if numbers["tapes"] is None else numbers["tapes"]
            return nofreelunch.search(
                space, policies, classes, num_tapes=tapes, seed=numbers["seed"] or 0,
                on_progress=on_progress,
            )  # fmt: skip

        table = interruptible(work)
    if html:
        from saddlescape import report  # noqa: PLC0415

        report.write_page(report.search_page(table, after, command=command), html)
    if json:
        _show.write_json(nofreelunch.search_summary(table, after), json)
    if json != "-":
        _show_nfl.search(table, after, html)
    return DONE


def _policies(chosen: tuple[str | None, list[str], str | None]) -> list[Any]:
    """Return the algorithms that were asked for, those of the user last.

    Raises:
        typer.BadParameter: when there are none.
    """
    from saddlescape import nofreelunch  # noqa: PLC0415

    named = None if chosen[0] in {None, "all"} else names(chosen[0])
    policies = [nofreelunch.policy(name) for name in named or nofreelunch.POLICIES]
    policies += [nofreelunch.WrittenPolicy(_rule(text)) for text in chosen[1]]
    doubled = {p.name for p in policies if [q.name for q in policies].count(p.name) > 1}
    if doubled:
        msg = f"{min(doubled)} is given twice: give each algorithm once, under a name of its own"
        raise typer.BadParameter(msg)
    return policies


def _classes(text: str | None, space: Any) -> tuple[str, ...]:
    """Return the names of the classes that were asked for."""
    from saddlescape import nofreelunch  # noqa: PLC0415

    if text in {None, "all"}:
        return nofreelunch.default_classes(space)
    return () if text == "none" else names(text) or ()


def _rule(text: str) -> Callable[..., Any]:
    """Return the function a user names as ``FILE:NAME``.

    Raises:
        typer.BadParameter: when there is none.
    """
    file, _, name = text.rpartition(":")
    if not file or not name.isidentifier():
        msg = f"--policy is {text!r}: give a file and a function in it, such as mine.py:my_rule"
        raise typer.BadParameter(msg)
    path = Path(file)
    if not path.is_file():
        msg = f"--policy is {text!r}, but there is no file {file!r}: name a Python file"
        raise typer.BadParameter(msg)
    spec = importlib.util.spec_from_file_location(f"policy_{path.stem}", path)
    if spec is None or spec.loader is None:
        msg = f"--policy is {text!r}, and {file!r} is no Python file: its name must end in .py"
        raise typer.BadParameter(msg)
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        msg = f"{file} raises {type(error).__name__} ({error}) when it is run: mend it"
        raise typer.BadParameter(msg) from error
    rule = getattr(module, name, None)
    if not callable(rule):
        msg = f"--policy is {text!r}, but {file} has no function {name!r}: name one it has"
        raise typer.BadParameter(msg)
    return rule
