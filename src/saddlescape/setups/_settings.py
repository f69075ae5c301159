"""What is studied: a problem or a file, and a network; checked once, read from TOML."""

import csv
import io
import tomllib
from collections.abc import Collection
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import pydantic

from saddlescape.core import InvalidInputError

Width = Annotated[int, pydantic.Field(ge=1, le=1_000_000)]


Settings = TypeVar("Settings", bound=pydantic.BaseModel)


class SetupSettings(pydantic.BaseModel):
    """What is studied: a problem or a file, and a network; what is None is taken from the problem.

    What a command needs besides, its own settings add as a subclass.

    Raises:
        pydantic.ValidationError: for a value out of range; `read` and `checked` turn it into one
            sentence.

    Example:
        >>> SetupSettings.checked(problem="lecture", hidden=(5,)).options()
        ['--problem', 'lecture', '--hidden', '5']
    """

    model_config = pydantic.ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    problem: str | None = None
    """A problem's name; see `saddlescape.problems.NAMES`."""
    data: str | None = None
    """A CSV, Parquet or npz file, instead of a problem."""
    target: str | None = None
    """The column of `data` to predict."""
    inputs: tuple[str, ...] | None = None
    """Columns of `data` to predict from; all others by default."""
    task: Literal["regression", "classification"] | None = None
    missing: Literal["refuse", "drop"] = "refuse"
    samples: Annotated[int, pydantic.Field(ge=1)] | None = None
    """How many samples to use; all by default."""
    hidden: tuple[Width, ...] | None = None
    activation: str | None = None
    bias: bool | None = None
    weight_decay: Annotated[float, pydantic.Field(ge=0)] = 0.0

    @pydantic.model_validator(mode="after")
    def _is_consistent(self) -> Any:
        """Return the settings if they name one thing to study."""
        self._check_what_is_studied()
        return self

    def _check_what_is_studied(self) -> None:
        """Raise unless a problem or a file is named, with options that belong to it."""
        if (self.problem is None) == (self.data is None):
            msg = "give either a problem by name or a data file with its target column"
            raise InvalidInputError(msg)
        if self.data is not None and self.target is None:
            msg = f"no target is given for {self.data}: name the column to predict (--target)"
            raise InvalidInputError(msg)
        _refuse_file_options(self)

    @classmethod
    def checked(cls: type[Settings], **values: Any) -> Settings:  # noqa: PYI019
        """Return the settings.

        Args:
            **values: the fields.

        Returns:
            the settings.

        Raises:
            InvalidInputError: for a value that cannot be, in one sentence.

        Example:
            >>> SetupSettings.checked(problem="lecture", samples=0)
            Traceback (most recent call last):
            ...
            saddlescape.core._errors.InvalidInputError: samples is 0: input should be greater ...
        """
        return _checked(cls, values)

    @classmethod
    def read(  # noqa: PYI019
        cls: type[Settings], path: str | Path, **overrides: Any
    ) -> Settings:
        """Return the settings in a TOML file, with the given ones on top.

        Args:
            path: a TOML file whose keys are the fields of this class.
            **overrides: fields that replace those of the file.

        Returns:
            the settings.

        Raises:
            InvalidInputError: for a missing or broken file, an unknown key or a bad value.
        """
        try:
            values = tomllib.loads(Path(path).read_text(encoding="utf-8"))
        except OSError as error:
            msg = f"cannot read the settings file {path} ({error.strerror}): check the path"
            raise InvalidInputError(msg) from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            msg = (
                f"the settings file {path} is not TOML ({error}): write lines such as starts = 500"
            )
            raise InvalidInputError(msg) from None
        return _checked(cls, {**values, **overrides})

    def options(self, always: Collection[str] = ()) -> list[str]:
        """Return the words that say these settings on the command line.

        Args:
            always: settings to name even at their defaults.

        Returns:
            options and values, in the order of the fields.
        """
        words = []
        for name, field in type(self).model_fields.items():
            value = getattr(self, name)
            if value == field.default and name not in always:
                continue
            option = "--" + name.replace("_", "-")
            if name == "bias":
                words.append("--bias" if value else "--no-bias")
            elif value is True:
                words.append(option)
            elif name == "inputs":
                words += [option, _csv_line(value)]
            elif isinstance(value, tuple):
                words += [option, ",".join(map(str, value))]
            else:
                words += [option, str(value)]
        return words


def _checked(kind: type[Settings], values: dict[str, Any]) -> Settings:
    """Return settings of a kind, or raise the first problem in one sentence."""
    try:
        return kind(**values)
    except pydantic.ValidationError as error:
        raise InvalidInputError(_sentence(error, kind)) from None


def _refuse_file_options(settings: SetupSettings) -> None:
    """Raise for options that only mean something for a file, when there is none."""
    given = [
        f"--{name}"
        for name in ("target", "inputs", "task", "missing")
        if getattr(settings, name) != type(settings).model_fields[name].default
    ]
    if settings.data is None and given:
        msg = (
            f"{' and '.join(given)} cannot be had with the problem {settings.problem!r}, which has "
            "its own columns: leave them out, or give a file with --data"
        )
        raise InvalidInputError(msg)


def _csv_line(names: tuple[str, ...]) -> str:
    """Return names separated by commas, in quotes where they hold a comma themselves."""
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(names)
    return line.getvalue()


def _sentence(error: pydantic.ValidationError, settings: type[pydantic.BaseModel]) -> str:
    """Return the first problem in one line: what was given, what is wanted."""
    first = error.errors()[0]
    name = ".".join(str(part) for part in first["loc"][:1]) or "the settings"
    if first["type"] == "value_error":
        return str(first.get("ctx", {})["error"])
    if first["type"] == "extra_forbidden":
        known = ", ".join(settings.model_fields)
        return f"there is no setting called {name!r}: choose among {known}"
    return f"{name} is {first['input']!r}: {first['msg'][0].lower()}{first['msg'][1:]}"
