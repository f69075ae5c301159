"""Models of JAX as landscapes, against the exact Hessian of the same network in the core."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from saddlescape import bridges, spectra
from saddlescape.core import (
    Data,
    EmpiricalLandscape,
    InvalidInputError,
    Network,
    ShapeMismatchError,
)

DRAW = np.random.default_rng(4)
X, Y = DRAW.normal(size=(13, 2)), DRAW.normal(size=(13, 2))
LABELS = DRAW.integers(0, 2, 13)
NETWORK = Network((2, 3, 2), "tanh")
THETA = jnp.asarray(DRAW.normal(size=NETWORK.num_parameters))


def dense(params, inputs):
    """Return what Flax's Dense layers with tanh between them compute, written out."""
    layers = params["params"]
    hidden = jnp.tanh(inputs @ layers["Dense_0"]["kernel"] + layers["Dense_0"]["bias"][None])
    return hidden @ layers["Dense_1"]["kernel"] + layers["Dense_1"]["bias"][None]


def split(array, *sizes):
    """Return batches of these sizes."""
    return np.split(array, np.cumsum(sizes)[:-1])


FORMS = {
    "equinox": (bridges.jax.from_network(NETWORK, THETA), lambda m, x: jax.vmap(m)(x)),
    "flax": (bridges.jax.flax_params(NETWORK, THETA), dense),
}
LOSSES = {
    "squared error": (bridges.jax.squared_error, Y),
    "cross-entropy": (bridges.jax.cross_entropy, LABELS),
}


@pytest.mark.parametrize(
    ("form", "loss"), [("equinox", "cross-entropy"), ("flax", "squared error")]
)
def test_loss_gradient_and_hessian_are_those_of_the_network(form, loss):
    (params, apply), (our_loss, targets) = FORMS[form], LOSSES[loss]
    batches = list(zip(split(X, 5, 5, 3), split(targets, 5, 5, 3), strict=True))
    landscape = bridges.jax.landscape(
        params, lambda params, x, y: our_loss(apply(params, x), y), batches
    )
    core = EmpiricalLandscape(NETWORK, Data(X, targets))
    # The network's theta in the order of the tree: Flax's names put biases before kernels.
    names = bridges.jax.flax_params(NETWORK, jnp.arange(float(len(THETA))))
    order = np.arange(len(THETA))
    if form == "flax":
        order = np.concatenate([leaf.ravel() for leaf in jax.tree.leaves(names)]).astype(int)
    np.testing.assert_array_equal(np.asarray(landscape.theta), np.asarray(THETA)[order])
    ours, theirs = landscape.derivatives(landscape.theta), core.derivatives(THETA)
    expected = (theirs[0], theirs[1][order], theirs[2][order][:, order])
    for told, wanted in zip(ours, expected, strict=True):
        # Sums of some 100 terms of order one in another order.
        np.testing.assert_allclose(np.asarray(told), np.asarray(wanted), rtol=0, atol=1e-13)
    direction = jnp.cos(jnp.arange(float(len(THETA))))
    product = np.asarray(expected[2]) @ np.asarray(direction)
    np.testing.assert_allclose(landscape.hvp(landscape.theta, direction), product, atol=1e-13)


def quadratic(params, x, y):
    """Return a loss that needs the fixed integers and the function in the tree."""
    return jnp.mean((params["fn"](x @ params["w"]) * params["times"] - y + params["b"]) ** 2)


PARAMS = {
    "b": np.zeros((), np.float32), "fn": jnp.tanh, "times": np.array(2),
    "w": np.array([1.0, -1.0], np.float32),
}  # fmt: skip


def test_what_is_no_float_stays_fixed_and_comes_back():
    landscape = bridges.jax.landscape(PARAMS, quadratic, [(X, Y[:, 0])], double=True)
    assert landscape.blocks == {"b": slice(0, 1), "w": slice(1, 3)}
    assert landscape.theta.dtype == jnp.float64
    moved = landscape.unravel(2 * landscape.theta)
    assert moved["fn"] is jnp.tanh
    assert int(moved["times"]) == 2
    np.testing.assert_array_equal(moved["w"], [2.0, -2.0])
    expected = np.mean((2 * np.tanh(X @ [2.0, -2.0]) - Y[:, 0]) ** 2)
    assert float(landscape.loss(2 * landscape.theta)) == pytest.approx(expected, rel=1e-14)
    np.testing.assert_array_equal(landscape.ravel(moved), 2 * landscape.theta)


def test_single_precision_stays_single_unless_asked():
    landscape = bridges.jax.landscape(PARAMS, quadratic, [(X, Y[:, 0])])
    assert landscape.loss(landscape.theta).dtype == landscape.theta.dtype == jnp.float32
    exact = bridges.jax.landscape(PARAMS, quadratic, [(X, Y[:, 0])], double=True)
    told = float(exact.loss(exact.theta))
    assert float(landscape.loss(landscape.theta)) == pytest.approx(told, rel=1e-6)


