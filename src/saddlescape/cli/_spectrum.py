"""`saddlescape spectrum`: is this point a minimum, and how sharp is it?"""

from collections.abc import Callable
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


def spectrum(
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
            help="minimum (default) or critical: where a search from the start ends; start; "
            "teacher; origin.",
        ),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(
            metavar="MODULE:NAME",
            help="Your own model: a function that returns it, from a module of the current folder "
            "or an installed one. --data is then an npz file of x and y.",
        ),
    ] = None,
    checkpoint: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="Parameters to judge instead: npz with one array; of a --model safetensors or "
            "npz with its names.",
        ),
    ] = None,
    loss: Annotated[
        str | None,
        typer.Option(
            metavar="MODULE:NAME",
            help="Of outputs and targets of a --model, a mean over rows. Unset: cross-entropy "
            "where y holds integers, else squared error, summed over outputs, no 1/2.",
        ),
    ] = None,
    batch: Annotated[
        str | None,
        typer.Option(metavar="INTEGER", help="Rows at a time through a --model: less memory."),
    ] = None,
    parameters: Annotated[
        str | None,
        typer.Option(metavar="'layer1.*'", help="Vary these parameters of a --model only."),
    ] = None,
    single: Annotated[
        bool | None,
        typer.Option("--single", help="Compute a --model in float32; float64 otherwise."),
    ] = None,
    start: Annotated[
        str | None, typer.Option(metavar="INTEGER", help="Number of the start (0).")
    ] = None,
    seed: Annotated[
        str | None, typer.Option(metavar="INTEGER", help="Of the start and of Lanczos (0).")
    ] = None,
    scale: Annotated[
        str | None, typer.Option(metavar="FLOAT", help="Times the usual size of the start (1).")
    ] = None,
    tolerance: Annotated[
        str | None,
        typer.Option(metavar="FLOAT", help="Residual, relative to the largest curvature (1e-6)."),
    ] = None,
    max_products: Annotated[
        str | None,
        typer.Option(metavar="INTEGER", help="Products with the Hessian before it stops (1000)."),
    ] = None,
    max_negative: Annotated[
        str | None,
        typer.Option(metavar="INTEGER", help="Negative curvatures to find one by one (20)."),
    ] = None,
    confidence: Annotated[
        str | None,
        typer.Option(metavar="FLOAT", help="Of what is said about the rest (0.99)."),
    ] = None,
    dense: Annotated[
        str | None,
        typer.Option(
            metavar="INTEGER",
            help="Parameters up to which the whole spectrum is computed (1000): 8 p^2 bytes.",
        ),
    ] = None,
    density: Annotated[
        bool | None,
        typer.Option(
            "--density",
            help="Also the density of the spectrum with a band, and the trace: --probes times "
            "--steps products, and 60.",
        ),
    ] = None,
    parts: Annotated[
        bool | None,
        typer.Option(
            "--parts",
            help="Also the Gauss-Newton part and the residual part of the Hessian apart: ends, "
            "trace and density of each, some 100 products more than --density for either.",
        ),
    ] = None,
    probes: Annotated[
        str | None,
        typer.Option(metavar="INTEGER", help="Random directions of each density (10)."),
    ] = None,
    steps: Annotated[
        str | None,
        typer.Option(
            metavar="INTEGER", help="Products for each (60): more resolve finer, 8 p bytes each."
        ),
    ] = None,
    settings: SettingsFile = None,
    json: Json = None,
    html: Html = None,
) -> int:
    """Tell what a point is: a minimum, a saddle of which order, or not critical at all.

    The point is where a search on a problem ends, or your own: parameters of a problem's network,
    or a --model of PyTorch or JAX with its --checkpoint on --data (y of integers are classes).
    NAME() returns a torch.nn.Module (put in evaluation mode), an equinox.Module of one sample, or
    a pair (params, apply) with apply(params, inputs) the outputs, as Flax has them.

    Gives the lowest and highest curvature with proven errors, negative ones one by one, where the
    most negative direction leads and which layers it lives in, and zero curvatures that symmetry
    explains.

    Up to --dense parameters all curvatures are computed, in seconds. Beyond, products with the
    Hessian, each some three gradients: some 100 to 1,000 of them. Exit code 3: the order is only
    a lower bound, or the point is not critical.
    """  # noqa: DOC201 - what is here is shown by --help
    typed: dict[str, Any] = {
        "problem": problem, "data": data, "target": target, "inputs": names(inputs), "task": task,
        "missing": missing, "samples": samples, "hidden": widths(hidden), "activation": activation,
        "bias": bias, "weight_decay": weight_decay, "at": at, "checkpoint": checkpoint,
        "model": model, "loss": loss, "batch": batch, "parameters": parameters, "single": single,
        "start": start, "seed": seed, "scale": scale, "tolerance": tolerance,
        "max_products": max_products, "max_negative": max_negative, "confidence": confidence,
        "dense": dense, "density": density, "parts": parts, "probes": probes, "steps": steps,
    }  # fmt: skip
    given = {name: value for name, value in typed.items() if value is not None}
    for option, file in (("--json", json), ("--html", html)):
        check_writable(option, file)
    return _run(given, settings, (json, html))


def _run(given: dict[str, Any], file: str | None, written: tuple[str | None, str | None]) -> int:
    """Judge the point, print it, and return the exit code."""
    json, html = written
    from saddlescape.cli import _show, _show_spectrum  # noqa: PLC0415 - these import JAX
    from saddlescape.cli._session import prepare  # noqa: PLC0415

    prepare()
    from saddlescape import checkups, spectra  # noqa: PLC0415

    kind = checkups.SpectrumSettings
    chosen = kind.read(file, **given) if file else kind.checked(**given)
    with _show_spectrum.progress(quiet=json == "-") as advance:

        def search(check: Callable[[], None]) -> checkups.Checkup:
            def on_progress(count: int) -> None:
                advance(count)
                check()

            return checkups.run(chosen, on_progress)

        found = interruptible(search)
    sentence, header = checkups.finding(found), found.setup.header()
    if html:
        from saddlescape import report  # noqa: PLC0415

        told = chosen.model_dump(mode="json", exclude_defaults=True)
        page = report.spectrum_page(
            found.verdict, sentence, header, told, chosen.command(),
            density=found.density, parts=found.parts,
        )  # fmt: skip
        report.write_spectrum_page(page, html)
    if json:
        _show.write_json(checkups.summary(found), json)
    if json != "-":
        model = header.get("model")
        _show_spectrum.spectrum(found.verdict, sentence, html, found.trace, model, found.parts)
    decided = found.verdict.answer in {spectra.Answer.MINIMUM, spectra.Answer.SADDLE}
    return DONE if decided else GOAL_MISSED
