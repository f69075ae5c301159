"""What cannot be used is refused with a sentence: what was given, what is wanted, the cure."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from saddlescape.core import (
    Activation,
    Data,
    EmpiricalLandscape,
    FunctionLandscape,
    InvalidInputError,
    MemoryBudgetError,
    Network,
    NotConvergedError,
    PrecisionError,
    SaddlescapeError,
    ShapeMismatchError,
    UnknownNameError,
    activation,
    find_minima,
    key_for,
)

POINTS = np.zeros((3, 2))
NUMBERS = np.zeros((3, 1))
LABELS = np.array([0, 1, 2])
BOWL = FunctionLandscape(lambda v: v @ v, num_parameters=2)


@pytest.mark.parametrize(
    ("make", "error", "sentence"),
    [
        (lambda: Network((2,)), InvalidInputError, r"widths \(2,\): give inputs"),
        (lambda: Network((2, 0, 1)), InvalidInputError, "each at least 1"),
        (lambda: Network((2, 3, 1), "tank"), UnknownNameError, "'tank': choose one of .*tanh"),
        (lambda: Network((2, 3, 1), ("tanh", "tanh")), InvalidInputError, "2 activations for 1"),
        (lambda: Network((2, 3, 1), bias=(True,)), InvalidInputError, "1 bias flags for 2"),
        (lambda: activation("Relu"), UnknownNameError, "no activation is called 'Relu'"),
        (lambda: Data([], []), ShapeMismatchError, "at least one each"),
        (lambda: Data([[1.0], [2.0, 3.0]], [0.0, 0.0]), InvalidInputError, "rows of equal length"),
        (lambda: Data([["a"]], [0.0]), InvalidInputError, "inputs cannot be read"),
        (lambda: Data(POINTS, np.zeros((2, 1))), ShapeMismatchError, "3 inputs, 2 targets"),
        (lambda: Data([[np.nan]], [0.0]), InvalidInputError, "inputs hold nan in sample 0"),
        (lambda: Data([[1.0]], [np.inf]), InvalidInputError, "targets hold inf in sample 0"),
        (lambda: Data([[1.0]], [0.0], [-1.0]), InvalidInputError, "weights must be"),
        (lambda: Data([[1.0]], [0.0], [0.0]), InvalidInputError, "positive, finite sum"),
        (lambda: Data([[1.0]], np.array([-1])), InvalidInputError, "label -1 is negative"),
        (lambda: Data(POINTS, NUMBERS).num_classes, InvalidInputError, "numbers, not class labels"),
        (lambda: BOWL.fn and FunctionLandscape(lambda v: v), InvalidInputError, "give either"),
        (
            lambda: FunctionLandscape(lambda v: v, num_parameters=2),
            InvalidInputError,
            "wanted one real number",
        ),
    ],
)
def test_a_description_that_makes_no_sense_is_refused(make, error, sentence):
    with pytest.raises(error, match=sentence) as caught:
        make()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("network", "targets", "options", "error", "sentence"),
    [
        (Network((3, 1)), NUMBERS, {}, ShapeMismatchError, r"data 2 inputs and 1 targets"),
        (Network((2, 2)), NUMBERS, {}, ShapeMismatchError, r"give widths \(2, ..., 1\)"),
        (
            Network((2, 1)),
            LABELS,
            {},
            ShapeMismatchError,
            r"3 classes \(targets are integer labels",
        ),
        (Network((2, 1)), NUMBERS, {"loss": "cross_entropy"}, InvalidInputError, "wants integer"),
        (Network((2, 3)), LABELS, {"loss": "squared_error"}, InvalidInputError, "wants numbers"),
        (
            Network((2, 1)),
            NUMBERS,
            {"loss": "mse"},
            UnknownNameError,
            "choose one of squared_error",
        ),
        (Network((2, 1)), NUMBERS, {"weight_decay": -1.0}, InvalidInputError, "number >= 0"),
        (Network((2, 1)), NUMBERS, {"weight_decay": np.nan}, InvalidInputError, "decay is nan"),
    ],
)
def test_a_landscape_whose_parts_do_not_fit_is_refused(network, targets, options, error, sentence):
    with pytest.raises(error, match=sentence):
        EmpiricalLandscape(network, Data(POINTS, targets), **options)


def test_a_theta_of_the_wrong_length_is_refused_by_everything_that_takes_one():
    network = Network((2, 1))
    landscape = EmpiricalLandscape(network, Data(POINTS, NUMBERS))
    short = jnp.zeros(2)
    calls = (landscape.loss, landscape.gradient, landscape.hessian, landscape.kinks)
    for call in (*calls, network.unflatten):
        with pytest.raises(ShapeMismatchError, match=r"shape \(2,\).*needs \(3,\)"):
            call(short)
    for call in (BOWL.loss, BOWL.gradient, BOWL.hessian):
        with pytest.raises(ShapeMismatchError, match=r"shape \(3,\).*needs \(2,\)"):
            call(jnp.zeros(3))
    with pytest.raises(ShapeMismatchError, match="wanted"):
        find_minima(landscape, jnp.zeros((4, 2)))
    with pytest.raises(ShapeMismatchError, match=r"a layer has shape \(2, 1\), no bias"):
        network.flatten([(jnp.zeros((2, 1)), None)])
    with pytest.raises(ShapeMismatchError, match="3 columns"):
        network.apply(jnp.zeros(3), jnp.zeros((5, 3)))


def test_a_search_in_single_precision_is_refused():
    with pytest.raises(
        PrecisionError, match="float32: an index is counted in float64 only; make it float64"
    ):
        find_minima(BOWL, jnp.zeros((1, 2), jnp.float32))


def test_a_hessian_beyond_this_machine_is_refused_before_it_is_tried():
    network = Network((784, 1000, 10), "relu")
    data = Data(np.zeros((2, 784)), np.array([0, 9]))
    landscape = EmpiricalLandscape(network, data)
    theta = jnp.zeros(network.num_parameters)
    with pytest.raises(MemoryBudgetError, match=r"795,010 parameters needs .* GiB.*hvp"):
        landscape.hessian(theta)
    with pytest.raises(MemoryBudgetError, match="a search over"):
        find_minima(landscape, theta[None])
    assert float(landscape.loss(theta)) == pytest.approx(np.log(10))


def test_a_search_that_must_converge_says_why_it_did_not():
    falls = FunctionLandscape(lambda v: jnp.exp(-v[0]), num_parameters=1)
    points = find_minima(falls, jnp.array([[0.0]]))
    with pytest.raises(NotConvergedError, match=r"start 0: .*running to infinity after \d+ steps"):
        points.require()
    found = find_minima(BOWL, jnp.ones((2, 2)))
    assert found.require() is found


@pytest.mark.parametrize("error", [InvalidInputError, MemoryBudgetError, PrecisionError])
def test_one_except_catches_everything_a_user_can_mend(error):
    with pytest.raises(SaddlescapeError):
        raise error


# --- descriptions are values ---


def test_networks_are_equal_when_they_compute_the_same():
    one, same = Network((2, 3, 1), "tanh"), Network([2, 3, 1], activation("tanh"), bias=True)
    assert one == same
    assert len({one, same}) == 1
    others = [Network((2, 3, 1), "erf"), Network((2, 3, 1), "tanh", bias=False)]
    others += [Network((2, 4, 1), "tanh"), Network((2, 3, 1), "tanh", output="tanh")]
    assert len({one, *others}) == 5


@pytest.mark.parametrize(
    "network",
    [
        Network((2, 3, 1), "g", bias=False),
        Network((2, 3, 4, 1), ("tanh", "relu"), bias=(True, False, True), output="sigmoid"),
        Network((2, 1)),
    ],
    ids=repr,
)
def test_the_text_of_a_network_builds_it_again(network):
    assert eval(repr(network), {"Network": Network}) == network  # noqa: S307


def test_layers_flatten_to_the_theta_they_came_from():
    network = Network((2, 3, 4, 1), "tanh", bias=(True, False, True))
    theta = network.init(key_for(0, "start"))
    np.testing.assert_array_equal(network.flatten(network.unflatten(theta)), theta)


def test_starts_do_not_depend_on_how_many_are_drawn():
    network = Network((2, 3, 1))
    many = np.asarray(network.starts(20, seed=3))
    np.testing.assert_array_equal(network.starts(4, seed=3, first=7), many[7:11])
    assert not np.isin(many, network.starts(20, seed=4)).any()


def test_an_activation_of_ones_own_is_as_good_as_ours():
    own = Activation.define("own tanh", lambda z: 1 - 2 / (1 + jnp.exp(2 * z)), is_odd=True)
    draw = np.random.default_rng(0)
    data = Data(draw.normal(size=(7, 2)), draw.normal(size=(7, 1)))
    landscapes = [EmpiricalLandscape(Network((2, 3, 1), g), data) for g in (own, "tanh")]
    theta = Network((2, 3, 1)).starts(1)[0]
    for mine, ours in zip(*(each.derivatives(theta) for each in landscapes), strict=True):
        eps = np.finfo(float).eps
        np.testing.assert_allclose(mine, ours, atol=64 * eps * float(jnp.abs(ours).max()))
    third = [jax.grad(lambda t, it=it: it.hessian(t)[0, 0])(theta) for it in landscapes]
    np.testing.assert_allclose(*third, atol=1e-12)


def test_a_function_of_a_pytree_is_a_landscape_of_its_leaves():
    like = {"scale": jnp.zeros(()), "shift": jnp.zeros(2)}
    bowl = FunctionLandscape(lambda t: t["scale"] ** 2 + jnp.sum((t["shift"] - 1) ** 2), like=like)
    (point,) = find_minima(bowl, jnp.ones((1, 3))).theta
    tree = bowl.unravel(point)
    np.testing.assert_allclose(tree["shift"], 1)
    np.testing.assert_allclose(tree["scale"], 0, atol=1e-15)
