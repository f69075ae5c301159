"""Atlases made by hand, so that every number on their page is known beforehand."""

import numpy as np
import pyarrow as pa
import pytest

from saddlescape.core import Outcome
from saddlescape.surveys import CLASSES, POINTS, Atlas

HOSTILE = "<script>alert('x')</script>&\"' ünïcödé"

# loss, index, nullity, times found, copies
LECTURE_CLASSES = (
    (3.1e-31, 0, 0, 612, "24"),
    (4.02e-3, 0, 0, 131, "24"),
    (6.7e-3, 0, 0, 74, "24"),
    (1.3e-2, 1, 0, 41, "24"),
    (2.4e-2, 0, 1, 33, "12"),
    (8.9e-2, 1, 1, 12, "12"),
    (2.1e-1, 2, 0, 2, "12"),
    (9.4e-1, 2, 1, 1, "4"),
    (3.6, 3, 3, 1, "1"),
)


def build_atlas(folder, rows, header, num_parameters, failures):
    """Return an atlas with these classes and this many starts for every other outcome."""
    rng = np.random.default_rng(7)
    atlas = Atlas.create(folder, header)
    classes, points = [], []
    for number, (loss, index, nullity, times, copies) in enumerate(rows):
        signs = np.repeat([-1.0, 0.0, 1.0], [index, nullity, num_parameters - index - nullity])
        sizes = 10 ** rng.uniform(-5, 2, num_parameters)
        spectrum = np.sort(np.where(signs == 0, 0, signs * sizes))
        theta = rng.normal(size=num_parameters)
        kind = "saddle" if index else "minimum"
        members = list(range(len(points), len(points) + times))
        for start in members:
            noise = 1 + 1e-13 * rng.normal() if loss > 1e-15 else 10 ** rng.normal()
            norm = 10 ** rng.uniform(-15, -12.2)
            points.append(
                [start, theta, loss * noise, norm, spectrum, index, nullity, 0, 1e-8, kind,
                 Outcome.CONVERGED.label, int(rng.integers(20, 200)), [], 0, None]
            )  # fmt: skip
        classes.append(
            [number, loss, points[-1][3], index, nullity, kind, times, copies, nullity > 0,
             1e-11 if nullity == 0 else 0.7, theta, spectrum, members[0], members]
        )  # fmt: skip
    for outcome, losses, neurons in failures:
        for loss in losses:
            theta = rng.normal(size=num_parameters)
            points.append(
                [len(points), theta, loss, 1e-4, np.zeros(num_parameters), 0, 0, 0, 1e-8,
                 "not critical", outcome.label, 400, neurons, 0, None]
            )  # fmt: skip
    half = len(points) // 2
    for first, block in ((0, points[:half]), (half, points[half:])):
        if block:
            atlas.append_block(first, _table(block, POINTS))
    atlas.write_classes(_table(classes, CLASSES))
    return atlas


def _table(rows, schema):
    """Return rows as a table; an empty list of rows is fine."""
    columns = zip(*rows, strict=True) if rows else [[] for _ in schema]
    return pa.table([list(column) for column in columns], schema=schema)


@pytest.fixture(scope="session")
def lecture_atlas(tmp_path_factory):
    """1,000 starts, 9 distinct points, on a grid of two inputs."""
    header = {
        "problem": {
            "name": "lecture",
            "description": "A committee of four neurons on two inputs.",
            "input_names": ["x1", "x2"],
            "target_names": ["teacher's output"],
            "scaling": "none",
        },
        "network": {
            "widths": [2, 4, 1],
            "activations": ["g"],
            "biases": [False, False],
            "output": "identity",
        },
        "settings": {"starts": 1000, "finder": "minima", "max_steps": 400, "tolerance": 1e-12},
        "seed": 0,
        "command": "saddlescape survey --problem lecture --hidden 4 --starts 1000 --out atlas",
        "versions": {"saddlescape": "0.1.0", "jax": "0.10.2", "python": "3.11.7"},
        "seconds": {"compile": 2.1, "search": 7.9, "classes": 0.4},
    }
    rng = np.random.default_rng(3)
    failures = (
        (Outcome.RUNNING_TO_INFINITY, 10 ** rng.uniform(-3.2, -2.1, 61), [0, 2]),
        (Outcome.RUNNING_TO_INFINITY, 10 ** rng.uniform(-3, -2, 27), [1, 3]),
        (Outcome.OUT_OF_STEPS, 10 ** rng.uniform(-4, 0, 5), []),
    )
    folder = tmp_path_factory.mktemp("lecture") / "atlas"
    atlas = build_atlas(folder, LECTURE_CLASSES, header, 12, failures)
    axis = np.linspace(-5, 5, 41)
    inputs = np.array([(a, b) for a in axis for b in axis])
    weights = np.array([[0.6, 0.5], [-0.5, 0.5], [-0.2, -0.6], [0.1, -0.6]])
    z = inputs @ weights.T
    target = (1 / (1 + np.exp(-4 * z)) + np.log1p(np.exp(z))).sum(axis=1)
    atlas.write_samples(pa.table({"inputs": list(inputs), "target": target}))
    return atlas


@pytest.fixture(scope="session")
def table_atlas(tmp_path_factory):
    """Three classes of scattered samples, whose names try to be markup."""
    header = {
        "problem": {
            "data": HOSTILE,
            "target": HOSTILE,
            "input_names": [HOSTILE, "bill depth (mm)"],
            "target_names": ["Adelie", HOSTILE, "Gentoo"],
        },
        "network": {
            "widths": [2, 3, 3],
            "activations": ["tanh"],
            "biases": [True, True],
            "output": "identity",
        },
        "settings": {"note": HOSTILE},
        "command": f"saddlescape survey --data '{HOSTILE}'",
        "versions": {"saddlescape": "0.1.0"},
    }
    rng = np.random.default_rng(5)
    rows = ((0.031, 0, 0, 80, str(6 * 2**3)), (0.052, 1, 0, 19, "48"), (0.31, 2, 2, 1, "9" * 5000))
    folder = tmp_path_factory.mktemp("table") / "atlas"
    atlas = build_atlas(folder, rows, header, 21, ())
    target = rng.integers(0, 3, 340)
    inputs = (
        rng.normal(size=(340, 2)) * 0.6 + np.array([[-1.2, 0.5], [1.2, 0.9], [0.2, -1.3]])[target]
    )
    atlas.write_samples(pa.table({"inputs": list(inputs), "target": target}))
    return atlas
