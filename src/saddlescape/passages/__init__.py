"""Passages between equivalent minima: the paths of a whole layer, compared and ranked."""

from saddlescape.passages._alternatives import Alternative
from saddlescape.passages._cross import Passage, Passages, Progress, cross
from saddlescape.passages._settings import PassageSettings
from saddlescape.passages._start import Start, start_of

__all__ = [
    "Alternative",
    "Passage",
    "PassageSettings",
    "Passages",
    "Progress",
    "Start",
    "cross",
    "start_of",
]
