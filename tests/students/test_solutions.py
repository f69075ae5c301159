"""Different solutions of students, against naive counts and against the weights themselves."""

import dataclasses
import itertools
import math

import jax.numpy as jnp
import numpy as np
import pytest

from saddlescape import report, students, symmetry
from saddlescape.core import InvalidInputError, Network, find_minima
from saddlescape.problems import load
from saddlescape.setups import prepare
from saddlescape.students import SolutionsSettings

EPS = np.finfo(np.float64).eps
SETTINGS = SolutionsSettings(widths=(3,), starts=40, within=(0.05, 0.5, 2.0))
BOX = SolutionsSettings(problem="box", starts=4, within=(0.05, 0.5, 2.0))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("students") / "kept"


@pytest.fixture(scope="module")
def found(folder):
    return students.run(SETTINGS, out=folder)


@pytest.fixture(scope="module")
def box():
    return students.run(BOX)


def naive_classes(near, rows):
    """Return how many rows are left when those that are near, in a chain, are one."""
    group = {row: row for row in rows}
    for i, j in itertools.combinations(rows, 2):
        if near[i, j]:
            joined, kept = group[j], group[i]
            group = {row: kept if g == joined else g for row, g in group.items()}
    return len(set(group.values()))


def test_as_many_solutions_as_pairwise_comparison_finds_at_every_tolerance(found):
    (student,) = found.students
    setup = prepare(SETTINGS.model_copy(update={"hidden": (3,)}))
    # Blocks of 50 are compiled already.
    points = find_minima(setup.landscape, setup.starts(0, 50, 0))
    thetas, losses = (np.asarray(x)[:40] for x in (points.theta, points.loss))
    near = np.zeros((40, 40), bool)
    for i, j in itertools.combinations(range(40), 2):
        # Minima are found to about 1e-12, and different ones are 1e-2 or more apart.
        far = symmetry.distance(student.network, thetas[i], thetas[j])
        near[i, j] = far < 1e-6 * np.linalg.norm(thetas[i])
    assert student.num_converged == 40
    assert len(student.solutions) == naive_classes(near, range(40)) > 1
    for tally in student.tallies:
        rows = np.flatnonzero(losses <= (1 + tally.within) * losses.min() * (1 + 64 * EPS))
        assert tally.num_solutions == naive_classes(near, rows.tolist())
        assert tally.num_starts == len(rows)


def test_the_fit_and_the_accuracy_are_those_of_the_network(found):
    data = load("crescent").data
    for student in found.students:
        for solution in student.solutions:
            outputs = np.asarray(student.network.apply(solution.theta, data.inputs))
            logs = outputs - np.log(np.exp(outputs).sum(axis=1, keepdims=True))
            labels = np.asarray(data.targets)
            right = logs[np.arange(len(labels)), labels]
            assert solution.fit == pytest.approx(-right.mean(), abs=64 * EPS)
            decay = found.settings.weight_decay * float(np.sum(np.square(solution.theta)))
            assert solution.loss - solution.fit == pytest.approx(decay, rel=1e-9)
            assert solution.accuracy == np.mean((outputs[:, 1] > outputs[:, 0]) == labels)


def test_distances_are_to_the_nearest_of_all_images(found):
    """Every image under the 48 symmetries of three odd neurons, one by one."""
    student = found.students[-1]
    a, b = (np.asarray(s.theta) for s in student.solutions[:2])
    weights = [np.asarray(layer.weight) for layer in student.network.unflatten(jnp.asarray(a))]
    biases = [np.asarray(layer.bias) for layer in student.network.unflatten(jnp.asarray(a))]
    images = []
    for order in map(list, itertools.permutations(range(3))):
        for turn in map(np.array, itertools.product([-1.0, 1.0], repeat=3)):
            first = (turn[:, None] * weights[0][order], turn * biases[0][order])
            second = (weights[1][:, order] * turn, biases[1])
            images.append(np.asarray(student.network.flatten([first, second])))
    nearest = min(np.linalg.norm(image - b) for image in images)
    nearest /= max(np.linalg.norm(a), np.linalg.norm(b))
    assert student.distances[0, 1] == pytest.approx(nearest, rel=1e-12)
    assert student.copies.number * student.copies.num_fixing == len(images)


