"""Students of several widths: searched, grouped modulo symmetry, counted near the best."""

import dataclasses
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from saddlescape import symmetry
from saddlescape.core import EmpiricalLandscape, InvalidInputError, Network, Outcome
from saddlescape.setups import ResultFolder, Setup, prepare
from saddlescape.students._copies import Copies, copies_of
from saddlescape.students._faces import faces, has_faces
from saddlescape.students._search import Points, Progress, searched
from saddlescape.students._settings import SolutionsSettings
from saddlescape.students._solution import Solution, Tally, limit, tally

_FROM_FACES = 50  # starts on the faces of the box: one block
_EQUAL = (
    float(np.finfo(np.float64).eps) ** 0.5
)  # of |theta|: neurons of a minimum this close are one
_MOST_COMPARED = 200  # solutions of lowest loss whose distances are computed: 0.2 ms for each pair


@dataclasses.dataclass(frozen=True, eq=False)
class Student:
    """A network of one width and the solutions it has found.

    Args:
        setup: the problem, its network and its loss.
        outcomes: how many starts ended how, by label.
        solutions: distinct modulo symmetry, by loss; empty where no start converged.
        tallies: for every tolerance; empty where no start converged.
        distances: between solutions modulo symmetry, relative to the length of the longer theta,
            for the first of them; not a number on the diagonal, shape (c, c).
        copies: of the best solution; None where there is none.
        from_faces: of the box, the solutions that starts on its six faces lead to, by loss; empty
            for other problems and networks.
    """

    setup: Setup
    outcomes: dict[str, int]
    solutions: tuple[Solution, ...]
    tallies: tuple[Tally, ...]
    distances: Float[np.ndarray, "c c"]
    copies: Copies | None
    from_faces: tuple[Solution, ...] = ()

    @property
    def network(self) -> Network:
        """The network."""
        return _landscape(self.setup).network

    @property
    def width(self) -> int:
        """The number of hidden neurons."""
        return self.network.hidden[0]

    @property
    def num_converged(self) -> int:
        """How many starts reached a critical point."""
        return self.outcomes.get(Outcome.CONVERGED.label, 0)

    def near(self, within: float) -> tuple[Solution, ...]:
        """Return the solutions near the best.

        Args:
            within: loss at most ``1 + within`` times the best one.

        Returns:
            solutions by loss.
        """
        return tuple(s for s in self.solutions if s.loss <= limit(self.solutions[0].loss, within))


@dataclasses.dataclass(frozen=True, eq=False)
class Solutions:
    """Students and what they have found.

    Args:
        settings: what was asked for.
        setup: the problem; its network is the one the problem suggests.
        students: in the order of their widths.
    """

    settings: SolutionsSettings
    setup: Setup
    students: tuple[Student, ...]


def run(
    settings: SolutionsSettings,
    on_progress: Callable[[Progress], None] = lambda _: None,
    out: str | Path | None = None,
) -> Solutions:
    """Return the solutions of every student.

    Args:
        settings: what to do.
        on_progress: called after every block of starts.
        out: a folder in which every block is kept: the same settings go on from there, also with
            more starts, other widths and other tolerances.

    Returns:
        students with their solutions. Costs a search for every start of every width.

    Raises:
        InvalidInputError: when data, network and settings do not fit together, or the folder holds
            results of other settings.
        MemoryBudgetError: when a Hessian would not fit into memory.
    """
    setup = prepare(settings)
    if setup.network is None:
        msg = f"{settings.problem!r} is a surface, which no student learns: choose crescent or box"
        raise InvalidInputError(msg)
    folder = ResultFolder(
        out, "solutions.json", settings, free=("starts", "widths", "within", "hidden")
    )
    widths = _widths(settings, setup)
    students = []
    for number, width in enumerate(widths):
        before = number * settings.starts

        def tell(done: int, converged: int, before: int = before, width: int = width) -> None:
            total = settings.starts * len(widths)
            on_progress(Progress(width, before + done, total, converged))

        student = prepare(settings.model_copy(update={"hidden": (width,)}))
        points = searched(
            _landscape(student),
            lambda first, count, of=student: of.starts(first, count, settings.seed, settings.scale),
            settings.starts,
            (folder, f"width_{width}"),
            tell,
        )
        found = _student(student, points, settings)
        students.append(
            dataclasses.replace(found, from_faces=_from_faces(student, folder, settings.seed))
        )
    return Solutions(settings, setup, tuple(students))


