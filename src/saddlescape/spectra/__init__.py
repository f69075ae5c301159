"""Spectra: both ends of a Hessian without the matrix, and the verdict on a point."""

from saddlescape.spectra._extremes import EigenPairs, Extremes, LanczosSettings, extremes
from saddlescape.spectra._follow import Escape, follow
from saddlescape.spectra._operator import Operator, hessian_operator
from saddlescape.spectra._records import Answer, Verdict, shares_of
from saddlescape.spectra._verdict import DENSE_LIMIT, verdict

__all__ = [
    "DENSE_LIMIT",
    "Answer",
    "EigenPairs",
    "Escape",
    "Extremes",
    "LanczosSettings",
    "Operator",
    "Verdict",
    "extremes",
    "follow",
    "hessian_operator",
    "shares_of",
    "verdict",
]
