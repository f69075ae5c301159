"""A survey of students says which of them are their teacher, and how exactly."""

import itertools

import numpy as np
import pyarrow as pa
import pytest

from saddlescape import problems
from saddlescape.core import Outcome
from saddlescape.surveys import (
    POINTS,
    Atlas,
    SurveySettings,
    TeacherFound,
    plan,
    run,
    summary,
    teacher_found,
)

EPS = np.finfo(float).eps


def atlas_of(folder, network, teacher, thetas, losses, outcomes=None):
    """Return an atlas of these points, which nobody has searched for."""
    thetas = np.asarray(thetas, float)
    header = {"network": network, "teacher": teacher, "loss_scale": 1.0}
    atlas = Atlas.create(folder, header)
    columns = {
        "start": np.arange(len(thetas)),
        "theta": list(thetas),
        "loss": losses,
        "eigenvalues": list(np.ones_like(thetas)),
        "kind": ["minimum"] * len(thetas),
        "outcome": outcomes or [Outcome.CONVERGED.label] * len(thetas),
        "neurons": [[] for _ in thetas],
        "infinity": [None] * len(thetas),
    }
    zeros = np.zeros(len(thetas))
    atlas.append_block(
        0, pa.table({field.name: columns.get(field.name, zeros) for field in POINTS})
    )
    return atlas


def described(widths, activation):
    biases = [False] * (len(widths) - 1)
    return {
        "widths": widths, "activations": [activation] * (len(widths) - 2), "biases": biases,
        "output": "identity",
    }  # fmt: skip


@pytest.mark.parametrize("activation", ["g", "tanh"])
def test_every_start_at_zero_loss_is_the_teacher_to_rounding(tmp_path, activation):
    settings = {"problem": "lecture", "activation": activation, "hidden": (4,), "starts": 24}
    atlas = run(SurveySettings.checked(**settings), tmp_path / "atlas")
    told = summary(atlas)["teacher"]
    points = atlas.points(["theta", "loss", "outcome"]).to_pylist()
    # Losses between 1e-20 and 1e-10 do not occur: an exact fit is one, or it is not.
    exact = [p["theta"] for p in points if p["loss"] < 1e-15 and p["outcome"] == "converged"]
    assert told["zero_loss"] == told["equal"] == len(exact) > 3
    teacher = np.asarray(problems.load("lecture", activation=activation).teacher)
    signs = [1.0, -1.0] if activation == "tanh" else [1.0]
    copies = []
    for order in map(list, itertools.permutations(range(4))):
        for flips in itertools.product(signs, repeat=4):
            incoming = teacher[:8].reshape(4, 2)[order] * np.array(flips)[:, None]
            copies.append([*incoming.ravel(), *(teacher[8:][order] * flips)])
    largest = max(np.linalg.norm(np.array(copies) - theta, axis=1).min() for theta in exact)
    # Norms of 12 numbers.
    assert told["max_distance"] == pytest.approx(largest / np.linalg.norm(teacher), rel=64 * EPS)
    assert told["max_distance_roundings"] == told["max_distance"] / EPS
    # Newton stops at a gradient of some eps; the softest direction has curvature of about 1e-3.
    assert told["max_distance_roundings"] <= 1e5


def test_only_converged_points_of_zero_loss_are_counted_and_only_copies_are_equal(tmp_path):
    teacher = [1.0, -2.0, 3.0, 0.5]
    thetas = [
        [1.0, -2.0, 3.0, 0.5],
        [-2.0, 1.0, 0.5, 3.0],
        [-2.0, 1.0 + 1e-12, 0.5, 3.0],
        [1.0, -2.0, 0.5, 3.0],  # outgoing weights exchanged: another network
        [1.0, -2.0, 3.0, 0.5],  # not converged
        [1.0, -2.0, 3.0, 0.5],  # a loss of 1
    ]
    ends = [Outcome.CONVERGED.label] * 4 + [Outcome.OUT_OF_STEPS.label, Outcome.CONVERGED.label]
    network = described([1, 2, 1], "sigmoid")
    atlas = atlas_of(tmp_path / "a", network, teacher, thetas, [0, 0, 0, 0, 0, 1.0], ends)
    found = teacher_found(atlas)
    assert (found.zero_loss, found.equal) == (4, 3)
    assert found.max_distance == pytest.approx(1e-12 / np.linalg.norm(teacher), rel=1e-3)


def test_a_near_tie_of_the_canonical_order_does_not_hide_the_teacher(tmp_path):
    """A hair decides the sign of the outgoing weight, on which the canonical sign depends."""
    network = described([1, 1, 1], "tanh")
    hair = 2.0**-40
    atlas = atlas_of(tmp_path / "a", network, [1.0, hair], [[1.0, -hair], [-1.0, hair]], [0, 0])
    found = teacher_found(atlas)
    assert (found.zero_loss, found.equal) == (2, 2)
    assert found.max_distance == pytest.approx(2 * hair, rel=1e-6)


def test_no_start_at_zero_loss_leaves_nothing_to_compare(tmp_path):
    atlas = atlas_of(tmp_path / "a", described([1, 1, 1], "tanh"), [1.0, 1.0], [[1.0, 1.0]], [0.1])
    assert teacher_found(atlas) == TeacherFound(0, 0, None, None)


@pytest.mark.parametrize(
    "settings",
    [
        {"problem": "lecture", "hidden": (5,)},
        {"problem": "lecture", "hidden": (4, 4)},
        {"problem": "lecture", "bias": True},
        {"problem": "penguins", "hidden": (2,)},
        {"problem": "two-minima"},
    ],
)
def test_a_student_of_another_architecture_has_no_teacher_to_find(settings):
    header = plan(SurveySettings.checked(**settings)).header("atlas")
    assert header["teacher"] is None
