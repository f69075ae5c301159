"""The entry point: one place turns errors into a sentence and an exit code."""

import os
import sys

import typer
from typer.core import TyperGroup

from saddlescape.cli._count import count
from saddlescape.cli._depth import depth
from saddlescape.cli._exits import DONE, INTERRUPTED, complain, report_failure
from saddlescape.cli._index import index
from saddlescape.cli._nfl import nfl
from saddlescape.cli._path import path
from saddlescape.cli._race import race
from saddlescape.cli._regions import regions
from saddlescape.cli._report import report
from saddlescape.cli._slice import slice_
from saddlescape.cli._spectrum import spectrum
from saddlescape.cli._survey import survey

app = typer.Typer(
    name="saddlescape",
    help="A laboratory for the loss landscapes of neural networks.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    cls=TyperGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(survey)
app.command()(report)
app.command()(path)
app.command()(count)
app.command()(race)
app.add_typer(nfl)
app.add_typer(regions, name="regions")
app.add_typer(depth)
app.command()(spectrum)
app.command("slice")(slice_)
app.add_typer(index)


def _print_version(value: bool) -> bool:
    """Return the value; print the version and leave when it is true."""
    if value:
        from importlib.metadata import version  # noqa: PLC0415 - costs time only when asked

        typer.echo(f"saddlescape {version('saddlescape')}")
        raise typer.Exit
    return value


@app.callback()
def _common(
    version: bool = typer.Option(
        False, "--version", callback=_print_version, is_eager=True, help="Print the version."
    ),
) -> None:
    """A laboratory for the loss landscapes of neural networks.

    Exit codes: 0 done; 2 bad input, with one line on standard error; 3 the search did not reach its
    goal, the partial result is kept; 130 interrupted, finished work is kept.
    """
    del version


def main(arguments: list[str] | None = None) -> int:
    """Return the exit code of a command line.

    Args:
        arguments: the words after `saddlescape`; those of the process by default.

    Returns:
        0 done, 2 bad input, 3 goal not reached, 130 interrupted.
    """
    words = sys.argv[1:] if arguments is None else arguments
    code = _run(words or ["--help"])
    if code == INTERRUPTED:
        complain("interrupted: what is stored is kept, the same command continues it")
        if arguments is None:
            # Compiled code may still be running in a thread: leave without waiting for it.
            sys.stdout.flush()
            os._exit(code)
    return code


def _run(words: list[str]) -> int:
    """Return the exit code of a command; whatever it raises has been said in one line."""
    try:
        code = app(words, prog_name="saddlescape", standalone_mode=False)
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()
        return DONE
    except Exception as error:  # noqa: BLE001 - whatever it is, the user gets a sentence
        return report_failure(error)
    return code if isinstance(code, int) else DONE
