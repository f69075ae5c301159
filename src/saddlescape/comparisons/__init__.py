"""Comparisons: deep networks against shallow ones on data, each trained by the same budget."""

from saddlescape.comparisons._accuracy import EXPERIMENTS, Accuracy, accuracy
from saddlescape.comparisons._records import SCHEMA, Trained, table_of
from saddlescape.comparisons._settings import AccuracySettings
from saddlescape.comparisons._statements import (
    Statement,
    finding,
    gap,
    named,
    row,
    statements,
    summary,
)

__all__ = [
    "EXPERIMENTS",
    "SCHEMA",
    "Accuracy",
    "AccuracySettings",
    "Statement",
    "Trained",
    "accuracy",
    "finding",
    "gap",
    "named",
    "row",
    "statements",
    "summary",
    "table_of",
]
