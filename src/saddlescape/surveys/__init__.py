"""Surveys: many starts, every critical point they reach, stored as an atlas."""

from saddlescape.surveys._atlas import Atlas
from saddlescape.surveys._finding import finding, zero_loss
from saddlescape.surveys._schema import CLASSES, POINTS

__all__ = ["CLASSES", "POINTS", "Atlas", "finding", "zero_loss"]
