"""The section that says which starts found the teacher."""

from saddlescape.report._figures import Column, Section, Table
from saddlescape.report._numbers import number
from saddlescape.surveys import Atlas, TeacherFound, teacher_found


def teacher_sections(atlas: Atlas) -> tuple[Section, ...]:
    """Return the section on the teacher; none where there is none, or no start came to zero loss.

    Args:
        atlas: a survey's folder.

    Returns:
        at most one section.
    """
    found = teacher_found(atlas)
    if found is None or not found.zero_loss:
        return ()
    return (
        Section(
            "The teacher",
            "The targets are the outputs of a teacher of the student's architecture. Its copies by "
            "symmetry make the same outputs; a student is compared with the nearest of them.",
            tables=(_table(found),),
        ),
    )


def _table(found: TeacherFound) -> Table:
    """Return the counts, and how exactly the teacher was found."""
    rows = [
        ("starts at zero loss", f"{found.zero_loss:,}"),
        ("of these the teacher, up to a symmetry", f"{found.equal:,}"),
    ]
    if found.max_distance is not None and found.max_distance_roundings is not None:
        distance = number(found.max_distance, 2)
        rows += [
            ("largest distance from it, relative to the length of its parameters", distance),
            ("the same in roundings (2.2e-16)", number(found.max_distance_roundings, 2)),
        ]
    columns = (Column("quantity", format="text"), Column("value", format="text"))
    return Table(_title(found), columns, rows, is_sortable=False)


def _title(found: TeacherFound) -> str:
    """Return the finding."""
    total, equal = found.zero_loss, found.equal
    if total == 1:
        verb = "is" if equal else "is not"
        return f"The one start at zero loss {verb} the teacher, up to a symmetry"
    if equal == total:
        return f"All {total:,} starts at zero loss are the teacher, up to a symmetry"
    if not equal:
        return f"None of the {total:,} starts at zero loss is the teacher"
    verb = "is" if equal == 1 else "are"
    return f"{equal:,} of {total:,} starts at zero loss {verb} the teacher, up to a symmetry"
