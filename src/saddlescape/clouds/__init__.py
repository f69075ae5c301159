"""Clouds: critical points of every index, their loss against their index, their spectra."""

from saddlescape.clouds._evidence import Escapes, Spectrum, correlations, escapes, spectra_of
from saddlescape.clouds._run import Cloud, Progress, run
from saddlescape.clouds._settings import CloudSettings
from saddlescape.clouds._summary import by_index, finding, summary

__all__ = [
    "Cloud",
    "CloudSettings",
    "Escapes",
    "Progress",
    "Spectrum",
    "by_index",
    "correlations",
    "escapes",
    "finding",
    "run",
    "spectra_of",
    "summary",
]
