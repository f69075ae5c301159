"""The page of `saddlescape nfl search`."""

from saddlescape.nofreelunch import SearchTable, counted, search_finding, widest_class
from saddlescape.report import _nfl_search_figures as figures
from saddlescape.report import _nfl_search_tables as tables
from saddlescape.report._figures import Page, Section


def search_page(table: SearchTable, evaluations: int, *, command: str = "") -> Page:
    """Return the page of search algorithms on every function.

    Args:
        table: what `saddlescape.nofreelunch.search` returned.
        evaluations: after how many evaluations algorithms are compared, from 1.
        command: what reproduces the numbers.

    Returns:
        a page of figures and tables as data; `write_page` makes the file.
    """
    space = table.space
    settings = (
        ("points", str(space.points)),
        ("values", f"0 to {space.values - 1}, higher is better"),
        ("functions", f"{space.num_functions:,}"),
        ("compared after", counted(evaluations)),
        ("algorithms", ", ".join(policy.name for policy in table.policies)),
    )
    return Page(
        title=f"No free lunch in search: {space.num_functions:,} functions",
        finding=search_finding(table, evaluations),
        sections=(*_matrix(table, evaluations), _everywhere(table, evaluations),
                  *_structure(table, evaluations), _algorithms(table)),
        settings=settings,
        command=command,
    )  # fmt: skip


def _matrix(table: SearchTable, evaluations: int) -> tuple[Section, ...]:
    """Return the picture of it all: one flat row, and rows that are not."""
    if not table.classes:
        return ()
    return (
        Section(
            "The same on everything, different on something",
            "Each row is a set of functions. On all functions together every algorithm finds "
            "exactly as much as every other. The same holds on a class that is closed under "
            "permutations of the points, and on no other: there, algorithms that fit the class "
            "find more.",
            figures=(
                figures.strip_figure(table, evaluations),
                figures.matrix_figure(table, evaluations),
            ),
            tables=(tables.means(table, evaluations), tables.classes(table, evaluations)),
        ),
    )


def _everywhere(table: SearchTable, evaluations: int) -> Section:
    """Return the theorem on all functions."""
    return Section(
        "On all functions",
        f"Every algorithm was run on every one of the {table.space.num_functions:,} functions, and "
        "the sequences of values that it saw were counted one by one. Equal numbers of sequences "
        "mean equal numbers of everything that is computed from them: the best value so far, or "
        "the evaluations until the highest value is seen.",
        figures=(figures.evaluations_to_optimum(table),),
        tables=(tables.everywhere(table, evaluations),),
    )


def _structure(table: SearchTable, evaluations: int) -> tuple[Section, ...]:
    """Return who wins on the class where it matters most, and what it costs."""
    group = widest_class(table, evaluations)
    if group is None:
        return ()
    name = table.classes[group].name
    return (
        Section(
            f"What is won on {name} functions, and who pays",
            f"{name.capitalize()}: {table.classes[group].description}. The gain of an algorithm is "
            "the sum of its best values over the class, less what as many average functions give. "
            "Counted separately over all other functions it is the same number with the opposite "
            "sign: the sum is zero, exactly, for every algorithm and every class.",
            figures=(
                figures.curves(table, group, evaluations),
                figures.payment(table, group, evaluations),
            ),
            tables=(tables.payments(table, group, evaluations),),
        ),
    )


def _algorithms(table: SearchTable) -> Section:
    """Return what the algorithms are."""
    return Section(
        "The algorithms",
        "None evaluates a point twice, and none sees anything but what it has evaluated; both were "
        "checked after every history. Points lie on a ring; those that start at a fixed point "
        "start at 0.",
        tables=(tables.algorithms(table),),
    )
