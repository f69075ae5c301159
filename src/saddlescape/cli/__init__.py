"""The command line: parse, call, print. Every mistake is one sentence and exit code 2."""

from saddlescape.cli._main import main

__all__ = ["main"]
