"""A user's table as a problem: what `--data FILE --target COLUMN` means."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from saddlescape.core import Data, InvalidInputError
from saddlescape.problems._problem import Problem
from saddlescape.problems._reading import read
from saddlescape.problems._scaling import quoted, sentence, standardize
from saddlescape.problems._subset import check_samples, choose
from saddlescape.problems._usable import complete, input_matrix, raw_targets, scaled_targets

TASKS = ("classification", "regression")


class Choices(NamedTuple):
    """What to make of a table: the options of `from_file`, checked, and a seed."""

    inputs: tuple[str, ...] | None = None
    task: str | None = None
    drop: bool = False
    samples: int | None = None
    seed: int = 0


def from_file(
    path: str | os.PathLike[str],
    target: str,
    *,
    inputs: Sequence[str] | None = None,
    task: str | None = None,
    missing: str = "refuse",
    samples: int | None = None,
) -> Problem:
    r"""Return a table as a problem: the column `target` to be predicted from the other columns.

    CSV (names in the first line; comma, semicolon or tab), Parquet, or npz without pickles: one
    array per column, or a matrix called `inputs`, `x` or `X`, and the array that `target` names.

    Inputs are standardised. Text and True/False targets are classes; so are integers that take at
    most 10 different values in at least 10 samples each on average; all other numbers are
    regression targets, standardised. Text among the inputs is refused rather than expanded: the
    0/1 columns of a category sum to 1, which beside a bias makes every minimum degenerate.
    Constant columns that were not asked for are left out, and the problem's `scaling` says so.

    Args:
        path: the file.
        target: the name of the column, or array, to predict.
        inputs: names of the columns to use; all but the target by default.
        task: ``"classification"`` or ``"regression"``, to overrule the choice described above.
        missing: ``"refuse"`` or ``"drop"``: what to do with rows where a value in use is missing.
        samples: how many rows to keep, at random, classes in proportion; all by default.

    Returns:
        the problem, with `scaling` saying how to undo what was done to the numbers.

    Raises:
        InvalidInputError: for a file or values that cannot be used; the message has the cure.
        UnknownNameError: when the target or an input is not in the file.

    Example:
        >>> import pathlib, tempfile
        >>> folder = tempfile.TemporaryDirectory()
        >>> path = pathlib.Path(folder.name, "and.csv")
        >>> _ = path.write_text("a,b,both\n0,0,no\n0,1,no\n1,0,no\n1,1,yes\n")
        >>> problem = from_file(path, "both")
        >>> problem.target_names, problem.data.targets.tolist()
        (('no', 'yes'), [0, 0, 0, 1])
        >>> folder.cleanup()
    """
    _check_options(inputs, task, missing)
    check_samples(samples)
    asked = None if inputs is None else tuple(inputs)
    choices = Choices(asked, task, drop=missing == "drop", samples=samples)
    return from_table(Path(path).expanduser(), target, choices)


def from_table(path: Path, target: str, choices: Choices) -> Problem:
    """Return a table as a problem, the options being checked."""
    selection = complete(read(path, target, choices.inputs), path.name, drop=choices.drop)
    values = input_matrix(selection, path.name, asked=choices.inputs is not None)
    raw = raw_targets(selection, choices.task)
    labels = raw.values if raw.is_class else None
    chosen = choose(len(values.matrix), choices.samples, choices.seed, labels)
    scaled, scaling = standardize(values.matrix[chosen], values.names)
    targets = scaled_targets(raw, chosen)
    told = (sentence("Inputs", scaling, values.names, "input_scaling"), targets.sentence)
    return Problem(
        name=path.name,
        description=f"{target!r} from {quoted(values.names, 4)} in {path.name}.",
        source=f"The user's file {path.name}.",
        scaling=" ".join((*told, *selection.notes, *values.notes)),
        data=Data(scaled, targets.values),
        hidden=(8,),
        activation="tanh",
        input_names=values.names,
        target_names=targets.names,
        input_scaling=scaling,
        target_scaling=targets.scaling,
    )


def _check_options(inputs: Sequence[str] | None, task: str | None, missing: str) -> None:
    """Raise unless the options are among those there are."""
    if task not in {None, *TASKS}:
        msg = f"task={task!r}: give {TASKS[0]!r}, {TASKS[1]!r}, or None to let the target decide"
        raise InvalidInputError(msg)
    if missing not in {"refuse", "drop"}:
        msg = f"missing={missing!r}: give 'refuse' or 'drop'"
        raise InvalidInputError(msg)
    if isinstance(inputs, str) or (inputs is not None and not inputs):
        msg = f"inputs={inputs!r}: give a list of column names, or None for all but the target"
        raise InvalidInputError(msg)
