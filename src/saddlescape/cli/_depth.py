"""`saddlescape depth`: deep networks against shallow ones."""

from typing import Annotated, Any

import typer

from saddlescape.cli._depth_separation import separation
from saddlescape.cli._depth_work import Out, Quick, integers, searched
from saddlescape.cli._exits import DONE
from saddlescape.cli._options import (
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
)

depth = typer.Typer(
    name="depth",
    help="Deep networks against shallow ones: accuracy, exact separation, unseen combinations.",
    no_args_is_help=False,
    rich_markup_mode=None,
)


@depth.command()
def accuracy(
    problem: ProblemName = None,
    data: DataFile = None,
    target: TargetColumn = None,
    inputs: InputColumns = None,
    task: Task = None,
    missing: Missing = None,
    samples: Samples = None,
    depths: Annotated[
        str | None, typer.Option(metavar="1,2,3", help="Hidden layers (1,2,3,5,11).")
    ] = None,
    parameters: Annotated[
        str | None,
        typer.Option(metavar="INTEGER", help="Of networks compared at equal parameters (6000)."),
    ] = None,
    width: Annotated[
        str | None,
        typer.Option(metavar="INTEGER", help="Of fully connected layers at equal width (32)."),
    ] = None,
    channels: Annotated[
        str | None,
        typer.Option(metavar="INTEGER", help="Of convolutional layers at equal width (16)."),
    ] = None,
    sizes: Annotated[
        str | None,
        typer.Option(metavar="A,B", help="Parameters of shallow and deep (1500,6000,24000)."),
    ] = None,
    deep: Annotated[
        str | None, typer.Option(metavar="INTEGER", help="Layers of the deep ones of --sizes (4).")
    ] = None,
    rates: Annotated[
        str | None,
        typer.Option(metavar="A,B", help="Learning rates all try (0.003,0.01,0.03,0.1)."),
    ] = None,
    seeds: Annotated[
        str | None, typer.Option(metavar="INTEGER", help="Runs per network and rate (5).")
    ] = None,
    epochs: Annotated[
        str | None, typer.Option(metavar="INTEGER", help="Passes over the data at most (30).")
    ] = None,
    batch: Annotated[
        str | None, typer.Option(metavar="INTEGER", help="Samples per step (50).")
    ] = None,
    patience: Annotated[
        str | None,
        typer.Option(metavar="INTEGER", help="Epochs without improvement before a stop (10)."),
    ] = None,
    seed: Annotated[
        str | None, typer.Option(metavar="INTEGER", help="Of starts, orders and parts (0).")
    ] = None,
    quick: Quick = False,
    settings: SettingsFile = None,
    out: Out = None,
    json: Json = None,
    html: Html = None,
) -> int:
    """Train fully connected and convolutional networks of many depths and sizes on one data set.

    Accuracy by depth at equal parameters and at equal width; accuracy by number of parameters,
    shallow and deep, train beside test, so that overfitting shows. Every network tries the same
    learning rates from the same seeds and stops early; rate and stop are chosen on a validation
    part, never on test samples. Intervals (95 %) count seeds and test samples as drawn at random.
    Trains in float32.

    Needs the extra data for mnist1d (default), mnist and digits. The default takes half an hour of
    one core, --quick about a minute; cost grows with networks x rates x seeds x epochs x samples.
    mnist is 100 to 1,000 times as much work: use --samples there.
    """  # noqa: DOC201 - what is here is shown by --help
    typed: dict[str, Any] = {
        "problem": problem, "data": data, "target": target, "inputs": names(inputs), "task": task,
        "missing": missing, "samples": samples, "depths": integers("--depths", depths),
        "parameters": parameters, "width": width, "channels": channels,
        "sizes": integers("--sizes", sizes), "deep": deep, "rates": numbers("--rates", rates),
        "seeds": seeds, "epochs": epochs, "batch": batch, "patience": patience, "seed": seed,
    }  # fmt: skip
    given = {name: value for name, value in typed.items() if value is not None}
    for option, file in (("--json", json), ("--html", html)):
        check_writable(option, file)
    from saddlescape.cli import _show, _show_depth  # noqa: PLC0415 - these import JAX
    from saddlescape.cli._session import prepare  # noqa: PLC0415

    prepare()
    from saddlescape import comparisons  # noqa: PLC0415

    kind = comparisons.AccuracySettings
    small = kind.small(given) if quick else {}
    chosen = kind.read(settings, **small, **given) if settings else kind.checked(**small, **given)
    found = searched(
        lambda tell: comparisons.accuracy(chosen, tell, out), _show_depth.progress, out, json
    )
    result = comparisons.summary(found)
    if html:
        from saddlescape import report  # noqa: PLC0415

        report.write_accuracy_page(found, html)
    if json:
        _show.write_json(result, json)
    if json != "-":
        _show_depth.accuracy(result, html)
    return DONE


