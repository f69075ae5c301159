"""The page of `saddlescape regions solutions`: how many solutions, and what they look like."""

import numpy as np

from saddlescape.report._box_movie import box_movie, faces_table
from saddlescape.report._figures import Axis, Band, Column, Curve, Figure, Page, Section, Table
from saddlescape.report._numbers import number
from saddlescape.report._solutions_gallery import gallery
from saddlescape.report._survey import pairs_of
from saddlescape.students import (
    Solutions,
    Student,
    apart,
    claim,
    copies_in_words,
    finding,
    tally_at,
)
from saddlescape.symmetry import short

_APART = (0.01, 0.1, 0.2, 0.3, 0.5)  # of the length of theta
_MOST_ROWS = 100


def solutions_page(found: Solutions) -> Page:
    """Return the page of students and their solutions.

    Args:
        found: what `saddlescape.students.run` returned.

    Returns:
        a page of figures and tables as data; `write_page` makes the file.
    """
    header = found.setup.header()
    told = found.settings.model_dump(mode="json", exclude_none=True)
    told["source"] = header["problem"]["source"]
    return Page(
        title=f"Different solutions: {found.setup.problem.name}",
        finding=finding(found),
        sections=(
            *_numbers(found),
            *(section for student in found.students for section in _pictures(student)),
            Section(
                "Copies",
                "Exchanging neurons (and, where the activation is odd, turning the sign of all "
                "weights of one) gives another point with the same loss. A solution here stands "
                "for all its copies.",
                tables=(_copies(found),),
            ),
            Section("Where the starts ended", tables=(_ends(found),)),
            *(_every(student) for student in found.students if student.solutions),
        ),
        settings=tuple(pairs_of(told)),
        command=found.settings.command(),
        versions=tuple(pairs_of(header["versions"])),
    )


def _numbers(found: Solutions) -> tuple[Section, ...]:
    """Return how many solutions there are near the best, by tolerance and by distance."""
    students = [student for student in found.students if student.solutions]
    if not students:
        return ()
    return (
        Section(
            "How many near the best",
            "Two solutions are the same if some symmetry of the network makes them equal within "
            "the error of the search. Tolerances are relative to the best loss of the same "
            "student, weight decay included.",
            figures=(_curves(found, students),),
            tables=(_tallies(students), *_apart(students)),
        ),
    )


def _curves(found: Solutions, students: list[Student]) -> Figure:
    """Return the number of solutions over the tolerance, with what is estimated of the rest."""
    layers: list[Band | Curve] = []
    for tone, student in enumerate(students):
        xs = [100 * tally.within for tally in student.tallies]
        low, high = zip(*(tally.unseen.interval for tally in student.tallies), strict=True)
        name = f"{student.width} neurons"
        layers.append(Band(xs, low, high, f"{name}, 95 % with the unseen", tone))
        seen = [tally.num_solutions for tally in student.tallies]
        layers.append(Curve(xs, seen, name, tone))
    numbers = claim(found)[1]
    quoted = found.settings.quoted
    title = f"Different near-optimal solutions: {numbers}" if numbers else (
        f"{tally_at(students[0], quoted).num_solutions:,} different solutions within "
        f"{100 * quoted:g} % of the best loss"
    )  # fmt: skip
    return Figure(
        title,
        Axis("loss above the best", "%", scale="log"),
        Axis("different solutions"),
        tuple(layers),
        caption="Lines: seen. Bands: with those not yet seen, 95 % intervals of Chao's lower "
        "bound.",
    )


def _tallies(students: list[Student]) -> Table:
    """Return a row for every student and tolerance."""
    columns = (
        Column("neurons", format="count"),
        Column("within", "% of the best loss"),
        Column("different", format="count", note="solutions modulo symmetry, seen"),
        Column("all, at least", note="Chao1: a lower bound from those seen once and twice"),
        Column("95 %", format="text", note="interval of that bound"),
        Column("new per start", "%", digits=2, note="Good-Turing, of starts that end this near"),
        Column("starts", format="count", note="that ended at one of them"),
        Column("closest two", "of |theta|", digits=2, note="smallest distance modulo symmetry"),
        Column("perfect", format="count", note="with every sample right"),
    )
    rows = []
    for student in students:
        for tally in student.tallies:
            low, high = tally.unseen.interval
            rows.append(
                (
                    student.width, 100 * tally.within, tally.num_solutions,
                    tally.unseen.num_classes, f"{low:,.1f} to {high:,.1f}",
                    100 * tally.unseen.share, tally.num_starts, tally.distance, tally.num_perfect,
                )
            )  # fmt: skip
    note = "The bound is the number itself where solutions are found about equally often."
    return Table("Different solutions near the best", columns, rows, note=note)


def _apart(students: list[Student]) -> tuple[Table, ...]:
    """Return how many solutions are left when they must keep a distance; () without several."""
    if max(len(student.solutions) for student in students) < 2:
        return ()
    columns = (
        Column("neurons", format="count"),
        *(Column(f"apart by {least:g}", "of |theta|", format="count") for least in _APART),
    )
    rows = [(s.width, *(apart(s.distances, least) for least in _APART)) for s in students]
    note = "From the lowest loss on, a solution counts when it keeps this distance from all before."
    title = "Solutions that are far from one another, whatever their loss"
    return (Table(title, columns, rows, note=note),)


