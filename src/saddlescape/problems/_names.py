"""The names of the problems that come with the package; nothing is imported to list them."""

from collections.abc import Mapping
from types import MappingProxyType

NAMES: Mapping[str, str] = MappingProxyType(
    {
        "lecture": "A committee of 4 neurons on 2 inputs teaches a student on 1,681 points.",
        "penguins": "Bill length and depth of 342 penguins, to tell 3 species apart.",
        "mpg": "7 properties of 392 cars, to predict miles per gallon.",
        "digits": "1,797 handwritten digits of 8 x 8 pixels, 10 classes.",
        "mnist": "60,000 handwritten digits of 28 x 28 pixels, 10 classes, and 10,000 to test.",
        "mnist1d": "4,000 noisy, shifted signals of 40 points, 10 classes, and 1,000 to test.",
        "feynman-i.6.2": "The normal density exp(-(theta/sigma)^2 / 2) / (sqrt(2 pi) sigma).",
        "feynman-i.16.6": "Relativistic addition of velocities (u + v) / (1 + u v / c^2).",
        "feynman-i.29.16": "Interference sqrt(x1^2 + x2^2 - 2 x1 x2 cos(theta1 - theta2)).",
        "feynman-i.50.26": "An anharmonic response x (cos(omega t) + alpha cos(omega t)^2).",
        "spirals": "Two noisy spirals of 1.5 turns, one class each, 400 samples.",
        "crescent": "200 points in a square, inside or outside of a crescent with a curved edge.",
        "box": "400 points in a cube, inside or outside of the box that six planes cut out.",
        "double-well": "(x^2 - 1)^2 in one parameter: two minima and a maximum between them.",
        "monkey-saddle": "x^3 - 3 x y^2: three ways down from a point whose Hessian vanishes.",
        "plateau": "x^3 in one parameter: the gradient vanishes at 0 but the loss falls beyond.",
        "two-minima": "A deep and a shallow minimum in two parameters, a saddle between them.",
        "deep-linear": "(w2 w1 - 1)^2, the linear network 1-1-1: two valleys of minima, a saddle.",
        "narrow-valley": "A quadratic of condition number 100, its valley along (3, 4).",
        "rosenbrock": "(1 - x)^2 + 100 (y - x^2)^2: a minimum at the end of a bent, narrow valley.",
        "beale": "A minimum in a flat plain between steep walls, and two saddles.",
    }
)
"""What each problem is, in one sentence, by the name `load` takes."""
