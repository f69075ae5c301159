"""Options that mean the same in every command, and turning what was typed into values."""

from typing import Annotated

import typer

Json = Annotated[
    str | None,
    typer.Option(
        metavar="PATH",
        help="Write the result as JSON; '-' is standard output, where then nothing else is printed.",
    ),
]
Html = Annotated[
    str | None, typer.Option(metavar="PATH", help="Write the result as a self-contained page.")
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


def names(text: str | None) -> tuple[str, ...] | None:
    """Return the column names of text such as ``a,b``; None stays None."""  # noqa: DOC201
    return None if text is None else tuple(word.strip() for word in text.split(","))
