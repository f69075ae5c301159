"""Exit codes, and how a failure is said."""

import os
import sys

import typer

DONE, BAD_INPUT, GOAL_MISSED, INTERRUPTED = 0, 2, 3, 130


def complain(message: str) -> None:
    """Print one line on standard error.

    Args:
        message: what was given, what is wanted, and the cure.
    """
    print("saddlescape: " + " ".join(message.split()), file=sys.stderr)  # noqa: T201


def report_failure(error: Exception) -> int:
    """Print what went wrong in one line, and return the exit code.

    Args:
        error: anything a command raised.

    Returns:
        2; with SADDLESCAPE_DEBUG set the error is raised again, for its traceback.
    """
    from saddlescape.core._errors import SaddlescapeError  # noqa: PLC0415 - imports JAX

    if os.environ.get("SADDLESCAPE_DEBUG"):
        raise error
    if isinstance(error, typer.Abort):
        complain("interrupted: finished work is kept, the same command continues it")
        return INTERRUPTED
    if hasattr(error, "format_message"):  # a usage error; typer brings its own copy of click
        complain(error.format_message().rstrip(".") + ". See: saddlescape --help")
    elif isinstance(error, SaddlescapeError):
        complain(str(error))
    elif isinstance(error, OSError):
        complain(f"{error.filename or 'a file'}: {error.strerror or error}")
    else:
        what = str(error).splitlines()[0] if str(error) else "no message"
        complain(
            f"unexpected {type(error).__name__}: {what}. This is a bug of ours: please report it "
            "with the output of the same command after setting SADDLESCAPE_DEBUG=1"
        )
    return BAD_INPUT
