"""Students: networks of several widths on one problem, and how many different solutions they find.

Solutions are counted modulo the symmetries of the network, those near the best one by one.
"""

from saddlescape.students._copies import Copies, copies_in_words
from saddlescape.students._faces import faces
from saddlescape.students._run import Solutions, Student, run
from saddlescape.students._search import Progress
from saddlescape.students._settings import SolutionsSettings
from saddlescape.students._solution import Solution, Tally, apart
from saddlescape.students._summary import claim, finding, summary, tally_at

__all__ = [
    "Copies",
    "Progress",
    "Solution",
    "Solutions",
    "SolutionsSettings",
    "Student",
    "Tally",
    "apart",
    "claim",
    "copies_in_words",
    "faces",
    "finding",
    "run",
    "summary",
    "tally_at",
]
