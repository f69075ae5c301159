"""An atlas as arrays, read once for all figures and tables of its page."""

import json
import math
import re
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa

from saddlescape.core import Kind, Outcome
from saddlescape.report._figures import Axis
from saddlescape.surveys import Atlas, finding, points_at_infinity, zero_loss

_POINT_COLUMNS = (
    "start",
    "loss",
    "outcome",
    "neurons",
    "gradient_norm",
    "steps",
    "kinks",
    "uncertain",
)


@dataclass(frozen=True, eq=False)
class Survey:
    """What an atlas holds, ready to be drawn.

    Args:
        header: `atlas.json`.
        finding: the sentence.
        zero: the loss below which a fit is exact up to rounding.
        points: one row per start, without theta and the spectrum.
        classes: one row per distinct point, sorted by loss.
        samples: a sample of the data, or None.
        infinity: the distinct points at infinity, by loss.
    """

    header: dict[str, Any]
    finding: str
    zero: float
    points: pa.Table
    classes: pa.Table
    samples: pa.Table | None
    infinity: list[dict[str, Any]]

    @staticmethod
    def read(atlas: Atlas) -> "Survey":
        """Return what an atlas holds."""
        classes = atlas.classes().sort_by([("loss", "ascending"), ("class", "ascending")])
        points = atlas.points(_POINT_COLUMNS)
        header = atlas.header
        return Survey(
            header, finding(atlas), zero_loss(atlas), points, classes, atlas.samples(),
            points_at_infinity(atlas),
        )  # fmt: skip

    def point(self, name: str) -> np.ndarray:
        """Return a column of the starts as an array."""
        return self.points[name].to_numpy()

    def lowest(self, most: int) -> "Survey":
        """Return the same survey with the classes of lowest loss only."""
        return replace(self, classes=self.classes.slice(0, most))

    def distinct(self, name: str) -> list[Any]:
        """Return a column of the distinct points as a list."""
        return self.classes[name].to_pylist()

    def part(self, name: str) -> dict[str, Any]:
        """Return a part of the header, empty where it is missing or null."""
        value = self.header.get(name)
        return value if isinstance(value, dict) else {}

    @property
    def has_log_losses(self) -> bool:
        """Whether losses are best shown on a logarithmic axis: a fit's are, a surface's may not."""
        losses = self.point("loss")
        losses = losses[np.isfinite(losses)]
        if math.isfinite(self.zero) or not len(losses):
            return True
        return bool(losses.min() > 0 and losses.max() > 100 * losses.min())

    def loss_axis(self) -> Axis:
        """Return the axis of losses, with a strip for those that are zero up to rounding."""
        if not self.has_log_losses:
            return Axis("loss")
        floor = self.zero if math.isfinite(self.zero) else None
        label = "loss (mean over samples)" if floor else "loss"
        if self.part("settings").get("weight_decay"):
            label = "loss (mean over samples, plus weight decay)"
        return Axis(label, scale="log", floor=floor, floor_label="0 (below rounding)")

    def scaled(self, what: str) -> str:
        """Return what to add to the names of inputs or targets, when they were standardised."""
        told = str(self.part("problem").get("scaling") or "").lower()
        is_scaled = re.search(rf"\b{what} (z )?have mean 0 and standard deviation 1", told)
        return " (standardised)" if is_scaled else ""

    @property
    def has_labels(self) -> bool:
        """Whether the samples belong to classes."""
        return self.samples is not None and pa.types.is_integer(
            self.samples.schema.field("target").type
        )

    @property
    def is_converged(self) -> np.ndarray:
        """Which starts reached a critical point."""
        return self.point("outcome") == Outcome.CONVERGED.label

    @property
    def kinds(self) -> list[str]:
        """What kind the distinct points are; saddles of index 0 are called degenerate."""
        pairs = zip(self.distinct("kind"), self.distinct("index"), strict=True)
        saddle = Kind.SADDLE.label
        return [f"degenerate {saddle}" if pair == (saddle, 0) else pair[0] for pair in pairs]

    @property
    def names(self) -> list[str]:
        """What the distinct points are called."""
        return [f"class {number}" for number in self.distinct("class")]


def pairs_of(mapping: dict[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    """Return a header's entries as names and words, nested ones joined by a comma."""
    pairs: list[tuple[str, str]] = []
    for name, value in mapping.items():
        label = f"{prefix}{name.replace('_', ' ')}"
        if isinstance(value, dict):
            pairs += pairs_of(value, f"{label}, ")
        elif value is not None and value not in ("", []):
            pairs.append((label, _in_words(value)))
    return pairs


def _in_words(value: Any) -> str:
    """Return a setting as text; long lists are cut, and say so."""
    if isinstance(value, list):
        words = ", ".join(_in_words(item) for item in value[:12])
        return f"{words}, … ({len(value)} in all)" if len(value) > 12 else words
    if isinstance(value, float):
        return f"{value:.6g}"
    return value if isinstance(value, str) else json.dumps(value)
