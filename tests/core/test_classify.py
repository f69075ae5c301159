"""What a point is: index, nullity and kind on functions whose inertia is known."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from saddlescape.core import (
    Data,
    EmpiricalLandscape,
    FunctionLandscape,
    Kind,
    Network,
    Outcome,
    PrecisionError,
    ShapeMismatchError,
    classify,
    find_minima,
)
from tests.core.family import Family

EPS = np.finfo(np.float64).eps
SIZE = 6


def rotation(seed: int, size: int = SIZE) -> np.ndarray:
    """Return a random orthogonal matrix."""
    return np.linalg.qr(np.random.default_rng(seed).normal(size=(size, size)))[0]


def quadratic(arguments, theta):
    """Return half of (theta - center) A (theta - center)."""
    matrix, center = arguments
    return (theta - center) @ (matrix @ (theta - center)) / 2


def expected_kind(negative: int, zero: int, size: int = SIZE) -> Kind:
    """Return the kind of a quadratic with this inertia."""
    if negative == size:
        return Kind.MAXIMUM
    if negative:
        return Kind.SADDLE
    return Kind.FLAT if zero else Kind.MINIMUM


inertias = st.tuples(st.integers(0, SIZE), st.integers(0, SIZE)).filter(lambda n: sum(n) <= SIZE)


@given(
    inertia=inertias,
    exponent=st.floats(-8, 8),
    spread=st.floats(0, 5),
    shift=st.floats(-10, 10),
    seed=st.integers(0, 10**6),
)
def test_a_quadratic_has_the_inertia_it_was_built_with(inertia, exponent, spread, shift, seed):
    """Rotated, moved, scaled by 1e-8 to 1e8, with a condition number up to 1e5."""
    negative, zero = inertia
    signs = np.repeat([-1, 0, 1], [negative, zero, SIZE - negative - zero])
    draw = np.random.default_rng(seed)
    eigenvalues = signs * 10.0 ** (exponent - spread * draw.uniform(0, 1, SIZE))
    q = rotation(seed)
    matrix = q * eigenvalues @ q.T
    center = shift * draw.normal(size=SIZE)
    arguments = (jnp.asarray((matrix + matrix.T) / 2), jnp.asarray(center))
    point = classify(Family(quadratic, SIZE, arguments), jnp.asarray(center))
    assert (int(point.index), int(point.nullity)) == (negative, zero)
    assert point.outcome == Outcome.CONVERGED
    assert point.kind == expected_kind(negative, zero)
    # eigh is backward stable: a few eps of the largest eigenvalue, and the matrix was rounded too.
    tolerance = 8 * SIZE * EPS * np.abs(eigenvalues).max()
    np.testing.assert_allclose(point.eigenvalues, np.sort(eigenvalues), rtol=0, atol=tolerance)


# --- degenerate points, at the point and beside it ---


def degenerate(power, curvatures=(1.0, 1.0), scale=1.0, seed=0, shift=0.0):
    """Return the landscape, its point, and the axis of the power."""
    q = rotation(seed, 3)
    center = shift * np.random.default_rng(seed).normal(size=3)
    arguments = tuple(map(jnp.asarray, (scale, q, center, np.array(curvatures))))
    return Family(POWERS[power], 3, arguments), jnp.asarray(center), jnp.asarray(q[2])


def _monkey(scale, theta):
    return scale * (theta[0] ** 3 - 3 * theta[0] * theta[1] ** 2)


def _with_a_power(power, arguments, theta):
    """Return scale * (a x^2 / 2 + b y^2 / 2 + z^power), in rotated and moved coordinates."""
    scale, q, center, curvatures = arguments
    x = q @ (theta - center)
    return scale * (curvatures @ x[:2] ** 2 / 2 + x[2] ** power)


POWERS = {power: partial(_with_a_power, power) for power in (2, 3, 4, 5)}  # compiled once each


@pytest.mark.parametrize("beside", [0.0, 1e-12, 1e-9, 1e-6, 1e-4])
@pytest.mark.parametrize(("power", "kind"), [(3, Kind.SADDLE), (4, Kind.FLAT), (5, Kind.SADDLE)])
def test_a_power_above_two_counts_as_a_zero_eigenvalue_at_every_distance(power, kind, beside):
    landscape, theta, axis = degenerate(power)
    point = classify(landscape, theta + beside * axis)
    assert (int(point.index), int(point.nullity)) == (0, 1)
    if point.outcome == Outcome.CONVERGED and beside < 1e-6:
        assert point.kind == kind


@pytest.mark.parametrize("power", [3, 4, 5])
def test_a_saddle_with_a_degenerate_direction_keeps_its_index(power):
    landscape, theta, _ = degenerate(power, curvatures=(1.0, -2.0))
    point = classify(landscape, theta)
    assert (int(point.index), int(point.nullity), int(point.kind)) == (1, 1, Kind.SADDLE)


@given(
    power=st.sampled_from([2, 3, 4]),
    curvatures=st.tuples(*[st.sampled_from([-1.0, 0.5, 3.0])] * 2),
    exponent=st.floats(-7, 7),
    shift=st.floats(-10, 10),
    seed=st.integers(0, 10**6),
)
def test_rotating_moving_and_scaling_the_landscape_change_nothing(
    power, curvatures, exponent, shift, seed
):
    plain, origin, _ = degenerate(power, curvatures)
    moved, center, _ = degenerate(power, curvatures, 10.0**exponent, seed, shift)
    before, after = classify(plain, origin), classify(moved, center)
    for fact in ("index", "nullity", "kind", "outcome"):
        assert getattr(before, fact) == getattr(after, fact), fact


@pytest.mark.parametrize("scale", [1e-8, 1.0, 1e8])
@pytest.mark.parametrize("beside", [0.0, 1e-13, 1e-9])
def test_the_monkey_saddle_has_two_zero_eigenvalues_and_is_a_saddle(scale, beside):
    monkey = Family(_monkey, 2, jnp.asarray(scale))
    point = classify(monkey, jnp.full(2, beside))
    assert (int(point.index), int(point.nullity)) == (0, 2)
    if beside < 1e-12:  # with the Hessian all of its scale vanishes: 1e-9 is not near
        assert point.kind == Kind.SADDLE


def test_in_one_parameter_a_cube_is_a_plateau_and_a_fourth_power_flat():
    cube = FunctionLandscape(lambda v: v[0] ** 3, num_parameters=1)
    fourth = FunctionLandscape(lambda v: v[0] ** 4, num_parameters=1)
    origin = jnp.zeros(1)
    assert classify(cube, origin).kind == Kind.PLATEAU
    assert classify(fourth, origin).kind == Kind.FLAT


@pytest.mark.parametrize(("times", "uncertain"), [(0.01, 0), (0.5, 1), (4.0, 1), (100.0, 0)])
def test_an_eigenvalue_near_its_bound_is_reported(times, uncertain):
    eigenvalues = np.array([0.0, 1.0, 1.0, 1.0, 1.0, 2.0])
    arguments = (jnp.diag(jnp.asarray(eigenvalues)), jnp.zeros(SIZE))
    bound = float(classify(Family(quadratic, SIZE, arguments), jnp.zeros(SIZE)).bounds[0])
    eigenvalues[0] = times * bound
    arguments = (jnp.diag(jnp.asarray(eigenvalues)), jnp.zeros(SIZE))
    point = classify(Family(quadratic, SIZE, arguments), jnp.zeros(SIZE))
    assert int(point.num_uncertain) == uncertain
    assert int(point.nullity) == (times < 1)


# --- networks ---


def perfect_fit(network: Network, seed: int = 0, num_samples: int = 40):
    """Return the landscape of a teacher of the same form, and its theta: a minimum of loss 0."""
    inputs = jnp.asarray(np.random.default_rng(seed).normal(size=(num_samples, network.widths[0])))
    theta = network.starts(1, seed=seed)[0]
    return EmpiricalLandscape(network, Data(inputs, network.apply(theta, inputs))), theta


@pytest.mark.parametrize("bias", [True, False])
def test_every_active_relu_neuron_has_a_scale_that_costs_nothing(bias):
    network = Network((2, 4, 1), "relu", bias=bias)
    landscape, theta = perfect_fit(network, seed=3)
    weight, shift = network.unflatten(theta)[0]
    z = landscape.chunks.inputs[0][:2].T @ weight.T + (0.0 if shift is None else shift[None])
    active = int((z > 0).any(axis=0).sum())
    point = classify(landscape, theta)
    assert active >= 3
    assert point.outcome == Outcome.CONVERGED
    assert int(point.nullity) >= active
    assert int(point.index) == 0
    assert point.kind == Kind.FLAT


def test_a_dead_relu_neuron_makes_all_of_its_parameters_free():
    network = Network((2, 3, 2), "relu")
    layers = network.unflatten(network.starts(1)[0])
    weight, bias = layers[0]
    dead = network.flatten([(weight, bias.at[1].set(-100.0)), layers[1]])
    inputs = jnp.asarray(np.random.default_rng(0).normal(size=(30, 2)))
    landscape = EmpiricalLandscape(network, Data(inputs, network.apply(dead, inputs)))
    point = classify(landscape, dead)
    own = 2 + 1 + 2  # its weights, its bias, what it sends to both outputs
    alive = 2  # and the scales of the others
    assert int(point.nullity) == own + alive


def test_samples_on_a_kink_are_counted():
    network = Network((2, 2, 1), "relu", bias=False)
    theta = network.flatten(
        [(jnp.array([[1.0, -0.1], [0.3, 1.0]]), None), (jnp.ones((1, 2)), None)]
    )
    # w.x = 0 in exact arithmetic for the first, a rounding away from it for the second.
    inputs = np.array([[0.1, 1.0], [0.3, 3.0], [1.0, -0.3], [1.0, 2.0], [0.5, 0.5]])
    targets = np.zeros((5, 1))
    point = classify(EmpiricalLandscape(network, Data(inputs, targets)), theta)
    assert int(point.num_kinks) == 3
    smooth = Network((2, 2, 1), "softplus", bias=False)
    assert int(classify(EmpiricalLandscape(smooth, Data(inputs, targets)), theta).num_kinks) == 0


@pytest.mark.parametrize("share", [0.3, 1.0, 1.7])
def test_a_neuron_split_in_two_stays_critical_with_a_free_mode(share):
    """The permutation points: (w, a) becomes (w, share a) and (w, (1 - share) a).

    The share is a zero eigenvalue. Weights may be moved from one to the other output by output:
    along such a direction v the loss is constant too, so that v H v = 0 (though not H v = 0).
    """
    network, wider = Network((2, 2, 2), "tanh"), Network((2, 3, 2), "tanh")
    teacher = Network((2, 4, 2), "tanh")
    inputs = jnp.asarray(np.random.default_rng(1).normal(size=(50, 2)))
    data = Data(inputs, teacher.apply(teacher.starts(1, seed=8)[0], inputs))
    landscape = EmpiricalLandscape(network, data, weight_decay=0.0)
    found = find_minima(landscape, network.starts(8))
    minimum = found[int(np.flatnonzero(np.asarray(found.kind) == Kind.MINIMUM)[0])]
    (weight, bias), (out, shift) = network.unflatten(minimum.theta)
    weight, bias = (jnp.concatenate([part, part[:1]]) for part in (weight, bias))
    out = jnp.concatenate([share * out[:, :1], out[:, 1:], (1 - share) * out[:, :1]], axis=1)
    split = classify(EmpiricalLandscape(wider, data), wider.flatten([(weight, bias), (out, shift)]))
    assert split.outcome == Outcome.CONVERGED
    np.testing.assert_allclose(split.loss, minimum.loss, rtol=16 * EPS)
    assert int(split.nullity) >= 1
    hessian = EmpiricalLandscape(wider, data).hessian(split.theta)
    for output in range(2):
        moved = jnp.zeros((2, 3)).at[output, 0].set(1.0).at[output, 2].set(-1.0)
        nothing = (jnp.zeros_like(weight), jnp.zeros_like(bias))
        direction = wider.flatten([nothing, (moved, jnp.zeros(2))])
        assert abs(float(direction @ hessian @ direction)) < 64 * EPS * float(abs(hessian).max())


# --- batches and refusals ---


def test_a_batch_is_classified_point_by_point():
    saddle = FunctionLandscape(lambda v: v[0] ** 2 - v[1] ** 2, num_parameters=2)
    batch = classify(saddle, jnp.array([[0.0, 0.0], [1.0, 0.0]]))
    assert len(batch) == 2
    assert batch.converged.tolist() == [True, False]
    assert [Kind(int(kind)).label for kind in batch.kind] == ["saddle", "not critical"]
    alone = classify(saddle, jnp.array([1.0, 0.0]))
    same = jax.tree.map(lambda one, other: bool((one == other).all()), batch[1], alone)
    assert all(jax.tree.leaves(same))


@pytest.mark.parametrize("bad", [np.nan, np.inf, 1e200])
def test_what_is_not_finite_is_no_point(bad):
    bowl = FunctionLandscape(lambda v: v @ v * jnp.exp(v @ v), num_parameters=2)
    point = classify(bowl, jnp.array([bad, 0.0]))
    assert point.outcome == Outcome.NOT_FINITE
    assert point.kind == Kind.NOT_CRITICAL


def test_an_index_is_counted_in_float64_only():
    bowl = FunctionLandscape(lambda v: v @ v, num_parameters=2)
    with pytest.raises(
        PrecisionError, match="float32: an index is counted in float64 only; make it float64"
    ):
        classify(bowl, jnp.zeros(2, jnp.float32))


@pytest.mark.parametrize("shape", [(3,), (2, 3), (1, 1, 2)])
def test_a_theta_of_another_length_is_refused(shape):
    bowl = FunctionLandscape(lambda v: v @ v, num_parameters=2)
    with pytest.raises(ShapeMismatchError, match=r"wanted \(2,\)"):
        classify(bowl, jnp.zeros(shape))
