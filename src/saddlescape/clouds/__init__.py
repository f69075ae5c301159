"""Clouds: critical points of every index, their loss against their index, their spectra."""

from saddlescape.clouds._evidence import Escapes, Spectrum, correlations, escapes, spectra_of
from saddlescape.clouds._run import Cloud, Progress, run
from saddlescape.clouds._settings import CloudSettings
from saddlescape.clouds._summary import finding, summary

__all__ = [
    "Cloud",
    "CloudSettings",
    "Escapes",
    "Progress",
    "Spectrum",
    "correlations",
    "escapes",
    "finding",
    "run",
    "spectra_of",
    "summary",
]