def test_a_pattern_chooses_parameters_and_the_others_stay_fixed():
    whole = bridges.jax.landscape(PARAMS, quadratic, [(X, Y[:, 0])], double=True)
    part = bridges.jax.landscape(PARAMS, quadratic, [(X, Y[:, 0])], double=True, parameters="w")
    expected = np.asarray(whole.hessian(whole.theta))[1:, 1:]
    np.testing.assert_allclose(part.hessian(part.theta), expected, rtol=0, atol=1e-15)


def test_a_verdict_from_products_is_that_of_the_matrix():
    landscape = bridges.jax.landscape(PARAMS, quadratic, [(X, Y[:, 0])], double=True)
    whole = spectra.verdict(landscape, landscape.theta, blocks=landscape.blocks)
    ends = spectra.verdict(landscape, landscape.theta, dense_limit=0)
    assert whole.answer == ends.answer == spectra.Answer.NOT_CRITICAL
    difference = abs(ends.highest.values[0] - whole.highest.values[0])
    assert difference <= ends.highest.bounds[0] + whole.highest.bounds[0]


def test_a_checkpoint_is_put_in_by_name():
    """Names as Equinox, Flax Linen and Flax NNX write them; NNX ends in value."""
    module = FORMS["equinox"][0]
    blank = jax.tree.map(lambda leaf: 0 * leaf if eqx.is_array(leaf) else leaf, module)
    first, last = NETWORK.unflatten(THETA)
    arrays = {
        "layers.0.weight": first.weight, "layers.0.bias": first.bias,
        "layers.2.weight": last.weight, "layers.2.bias": last.bias,
    }  # fmt: skip
    for ending, point in (("", "."), ("", "/"), (".value", ".")):
        told = {name.replace(".", point) + ending: a for name, a in arrays.items()}
        loaded = bridges.jax.with_weights(blank, told)
        np.testing.assert_array_equal(loaded.layers[2].weight, last.weight)
        np.testing.assert_array_equal(loaded.layers[0].bias, first.bias)
    for broken, error, told in (
        ({**arrays, "head": np.ones(2)}, InvalidInputError, "the model has no 'head'"),
        ({"layers.0.bias": np.ones(3)}, InvalidInputError, r"it has no 'layers\.0\.weight'"),
        ({**arrays, "layers.0.bias": np.ones(2)}, ShapeMismatchError, r"shape \(2,\)"),
        ({**arrays, "layers.0.bias": np.full(3, np.nan)}, InvalidInputError, "not finite"),
    ):
        with pytest.raises(error, match=told):
            bridges.jax.with_weights(blank, broken)


def test_what_is_no_loss_of_parameters_is_refused():
    batch = [(X, Y[:, 0])]
    with pytest.raises(InvalidInputError, match="no arrays of floats"):
        bridges.jax.landscape({"n": np.arange(3)}, quadratic, batch)
    with pytest.raises(InvalidInputError, match="no batches"):
        bridges.jax.landscape(PARAMS, quadratic, [])
    with pytest.raises(InvalidInputError, match="batch 1 is empty"):
        bridges.jax.landscape(PARAMS, quadratic, [*batch, (X[:0], Y[:0, 0])])
    with pytest.raises(InvalidInputError, match="choose among b, w"):
        bridges.jax.landscape(PARAMS, quadratic, batch, parameters="fc*")
    with pytest.raises(InvalidInputError, match=r"\[13\]: return the mean"):
        bridges.jax.landscape(PARAMS, lambda params, x, _: x @ params["w"], batch)
    with pytest.raises(InvalidInputError, match="cannot trace"):
        bridges.jax.landscape(PARAMS, lambda params, *_: float(params["b"]), batch)
    half = {"w": jnp.ones(2, jnp.bfloat16)}
    with pytest.raises(InvalidInputError, match="double=True"):
        bridges.jax.landscape(half, lambda params, *_: jnp.sum(params["w"]), batch)


def test_a_label_that_is_no_class_makes_the_loss_no_number():
    outputs = jnp.asarray(Y)
    wanted = -np.log(np.exp(Y) / np.exp(Y).sum(axis=1, keepdims=True))[np.arange(13), LABELS]
    assert float(bridges.jax.cross_entropy(outputs, jnp.asarray(LABELS))) == pytest.approx(
        wanted.mean()
    )
    for label in (-1, 2):
        assert jnp.isnan(bridges.jax.cross_entropy(outputs, jnp.asarray(LABELS).at[3].set(label)))
