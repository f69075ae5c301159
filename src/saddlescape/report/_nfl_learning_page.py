"""The page of `saddlescape nfl learning`."""

from saddlescape.nofreelunch import LearningTable, learning_finding, most_separating
from saddlescape.report import _nfl_learning_figures as figures
from saddlescape.report import _nfl_learning_tables as tables
from saddlescape.report._figures import Page, Section


def learning_page(table: LearningTable, *, command: str = "") -> Page:
    """Return the page of learners on every Boolean target.

    Args:
        table: what `saddlescape.nofreelunch.learn` returned.
        command: what reproduces the numbers.

    Returns:
        a page of figures and tables as data; `write_page` makes the file.
    """
    num_sets, train = table.training_sets.shape
    settings = (
        ("inputs", f"{2**table.bits}, all of {table.bits} bits"),
        ("targets", f"{table.num_targets:,}, every labelling of the inputs"),
        ("training sets", f"{num_sets:,} of {train} inputs"),
        ("labels to predict", f"{table.num_asked} in each case"),
        ("learners", ", ".join(one.name for one in table.learners)),
    )
    return Page(
        title=f"No free lunch in learning: {table.num_targets:,} targets",
        finding=learning_finding(table),
        sections=(*_matrix(table), _everywhere(table), *_structure(table), _how(table)),
        settings=settings,
        command=command,
    )


def _matrix(table: LearningTable) -> tuple[Section, ...]:
    """Return the picture of it all: one flat row, and rows that are not."""
    if not table.classes:
        return ()
    return (
        Section(
            "Equal on everything, unequal on something",
            "Each row is a set of targets. On all of them together every learner is wrong on half "
            "of the labels it has not seen, neither more nor less. On targets of one kind the "
            "learner wins whose assumptions fit: there is no other reason to win.",
            figures=(figures.strip_figure(table), figures.matrix_figure(table)),
            tables=(tables.errors(table), tables.classes(table)),
        ),
    )


def _everywhere(table: LearningTable) -> Section:
    """Return the theorem, and what it does not say."""
    return Section(
        "On all targets",
        "The average is one half for each learner and each training set, exactly. What is not "
        "equal is how errors are spread over targets: a learner that assumes nothing, the coin, is "
        "mediocre on every target; one that assumes something is good on some targets and as bad "
        "on others.",
        figures=(figures.spread(table),),
        tables=(tables.everywhere(table),),
    )


def _structure(table: LearningTable) -> tuple[Section, ...]:
    """Return what is won on the class that separates learners most, and what it costs."""
    group = most_separating(table)
    if group is None:
        return ()
    name = table.classes[group].name
    return (
        Section(
            f"What is won on {name} targets, and who pays",
            "The gain of a learner is the number of labels it has right beyond one half, summed "
            "over the targets of the class. Counted separately over all other targets it is the "
            "same number with the opposite sign, exactly, for every learner and every class.",
            figures=(figures.payment(table, group),),
            tables=(tables.payments(table, group),),
        ),
    )


def _how(table: LearningTable) -> Section:
    """Return what learners do, and why so few trainings are enough."""
    train = table.training_sets.shape[1]
    return Section(
        "The learners",
        f"A learner sees the {train} labels of its training set and nothing else. So one training "
        f"for each of their {2**train:,} labellings gives its predictions for all "
        f"{table.num_targets:,} targets: those that agree on the training set share it. Wrong "
        "labels were then counted target by target.",
        tables=(tables.learners(table),),
    )
