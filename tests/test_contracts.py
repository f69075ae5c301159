"""What holds for every exported name: documented, typed, frozen, and in the options table."""

import dataclasses
import importlib
import inspect
import pkgutil

import equinox as eqx
import hypothesis.extra.numpy as arrays
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import saddlescape
from saddlescape import core
from tests.cases import FINDERS, HIMMELBLAU_MINIMA, HIMMELBLAU_STARTS, LANDSCAPES

EPS = np.finfo(np.float64).eps
PACKAGES = sorted(
    module.name for module in pkgutil.iter_modules(saddlescape.__path__) if module.ispkg
)
EXPORTS = {
    f"{package}.{name}": getattr(importlib.import_module(f"saddlescape.{package}"), name)
    for package in PACKAGES
    for name in getattr(importlib.import_module(f"saddlescape.{package}"), "__all__", ())
}
CLASSES = {name: export for name, export in EXPORTS.items() if inspect.isclass(export)}
FUNCTIONS = {name: export for name, export in EXPORTS.items() if inspect.isfunction(export)}
EXPORTED_LANDSCAPES = {
    name
    for name, export in CLASSES.items()
    if issubclass(export, core.Landscape) and not inspect.isabstract(export)
}
EXPORTED_FINDERS = {
    name
    for name, export in CLASSES.items()
    if issubclass(export, core.AbstractFinder) and not inspect.isabstract(export)
}


def public_methods(cls: type) -> dict[str, object]:
    """Return the functions a class defines itself under a public name."""
    unwrapped = {
        name: getattr(member, "__func__", getattr(member, "fget", None)) or member
        for name, member in vars(cls).items()
    }
    return {
        name: member
        for name, member in unwrapped.items()
        if not name.startswith("_") and inspect.isfunction(inspect.unwrap(member))
    }


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_says_what_it_is_for_and_exports_what_it_has(package):
    module = importlib.import_module(f"saddlescape.{package}")
    assert module.__doc__
    assert len(set(module.__all__)) == len(module.__all__)
    assert not [name for name in module.__all__ if not hasattr(module, name)]


@pytest.mark.parametrize("name", [*CLASSES, *FUNCTIONS])
def test_an_export_is_documented(name):
    export = EXPORTS[name]
    generated = export.__name__ + "("  # dataclasses write a signature where there is no docstring
    assert inspect.cleandoc(export.__doc__ or "")
    assert not export.__doc__.startswith(generated)


@pytest.mark.parametrize("name", [*CLASSES, *FUNCTIONS])
def test_what_a_user_can_call_is_typed(name):
    export = EXPORTS[name]
    callables = public_methods(export) if inspect.isclass(export) else {export.__name__: export}
    untyped = []
    for called, function in callables.items():
        signature = inspect.signature(function)
        kinds = {part: given.annotation for part, given in signature.parameters.items()}
        kinds |= {"return": signature.return_annotation, "self": "ours", "cls": "ours"}
        untyped += [
            f"{called}({part})" for part, kind in kinds.items() if kind is inspect.Parameter.empty
        ]
    assert not untyped


@pytest.mark.parametrize("name", [n for n, c in CLASSES.items() if dataclasses.is_dataclass(c)])
def test_a_record_is_frozen(name):
    record = CLASSES[name]
    assert issubclass(record, eqx.Module) or record.__dataclass_params__.frozen


@pytest.mark.parametrize("name", [n for n, c in CLASSES.items() if issubclass(c, Exception)])
def test_an_error_is_ours_and_a_builtin_too(name):
    error = CLASSES[name]
    builtins = [base for base in error.__mro__ if base.__module__ == "builtins"]
    assert issubclass(error, core.SaddlescapeError)
    assert error is core.SaddlescapeError or builtins[0] is not Exception


@pytest.mark.parametrize("outcome", list(core.Outcome))
def test_an_outcome_says_what_to_do(outcome):
    assert outcome.advice.endswith(".")
    assert "_" not in outcome.label


# --- activations: the facts symmetry relies on are facts ---

FINITE = arrays.arrays(np.float64, 8, elements=st.floats(-20, 20, allow_subnormal=False))


@pytest.mark.parametrize("name", core.ACTIVATIONS)
@given(z=FINITE, scale=st.floats(0.125, 8))
def test_an_activation_is_what_it_claims_to_be(name, z, scale):
    g = core.activation(name)
    value, bend = np.asarray(g(jnp.asarray(z))), np.asarray(g.with_curvature(jnp.asarray(z))[2])
    if g.is_odd:
        np.testing.assert_array_equal(np.asarray(g(jnp.asarray(-z))), -value)
    if g.is_homogeneous:
        scaled = np.asarray(g(jnp.asarray(scale * z)))
        np.testing.assert_allclose(scaled, scale * value, rtol=2 * EPS)  # two roundings
    if g.is_piecewise_linear:
        np.testing.assert_array_equal(bend, 0)


@pytest.mark.parametrize("name", core.ACTIVATIONS)
def test_an_activation_claims_every_fact_it_has(name):
    """At points without symmetry of their own, so that no identity holds there by accident."""
    g, z = core.activation(name), jnp.asarray([0.37, 1.9, 5.3])
    assert g.is_odd == bool(jnp.all(jnp.abs(g(-z) + g(z)) <= 4 * EPS))
    assert g.is_homogeneous == bool(
        jnp.all(jnp.abs(g(3 * z) - 3 * g(z)) <= 16 * EPS)
        & jnp.all(jnp.abs(g(-3 * z) - 3 * g(-z)) <= 16 * EPS)
    )
    assert g.is_analytic == (not g.kinks)