def _pictures(student: Student) -> tuple[Section, ...]:
    """Return what the solutions of a student look like; () beyond three inputs."""
    if not student.solutions or student.network.widths[0] not in {2, 3}:
        return ()
    heading = f"{student.width} neurons"
    if student.network.widths[0] == 3:
        return (_box(student, heading),)
    words = "Every hidden neuron is a line, its weight vector the normal (arrow)."
    if student.network.activations[0].is_odd and student.network.widths[-1] <= 2:
        words += (
            " Turning the sign of a neuron changes nothing: all arrows are turned to raise "
            + ("the second class." if student.network.widths[-1] == 2 else "the output.")
        )
    words += " Lines are wider where outgoing weights are larger. Lowest loss first."
    return (Section(heading, words, figures=gallery(student)),)


def _box(student: Student, heading: str) -> Section:
    """Return the planes of the best solution, and of the best one from the faces of the box."""
    words = (
        "Every hidden neuron is a plane, its weight vector the normal. Solutions are turned around "
        "the vertical axis; every plane is cut off at the cube of the data."
    )
    shown = [(student.solutions[0], "Best of random starts")]
    if student.from_faces:
        best, faces = student.solutions[0].loss, student.from_faces[0]
        times = sum(solution.times for solution in student.from_faces)
        count = len(student.from_faces)
        ends = "one solution" if count == 1 else f"{count:,} different solutions, the best"
        words += (
            f" The lecture draws a plane on each face: {times} starts there, perturbed, end in "
            f"{ends} of loss {number(faces.loss, 4)}; the best of random starts has "
            f"{number(best, 4)}."
        )
        shown.append((faces, "Best of starts on the faces"))
    return Section(
        heading,
        words,
        figures=tuple(box_movie(student, solution, name) for solution, name in shown),
        tables=tuple(faces_table(student, solution, name) for solution, name in shown),
    )


def _copies(found: Solutions) -> Table:
    """Return the copies of every student's best solution."""
    columns = (
        Column("neurons", format="count"),
        Column("symmetries", format="text", note="n!, times 2^n where the activation is odd"),
        Column("that leave it in place", format="text"),
        Column("copies", format="text"),
        Column("losses computed", format="count"),
        Column("largest difference", "of losses"),
        Column("rounding allows", "of losses"),
    )
    rows, words = [], []
    for student in found.students:
        copies = student.copies
        if copies is None:
            continue
        fixing = f"{copies.num_fixing:,}" + (f": {copies.reason}" if copies.reason else "")
        rows.append(
            (
                student.width, short(copies.group_order), fixing, short(copies.number),
                copies.num_evaluated, copies.loss_difference, copies.rounding,
            )
        )  # fmt: skip
        words.append(f"{student.width} neurons: {copies_in_words(copies)}")
    note = "Where not all losses are computed, copies are drawn at random."
    if any(student.copies and student.copies.number == 720 for student in found.students):
        note += " 6! = 720; the slide of the lecture says 240, an erratum."
    return Table("; ".join(words) or "No solution", columns, rows, is_sortable=False, note=note)


def _ends(found: Solutions) -> Table:
    """Return how the starts of every student ended."""
    columns = (
        Column("neurons", format="count"),
        Column("outcome", format="text"),
        Column("starts", format="count"),
    )
    rows = [
        (student.width, label, count)
        for student in found.students
        for label, count in student.outcomes.items()
    ]
    converged = sum(student.num_converged for student in found.students)
    total = found.settings.starts * len(found.students)
    title = f"{converged:,} of {total:,} starts reached a minimum"
    return Table(title, columns, rows, is_sortable=False)


def _every(student: Student) -> Section:
    """Return every solution of a student as a table, the lowest loss first."""
    columns = (
        Column("solution", format="count"),
        Column("loss", digits=6, note="with weight decay"),
        Column("fit", digits=6, note="the loss without it"),
        Column("samples right", "%"),
        Column("different neurons", format="count", note="equal ones count once"),
        Column("starts", format="count"),
        Column("copies", format="text"),
        Column("nearest other", "of |theta|", note="distance modulo symmetry"),
        Column("kind", format="text"),
    )
    rows = [
        (
            rank, s.loss, s.fit, None if s.accuracy is None else 100 * s.accuracy,
            s.num_neurons, s.times,
            short(s.copies), s.distance, _kind(s.index, is_family=s.is_family),
        )
        for rank, s in enumerate(student.solutions[:_MOST_ROWS], 1)
    ]  # fmt: skip
    left = len(student.solutions) - len(rows)
    lengths = [float(np.linalg.norm(s.theta)) for s in student.solutions]
    note = f"|theta| is {min(lengths):.3g} to {max(lengths):.3g}."
    note += f" {left:,} more are in --json." if left else ""
    title = f"{len(student.solutions):,} different solutions from {student.num_converged:,} starts"
    return Section(
        f"Every solution of {student.width} neurons",
        tables=(Table(title, columns, rows, note=note),),
    )


def _kind(index: int, *, is_family: bool) -> str:
    """Return what a critical point is."""
    word = "minimum" if index == 0 else f"saddle of order {index}"
    return f"{word}, flat family" if is_family else word
