"""Networks at 50 digits, naively: second-order Taylor jets pushed through the forward pass.

Nothing here is shared with the library: activations are written with mpmath's functions, and every
derivative comes from the product and chain rules for jets (value, gradient, Hessian). Sums and
products are done in `decimal`, at 60 digits: the same numbers, ten times as fast as mpmath's.
"""

import decimal
from typing import NamedTuple

import mpmath
import numpy as np

mpmath.mp.dps = 50
decimal.getcontext().prec = 60
Decimal = decimal.Decimal
exact_array = np.vectorize(Decimal, otypes=[object])  # a float64 has an exact Decimal
ZERO, ONE = mpmath.mpf(0), mpmath.mpf(1)


def _decimal(value: mpmath.mpf) -> Decimal:
    """Return the number with all its digits."""
    return Decimal(mpmath.nstr(value, 55))


class Jet(NamedTuple):
    """A number with its gradient (p,) and Hessian (p, p), as arrays of decimals."""

    value: Decimal
    gradient: np.ndarray
    hessian: np.ndarray

    def __add__(self, other: "Jet") -> "Jet":
        """Return the sum, part by part."""
        return Jet(*(ours + theirs for ours, theirs in zip(self, other, strict=True)))

    def times(self, factor) -> "Jet":
        """Return the product with a constant."""
        return Jet(*(factor * part for part in self))

    def through(self, function) -> "Jet":
        """Return function(self); `function` gives mpmath its value and first two derivatives."""
        value, slope, bend = map(_decimal, function(mpmath.mpf(str(self.value))))
        outer = np.multiply.outer(self.gradient, self.gradient)
        return Jet(value, slope * self.gradient, slope * self.hessian + bend * outer)


def constant(value, size: int) -> Jet:
    """Return a jet that does not depend on the parameters."""
    nothing = np.full((size + 1, size), Decimal(0))
    return Jet(Decimal(value), nothing[0], nothing[1:])


def weighted(weight, number: int, below: Jet) -> Jet:
    """Return theta[number] * below, where theta[number] = weight."""
    value, gradient, hessian = below.times(weight)
    gradient[number] += below.value
    hessian[number] += below.gradient
    hessian[:, number] += below.gradient
    return Jet(value, gradient, hessian)


def _sigmoid(z):
    s = 1 / (1 + mpmath.exp(-z))
    return s, s * (1 - s), s * (1 - s) * (1 - 2 * s)


def _softplus(z):
    return mpmath.log1p(mpmath.exp(z)), *_sigmoid(z)[:2]


def _tanh(z):
    t = mpmath.tanh(z)
    return t, 1 - t**2, -2 * t * (1 - t**2)


def _erf(z):
    slope = 2 / mpmath.sqrt(mpmath.pi) * mpmath.exp(-(z**2))
    return mpmath.erf(z), slope, -2 * z * slope


def _product(z, factor):
    """Return z f(z) with its derivatives, from those of f."""
    value, slope, bend = factor
    return z * value, value + z * slope, 2 * slope + z * bend


def _gelu(z):
    root = mpmath.sqrt(2)
    value, slope, bend = _erf(z / root)
    return _product(z, ((1 + value) / 2, slope / 2 / root, bend / 4))


def _g(z):
    steep, soft = _sigmoid(4 * z), _softplus(z)
    return steep[0] + soft[0], 4 * steep[1] + soft[1], 16 * steep[2] + soft[2]


EXACT = {
    "identity": lambda z: (z, ONE, ZERO),
    "sigmoid": _sigmoid,
    "tanh": _tanh,
    "erf": _erf,
    "relu": lambda z: (z, ONE, ZERO) if z > 0 else (ZERO, ZERO, ZERO),
    "softplus": _softplus,
    "exp": lambda z: (mpmath.exp(z),) * 3,
    "gelu": _gelu,
    "silu": lambda z: _product(z, _sigmoid(z)),
    "g": _g,
}


def forward(widths, names, biases, theta, sample) -> list[Jet]:
    """Return the outputs for one sample; theta holds, by layer, weights by rows, then biases."""
    size, start = len(theta), 0
    theta = exact_array(theta)
    values = [constant(x, size) for x in sample]
    for inputs, outputs, name, bias in zip(widths, widths[1:], names, biases, strict=False):
        above = []
        for j in range(outputs):
            z = constant(0, size)
            for i, below in enumerate(values):
                number = start + j * inputs + i
                z += weighted(theta[number], number, below)
            if bias:
                number = start + outputs * inputs + j
                z += weighted(theta[number], number, constant(1, size))
            above.append(z.through(EXACT[name]))
        values, start = above, start + outputs * (inputs + bias)
    return values


def squared_error(outputs: list[Jet], target) -> Jet:
    """Return the sum over outputs of (output - target)^2."""
    total = constant(0, len(outputs[0].gradient))
    for output, wanted in zip(outputs, target, strict=True):
        y = mpmath.mpf(wanted)
        total += output.through(lambda o, y=y: ((o - y) ** 2, 2 * (o - y), mpmath.mpf(2)))
    return total


def cross_entropy(outputs: list[Jet], target) -> Jet:
    """Return log(sum exp(logits)) - logit of the target."""
    total = constant(0, len(outputs[0].gradient))
    for output in outputs:
        total += output.through(lambda o: (mpmath.exp(o),) * 3)
    total = total.through(lambda s: (mpmath.log(s), 1 / s, -1 / s**2))
    return total + outputs[int(target)].times(Decimal(-1))


def exact_derivatives(network, theta, inputs, targets, loss) -> tuple:
    """Return loss, gradient and Hessian of the mean over samples, as decimals."""
    names = [g.name for g in network.activations]
    total = constant(0, len(theta))
    for sample, target in zip(inputs, targets, strict=True):
        outputs = forward(network.widths, names, network.biases, theta, sample)
        total += loss(outputs, target)
    return tuple(total.times(1 / Decimal(len(inputs))))


def error_in_largest(ours, exact) -> float:
    """Return the largest error of an array, relative to the largest entry of the exact one."""
    exact = np.asarray(exact, dtype=object).ravel()
    errors = abs(exact_array(np.asarray(ours).ravel()) - exact)
    return float(max(errors) / max(abs(exact)))
