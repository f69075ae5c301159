"""What contenders answer, as records and as rows of Parquet."""

import dataclasses
from typing import Any

import numpy as np
import pyarrow as pa

from saddlescape.comparisons._records import kind_of
from saddlescape.depth import Architecture, Runs

RUNS = pa.schema(
    [
        ("who", pa.string()),
        ("held_out", pa.int32()),
        ("rate", pa.float64()),  # of the nearest neighbors: how many
        ("seed", pa.int32()),
        ("epochs", pa.int32()),
        ("train", pa.float64()),  # accuracies with all heads right, on seen combinations
        ("validation", pa.float64()),
        ("shapes", pa.list_(pa.int8())),  # answers to the test scenes
        ("colors", pa.list_(pa.int8())),
    ]
)
"""A row per run."""

LOOKS = pa.schema(
    [
        ("seed", pa.int32()),
        ("what", pa.string()),  # unit: shares of variance by shape, color, both; losses of accuracy
        ("number", pa.int32()),  # layer: a linear reader's shape and color, each unseen and seen
        ("values", pa.list_(pa.float64())),
    ]
)
"""A row per unit of the last hidden layer, and per layer that a linear reader sees."""


@dataclasses.dataclass(frozen=True)
class Contender:
    """Who answers.

    Args:
        architecture: a network with a head for shapes and one for colors, or with one head for
            combinations, whose probabilities are summed over colors and over shapes; None for the
            nearest neighbors.
    """

    architecture: Architecture | None

    @property
    def has_two_heads(self) -> bool:
        """Whether it answers shape and color, not a combination."""
        return self.architecture is None or len(self.architecture.heads) == 2

    @property
    def can_be_looked_at(self) -> bool:
        """Whether it has hidden units and two heads."""
        network = self.architecture
        return network is not None and self.has_two_heads and bool(network.widths)

    @property
    def name(self) -> str:
        """In words."""
        network = self.architecture
        if network is None:
            return "nearest neighbors"
        if not network.widths:
            return "logistic regression"
        layers = f"{network.depth} layer{'s' * (network.depth > 1)}"
        return f"{kind_of(network)}, {layers}" + ", one-hot" * (not self.has_two_heads)

    @property
    def file(self) -> str:
        """As part of a file's name."""
        return self.name.replace(", ", "-").replace(" ", "-")


@dataclasses.dataclass(frozen=True, eq=False)
class Scored:
    """What a contender answers to the test scenes, from every seed at every rate.

    Args:
        who: answers.
        held_out: how many combinations were never shown.
        rates: learning rates, or numbers of neighbors, shape (r,).
        epochs: until a run stopped, shape (r, s).
        train: accuracy on the training part, shape (r, s); NaN for neighbors.
        validation: accuracy on the validation part, shape (r, s).
        answers: shape and color, shape (r, s, t, 2).
    """

    who: Contender
    held_out: int
    rates: np.ndarray
    epochs: np.ndarray
    train: np.ndarray
    validation: np.ndarray
    answers: np.ndarray

    @property
    def best(self) -> int:
        """The number of the rate that is best on seen combinations of the validation parts."""
        return int(np.argmax(self.validation.mean(axis=1)))

    @property
    def choice(self) -> str:
        """What was chosen on the validation parts, in words."""
        if self.who.architecture is None:
            count = int(self.rates[self.best])
            return f"{count} neighbor{'s' * (count > 1)}"
        return f"rate {self.rates[self.best]:g}"

    @staticmethod
    def stacked(who: Contender, held_out: int, parts: list[Runs]) -> "Scored":
        """Return the runs of several seeds as one record."""
        names = ("epochs", "train", "validation")
        arrays = {name: np.concatenate([getattr(x, name) for x in parts], 1) for name in names}
        given = np.concatenate([x.predictions for x in parts], axis=1)
        return Scored(who, held_out, parts[0].rates, answers=given, **arrays)


def runs_table(scored: Scored) -> pa.Table:
    """Return one row per run, rate after rate."""
    rows: list[dict[str, Any]] = [
        {
            "who": scored.who.name, "held_out": scored.held_out, "seed": seed,
            "rate": float(scored.rates[rate]), "epochs": int(scored.epochs[rate, seed]),
            "train": float(scored.train[rate, seed]),
            "validation": float(scored.validation[rate, seed]),
            "shapes": scored.answers[rate, seed, :, 0].tolist(),
            "colors": scored.answers[rate, seed, :, 1].tolist(),
        }
        for rate, seed in np.ndindex(*scored.epochs.shape)
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, schema=RUNS)


def scored_from(who: Contender, held_out: int, table: pa.Table) -> Scored:
    """Return what the rows of a table say."""
    columns = table.to_pydict()
    seeds = len(set(columns["seed"]))
    shaped = {
        name: np.array(columns[name]).reshape(-1, seeds)
        for name in ("epochs", "train", "validation")
    }
    given = [
        np.array(columns[name]).reshape(-1, seeds, len(columns[name][0]))
        for name in ("shapes", "colors")
    ]
    rates = np.array(columns["rate"]).reshape(-1, seeds)[:, 0]
    return Scored(who, held_out, rates, answers=np.stack(given, axis=-1), **shaped)


def looks_table(rows: list[dict[str, Any]]) -> pa.Table:
    """Return rows for units and layers."""
    return pa.Table.from_pylist(rows, schema=LOOKS)
