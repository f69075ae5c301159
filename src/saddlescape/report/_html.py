"""A page record becomes one HTML file that needs no network, not even for its script."""

import base64
import hashlib
import itertools
import math
import os
import tempfile
from functools import cache
from importlib import resources
from pathlib import Path

import jinja2
from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup
from plotly.offline import get_plotlyjs

from saddlescape.core import InvalidInputError
from saddlescape.report._draw import plotly_json
from saddlescape.report._draw_movie import movie_json
from saddlescape.report._figures import Cell, Figure, Movie, Page
from saddlescape.report._numbers import in_powers, numbers_of, shown
from saddlescape.report._plotly import Json


def render_page(page: Page) -> str:
    """Return a page as one self-contained HTML document.

    Its content security policy forbids every request and every script but its own two, so what
    stands in a user's file (names of columns and classes) can neither load nor run anything.

    Args:
        page: what it says and shows.

    Returns:
        HTML text; the same page gives the same text.

    Example:
        >>> "&lt;b&gt; matters" in render_page(Page("Test", "<b> matters"))
        True
    """
    shown = [figure for section in page.sections for figure in section.figures]
    figures = [panel for figure in shown for panel in _panels(figure)]
    tables = [table for section in page.sections for table in section.tables]
    groups = (figures, tables, [figure for figure in shown if isinstance(figure, Movie)])
    numbers = {id(record): i for group in groups for i, record in enumerate(group)}
    drawn = itertools.chain.from_iterable(_drawn(figure) for figure in shown)
    scripts = {"plotly": _plotly(), "script": _template_text("page.js")}
    return (
        _environment()
        .get_template("page.html")
        .render(
            page=page,
            css=Markup(_template_text("page.css")),  # noqa: S704 - our own file
            figures=htmlsafe_json_dumps(list(drawn), allow_nan=False, separators=(",", ":")),
            hashes=[Markup(f"'{_hash(text)}'") for text in scripts.values()],  # noqa: S704 - base64
            number_of=lambda record: numbers[id(record)],
            numbers_of=numbers_of,
            **{name: Markup(text) for name, text in scripts.items()},  # noqa: S704 - our own files
        )
    )


def write_page(page: Page, path: str | Path) -> Path:
    """Write a page to a file, whole or not at all.

    Args:
        page: what it says and shows.
        path: of the HTML file; a file that exists is replaced.

    Returns:
        the path.

    Raises:
        InvalidInputError: when the file cannot be written there.
    """
    path, text, temporary = Path(path), render_page(page), None
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        temporary = Path(name)
        os.fchmod(handle, 0o644)  # mkstemp makes files private; a page is to be shared
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        temporary.replace(path)
    except OSError as error:
        msg = f"cannot write {path} ({error.strerror}): give a file in a folder you can write to"
        raise InvalidInputError(msg) from None
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
    return path


@cache
def _environment() -> jinja2.Environment:
    """Return the templates, with everything escaped that is not marked as our own."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("saddlescape.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"shown": shown, "sort_key": _sort_key, "groupby_in_order": _groups}
    environment.filters["in_powers"] = in_powers
    return environment


def _panels(figure: Figure | Movie) -> tuple[Figure, ...]:
    """Return the pictures of a figure or of a movie."""
    return figure.panels if isinstance(figure, Movie) else (figure,)


def _drawn(figure: Figure | Movie) -> list[Json]:
    """Return the same pictures in plotly's words."""
    return movie_json(figure) if isinstance(figure, Movie) else [plotly_json(figure)]


def _groups(figures: tuple[Figure | Movie, ...]) -> list[tuple[str, list[Figure | Movie]]]:
    """Return runs of small figures, of large ones and of movies, in order."""

    def kind(figure: Figure | Movie) -> str:
        return "movie" if isinstance(figure, Movie) else "small" if figure.is_small else "large"

    return [(name, list(run)) for name, run in itertools.groupby(figures, kind)]


def _sort_key(cell: Cell) -> str:
    """Return what the page's script sorts by: a number JavaScript reads, or text; "" is last."""
    if isinstance(cell, bool):
        return str(int(cell))
    if isinstance(cell, float):
        return "" if math.isnan(cell) else repr(cell).replace("inf", "Infinity")
    return "" if cell is None else str(cell)


def _template_text(name: str) -> str:
    """Return a file of the templates folder."""
    return resources.files("saddlescape.report").joinpath("templates", name).read_text("utf-8")


@cache
def _plotly() -> str:
    """Return plotly's script, in a form that may stand inside a script element."""
    return get_plotlyjs().replace("\r\n", "\n").replace("</script", "<\\/script")


def _hash(script: str) -> str:
    """Return a script's hash as a content security policy names it."""
    digest = hashlib.sha256(script.encode()).digest()
    return "sha256-" + base64.b64encode(digest).decode()