def test_solutions_apart_are_a_greedy_choice():
    places = np.array([0.0, 1.0, 1.5, 4.0])
    distances = np.abs(places[:, None] - places)
    np.fill_diagonal(distances, np.nan)
    assert [students.apart(distances, least) for least in (0.4, 0.6, 1.2, 5.0)] == [4, 3, 3, 1]


def test_more_starts_begin_with_the_same_ones_and_what_is_kept_is_not_searched_again(folder, found):
    stamps = {file.name: file.stat().st_mtime_ns for file in folder.glob("*.npz")}
    few = students.run(SETTINGS.model_copy(update={"starts": 25, "within": (0.1,)}), out=folder)
    assert {file.name: file.stat().st_mtime_ns for file in folder.glob("*.npz")} == stamps
    for before, after in zip(few.students, found.students, strict=True):
        losses = [s.loss for s in after.solutions]
        assert all(
            any(math.isclose(s.loss, x, rel_tol=1e-9) for x in losses) for s in before.solutions
        )
        assert sum(before.outcomes.values()) == 25
    with pytest.raises(InvalidInputError, match="other settings"):
        students.run(SETTINGS.model_copy(update={"weight_decay": 1e-3}), out=folder)


def test_the_claim_holds_only_where_intervals_are_apart(found, box):
    both = dataclasses.replace(found, students=(*found.students, *box.students))
    verdict, numbers = students.claim(both)
    few, many = (students.tally_at(s, SETTINGS.quoted) for s in both.students)
    (_, high), (low, _) = few.unseen.interval, many.unseen.interval
    assert (verdict == "holds") == (math.floor(low) > math.ceil(high))
    assert f"{few.num_solutions} with 3 neurons, {many.num_solutions} with 6" in numbers
    assert students.claim(found) == ("", "")


def test_lines_of_the_gallery_are_those_of_the_weights(found):
    page = report.solutions_page(found)
    gallery = [f for s in page.sections for f in s.figures if getattr(f, "is_small", False)]
    shown = [(s, one) for s in found.students for one in s.solutions[:9]]
    assert len(gallery) == len(shown)
    for figure, (student, solution) in zip(gallery, shown, strict=True):
        lines, arrows = figure.layers[-2:]
        first, second = student.network.unflatten(jnp.asarray(solution.theta))
        weights, biases = np.asarray(first.weight), np.asarray(first.bias)
        raised = np.asarray(second.weight[1] - second.weight[0])
        used = set()
        for segment, arrow in zip(lines.segments, arrows.arrows, strict=True):
            ends, tip = np.reshape(segment, (2, 2)), np.subtract(arrow[2:], arrow[:2])
            off = np.abs(ends @ weights.T + biases).max(axis=0) / np.linalg.norm(weights, axis=1)
            neuron = int(off.argmin())
            assert off[neuron] < 1e-12  # both ends lie on the line of a neuron
            used.add(neuron)
            edges = [
                abs(x - limit)
                for x, axis in zip(ends.T, (figure.x_axis, figure.y_axis), strict=True)
                for limit in axis.limits
            ]
            assert np.min(edges, axis=0).max() < 1e-12  # and on the edge of the picture
            along = raised[neuron] * weights[neuron]
            assert tip @ along == pytest.approx(np.linalg.norm(tip) * np.linalg.norm(along))
        assert len(used) == len(lines.segments)
        assert "% right" in figure.title


def test_the_trained_box_has_720_copies_of_equal_loss(box):
    (student,) = box.students
    landscape, copies = student.setup.landscape, student.copies
    assert (copies.number, copies.num_fixing) == (math.factorial(6), 1)
    assert copies.is_all
    assert copies.num_evaluated == 720
    assert copies.loss_difference <= copies.rounding < 1e-9
    theta = student.solutions[0].theta
    first, second = student.network.unflatten(theta)
    order = np.array([3, 0, 5, 1, 4, 2])
    moved = student.network.flatten(
        [(first.weight[order], first.bias[order]), (second.weight[:, order], second.bias)]
    )
    assert abs(float(landscape.loss(moved)) - student.solutions[0].loss) <= copies.rounding
    text = report.render_page(report.solutions_page(box))
    assert "6! = 720; the slide of the lecture says 240, an erratum" in text


