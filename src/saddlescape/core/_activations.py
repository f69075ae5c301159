"""Activation functions with their first and second derivative, from one exponential each.

XLA's float64 `log1p` and `erf` are scalar code on CPU (11 ns an element where `exp` takes 1.6), so
softplus and erf are evaluated here by polynomials of full float64 accuracy.
"""

import dataclasses
import math
from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from saddlescape.core._errors import UnknownNameError

Values = Float[Array, "..."]
Triple = tuple[Values, Values, Values]


@dataclasses.dataclass(frozen=True)
class Activation:
    """An activation function g, its derivatives g' and g'', and the facts symmetry needs.

    Args:
        name: how networks and files refer to it.
        reference: g as a plain JAX function of an array; third derivatives come from it.
        fused: g, g' and g'' of an array, sharing their work.
        is_odd: g(-z) = -g(z); then flipping a neuron's signs leaves the network unchanged.
        is_homogeneous: g(s z) = s g(z) for s > 0; then a neuron's scale can be moved.
        is_analytic: g has derivatives of every order everywhere.
        is_piecewise_linear: g'' = 0 except at the kinks.
        kinks: where g or g' jumps.

    Example:
        >>> activation("tanh")(jnp.zeros(2)).tolist()
        [0.0, 0.0]
        >>> [float(x) for x in activation("g").with_curvature(jnp.asarray(0.0))]
        [1.193147180559945..., 1.5, 0.25]
    """

    name: str
    reference: Callable[[Values], Values]
    fused: Callable[[Values], Triple]
    is_odd: bool = False
    is_homogeneous: bool = False
    is_analytic: bool = True
    is_piecewise_linear: bool = False
    kinks: tuple[float, ...] = ()

    def __call__(self, z: Values) -> Values:
        """Return g(z), elementwise."""
        return _value(self, z)

    def with_slope(self, z: Values) -> tuple[Values, Values]:
        """Return g(z) and g'(z), computed together."""
        return _with_slope(self, z)

    def with_curvature(self, z: Values) -> Triple:
        """Return g(z), g'(z) and g''(z), computed together."""
        return _with_curvature(self, z)

    @staticmethod
    def define(name: str, function: Callable[[Values], Values], **facts: Any) -> "Activation":
        """Return an activation from a JAX function alone; derivatives come from JAX.

        Args:
            name: how networks and files refer to it.
            function: g as a JAX function, elementwise.
            **facts: `is_odd`, `is_homogeneous` and the other facts, where they hold.

        Returns:
            the activation; networks accept it wherever they accept a name.

        Example:
            >>> cube = Activation.define("cube", lambda z: z**3, is_odd=True)
            >>> [float(x) for x in cube.with_curvature(jnp.asarray(2.0))]
            [8.0, 12.0, 12.0]
        """

        def fused(z: Values) -> Triple:
            slope = partial(_slope_of, function)
            (value, first), (_, second) = jax.jvp(
                lambda z: (function(z), slope(z)), (z,), (jnp.ones_like(z),)
            )
            return value, first, second

        return Activation(name, function, fused, **facts)


def activation(name: "str | Activation") -> Activation:
    """Return the activation called `name` (an `Activation` is returned as it is).

    Args:
        name: one of `ACTIVATIONS`, or an activation.

    Returns:
        the activation.

    Raises:
        UnknownNameError: when no activation has that name.

    Example:
        >>> activation("relu").is_homogeneous
        True
    """
    if isinstance(name, Activation):
        return name
    if name not in ACTIVATIONS:
        msg = f"no activation is called {name!r}: choose one of {', '.join(ACTIVATIONS)}"
        raise UnknownNameError(msg)
    return ACTIVATIONS[name]


# --- differentiation rules: derivatives are looked up, never taken through the polynomials ---


@partial(jax.custom_jvp, nondiff_argnums=(0,))
def _value(self: Activation, z: Values) -> Values:
    return self.fused(z)[0]


@_value.defjvp
def _value_jvp(self, primals, tangents):
    value, slope = _with_slope(self, primals[0])
    return value, slope * tangents[0]


@partial(jax.custom_jvp, nondiff_argnums=(0,))
def _with_slope(self: Activation, z: Values) -> tuple[Values, Values]:
    return self.fused(z)[:2]


@_with_slope.defjvp
def _with_slope_jvp(self, primals, tangents):
    value, slope, curvature = _with_curvature(self, primals[0])
    return (value, slope), (slope * tangents[0], curvature * tangents[0])


@partial(jax.custom_jvp, nondiff_argnums=(0,))
def _with_curvature(self: Activation, z: Values) -> Triple:
    return self.fused(z)


@_with_curvature.defjvp
def _with_curvature_jvp(self, primals, tangents):
    (z,), (dz,) = primals, tangents
    triple = _with_curvature(self, z)
    third = _slope_of(partial(_slope_of, partial(_slope_of, self.reference)), z)
    return triple, (triple[1] * dz, triple[2] * dz, third * dz)


def _slope_of(function: Callable[[Values], Values], z: Values) -> Values:
    """Return the elementwise derivative of `function` at z."""
    return jax.jvp(function, (z,), (jnp.ones_like(z),))[1]


# --- the functions: u = exp(-|z|) is the one exponential, so nothing overflows ---


