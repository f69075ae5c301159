"""Spectra: ends, density and trace without the matrix; verdicts; the index law of the GOE."""

from saddlescape.spectra._density import Density, density
from saddlescape.spectra._extremes import EigenPairs, Extremes, LanczosSettings, extremes
from saddlescape.spectra._follow import Escape, follow
from saddlescape.spectra._index_law import (
    EXACT_LIMIT,
    LARGE_DEVIATION_RATE,
    IndexLaw,
    index_law,
    semicircle,
)
from saddlescape.spectra._operator import Operator, hessian_operator
from saddlescape.spectra._parts import (
    Part,
    gauss_newton_operator,
    has_parts,
    parts,
    residual_operator,
)
from saddlescape.spectra._rank_correlation import RankCorrelation, rank_correlation
from saddlescape.spectra._records import Answer, Verdict, shares_of
from saddlescape.spectra._semicircle_test import SemicircleTest, semicircle_test
from saddlescape.spectra._trace import Diagonal, Trace, diagonal, trace
from saddlescape.spectra._verdict import DENSE_LIMIT, verdict

__all__ = [
    "DENSE_LIMIT",
    "EXACT_LIMIT",
    "LARGE_DEVIATION_RATE",
    "Answer",
    "Density",
    "Diagonal",
    "EigenPairs",
    "Escape",
    "Extremes",
    "IndexLaw",
    "LanczosSettings",
    "Operator",
    "Part",
    "RankCorrelation",
    "SemicircleTest",
    "Trace",
    "Verdict",
    "density",
    "diagonal",
    "extremes",
    "follow",
    "gauss_newton_operator",
    "has_parts",
    "hessian_operator",
    "index_law",
    "parts",
    "rank_correlation",
    "residual_operator",
    "semicircle",
    "semicircle_test",
    "shares_of",
    "trace",
    "verdict",
]
