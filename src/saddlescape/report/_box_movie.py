"""Planes in space, cut off at a cube and turned: projected here, which needs no 3-D engine."""

import itertools

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from saddlescape.report._figures import (
    Arrows,
    Axis,
    Column,
    Figure,
    Lines,
    Movie,
    Points,
    Table,
)
from saddlescape.report._numbers import number
from saddlescape.students import Solution, Student

_FRAMES = 36
_ELEVATION = np.deg2rad(22.0)
_MOST_POINTS = 250
_NORMAL = 0.35  # length of an arrow, of half the cube's side


def box_movie(student: Student, solution: Solution, name: str) -> Movie:
    """Return the planes of a solution, with the samples of the last class.

    Args:
        student: with three inputs.
        solution: of it.
        name: which one it is.

    Returns:
        a movie that turns once.
    """
    inputs, labels = _samples(student)
    half = float(np.abs(inputs).max()) if len(inputs) else 1.0
    weights, biases = planes(student, solution)
    polygons = [polygon(w, b, half) for w, b in zip(weights, biases, strict=True)]
    shown = [i for i, corners in enumerate(polygons) if len(corners)]
    positive = inputs[labels == labels.max()][:_MOST_POINTS] if len(inputs) else inputs
    frames = tuple(
        (_frame(2 * np.pi * turn / _FRAMES, half, polygons, weights, shown, positive),)
        for turn in range(_FRAMES)
    )
    reach = 1.75 * half
    axis = Axis("", limits=(-reach, reach), is_hidden=True)
    names = student.setup.problem.target_names
    label = names[-1] if names else "last class"
    right = solution.accuracy
    told = "" if right is None else f", {100 * right:.4g} % of the samples right"
    return Movie(
        f"{name}: {len(shown)} planes, loss {number(solution.loss, 4)}{told}",
        (Figure("", axis, axis, (), height=460, is_equal=True),),
        frames,
        tuple(f"turned by {round(360 * turn / _FRAMES)} degrees" for turn in range(_FRAMES)),
        start=3,
        caption=f"Marks: samples of the class “{label}”. Arrows: normals, with the number of the "
        "neuron. Thin lines: the cube that holds the data.",
        stills=(3, 12),
    )


def _frame(turn, half, polygons, weights, shown, positive) -> tuple:
    """Return the layers of one view."""
    view = _view(turn)
    layers: list = [Lines(_edges(_cube(half), view), "cube", -2)]
    layers.append(Points(*(positive @ view.T).T, name="sample", tone=1))
    for i in shown:
        corners = polygons[i]
        sides = np.stack([corners, np.roll(corners, -1, axis=0)], axis=1)
        layers.append(Lines(_edges(sides, view), f"neuron {i + 1}", i % 6))
    tails = np.array([polygons[i].mean(axis=0) for i in shown])
    normals = np.array([weights[i] / np.linalg.norm(weights[i]) for i in shown])
    ends = np.stack([tails, tails + _NORMAL * half * normals], axis=1)
    layers.append(Arrows(_edges(ends, view), "normal", -1, labels=[str(i + 1) for i in shown]))
    return tuple(layers)


def planes(
    student: Student, solution: Solution
) -> tuple[Float[np.ndarray, "h 3"], Float[np.ndarray, " h"]]:
    """Return weights and biases of a solution's neurons.

    Args:
        student: with three inputs.
        solution: of it.

    Returns:
        plane i is ``weights[i] @ x + biases[i] = 0``.
    """
    first = student.network.unflatten(jnp.asarray(solution.theta))[0]
    weights = np.asarray(first.weight, float)
    return weights, np.zeros(len(weights)) if first.bias is None else np.asarray(first.bias, float)


def polygon(
    weight: Float[np.ndarray, "3"], bias: float, half: float
) -> Float[np.ndarray, "corners 3"]:
    """Return where a plane meets the cube of a half side: corners in order, none where it misses.

    Args:
        weight: the normal.
        bias: of ``weight @ x + bias = 0``.
        half: half the side of the cube around the origin.

    Returns:
        three to six corners.
    """
    ends = _cube(half)
    values = ends @ weight + bias
    crossing = (values[:, 0] > 0) != (values[:, 1] > 0)
    if not crossing.any():
        return np.zeros((0, 3))
    start, stop = ends[crossing, 0], ends[crossing, 1]
    first, last = values[crossing].T
    corners = start + (first / (first - last))[:, None] * (stop - start)
    offsets = corners - corners.mean(axis=0)
    along = np.linalg.svd(np.array([weight]))[2][1:]  # two directions in the plane
    return corners[np.argsort(np.arctan2(*(offsets @ along.T).T))]


def faces_table(student: Student, solution: Solution, name: str) -> Table:
    """Return how each plane lies: the axis nearest to its normal, and where it crosses that.

    Args:
        student: with three inputs.
        solution: of it.
        name: which one it is.

    Returns:
        a row for every neuron; the title says how oblique they are.
    """
    names = student.setup.problem.input_names or ("x", "y", "z")
    rows, angles = [], []
    weights, biases = planes(student, solution)
    for i, (weight, bias) in enumerate(zip(weights, biases, strict=True), 1):
        axis = int(np.abs(weight).argmax())
        angle = float(np.degrees(np.arccos(abs(weight[axis]) / np.linalg.norm(weight))))
        side = "-" if weight[axis] < 0 else "+"
        rows.append((i, f"{side}{names[axis]}", angle, float(-bias / weight[axis])))
        angles.append(angle)
    columns = (
        Column("neuron", format="count"),
        Column("nearest axis", format="text", note="to the normal"),
        Column("angle", "degrees", note="between the normal and that axis"),
        Column("crosses it at"),
    )
    kinds = len({(row[1].lstrip("+-"), row[3] > 0) for row in rows})
    title = (
        f"{name}: the planes lean by {min(angles):.2g} to {max(angles):.2g} degrees; they are "
        f"nearest to {kinds} different faces"
    )
    return Table(title, columns, rows, is_sortable=False)


def _samples(student: Student) -> tuple[np.ndarray, np.ndarray]:
    """Return inputs and labels, empty where targets are numbers."""
    data = student.setup.problem.data
    if data is None or not data.is_classification:
        return np.zeros((0, 3)), np.zeros(0, int)
    return np.asarray(data.inputs), np.asarray(data.targets)


def _cube(half: float) -> Float[np.ndarray, "12 2 3"]:
    """Return the edges of a cube."""
    corners = np.array(list(itertools.product([-half, half], repeat=3)))
    pairs = [(a, b) for a, b in itertools.combinations(corners, 2) if np.count_nonzero(a != b) == 1]
    return np.array(pairs)


def _view(turn: float) -> Float[np.ndarray, "2 3"]:
    """Return the projection that looks from a direction: rows are right and up."""
    right = np.array([np.cos(turn), np.sin(turn), 0.0])
    back = np.array([np.sin(turn), -np.cos(turn), 0.0])
    up = np.cos(_ELEVATION) * np.array([0.0, 0.0, 1.0]) - np.sin(_ELEVATION) * back
    return np.stack([right, up])


def _edges(
    ends: Float[np.ndarray, "n 2 3"], view: Float[np.ndarray, "2 3"]
) -> list[tuple[float, ...]]:
    """Return segments in the picture."""
    return [tuple(row) for row in (ends @ view.T).reshape(len(ends), 4).tolist()]
