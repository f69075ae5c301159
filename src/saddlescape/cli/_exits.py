"""Exit codes, and how a failure is said."""

import os
import re
import sys

DONE, BAD_INPUT, GOAL_MISSED, INTERRUPTED = 0, 2, 3, 130
# How messages of the library name an argument, where a user of the command line types an option.
_ARGUMENT = re.compile(r"\b(inputs|task|missing|samples|hidden)=(?:\[\.\.\.\]|'([\w-]+)')")


def complain(message: str) -> None:
    """Print one line on standard error.

    Args:
        message: what was given, what is wanted, and the cure.
    """
    text = _ARGUMENT.sub(lambda found: f"--{found[1]} {found[2] or 'A,B'}", message)
    text = text.replace("`max_steps`", "--max-steps")
    print("saddlescape: " + " ".join(text.split()), file=sys.stderr)  # noqa: T201


def report_failure(error: Exception) -> int:
    """Print what went wrong in one line, and return the exit code.

    Args:
        error: anything a command raised.

    Returns:
        2; with SADDLESCAPE_DEBUG set the error is raised again, for its traceback.
    """
    if os.environ.get("SADDLESCAPE_DEBUG"):
        raise error
    usage = getattr(error, "format_message", None)
    if usage is not None:  # typer brings its own copy of click, so there is no class to name
        command = getattr(getattr(error, "ctx", None), "command_path", "saddlescape")
        complain(f"{usage().rstrip('.')}. See: {command} --help")
        return BAD_INPUT
    from saddlescape.core import SaddlescapeError  # noqa: PLC0415 - imports JAX

    if isinstance(error, SaddlescapeError):
        complain(str(error))
    elif isinstance(error, OSError):
        complain(f"{error.filename or 'a file'}: {error.strerror or error}")
    elif "RESOURCE_EXHAUSTED" in str(error):
        complain(
            "the work needs more memory than there is: fewer --hidden, --samples or --starts "
            "take less"
        )
    else:
        what = str(error).splitlines()[0] if str(error) else "no message"
        complain(
            f"unexpected {type(error).__name__}: {what}. This is a bug of ours: please report it "
            "with the output of the same command after setting SADDLESCAPE_DEBUG=1"
        )
    return BAD_INPUT
