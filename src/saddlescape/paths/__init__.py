"""Paths between minima: merging two neurons, and everything it is compared with."""

from saddlescape.paths._branch import Branch, branch
from saddlescape.paths._descent import Descent, descents
from saddlescape.paths._follow import Fold
from saddlescape.paths._line import Line, elastic_band, line_through, straight_line
from saddlescape.paths._merge import is_merged, merge, minimum_near, mirror
from saddlescape.paths._path import Path
from saddlescape.paths._saddle import (
    PermutationPoint,
    Valley,
    merged_point,
    permutation_point,
    valley,
)
from saddlescape.paths._walk import valley_walk

__all__ = [
    "Branch",
    "Descent",
    "Fold",
    "Line",
    "Path",
    "PermutationPoint",
    "Valley",
    "branch",
    "descents",
    "elastic_band",
    "is_merged",
    "line_through",
    "merge",
    "merged_point",
    "minimum_near",
    "mirror",
    "permutation_point",
    "straight_line",
    "valley",
    "valley_walk",
]