def _widths(settings: SolutionsSettings, setup: Setup) -> tuple[int, ...]:
    """Return the widths, each once, ascending."""
    if settings.widths is not None:
        return tuple(sorted(set(settings.widths)))
    suggested = (setup.problem.hidden or (4,))[0]
    return suggested, 2 * suggested


def _from_faces(setup: Setup, folder: ResultFolder, seed: int) -> tuple[Solution, ...]:
    """Return the solutions that starts on the faces of the box lead to."""
    if not has_faces(setup):
        return ()
    landscape = _landscape(setup)
    points = searched(
        landscape,
        lambda first, count: faces(landscape.network, first, count, seed),
        _FROM_FACES,
        (folder, "faces"),
        lambda *_: None,
    )
    return _solutions(setup, points)[0]


def _landscape(setup: Setup) -> EmpiricalLandscape:
    """Return the loss of a student.

    Raises:
        InvalidInputError: for a surface.
    """
    if not isinstance(setup.landscape, EmpiricalLandscape):
        msg = f"{setup.problem.name!r} is a surface, no student learns it: choose crescent or box"
        raise InvalidInputError(msg)
    return setup.landscape


def _student(setup: Setup, points: Points, settings: SolutionsSettings) -> Student:
    """Return what a student found, from where its starts ended."""
    outcomes = Counter(Outcome(outcome).label for outcome in points.outcome.tolist())
    solutions, distances = _solutions(setup, points)
    tolerances = sorted(set(settings.within)) if solutions else ()
    best = copies_of(_landscape(setup), solutions[0].theta, settings.seed) if solutions else None
    return Student(
        setup=setup,
        outcomes=dict(outcomes.most_common()),
        solutions=solutions,
        tallies=tuple(tally(solutions, distances, within) for within in tolerances),
        distances=distances,
        copies=best,
    )


def _solutions(setup: Setup, points: Points) -> tuple[tuple[Solution, ...], np.ndarray]:
    """Return the distinct solutions by loss, and the distances between the first of them."""
    network, decay = _landscape(setup).network, setup.settings.weight_decay
    grouped = symmetry.classes(network, points)
    rows = grouped.representatives
    distances = _distances(network, points.theta[rows])
    solutions = tuple(
        Solution(
            theta=jnp.asarray(points.theta[row]),
            loss=float(points.loss[row]),
            fit=float(points.loss[row] - decay * np.sum(points.theta[row] ** 2)),
            accuracy=_accuracy(setup, network, points.theta[row]),
            num_neurons=_num_neurons(network, points.theta[row]),
            times=int(grouped.counts[number]),
            copies=grouped.copies[number],
            index=int(points.index[row]),
            is_family=bool(grouped.is_family[number]),
            distance=_nearest(distances, number),
        )
        for number, row in enumerate(rows.tolist())
    )
    return solutions, distances


def _num_neurons(network: Network, theta: np.ndarray) -> int:
    """Return how many different neurons there are, up to sign with an odd activation."""
    form = np.asarray(symmetry.canonical(network, theta))
    narrow = symmetry.collapse(network, form, 0, tolerance=_EQUAL * float(np.linalg.norm(theta)))
    return narrow.network.hidden[0]


def _accuracy(setup: Setup, network: Network, theta: np.ndarray) -> float | None:
    """Return the share of samples whose class is right; None where targets are numbers."""
    data = setup.problem.data
    if data is None or not data.is_classification:
        return None
    outputs = np.asarray(network.apply(jnp.asarray(theta), data.inputs))
    return float(np.mean(outputs.argmax(axis=1) == np.asarray(data.targets)))


def _nearest(distances: np.ndarray, number: int) -> float | None:
    """Return the distance of a solution to the nearest other one that it was compared with."""
    others = distances[number] if number < len(distances) else np.zeros(0)
    others = others[np.isfinite(others)]
    return float(others.min()) if others.size else None


def _distances(network: Network, thetas: np.ndarray) -> np.ndarray:
    """Return distances modulo symmetry between solutions, relative to the longer theta."""
    thetas = thetas[:_MOST_COMPARED]
    lengths = np.linalg.norm(thetas, axis=1)
    result = np.full((len(thetas), len(thetas)), np.nan)
    for i, j in zip(*np.triu_indices(len(thetas), 1), strict=True):
        far = symmetry.distance(network, thetas[i], thetas[j]) / max(lengths[i], lengths[j])
        result[i, j] = result[j, i] = far
    return result