# log1p(u) = 2 atanh(s) = s P(s^2) with s = u / (2 + u) <= 1/3: Chebyshev fit of P on [0, 1/9] at 40
# digits, largest error 2.7e-18; and erf(z) = z P(z^2) on |z| <= 1, largest error 7.4e-18.
_ATANH = (
    0.17044163562781398, 0.0832450651186082, 0.12110168728069218, 0.13300374032674625,
    0.1538661404230401, 0.18181740832504806, 0.22222224080747674, 0.28571428545454114,
    0.4000000000018575, 0.6666666666666615, 2.0,
)  # fmt: skip
_ERF = (
    -7.795898827002142e-10, 1.3720064546777686e-08, -1.6208483801871705e-07,
    1.6447424703317362e-06, -1.492473690741966e-05, 0.00012055294904839707,
    -0.0008548325975389692, 0.0052239776071164225, -0.02686617064323777, 0.11283791670945006,
    -0.37612638903183543, 1.1283791670955126,
)  # fmt: skip


def _horner(coefficients: tuple[float, ...], t: Values) -> Values:
    """Return the polynomial with these coefficients, highest power first, at t."""
    result = jnp.full_like(t, coefficients[0])
    for coefficient in coefficients[1:]:
        result = result * t + coefficient
    return result


def _identity(z: Values) -> Triple:
    return z, jnp.ones_like(z), jnp.zeros_like(z)


def _sigmoid(z: Values) -> Triple:
    u = jnp.exp(-jnp.abs(z))
    r = 1 / (1 + u)
    slope = u * r * r
    value = jnp.where(z >= 0, r, u * r)
    return value, slope, slope * jnp.where(z >= 0, (u - 1) * r, (1 - u) * r)


def _tanh(z: Values) -> Triple:
    value, u = jnp.tanh(z), jnp.exp(-2 * jnp.abs(z))
    slope = 4 * u / (1 + u) ** 2  # 1 - value^2 would cancel where tanh saturates
    return value, slope, -2 * value * slope


def _erf(z: Values) -> Triple:
    inner = z * _horner(_ERF, jnp.minimum(z * z, 1))
    outer = jnp.sign(z) * (1 - jax.scipy.special.erfc(jnp.abs(z)))
    slope = (2 / math.sqrt(math.pi)) * jnp.exp(-z * z)
    return jnp.where(jnp.abs(z) < 1, inner, outer), slope, -2 * z * slope


def _relu(z: Values) -> Triple:
    return jnp.maximum(z, 0), (z > 0).astype(z.dtype), jnp.zeros_like(z)


def _softplus(z: Values) -> Triple:
    u = jnp.exp(-jnp.abs(z))
    r = 1 / ((1 + u) * (2 + u))
    s = u * (1 + u) * r
    q = r * (2 + u)
    value = jnp.maximum(z, 0) + s * _horner(_ATANH, s * s)
    return value, jnp.where(z >= 0, q, u * q), u * q * q


def _exp(z: Values) -> Triple:
    value = jnp.exp(z)
    return value, value, value


def _gelu(z: Values) -> Triple:
    phi = jnp.exp(-0.5 * z * z) / math.sqrt(2 * math.pi)
    cdf = 0.5 * jax.scipy.special.erfc(-z * math.sqrt(0.5))
    return z * cdf, cdf + z * phi, phi * (2 - z * z)


def _silu(z: Values) -> Triple:
    s, slope, _ = _sigmoid(z)
    return z * s, s + z * slope, slope * (2 + z * (1 - 2 * s))


def _step(z: Values) -> Triple:
    return (z > 0).astype(z.dtype), jnp.zeros_like(z), jnp.zeros_like(z)


def _g(z: Values) -> Triple:
    u = jnp.exp(-jnp.abs(z))
    u4 = (u * u) * (u * u)
    r = 1 / ((1 + u) * (2 + u) * (1 + u4))
    s = u * (1 + u) * (1 + u4) * r
    q, q4 = r * (2 + u) * (1 + u4), r * (1 + u) * (2 + u)
    bump = u4 * q4 * q4
    positive = z >= 0
    value = jnp.maximum(z, 0) + s * _horner(_ATANH, s * s) + jnp.where(positive, q4, u4 * q4)
    slope = 4 * bump + jnp.where(positive, q, u * q)
    tilt = 16 * bump * (u4 - 1) * q4
    return value, slope, u * q * q + jnp.where(positive, tilt, -tilt)


def _lecture_g(z: Values) -> Values:
    """Return sigmoid(4 z) + softplus(z), the activation of Simsek et al. (2021)."""
    return jax.nn.sigmoid(4 * z) + jax.nn.softplus(z)


ACTIVATIONS: dict[str, Activation] = {
    entry.name: entry
    for entry in (
        Activation(
            "identity", lambda z: z, _identity,
            is_odd=True, is_homogeneous=True, is_piecewise_linear=True,
        ),
        Activation("sigmoid", jax.nn.sigmoid, _sigmoid),
        Activation("tanh", jnp.tanh, _tanh, is_odd=True),
        Activation("erf", jax.scipy.special.erf, _erf, is_odd=True),
        Activation(
            "relu", jax.nn.relu, _relu,
            is_homogeneous=True, is_analytic=False, is_piecewise_linear=True, kinks=(0.0,),
        ),
        Activation("softplus", jax.nn.softplus, _softplus),
        Activation("exp", jnp.exp, _exp),
        Activation("gelu", partial(jax.nn.gelu, approximate=False), _gelu),
        Activation("silu", jax.nn.silu, _silu),
        Activation(
            "step", lambda z: jnp.heaviside(z, 0.0), _step,
            is_analytic=False, is_piecewise_linear=True, kinks=(0.0,),
        ),
        Activation("g", _lecture_g, _g),
    )
}  # fmt: skip
"""Every activation by name; `g` is sigmoid(4 z) + softplus(z) of Simsek et al. (2021)."""
