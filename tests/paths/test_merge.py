"""The merging path: where it stands, what is conserved on it, and where it ends."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.optimize import minimize

import saddlescape as ss
from saddlescape import paths, symmetry
from tests.paths.conftest import lecture, merged

EPS = np.finfo(np.float64).eps
REACHED = [("g", (0, 2)), ("g", (2, 3)), ("sigmoid", (1, 2))]


def naive_distance(network, theta, layer, pair):
    """Return the distance of two incoming weight vectors, biases included."""
    weight, bias = network.unflatten(jnp.asarray(theta))[layer]
    rows = weight if bias is None else jnp.concatenate([weight, bias[:, None]], axis=1)
    return jnp.linalg.norm(rows[pair[0]] - rows[pair[1]])


@pytest.mark.parametrize(("activation", "pair"), REACHED)
def test_the_path_ends_at_the_minimum_with_two_labels_exchanged(activation, pair):
    problem, landscape = lecture(activation)
    path = merged(activation, pair)
    weight, outgoing = (np.asarray(x.weight) for x in problem.network.unflatten(problem.teacher))
    order = list(range(4))
    order[pair[0]], order[pair[1]] = order[pair[1]], order[pair[0]]
    end = np.concatenate([weight[order].ravel(), outgoing[:, order].ravel()])
    np.testing.assert_array_equal(path.theta[0], problem.teacher)
    np.testing.assert_array_equal(path.theta[-1], end)
    np.testing.assert_array_equal(paths.mirror(landscape, problem.teacher, 0, pair), end)
    assert symmetry.distance(problem.network, path.theta[-1], path.theta[0]) == 0


@pytest.mark.parametrize(("activation", "pair"), REACHED)
def test_the_two_halves_are_mirror_images_to_rounding(activation, pair):
    path = merged(activation, pair)
    assert path.reached
    assert len(path.loss) == 2 * path.turn + 1
    np.testing.assert_allclose(path.distance, path.distance[::-1], atol=8 * EPS)
    # A loss is a sum over 1,681 samples: exchanged terms round differently.
    np.testing.assert_allclose(path.loss, path.loss[::-1], atol=64 * EPS * path.loss.max())
    assert path.asymmetry <= 64 * EPS


@pytest.mark.parametrize(("activation", "pair"), REACHED)
def test_off_relaxations_no_constrained_search_finds_a_lower_loss_nearby(activation, pair):
    """SciPy's constrained minimizer, started at stations of the path, goes nowhere."""
    problem, landscape = lecture(activation)
    path = merged(activation, pair)
    half = [i for i in range(1, path.turn) if not path.relaxing[i]]
    for station in half[:: max(1, len(half) // 5)]:
        theta, distance = path.theta[station], path.distance[station]
        found = minimize(
            lambda x: tuple(map(np.asarray, landscape.loss_and_gradient(jnp.asarray(x)))),
            theta,
            jac=True,
            method="SLSQP",
            constraints={
                "type": "eq",
                "fun": lambda x, d=distance: np.asarray(
                    naive_distance(problem.network, x, 0, pair) - d
                ),
            },
            options={"ftol": 1e-15, "maxiter": 200},
        )
        moved = np.linalg.norm(found.x - theta)
        gap = abs(float(naive_distance(problem.network, found.x, 0, pair)) - distance)
        if moved < 1e-3:  # else it has jumped elsewhere, as minimizers may
            assert found.fun >= path.loss[station] - 1e-9 * path.loss.max() - gap


@pytest.mark.parametrize(("activation", "pair"), REACHED)
def test_the_projected_gradient_vanishes_at_constrained_minima(activation, pair):
    problem, landscape = lecture(activation)
    path = merged(activation, pair)
    normal = jax.grad(lambda x: naive_distance(problem.network, x, 0, pair))
    for station in range(0, path.turn, 7):
        gradient = np.asarray(landscape.gradient(jnp.asarray(path.theta[station])))
        n = np.asarray(normal(jnp.asarray(path.theta[station])))
        rest = gradient - n * (n @ gradient) / (n @ n)
        if not path.relaxing[station]:
            # 1e-12 where Newton's method stops, some 1e-9 where rounding stops it before.
            assert np.abs(rest).max() <= 1e-8
            assert path.gradient[station] <= 1e-8


@pytest.mark.parametrize(("activation", "pair"), REACHED)
def test_a_relaxation_falls_at_fixed_distance_and_the_rest_approaches(activation, pair):
    path = merged(activation, pair)
    for i in range(1, path.turn):
        if path.relaxing[i] and path.relaxing[i - 1]:
            assert abs(path.distance[i] - path.distance[i - 1]) <= 16 * EPS
            assert path.loss[i] <= path.loss[i - 1] * (1 + 64 * EPS)
        elif not path.relaxing[i] and not path.relaxing[i - 1]:
            assert path.distance[i] < path.distance[i - 1]


def test_the_path_is_connected_and_its_barrier_is_seen_on_a_finer_polygon():
    path = merged("g", (0, 2))
    _, landscape = lecture("g")
    edges = np.linalg.norm(np.diff(path.theta, axis=0), axis=1)
    assert edges.max() < 0.15 * (1 + np.linalg.norm(path.theta, axis=1).max())
    np.testing.assert_allclose(path.arclength[-1], edges.sum(), rtol=1e-12)
    between = [
        a + t * (b - a)
        for a, b in itertools.pairwise(path.theta[: path.turn + 1])
        for t in np.linspace(0, 1, 14)
    ]
    highest = max(float(landscape.loss(jnp.asarray(theta))) for theta in between)
    assert path.barrier >= path.loss.max()
    assert highest <= path.barrier * (1 + 1e-6)


def test_where_it_folds_the_branch_through_folds_turns_around():
    """Two algorithms, natural and pseudo-arclength continuation, see the same first fold."""
    problem, landscape = lecture("g")
    path = merged("g", (0, 2))
    branch = paths.branch(landscape, problem.teacher, 0, (0, 2))
    assert len(path.folds) == 4
    first = branch.folds[0]
    assert branch.distance[first] == pytest.approx(path.folds[0].distance, rel=2e-3)
    assert branch.loss[first] == pytest.approx(path.folds[0].loss, rel=2e-2)
    np.testing.assert_array_equal(branch.constrained_index[: first - 1], 0)
    assert branch.constrained_index[first + 2] == 1


def test_a_branch_without_folds_is_the_path():
    problem, landscape = lecture("g")
    path = merged("g", (2, 3))
    branch = paths.branch(landscape, problem.teacher, 0, (2, 3))
    assert (branch.end, len(branch.folds), len(path.folds)) == ("distance 0", 0, 0)
    half = slice(0, path.turn)
    there = np.interp(branch.distance[::-1], path.distance[half][::-1], path.loss[half][::-1])
    np.testing.assert_allclose(there, branch.loss[::-1], atol=2e-2 * branch.loss.max())


def test_a_pair_that_runs_to_infinity_says_so_and_keeps_what_was_found():
    path = merged("tanh", (0, 1))
    assert not path.reached
    assert path.saddle is None
    assert "infinity" in path.reason
    assert path.turn == len(path.loss) - 1
    assert path.folds[-1].relaxed_to is None
    assert path.distance[-1] > 0.5


def test_a_jump_begins_at_another_constrained_minimum():
    problem, landscape = lecture("tanh")
    path = paths.merge(landscape, problem.teacher, 0, (0, 2), first=0.1)
    assert path.reached
    assert path.distance[1] == pytest.approx(0.1 * path.distance[0], rel=1e-9)
    assert path.barrier > merged("tanh", (2, 3)).barrier


@pytest.mark.parametrize("layer", [0, 1])
def test_deep_networks_with_biases_and_outputs_merge_in_every_layer(small, layer):
    landscape, theta = small
    network = landscape.network
    for pair in ((0, 1), (1, 2), (0, 2)):
        path = paths.merge(landscape, theta, layer, pair)
        if path.reached:
            break
    assert path.reached
    assert float(naive_distance(network, path.saddle.theta, layer, pair)) <= 1e-12
    assert float(path.saddle.point.gradient_norm) <= 1e-12
    # With weight decay the outgoing weights cannot be shared at will: nothing need vanish.
    assert path.saddle.predicted_nullity == 0
    assert path.saddle.nullity == 0
    inputs = jnp.asarray(np.random.default_rng(0).normal(size=(9, 2)))
    before, after = (network.apply(jnp.asarray(t), inputs) for t in (path.theta[0], path.theta[-1]))
    np.testing.assert_allclose(before, after, rtol=64 * EPS, atol=64 * EPS)
    with pytest.raises(ss.InvalidInputError, match="weight decay"):
        paths.valley(landscape, path.saddle)


@pytest.mark.parametrize("max_steps", [7, 40])
def test_a_path_whose_steps_are_spent_is_the_beginning_of_the_whole_one(max_steps):
    """Seven end on the branch, forty in its first relaxation."""
    problem, landscape = lecture("g")
    whole, calls = merged("g", (0, 2)), []
    path = paths.merge(
        landscape, problem.teacher, 0, (0, 2), on_station=calls.append, max_steps=max_steps
    )
    assert len(calls) == max_steps
    assert (path.reached, path.is_cut_short, whole.is_cut_short) == (False, True, False)
    assert f"{max_steps} steps were not enough" in path.reason
    assert path.relaxing[-1] == (max_steps == 40)
    same = len(path.loss)
    assert same > 5
    np.testing.assert_array_equal(path.theta, whole.theta[:same])
    np.testing.assert_array_equal(path.index[:-1], whole.index[: same - 1])


def test_a_progress_function_may_stop_the_work():
    problem, landscape = lecture("g")

    def stop(distance):
        assert distance <= 1.361
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        paths.merge(landscape, problem.teacher, 0, (0, 2), on_station=stop)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"layer": 1}, "no hidden layer 1"),
        ({"pair": (0, 0)}, "two different neurons"),
        ({"pair": (0, 4)}, "two different neurons"),
        ({"pair": (0,)}, "give a layer and two neurons"),
        ({"first": 0.0}, "share of the distance"),
        ({"theta": "teacher"}, "give parameters"),
        ({"theta": np.zeros(5)}, "give float64 of shape"),
        ({"theta": np.full(12, np.nan)}, "not finite"),
        ({"theta": np.zeros(12)}, "not a minimum|equal incoming weights"),
    ],
)
def test_a_bad_request_gets_a_sentence(change, words):
    problem, landscape = lecture("g")
    asked = {"theta": problem.teacher, "layer": 0, "pair": (0, 2)} | change
    with pytest.raises(ss.InvalidInputError, match=words):
        paths.merge(landscape, **asked)


def test_one_of_a_continuum_of_minima_is_refused_with_the_cure():
    """Rescaling makes every minimum of a relu network one of many: its Hessian is singular."""
    draw = np.random.default_rng(0)
    inputs = draw.normal(size=(30, 2))
    network = ss.Network((2, 2, 1), "relu")
    teacher = network.init(ss.key_for(3, "teacher"))
    data = ss.Data(inputs, network.apply(teacher, jnp.asarray(inputs)))
    with pytest.raises(ss.InvalidInputError, match="weight decay"):
        paths.merge(ss.EmpiricalLandscape(network, data), teacher, 0, (0, 1))


def test_a_function_has_no_neurons_to_merge():
    bowl = ss.FunctionLandscape(lambda v: v @ v, num_parameters=12)
    with pytest.raises(ss.InvalidInputError, match="no neurons"):
        paths.merge(bowl, np.zeros(12), 0, (0, 1))


def test_a_saddle_is_no_place_to_begin():
    _, landscape = lecture("g")
    saddle = merged("g", (2, 3)).saddle.theta
    with pytest.raises(ss.InvalidInputError, match="saddle of index 2"):
        paths.merge(landscape, saddle, 0, (0, 2))
