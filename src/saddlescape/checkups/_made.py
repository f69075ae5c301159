"""Objects of the user's own modules, named on the command line as `package.module:name`."""

import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from saddlescape.core import InvalidInputError


def imported(option: str, name: str) -> Any:
    """Return what a name such as ``package.module:make`` stands for.

    The current folder is searched too.

    Raises:
        InvalidInputError: when there is no such module, it cannot be imported, or lacks the name.
    """
    module, _, attribute = name.partition(":")
    if not module or not attribute:
        msg = f"{option} is {name!r}: give package.module:name"
        raise InvalidInputError(msg)
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
        found = importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name and (module + ".").startswith(error.name + "."):
            msg = (
                f"{option} names the module {module!r}, which is not found: run this where "
                f"{module.split('.')[0]}.py is, or install the package"
            )
            raise InvalidInputError(msg) from None
        raise InvalidInputError(_failed(f"importing {module}", error)) from None
    except (Exception, SystemExit) as error:  # noqa: BLE001 - the user's module may do anything
        raise InvalidInputError(_failed(f"importing {module}", error)) from None
    for part in attribute.split("."):
        if not hasattr(found, part):
            held = ((n, v) for n, v in vars(found).items() if callable(v))
            names = [n for n, v in held if getattr(v, "__module__", None) == module]
            msg = f"{module} has no {attribute!r}: it has {', '.join(names[:12]) or 'nothing'}"
            raise InvalidInputError(msg)
        found = getattr(found, part)
    return found


def called(what: str, function: Callable[..., Any], *arguments: Any) -> Any:
    """Return what a function of the user returns; `what` names it in the message.

    Raises:
        InvalidInputError: when it raises.
    """
    try:
        return function(*arguments)
    except InvalidInputError:
        raise
    except (Exception, SystemExit) as error:  # noqa: BLE001 - the user's function may do anything
        raise InvalidInputError(_failed(what, error)) from None


def _failed(what: str, error: BaseException) -> str:
    """Return a sentence on something that raised, with the line where it did."""
    lines = str(error).strip().splitlines()
    where, trace = "", error.__traceback__
    if isinstance(error, SyntaxError):  # its own text names file and line
        trace = None
    while trace is not None:
        file = Path(trace.tb_frame.f_code.co_filename)
        if "site-packages" not in file.parts and Path(__file__).parents[1] not in file.parents:
            where = f" ({file.name}, line {trace.tb_lineno})" if file.is_file() else where
        trace = trace.tb_next
    said = lines[0].rstrip(".") if lines else "no message"
    return f"{what} raised {type(error).__name__}{where}: {said}"
