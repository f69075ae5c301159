"""What the commands of `saddlescape depth` share."""

from collections.abc import Callable
from typing import Annotated, Any

import typer

from saddlescape.cli._exits import complain
from saddlescape.cli._interrupt import interruptible

Quick = Annotated[
    bool, typer.Option("--quick", help="Fewer and smaller networks: less than a minute.")
]
Out = Annotated[
    str | None,
    typer.Option(
        metavar="FOLDER", help="Keeps results as Parquet: the same command continues there."
    ),
]


def integers(option: str, text: str | None) -> tuple[int, ...] | None:
    """Return the whole numbers of text such as ``1,2,3``; ``none`` is none of them.

    Args:
        option: which names it.
        text: what was typed, or None.

    Returns:
        the numbers, or None.

    Raises:
        typer.BadParameter: when some are none.
    """
    if text is None or text == "none":
        return None if text is None else ()
    try:
        return tuple(int(word) for word in text.split(","))
    except ValueError:
        msg = f"{option} is {text!r}: give whole numbers separated by commas, such as 1,2,3"
        raise typer.BadParameter(msg) from None


def searched(
    work: Callable[[Callable[[Any], None]], Any],
    bar: Any,
    out: str | None,
    json: str | None,
) -> Any:
    """Return what `work` returns, with a bar, heard when Ctrl-C is pressed.

    Args:
        work: called with a function to tell its progress.
        bar: makes the progress bar.
        out: the folder that keeps results, or None.
        json: where JSON goes; standard output silences the bar.

    Returns:
        the result.

    Raises:
        KeyboardInterrupt: after Ctrl-C.
    """
    with bar(quiet=json == "-") as advance:

        def search(check: Callable[[], None]) -> Any:
            def on_progress(done: Any) -> None:
                advance(done)
                check()

            return work(on_progress)

        try:
            return interruptible(search)
        except KeyboardInterrupt:
            if out is None:
                complain("without --out FOLDER nothing is stored, with it every network is")
            raise