def test_a_box_of_odd_neurons_computes_the_same_and_has_copies_by_sign_too():
    """Both starts on the faces are one function: tanh is a sigmoid stretched and shifted."""
    points = load("box").data.inputs
    networks = [Network((3, 6, 2), name) for name in ("sigmoid", "tanh")]
    starts = [students.faces(network, 0, 1, 0, 0.0)[0] for network in networks]
    outputs = [np.asarray(n.apply(t, points)) for n, t in zip(networks, starts, strict=True)]
    np.testing.assert_allclose(*outputs, rtol=0, atol=64 * EPS * 12)
    copies = [symmetry.copies(n, t) for n, t in zip(networks, starts, strict=True)]
    assert copies == [math.factorial(6), math.factorial(6) * 2**6]


def test_starts_on_the_faces_end_at_the_box(box):
    (student,) = box.students
    best = student.from_faces[0]
    assert best.accuracy == 1
    assert sum(solution.times for solution in student.from_faces) == 50
    first = student.network.unflatten(best.theta)[0]
    normals = np.asarray(first.weight) / np.linalg.norm(first.weight, axis=1, keepdims=True)
    nearest = {(int(np.abs(n).argmax()), bool(n[np.abs(n).argmax()] > 0)) for n in normals}
    assert len(nearest) == 6


def test_planes_of_the_picture_are_those_of_the_weights(box):
    (student,) = box.students
    page = report.solutions_page(box)
    movies = [f for s in page.sections for f in s.figures if isinstance(f, report.Movie)]
    shown = (student.solutions[0], student.from_faces[0])
    half = float(np.abs(np.asarray(load("box").data.inputs)).max())
    for movie, solution in zip(movies, shown, strict=True):
        first = student.network.unflatten(jnp.asarray(solution.theta))[0]
        # Seen from a quarter turn apart, the two views give all three coordinates of a corner.
        quarter = len(movie.frames) // 4
        views = [movie.frames[0][0], movie.frames[quarter][0]]
        for number, (w, b) in enumerate(zip(first.weight, first.bias, strict=True)):
            here, there = (
                np.reshape([s[:2] for s in v[2 + number].segments], (-1, 2)) for v in views
            )
            x, y = here[:, 0], there[:, 0]
            z = (here[:, 1] - np.sin(np.deg2rad(22.0)) * y) / np.cos(np.deg2rad(22.0))
            corners = np.stack([x, y, z], axis=1)
            assert np.abs(corners @ np.asarray(w) + float(b)).max() < 1e-9 * np.linalg.norm(w)
            assert np.abs(np.abs(corners).max(axis=1) - half).max() < 1e-9


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"hidden": (4,)}, "--widths"),
        ({"problem": "rosenbrock"}, "surface"),
        ({"starts": 0}, "starts is 0"),
        ({"within": ()}, "within"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(values, words):
    with pytest.raises(InvalidInputError, match=words):
        students.run(SolutionsSettings.checked(**values))


def test_three_solutions_seen_by_both_students_are_not_more_of_one(found):
    """Chao's interval of 48, 1, 1 begins at 3.1; that of 50, 50, 50 is 3 alone."""
    (student,) = found.students

    def of(width, counts):
        told = dataclasses.replace(
            students.tally_at(student, SETTINGS.quoted),
            num_solutions=3,
            unseen=symmetry.unseen(counts),
        )
        setup = prepare(SETTINGS.model_copy(update={"hidden": (width,)}))
        return dataclasses.replace(student, setup=setup, tallies=(told,))

    few, many = of(3, (50, 50, 50)), of(6, (48, 1, 1))
    assert many.tallies[0].unseen.interval[0] > few.tallies[0].unseen.interval[1]
    verdict, _ = students.claim(dataclasses.replace(found, students=(few, many)))
    assert verdict == "not decided"


def test_rounding_does_not_tell_which_of_two_perfect_fits_is_near_the_best(found):
    (student,) = found.students
    losses = (5e-32, 6e-31, 0.1)
    three = tuple(dataclasses.replace(student.solutions[0], loss=loss) for loss in losses)
    assert len(dataclasses.replace(student, solutions=three).near(0.1)) == 2
