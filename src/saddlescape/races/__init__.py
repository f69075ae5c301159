"""Races: every optimizer at every rate on one problem, from the same starts."""

from saddlescape.races._diagnosis import Diagnosis, diagnose
from saddlescape.races._ends import End, ends_of
from saddlescape.races._explanation import (
    Explanation,
    explain,
    read_saddle,
    require_explainable,
)
from saddlescape.races._run import Races, run
from saddlescape.races._settings import RaceSettings
from saddlescape.races._summary import (
    Reach,
    ends_in_words,
    finding,
    level,
    levels,
    passes_per_step,
    reaches,
    summary,
)

__all__ = [
    "Diagnosis",
    "End",
    "Explanation",
    "RaceSettings",
    "Races",
    "Reach",
    "diagnose",
    "ends_in_words",
    "ends_of",
    "explain",
    "finding",
    "level",
    "levels",
    "passes_per_step",
    "reaches",
    "read_saddle",
    "require_explainable",
    "run",
    "summary",
]
