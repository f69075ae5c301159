"""The page of an atlas: `saddlescape report ATLAS`."""

from pathlib import Path

from saddlescape.report._atlas_figures import histogram, loss_against_index, outcomes, spectra
from saddlescape.report._atlas_tables import (
    classes_table,
    outcome_advice,
    runaway_table,
    unseen_table,
)
from saddlescape.report._figures import Page, Section
from saddlescape.report._html import write_page
from saddlescape.report._hyperplanes import hyperplanes
from saddlescape.report._survey import Survey, pairs_of
from saddlescape.surveys import Atlas

_ELSEWHERE = ("versions", "command", "format", "done")  # shown in places of their own


def atlas_page(atlas: Atlas) -> Page:
    """Return the page of an atlas: what was found, the evidence, and how it was made.

    Args:
        atlas: a survey's folder, finished or not.

    Returns:
        a page of figures and tables as data; `write_page` makes the file.
    """
    survey = Survey.read(atlas)
    parts = (
        (*_points(survey), *_pictures(survey), *_starts(survey)) if survey.points.num_rows else ()
    )
    settings = {k: v for k, v in survey.header.items() if k not in _ELSEWHERE}
    return Page(
        title=_title(survey),
        finding=survey.finding,
        sections=parts,
        settings=tuple(pairs_of(settings)),
        command=str(survey.header.get("command") or ""),
        versions=tuple(pairs_of(survey.part("versions"))),
    )


def _title(survey: Survey) -> str:
    """Return what was surveyed."""
    problem, network = survey.part("problem"), survey.part("network")
    title = f"Critical points: {problem.get('name') or problem.get('data') or 'a landscape'}"
    if not network:
        return title
    widths = "-".join(map(str, network.get("widths", ())))
    return f"{title}, {widths} network, {', '.join(dict.fromkeys(network.get('activations', ())))}"


def write_atlas_page(atlas_folder: str | Path, path: str | Path) -> Path:
    """Write the page of the atlas in a folder.

    Args:
        atlas_folder: what `saddlescape survey --out` made.
        path: of the HTML file; a file that exists is replaced.

    Returns:
        the path.

    Raises:
        InvalidInputError: when the folder holds no readable atlas, or the file cannot be written.
    """
    return write_page(atlas_page(Atlas.open(atlas_folder)), path)


def _points(survey: Survey) -> tuple[Section, ...]:
    """Return the distinct points: their table, losses, spectra, and how many are missing."""
    if not survey.classes.num_rows:
        return ()
    return (
        Section(
            "The distinct critical points",
            "Each row stands for all points that differ only by a symmetry of the network. The "
            "index counts the directions in which the loss falls, the nullity those in which it "
            "stays level to second order.",
            tables=(classes_table(survey),),
        ),
        Section("Loss against index", figures=(loss_against_index(survey),)),
        Section("Spectra of the Hessian", figures=(spectra(survey),)),
        Section(
            "What has not been seen",
            "How often classes were found once or twice tells how many were not found at all, as "
            "with species in a field survey.",
            tables=(unseen_table(survey),),
        ),
    )


def _pictures(survey: Survey) -> tuple[Section, ...]:
    """Return the hyperplanes, where there are two inputs."""
    figures = hyperplanes(survey)
    if not figures:
        return ()
    weight = "outgoing weight"
    signs = " Lines of negative weights are dashed."
    if survey.part("network")["widths"][2] > 1:
        weight, signs = "outgoing weights' size", ""
    return (
        Section(
            "Where the neurons bend",
            "Each line is where a first-layer neuron's input w·x + b is zero. Its width and its "
            f"number are the neuron's {weight}.{signs}",
            figures=figures,
        ),
    )


def _starts(survey: Survey) -> tuple[Section, ...]:
    """Return where the starts ended."""
    advice, runaway = outcome_advice(survey), runaway_table(survey)
    return (
        Section("Where the starts ended", figures=(histogram(survey), outcomes(survey)),
                tables=(advice,) if advice else ()),
        *(
            (Section(
                "Starts that ran to infinity",
                "The loss keeps falling while these neurons' weights grow without bound, often as "
                "two neurons become equal and their outgoing weights opposite: there is no "
                "critical point at the end of such a path.",
                tables=(runaway,),
            ),) if runaway else ()
        ),
    )  # fmt: skip