@depth.command()
def composition(
    held_out: Annotated[
        str | None,
        typer.Option(metavar="A,B", help="Combinations never shown, of 36 (1,3,6,12,18,24,30)."),
    ] = None,
    dense: Annotated[
        str | None, typer.Option(metavar="A,B", help="Layers of fully connected networks (1,2,4).")
    ] = None,
    convolutional: Annotated[
        str | None,
        typer.Option(metavar="A,B", help="Layers of convolutional networks (1,3), or none."),
    ] = None,
    width: Annotated[
        str | None, typer.Option(metavar="INTEGER", help="Of fully connected layers (48).")
    ] = None,
    channels: Annotated[
        str | None, typer.Option(metavar="INTEGER", help="Of convolutional layers (12).")
    ] = None,
    scenes: Annotated[
        str | None, typer.Option(metavar="INTEGER", help="Scenes to train and choose with (2880).")
    ] = None,
    tests: Annotated[
        str | None, typer.Option(metavar="INTEGER", help="Test scenes of each combination (20).")
    ] = None,
    looked_at: Annotated[
        str | None,
        typer.Option(metavar="INTEGER", help="Of --held-out: where units are looked at (6)."),
    ] = None,
    rates: Annotated[
        str | None, typer.Option(metavar="A,B", help="Learning rates all try (0.001,0.003).")
    ] = None,
    seeds: Annotated[
        str | None,
        typer.Option(metavar="INTEGER", help="Runs, each with combinations of its own (4)."),
    ] = None,
    epochs: Annotated[
        str | None, typer.Option(metavar="INTEGER", help="Passes over the scenes at most (30).")
    ] = None,
    batch: Annotated[
        str | None, typer.Option(metavar="INTEGER", help="Scenes per step (40).")
    ] = None,
    patience: Annotated[
        str | None,
        typer.Option(metavar="INTEGER", help="Epochs without improvement before a stop (8)."),
    ] = None,
    seed: Annotated[
        str | None, typer.Option(metavar="INTEGER", help="Of scenes, combinations, starts (0).")
    ] = None,
    quick: Quick = False,
    settings: SettingsFile = None,
    out: Out = None,
    json: Json = None,
    html: Html = None,
) -> int:
    """Train on scenes of colored shapes with some combinations held out: the red house.

    Draws scenes of six shapes in six colors (any place and size, 24 x 24 pixels) and asks for shape
    and color of combinations that training never showed. Networks with one head for shapes and one
    for colors, of several depths, beside a head for combinations, logistic regression and
    nearest neighbors. Rates and the end of training are chosen on seen combinations. Also measures
    which hidden units respond to one factor, what is lost without each, and what a linear reader
    finds in each layer. Trains in float32.

    The default takes some minutes on two cores; cost grows with networks x held-out x rates x seeds
    x epochs x scenes.
    """  # noqa: DOC201 - what is here is shown by --help
    typed: dict[str, Any] = {
        "held_out": integers("--held-out", held_out), "dense": integers("--dense", dense),
        "convolutional": integers("--convolutional", convolutional), "width": width,
        "channels": channels, "scenes": scenes, "tests": tests, "looked_at": looked_at,
        "rates": numbers("--rates", rates), "seeds": seeds, "epochs": epochs, "batch": batch,
        "patience": patience, "seed": seed,
    }  # fmt: skip
    given = {name: value for name, value in typed.items() if value is not None}
    for option, file in (("--json", json), ("--html", html)):
        check_writable(option, file)
    from saddlescape.cli import _show, _show_depth  # noqa: PLC0415 - these import JAX
    from saddlescape.cli._session import prepare  # noqa: PLC0415

    prepare()
    from saddlescape import comparisons  # noqa: PLC0415

    kind = comparisons.CompositionSettings
    small = kind.small(given) if quick else {}
    chosen = kind.read(settings, **small, **given) if settings else kind.checked(**small, **given)
    found = searched(
        lambda tell: comparisons.composition(chosen, tell, out), _show_depth.progress, out, json
    )
    result = comparisons.composition_summary(found)
    if html:
        from saddlescape import report  # noqa: PLC0415

        report.write_composition_page(found, html)
    if json:
        _show.write_json(result, json)
    if json != "-":
        _show_depth.composition(result, html)
    return DONE


depth.command()(separation)
