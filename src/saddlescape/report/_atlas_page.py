"""The page of an atlas: `saddlescape report ATLAS`."""

from pathlib import Path

from saddlescape.core import Outcome
from saddlescape.report._at_infinity import infinity_sections
from saddlescape.report._atlas_figures import loss_against_index, spectra
from saddlescape.report._atlas_settings import settings_of
from saddlescape.report._atlas_tables import (
    classes_table,
    kinds_table,
    outcome_advice,
    runaway_table,
    unseen_table,
)
from saddlescape.report._figures import Page, Section
from saddlescape.report._html import write_page
from saddlescape.report._hyperplanes import hyperplanes
from saddlescape.report._start_figures import histogram, one_loss, outcomes
from saddlescape.report._survey import Survey, pairs_of
from saddlescape.report._teacher import teacher_sections
from saddlescape.surveys import Atlas


def atlas_page(atlas: Atlas) -> Page:
    """Return the page of an atlas: what was found, the evidence, and how it was made.

    Args:
        atlas: a survey's folder, finished or not.

    Returns:
        a page of figures and tables as data; `write_page` makes the file.
    """
    survey = Survey.read(atlas)
    parts = (
        (
            *_points(survey),
            *teacher_sections(atlas),
            *_pictures(survey),
            *infinity_sections(survey),
            *_starts(survey),
        )
        if survey.points.num_rows
        else ()
    )
    settings, defaults = settings_of(survey.header)
    return Page(
        title=_title(survey),
        finding=survey.finding,
        sections=parts,
        settings=settings,
        defaults=defaults,
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
            tables=(classes_table(survey), kinds_table(survey)),
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
    biases = survey.part("network").get("biases", True)
    has_bias = biases[0] if isinstance(biases, list) else biases
    regions = " Tints show which class the network decides for." if survey.has_labels else ""
    return (
        Section(
            "Where the neurons bend",
            f"Each line is where a first-layer neuron's input {'w·x + b' if has_bias else 'w·x'} "
            f"is zero. Its width and its number are the neuron's {weight}.{signs}{regions}",
            figures=figures,
        ),
    )


def _alike(survey: Survey) -> str:
    """Return in what all starts agree, which then needs no picture."""
    ends, loss = set(survey.point("outcome").tolist()), one_loss(survey)
    total = survey.points.num_rows
    everyone = "The one start" if total == 1 else f"All {total:,} starts"
    words = []
    if len(ends) == 1:
        is_good = ends == {Outcome.CONVERGED.label}
        how = "reached a critical point" if is_good else f"ended alike: {ends.pop()}"
        words.append(f"{everyone} {how}.")
    if loss is not None:
        words.append(f"{everyone} ended at {loss}.")
    return " ".join(words)


def _starts(survey: Survey) -> tuple[Section, ...]:
    """Return where the starts ended."""
    advice, runaway = outcome_advice(survey), runaway_table(survey)
    pictures = (histogram(survey), outcomes(survey))
    return (
        Section("Where the starts ended", _alike(survey),
                figures=tuple(picture for picture in pictures if picture is not None),
                tables=(advice,) if advice else ()),
        *(
            (Section(
                "Starts that ran to infinity",
                "The loss keeps falling while these neurons' weights grow without bound, often as "
                "two neurons become equal and their outgoing weights opposite. No critical "
                "point of a limit was found for these.",
                tables=(runaway,),
            ),) if runaway else ()
        ),
    )  # fmt: skip
