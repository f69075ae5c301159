"""Spectra: ends, density and trace of a Hessian without the matrix; the verdict on a point."""

from saddlescape.spectra._density import Density, density
from saddlescape.spectra._extremes import EigenPairs, Extremes, LanczosSettings, extremes
from saddlescape.spectra._follow import Escape, follow
from saddlescape.spectra._operator import Operator, hessian_operator
from saddlescape.spectra._records import Answer, Verdict, shares_of
from saddlescape.spectra._trace import Diagonal, Trace, diagonal, trace
from saddlescape.spectra._verdict import DENSE_LIMIT, verdict

__all__ = [
    "DENSE_LIMIT",
    "Answer",
    "Density",
    "Diagonal",
    "EigenPairs",
    "Escape",
    "Extremes",
    "LanczosSettings",
    "Operator",
    "Trace",
    "Verdict",
    "density",
    "diagonal",
    "extremes",
    "follow",
    "hessian_operator",
    "shares_of",
    "trace",
    "verdict",
]
