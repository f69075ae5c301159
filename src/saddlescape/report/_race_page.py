"""The page of `saddlescape race`."""

from collections.abc import Sequence
from pathlib import Path

from saddlescape.races import Diagnosis, Explanation, Races, finding
from saddlescape.report import _race_figures as figures
from saddlescape.report import _race_landscape as landscape
from saddlescape.report import _race_tables as tables
from saddlescape.report._figures import Page, Section
from saddlescape.report._html import write_page
from saddlescape.report._race_diagnostics import (
    effective_rates_figure,
    oscillation_figure,
    stability_figure,
)
from saddlescape.report._race_explained import explained
from saddlescape.report._survey import pairs_of


def race_page(
    races: Races, diagnoses: Sequence[Diagnosis] = (), explanation: Explanation | None = None
) -> Page:
    """Return the page of a race.

    Args:
        races: what `saddlescape.races.run` returned.
        diagnoses: what was measured along the paths, see `saddlescape.races.diagnose`.
        explanation: what `saddlescape.races.explain` returned.

    Returns:
        a page of figures, a movie and tables as data; `write_page` makes the file. Costs the loss
        on a grid of 81 x 81 points.
    """
    header = races.setup.header()
    told = races.settings.model_dump(mode="json", exclude_defaults=True)
    batch = races.settings.batch
    used = {"optimizers": ", ".join(races.names), "samples per step": batch or "all"}
    used |= {"steps": races.race.total_steps, "starts": races.settings.seeds}
    used |= {"rates": ", ".join(f"{rate:g}" for rate in races.race.rates)}
    told = {name: value for name, value in told.items() if name not in {"batch", *used}}
    used["parameters"] = races.setup.landscape.num_parameters
    used["source"] = header["problem"]["source"]
    return Page(
        title=f"Optimizers raced: {header['problem']['name']}",
        finding=finding(races),
        sections=(
            *_curves(races),
            *_landscape(races),
            *_ends(races),
            *_diagnosis(diagnoses),
            *(() if explanation is None else explained(races, explanation)),
        ),
        settings=tuple(pairs_of({**told, **used})),
        command=races.settings.command(),
        versions=tuple(pairs_of(header["versions"])),
    )


def write_race_page(
    races: Races,
    path: str | Path,
    diagnoses: Sequence[Diagnosis] = (),
    explanation: Explanation | None = None,
) -> Path:
    """Write the page of a race.

    Args:
        races: what `saddlescape.races.run` returned.
        path: of the HTML file; a file that exists is replaced.
        diagnoses: what was measured along the paths, see `saddlescape.races.diagnose`.
        explanation: what `saddlescape.races.explain` returned.

    Returns:
        the path.

    Raises:
        InvalidInputError: when the file cannot be written.
    """
    return write_page(race_page(races, diagnoses, explanation), path)


def _curves(races: Races) -> tuple[Section, ...]:
    """Return the losses over steps and over rates."""
    by_rate, reached = figures.loss_by_rate(races), tables.reached(races)
    return (
        Section(
            "The loss, step by step",
            figures=(figures.loss_curves(races),),
            tables=(reached,) if reached else (),
        ),
        Section(
            "Which rate",
            "The best rate of an optimizer is the one with the lowest median loss at the end.",
            figures=(by_rate,) if by_rate else (),
            tables=(tables.best_rates(races),),
        ),
    )


def _landscape(races: Races) -> tuple[Section, ...]:
    """Return where the optimizers ran."""
    moving = landscape.movie(races)
    if moving is None:
        return ()
    heading = "The ways from the first start"
    if races.setup.network is None:
        return (Section(heading, "Every optimizer at its best rate.", figures=(moving,)),)
    return (
        Section(
            heading,
            "Every optimizer at its best rate, in the plane that is closest to all their paths. "
            "The contours are the loss in the plane, not on the paths, which run beside it.",
            figures=(moving, landscape.plane_figure(races), *landscape.distances(races)),
        ),
    )


def _ends(races: Races) -> tuple[Section, ...]:
    """Return where the runs ended."""
    return (Section("Where they ended", tables=(tables.ended(races),)),)


def _diagnosis(found: Sequence[Diagnosis]) -> tuple[Section, ...]:
    """Return why optimizers are fast or slow."""
    if not found:
        return ()
    drawn = (stability_figure(found), effective_rates_figure(found), oscillation_figure(found))
    return (Section("Why they are fast or slow", figures=drawn),)
