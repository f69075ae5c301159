"""`saddlescape nfl priors`: what is won by a prior that fits."""

import shlex
from collections.abc import Callable
from typing import Annotated

import typer

from saddlescape.cli._exits import DONE
from saddlescape.cli._interrupt import interruptible
from saddlescape.cli._options import Html, Json, check_writable, whole


def priors(
    seeds: Annotated[
        str, typer.Option(metavar="INTEGER", help="Trainings of each network, for intervals.")
    ] = "5",
    steps: Annotated[str, typer.Option(metavar="INTEGER", help="Steps of Adam in each.")] = "6000",
    samples: Annotated[
        str | None,
        typer.Option(metavar="INTEGER", help="Train on so many of the 4,000 signals; all."),
    ] = None,
    seed: Annotated[
        str | None, typer.Option(metavar="INTEGER", help="Of starts, batches, permutation (0).")
    ] = None,
    json: Json = None,
    html: Html = None,
) -> int:
    """Compare networks on signals as they are and with scrambled coordinates; and judge noise.

    The signals are MNIST-1D, made here (extra 'data'): shapes at random places. A convolutional
    network assumes that places do not matter; a permutation of the coordinates, the same for all
    signals, takes nothing from what a fully connected network can learn and that advantage from
    the convolutional one. Then two data sets, one noisy, one with a hidden wave and no noise, are
    fitted by smooth functions and by smooth ones plus a wave, and cross-validated.

    Costs 2 trainings of 4 networks for each seed: about 30 seconds a seed on one core, 2 to 3
    minutes in all. Everything is an estimate, with a 95 % interval over seeds.
    """  # noqa: DOC201 - what is here is shown by --help
    for option, path in (("--json", json), ("--html", html)):
        check_writable(option, path)
    numbers = {
        "seeds": whole("--seeds", seeds) or 0, "steps": whole("--steps", steps) or 0,
        "samples": whole("--samples", samples), "seed": whole("--seed", seed) or 0,
    }  # fmt: skip
    typed = {"--seeds": seeds, "--steps": steps, "--samples": samples, "--seed": seed}
    words = [word for pair in typed.items() if pair[1] is not None for word in pair]
    return _run(numbers, shlex.join(["saddlescape", "nfl", "priors", *words]), (json, html))


def _run(
    numbers: dict[str, int | None], command: str, written: tuple[str | None, str | None]
) -> int:
    """Train, print and write, and return the exit code."""
    json, html = written
    from saddlescape.cli import _show, _show_nfl  # noqa: PLC0415 - these import JAX
    from saddlescape.cli._session import prepare  # noqa: PLC0415

    prepare()
    from saddlescape import nofreelunch, problems  # noqa: PLC0415

    seed, num_seeds = numbers["seed"] or 0, numbers["seeds"] or 0
    problem = problems.load("mnist1d", samples=numbers["samples"])
    with _show_nfl.progress("trainings", quiet=json == "-") as advance:

        def work(check: Callable[[], None]) -> nofreelunch.PriorsTable:
            def on_progress(done: int, total: int) -> None:
                advance(done, total)
                check()

            return nofreelunch.priors(
                problem.data, problem.test, num_seeds=num_seeds, steps=numbers["steps"] or 0,
                seed=seed, on_progress=on_progress,
            )  # fmt: skip

        table = interruptible(work)
    noisy = nofreelunch.noisier(num_seeds=max(2, num_seeds), seed=seed)
    if html:
        from saddlescape import report  # noqa: PLC0415

        page = report.priors_page(table, noisy, source=problem.source, command=command)
        report.write_page(page, html)
    if json:
        _show.write_json(nofreelunch.priors_summary(table, noisy), json)
    if json != "-":
        _show_nfl.priors(table, noisy, html)
    return DONE
