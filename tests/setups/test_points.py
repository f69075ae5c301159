"""The point a command looks at, of many parameters."""

import jax.numpy as jnp
import numpy as np
import pytest
from scipy.optimize import minimize

from saddlescape.core import InvalidInputError
from saddlescape.setups import MANY, SetupSettings, led_down, point_at, prepare, read_point


@pytest.fixture(scope="module")
def digits():
    return prepare(SetupSettings(problem="digits", hidden=(3,), weight_decay=0.01, samples=200))


def test_a_minimum_of_many_parameters_is_one_to_rounding(digits):
    theta = point_at(digits, "minimum")
    assert theta.size >= MANY
    assert jnp.abs(digits.landscape.gradient(theta)).max() < 1e-13
    assert np.linalg.eigvalsh(np.asarray(digits.landscape.hessian(theta)))[0] > 1e-4


def test_gradients_lead_as_low_as_another_method_does(digits):
    landscape = digits.landscape
    ended = led_down(landscape, np.asarray(digits.starts(0, 1, 0, 1.0)[0]))
    further = minimize(
        lambda theta: float(landscape.loss(jnp.asarray(theta))),
        ended,
        jac=lambda theta: np.asarray(landscape.gradient(jnp.asarray(theta))),
        hessp=lambda theta, v: np.asarray(landscape.hvp(jnp.asarray(theta), jnp.asarray(v))),
        method="Newton-CG",
        options={"maxiter": 5},
    )
    # g^2 / (2 lambda) with |g| < 1e-8 sqrt(p) and lambda > 1e-3
    assert float(landscape.loss(jnp.asarray(ended))) - further.fun < 1e-11


def test_a_long_way_down_can_be_stopped(digits):
    def stop() -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        led_down(digits.landscape, np.asarray(digits.starts(1, 1, 0, 1.0)[0]), stop)


@pytest.mark.parametrize("values", [[0.0, np.nan, 1.0], [np.inf, 0.0, 1.0]])
def test_a_checkpoint_that_diverged_is_refused_in_a_sentence(tmp_path, values):
    np.savez(tmp_path / "theta.npz", values)
    with pytest.raises(InvalidInputError, match=r"1 of 3 numbers in .* are not finite: give"):
        read_point(str(tmp_path / "theta.npz"), 3)
