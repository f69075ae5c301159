"""Optional packages, imported when a problem needs them."""

import importlib
from types import ModuleType

from saddlescape.core import MissingExtraError


def require(module: str, problem: str) -> ModuleType:
    """Return a module of the extra `data`, or raise a sentence that says how to install it."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise missing_package(module.partition(".")[0], problem) from error


def missing_package(package: str, problem: str) -> MissingExtraError:
    """Return the error for a package of the extra `data` that is not installed."""
    msg = f"the problem {problem!r} needs {package}: pip install 'saddlescape[data]'"
    return MissingExtraError(msg)
