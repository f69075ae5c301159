"""The symmetries of a network: the group as data, its orbits, alignment, distinct points."""

from saddlescape.symmetry._align import Alignment, align, distance
from saddlescape.symmetry._canonical import canonical
from saddlescape.symmetry._classes import classes
from saddlescape.symmetry._group import (
    GroupElement,
    apply,
    compose,
    identity_element,
    inverse,
    order,
    random_element,
)
from saddlescape.symmetry._orbit import Orbit, Stabilizer, orbit, stabilizer
from saddlescape.symmetry._records import Classes, CriticalPoints
from saddlescape.symmetry._stabilizer import copies, stabilizer_order
from saddlescape.symmetry._unseen import Unseen, unseen

__all__ = [
    "Alignment",
    "Classes",
    "CriticalPoints",
    "GroupElement",
    "Orbit",
    "Stabilizer",
    "Unseen",
    "align",
    "apply",
    "canonical",
    "classes",
    "compose",
    "copies",
    "distance",
    "identity_element",
    "inverse",
    "orbit",
    "order",
    "random_element",
    "stabilizer",
    "stabilizer_order",
    "unseen",
]
