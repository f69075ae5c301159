"""How many affine subspaces a wider student makes of one point of a narrower network."""

import dataclasses
import math
import operator
from fractions import Fraction

from saddlescape.symmetry._counting import refuse

_MOST_STUDENT = 2_000  # neurons; Bell's triangle takes their square in long additions


@dataclasses.dataclass(frozen=True)
class Subspaces:
    """What a student of width m makes of its teacher and of narrower critical points.

    Args:
        teacher: r, the width of the teacher.
        student: m, the width of the student.
        minima: T(r, m), the subspaces of global minima.
        critical: for each width k = r - 1, ..., 1 the pair of k and G(k, m), the subspaces of
            critical points that one critical point of width k gives.
    """

    teacher: int
    student: int
    minima: int
    critical: tuple[tuple[int, int], ...]

    @property
    def ratios(self) -> tuple[Fraction, ...]:
        """Subspaces of critical points per subspace of minima, for each width."""
        return tuple(Fraction(number, self.minima) for _, number in self.critical)


def count_subspaces(teacher: int, student: int) -> Subspaces:
    """Return how many subspaces of minima, and of other critical points, a wider student has.

    Args:
        teacher: r, its width.
        student: m, its width, at least r.

    Returns:
        T(r, m), and G(k, m) for every width k below r.

    Raises:
        InvalidInputError: for widths below 1, a student narrower than r, or above 2,000.

    Example:
        >>> count_subspaces(3, 4)
        Subspaces(teacher=3, student=4, minima=60, critical=((2, 14), (1, 1)))
    """
    minima = num_minimum_subspaces(teacher, student)
    widths = range(teacher - 1, 0, -1)
    counts = {} if teacher == 1 else _all_onto(teacher, student)
    return Subspaces(teacher, student, minima, tuple((k, counts[k]) for k in widths))


def num_critical_subspaces(teacher: int, student: int) -> int:
    """Return G(r, m): the affine subspaces of critical points that one narrow critical point gives.

    Args:
        teacher: r, the width of the layer in which the critical point lies.
        student: m, the width of the same layer in the wider network, at least r.

    Returns:
        ``sum_i (-1)^(r - i) C(r, i) i^m``: the maps of m neurons onto r places. Each gives the
        subspace in which neurons at one place share its outgoing weight.

    Raises:
        InvalidInputError: for widths below 1, or a student narrower than r.

    References:
        Simsek et al. (2021), arXiv:2105.12221.

    Example:
        >>> num_critical_subspaces(4, 5), num_critical_subspaces(1, 7)
        (240, 1)
    """
    _check(teacher, student)
    return _all_onto(teacher, student)[teacher]


def num_minimum_subspaces(teacher: int, student: int) -> int:
    """Return T(r, m): the affine subspaces of global minima that a teacher of width r gives.

    Some u of the m neurons need not copy the teacher's: they fall into groups, each with incoming
    weights of its own, which are free, and outgoing weights that sum to zero (a group of one has
    outgoing weight zero, a group of two opposite ones). Groups have no order, so Bell(u) counts
    them, and the other neurons are mapped onto the teacher's.

    Args:
        teacher: r, the width of the teacher, which no narrower network equals.
        student: m, the width of the student, at least r.

    Returns:
        ``sum_u C(m, u) G(r, m - u) Bell(u)`` with u from 0 to m - r.

    Raises:
        InvalidInputError: for widths below 1, a student narrower than r, or above 2,000.

    Notes:
        All are critical because the residual is zero: a group of sum zero at a point of positive
        loss is critical for particular incoming weights only, see `split`.

    References:
        Simsek et al. (2021), arXiv:2105.12221, theorem 4.2.

    Example:
        >>> num_minimum_subspaces(1, 2), num_minimum_subspaces(4, 4)
        (3, 24)
    """
    _check(teacher, student)
    spare = student - teacher
    bell, onto = _bell_numbers(spare), _onto(teacher, student)
    return sum(math.comb(student, u) * onto[student - u] * bell[u] for u in range(spare + 1))


def _onto(places: int, most: int) -> list[int]:
    """Return for 0 ... `most` neurons the number of their maps onto so many places."""
    counts, row = [], [1] + [0] * places
    for _ in range(most + 1):
        counts.append(row[places])
        row = _one_neuron_more(row)
    return counts


def _all_onto(places: int, neurons: int) -> list[int]:
    """Return the number of maps of so many neurons onto 0 ... `places` places."""
    row = [1] + [0] * places
    for _ in range(neurons):
        row = _one_neuron_more(row)
    return row


def _one_neuron_more(row: list[int]) -> list[int]:
    """Return the numbers of maps onto 0, 1, ... places, from those with one neuron less.

    The last neuron goes to any place; without it, that place may have been the one left empty.
    """
    return [0] + [k * (row[k] + row[k - 1]) for k in range(1, len(row))]


def _bell_numbers(most: int) -> list[int]:
    """Return the numbers of ways to sort 0 ... `most` things into groups, by Bell's triangle."""
    row, bell = [1], [1]
    for _ in range(most):
        following = [row[-1]]
        for entry in row:
            following.append(following[-1] + entry)
        row = following
        bell.append(row[0])
    return bell


def _check(teacher: int, student: int) -> None:
    """Raise unless 1 <= teacher <= student.

    Raises:
        InvalidInputError: otherwise.
    """
    try:
        operator.index(teacher)
        operator.index(student)
    except TypeError:
        refuse(f"teacher {teacher!r} and student {student!r}: give whole numbers of neurons")
    if not 1 <= teacher <= student:
        refuse(
            f"a teacher of width {teacher} and a student of width {student}: "
            "give a teacher of at least 1 neuron, and a student at least as wide"
        )
    if student > _MOST_STUDENT:
        refuse(f"a student of {student:,} neurons: give at most {_MOST_STUDENT:,}")