# --- landscapes: one table row puts a landscape under all of these ---


def test_every_landscape_has_a_row_in_the_options_table():
    assert set(LANDSCAPES) == EXPORTED_LANDSCAPES


@pytest.fixture(scope="module", params=LANDSCAPES)
def case(request):
    return LANDSCAPES[request.param]()


@pytest.fixture(scope="module")
def compiled(case):
    """Everything a landscape tells about a point, and what JAX tells of its loss: one program."""
    landscape = case.landscape

    def all_of_it(landscape, theta, direction):
        loss, gradient, hessian = landscape.derivatives(theta)
        return {
            "ours": {
                "loss": loss,
                "gradient": gradient,
                "hessian": hessian,
                "hvp": landscape.hvp(theta, direction),
                "paired": landscape.loss_and_gradient(theta)[1],
            },
            "jax": {
                "loss": landscape.loss(theta),
                "gradient": jax.grad(landscape.loss)(theta),
                "hessian": jax.hessian(landscape.loss)(theta),
                "hvp": jax.hessian(landscape.loss)(theta) @ direction,
                "paired": jax.grad(landscape.loss)(theta),
            },
        }

    program = jax.jit(all_of_it)
    return lambda theta, direction: program(landscape, theta, direction)


@given(seed=st.integers(0, 2**31 - 1))
def test_a_landscape_tells_one_story(case, compiled, seed):
    """Loss, gradient, product and Hessian agree with the automatic derivatives of the loss."""
    draw = np.random.default_rng(seed)
    size = case.landscape.num_parameters
    theta = jnp.asarray(case.scale * draw.normal(size=size))
    told = compiled(theta, jnp.asarray(draw.normal(size=size)))
    for what, ours in told["ours"].items():
        expected = np.asarray(told["jax"][what])
        # Sums of some hundred terms in two orders: a few hundred roundings of the largest entry.
        tolerance = 500 * EPS * max(1.0, float(np.abs(expected).max()))
        np.testing.assert_allclose(np.asarray(ours), expected, rtol=0, atol=tolerance, err_msg=what)
    hessian = np.asarray(told["ours"]["hessian"])
    np.testing.assert_array_equal(hessian, hessian.T)


# --- finders: one table row puts a finder under all of these ---


def test_every_finder_has_a_row_in_the_options_table_and_a_name_for_the_command_line():
    assert set(FINDERS) == EXPORTED_FINDERS
    assert {f"core.{finder.__name__}" for finder in core.FINDERS.values()} == EXPORTED_FINDERS


@pytest.fixture(scope="module", params=FINDERS)
def finder_case(request):
    return FINDERS[request.param]()


@pytest.fixture(scope="module")
def himmelblau():
    return LANDSCAPES["core.FunctionLandscape"]().landscape


@pytest.fixture(scope="module")
def found(finder_case, himmelblau):
    return core.find(finder_case.finder, himmelblau, jnp.asarray(HIMMELBLAU_STARTS))


def test_a_finder_returns_a_critical_point_of_its_kind_for_every_start(found, finder_case):
    num_starts, size = HIMMELBLAU_STARTS.shape
    assert found.theta.shape == found.eigenvalues.shape == (num_starts, size)
    assert found.loss.shape == found.outcome.shape == (num_starts,)
    assert {int(outcome) for outcome in found.outcome} == {int(core.Outcome.CONVERGED)}
    assert {int(index) for index in found.index} <= finder_case.indices


def test_a_finder_started_beside_a_minimum_reaches_it(found):
    # Newton's last step solves H s = g with terms of g up to 200 and eigenvalues of H above 25.
    tolerance = 4 * EPS * 200 / 25
    reached = np.asarray(found.theta)[: len(HIMMELBLAU_MINIMA)]
    np.testing.assert_allclose(reached, HIMMELBLAU_MINIMA, rtol=0, atol=tolerance)


def test_a_finder_tells_the_truth_about_where_it_ended(found, himmelblau):
    for number, theta in enumerate(found.theta):
        curvature = np.linalg.eigvalsh(np.asarray(himmelblau.hessian(theta)))
        # Terms of size up to 200 cancel here, in one order inside the search, in another outside.
        told = [found.loss[number], found.gradient_norm[number]]
        seen = [himmelblau.loss(theta), jnp.abs(himmelblau.gradient(theta)).max()]
        np.testing.assert_allclose(told, seen, rtol=0, atol=4 * 200 * EPS)
        assert found.index[number] == (curvature < 0).sum()
        assert found.nullity[number] == 0
        # Two eigensolvers for a symmetric 2x2 matrix with entries up to 100.
        np.testing.assert_allclose(found.eigenvalues[number], curvature, rtol=0, atol=800 * EPS)


def test_a_finder_treats_every_start_alone(finder_case, found, himmelblau):
    """The others in the batch, and their order, change nothing, not even the last bit."""
    backwards = core.find(finder_case.finder, himmelblau, jnp.asarray(HIMMELBLAU_STARTS[::-1]))
    np.testing.assert_array_equal(np.asarray(backwards.theta)[::-1], np.asarray(found.theta))
