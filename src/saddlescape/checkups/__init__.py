"""Checkups: what a point of a loss is, of a problem or of your own model, with its layers."""

from saddlescape.checkups._model import ModelSetup
from saddlescape.checkups._run import Checkup, run
from saddlescape.checkups._settings import SpectrumSettings
from saddlescape.checkups._summary import finding, summary
from saddlescape.checkups._symmetry import blocks_of, symmetry_directions

__all__ = [
    "Checkup",
    "ModelSetup",
    "SpectrumSettings",
    "blocks_of",
    "finding",
    "run",
    "summary",
    "symmetry_directions",
]
