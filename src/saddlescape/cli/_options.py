"""Options that mean the same in every command, and turning what was typed into values."""

import csv
import os
from pathlib import Path
from typing import Annotated

import typer

Json = Annotated[
    str | None,
    typer.Option(
        metavar="PATH",
        help="Write the result as JSON; '-' is standard output, and then nothing else is.",
    ),
]
Html = Annotated[
    str | None, typer.Option(metavar="PATH", help="Write the result as a self-contained page.")
]


# What is studied: the same words in every command.
ProblemName = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="A built-in problem; a wrong name lists them all."),
]
DataFile = Annotated[
    str | None, typer.Option(metavar="FILE", help="Your data: CSV, Parquet or npz.")
]
TargetColumn = Annotated[
    str | None, typer.Option(metavar="COLUMN", help="The column of --data to predict.")
]
InputColumns = Annotated[
    str | None,
    typer.Option(metavar="A,B", help="Columns to predict from; all others if unset."),
]
Task = Annotated[
    str | None,
    typer.Option(metavar="TASK", help="regression or classification; guessed from the target."),
]
Missing = Annotated[
    str | None,
    typer.Option(metavar="HOW", help="Samples with missing values: refuse (default) or drop."),
]
Samples = Annotated[str | None, typer.Option(metavar="INTEGER", help="Use that many samples only.")]
Hidden = Annotated[
    str | None, typer.Option(metavar="8,8", help="Hidden widths, separated by commas.")
]
ActivationName = Annotated[
    str | None, typer.Option(metavar="NAME", help="tanh, sigmoid, softplus, g, relu, ...")
]
Bias = Annotated[bool | None, typer.Option("--bias/--no-bias", help="Whether layers have biases.")]
WeightDecay = Annotated[
    str | None,
    typer.Option(metavar="FLOAT", help="Adds that many times the sum of squared parameters."),
]
SettingsFile = Annotated[
    str | None,
    typer.Option(metavar="FILE", help="TOML with these options; those given here win."),
]


def widths(text: str | None) -> tuple[int, ...] | None:
    """Return the hidden widths of text such as ``8,8``.

    Args:
        text: what was typed, or None.

    Returns:
        one integer per hidden layer, or None.

    Raises:
        typer.BadParameter: when it is not a list of positive integers.

    Example:
        >>> widths("8,8")
        (8, 8)
    """
    if text is None:
        return None
    try:
        values = tuple(int(word) for word in text.split(","))
    except ValueError:
        values = (0,)
    if min(values) < 1:
        msg = f"--hidden is {text!r}: give positive widths separated by commas, such as 8,8"
        raise typer.BadParameter(msg)
    return values


def numbers(option: str, text: str | None) -> tuple[float, ...] | None:
    """Return the numbers of text such as ``0.1,0.01``.

    Args:
        option: which names it, such as ``--rates``.
        text: what was typed, or None.

    Returns:
        the numbers, or None.

    Raises:
        typer.BadParameter: when some are none.

    Example:
        >>> numbers("--rates", "0.1,1e-3")
        (0.1, 0.001)
    """
    if text is None:
        return None
    try:
        return tuple(float(word) for word in text.split(","))
    except ValueError:
        msg = f"{option} is {text!r}: give numbers separated by commas, such as 0.1,0.01"
        raise typer.BadParameter(msg) from None


def whole(option: str, text: str | None) -> int | None:
    """Return the whole number that was typed.

    Args:
        option: which names it, such as ``--seed``.
        text: what was typed, or None.

    Returns:
        the number, or None.

    Raises:
        typer.BadParameter: when it is none.

    Example:
        >>> whole("--seed", "7")
        7
    """
    if text is None:
        return None
    try:
        return int(text)
    except ValueError:
        msg = f"{option} is {text!r}: give a whole number"
        raise typer.BadParameter(msg) from None


def names(text: str | None) -> tuple[str, ...] | None:
    """Return the column names of text such as ``a,b``; a name with a comma stands in quotes.

    Args:
        text: what was typed, or None.

    Returns:
        the names, or None.

    Example:
        >>> names('bill length, "depth, mm"')
        ('bill length', 'depth, mm')
    """
    if text is None:
        return None
    return tuple(word.strip() for word in next(csv.reader([text], skipinitialspace=True), ()))


def check_writable(option: str, path: str | None, made: Path | None = None) -> None:
    """Raise when a file cannot be written, before hours are spent on what goes into it.

    Args:
        option: which names it, such as ``--html``.
        path: the file; None and ``-`` are fine.
        made: a folder that will exist by then.

    Raises:
        typer.BadParameter: when it is a folder, or its folder is missing or cannot be written to.
    """
    if path is None or path == "-":
        return
    file = Path(path)
    where = file if file.exists() else file.parent
    if file.is_dir():
        msg = f"{option} is {path!r}, a folder: name a file in it"
    elif not file.parent.is_dir() and file.parent != made:
        msg = f"{option} is {path!r}, but there is no folder {str(file.parent)!r}: make it first"
    elif file.parent != made and not os.access(where, os.W_OK):
        msg = f"{option} is {path!r}, which you may not write: choose another file"
    else:
        return
    raise typer.BadParameter(msg)
