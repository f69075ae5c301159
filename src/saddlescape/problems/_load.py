"""Problems by name: what `--problem NAME` means."""

import dataclasses
import difflib
from collections.abc import Callable
from functools import partial

from saddlescape.core import Activation, InvalidInputError, UnknownNameError
from saddlescape.core import activation as _activation
from saddlescape.problems._formulas import FORMULAS, formula
from saddlescape.problems._images import digits, mnist, mnist1d
from saddlescape.problems._lecture import lecture
from saddlescape.problems._names import NAMES
from saddlescape.problems._problem import Problem
from saddlescape.problems._shapes import box, crescent
from saddlescape.problems._spirals import spirals
from saddlescape.problems._surfaces import surface
from saddlescape.problems._tables import mpg, penguins

_SAMPLED: dict[str, Callable[[int | None, int], Problem]] = {
    "penguins": penguins,
    "mpg": mpg,
    "digits": digits,
    "mnist": mnist,
    "mnist1d": mnist1d,
    "spirals": spirals,
    "crescent": crescent,
    "box": box,
} | {name: partial(formula, name) for name in FORMULAS}


def load(
    name: str,
    *,
    activation: str | Activation | None = None,
    samples: int | None = None,
    seed: int = 0,
) -> Problem:
    """Return the problem called `name`. Nothing is downloaded.

    Args:
        name: one of `NAMES`, in any case.
        activation: of teacher and student for the lecture, of the student otherwise; as the
            problem suggests by default.
        samples: how many to keep of a data set (classes in proportion, and a larger choice contains
            a smaller one), or how many to generate; all, or the usual number, by default.
        seed: of the choice of samples, or of the generator.

    Returns:
        the problem; `test` holds the test part where its makers set one apart.

    Raises:
        UnknownNameError: for an unknown name or activation; the message has the nearest.
        InvalidInputError: for samples of a surface or the lecture, or more than there are.
        MissingExtraError: when the data come from a package that is not installed.

    Example:
        >>> load("penguins").data.inputs.shape
        (342, 2)
        >>> [point.kind for point in load("two-minima").known_points]
        ['minimum', 'minimum', 'saddle']
    """
    name = _known(name)
    if name in _SAMPLED:
        return _with_activation(_SAMPLED[name](samples, seed), activation)
    if samples is not None:
        msg = f"{name!r} takes no samples: leave samples out, or load a data set such as 'penguins'"
        raise InvalidInputError(msg)
    if name == "lecture":
        return lecture("g" if activation is None else activation)
    if activation is not None:
        msg = f"{name!r} is a surface and takes no activation: leave activation out"
        raise InvalidInputError(msg)
    return surface(name)


def _known(name: str) -> str:
    """Return the name as `NAMES` spells it, or raise with the nearest."""
    known = name.strip().lower()
    if known in NAMES:
        return known
    near = difflib.get_close_matches(known, NAMES, n=1)
    hint = f"did you mean {near[0]!r}? There are" if near else "choose one of"
    msg = f"no problem is called {name!r}: {hint} {', '.join(NAMES)}"
    raise UnknownNameError(msg)


def _with_activation(problem: Problem, choice: str | Activation | None) -> Problem:
    """Return the problem with another activation to begin with, checked."""
    if choice is None:
        return problem
    found = _activation(choice)
    return dataclasses.replace(problem, activation=found.name if isinstance(choice, str) else found)
