"""The passages of a whole layer: other ways, ranks, and how permuted minima are joined."""

import dataclasses
import functools
import itertools
import json
import math

import jax.numpy as jnp
import numpy as np
import pytest
from scipy.optimize import minimize

import saddlescape as ss
from saddlescape import core, passages, setups


@functools.cache
def crossed(**settings):
    """Return passages, found once for all tests."""
    return passages.cross(passages.PassageSettings(problem="lecture", **settings))


@pytest.fixture(scope="module")
def single():
    """One pair of the sigmoid network that meets."""
    return crossed(activation="sigmoid", pair=(2, 3))


@pytest.fixture(scope="module")
def layer():
    """All three pairs of a width-3 student of the lecture problem, which has no teacher."""
    return crossed(activation="softplus", hidden=(3,), starts=20)


def minimax(graph, start, end):
    """Return the lowest loss at which two nodes are joined: Floyd and Warshall, max for sum."""
    count = len(graph.permutations)
    highest = np.full((count, count), np.inf)
    np.fill_diagonal(highest, graph.loss)
    for edge in graph.edges:
        highest[edge.start, edge.end] = highest[edge.end, edge.start] = edge.barrier
    for middle in range(count):
        through = np.maximum(highest[:, middle, None], highest[None, middle])
        highest = np.minimum(highest, through)
    return highest[start, end]


def test_the_summary_has_the_fields_of_the_json_and_is_plain(single):
    told = json.loads(json.dumps(passages.summary(single), allow_nan=False))
    wanted = {
        "pair", "layer", "initial_loss", "saddle", "barrier", "folds", "profile", "end", "reached",
    }  # fmt: skip
    assert wanted <= set(told)
    assert {"loss", "gradient_norm", "index", "nullity", "predicted_nullity", "eigenvalues"} <= set(
        told["saddle"]
    )
    assert set(told["profile"][0]) == {"arclength", "distance", "loss", "index", "relaxing"}
    assert told["pair"] == [2, 3]
    assert told["reached"] is True
    assert told["saddle"]["gradient_norm"] <= 1e-12
    assert told["end"]["distance_modulo_symmetry"] == 0
    assert max(row["loss"] for row in told["profile"]) <= told["barrier"]


def test_every_way_that_connects_ends_or_turns_where_it_should(single):
    passage = single.passages[0]
    network, landscape = single.network, single.setup.landscape
    teacher = np.asarray(single.start.theta)
    names = [way.name for way in passage.connecting]
    assert {"merging path", "straight line", "flow down from the permutation point at loss"} <= {
        name.rsplit(maxsplit=1)[0] if name.startswith("flow") else name for name in names
    }
    for way in passage.connecting:
        if way.corners is None:
            continue
        # A gradient at rounding over the smallest eigenvalue, 1e-6: so far may a flow end.
        np.testing.assert_allclose(way.corners[0], teacher, atol=1e-6)
        last = way.corners[-1]
        weight = np.asarray(network.unflatten(jnp.asarray(last))[0].weight)
        if way.name != "straight line":  # the middle: two neurons at one place
            assert np.linalg.norm(weight[2] - weight[3]) <= 1e-9
        seen = max(float(landscape.loss(theta)) for theta in map(jnp.asarray, way.corners))
        assert seen <= way.barrier * (1 + 1e-9)
    barriers = [way.barrier for way in passage.connecting]
    np.testing.assert_allclose(barriers, sorted(barriers), rtol=1e-9)  # to ten digits, as told


def test_a_pair_that_does_not_meet_has_other_ways():
    found = crossed(activation="tanh", pair=(0, 3))
    passage = found.passages[0]
    assert not passage.path.reached
    told = passages.summary(found)
    assert told["barrier"] is None  # an unfinished way bounds nothing
    assert told["highest_loss"] == passage.path.barrier
    assert passage.distance_modulo_symmetry is None
    assert passage.lowest.barrier < passages.summary(found)["ways"][1]["barrier"]
    assert "infinity" in passages.finding(found)
    assert any(way.saddle for way in passage.alternatives)


def test_the_levels_are_the_minimax_over_all_paths_of_the_graph(layer):
    graph = passages.graph_of(layer)
    assert graph.num_minima == len(graph.permutations) == 6
    assert len(graph.edges) == 6 * 3 // 2
    for level in [graph.loss, *(level.loss for level in graph.levels)]:
        joined = np.array(
            [[minimax(graph, a, b) <= level * (1 + 1e-12) for b in range(6)] for a in range(6)]
        )
        sets = len({tuple(row) for row in joined})
        known = [entry.num_separate for entry in graph.levels if entry.loss <= level * (1 + 1e-12)]
        assert sets == (known[-1] if known else 6)


def test_no_exchange_costs_more_than_the_lowest_permutation_point(layer):
    graph = passages.graph_of(layer)
    for passage in layer.passages:
        assert passage.lowest.barrier <= graph.valley * (1 + 1e-9)
    assert graph.levels[-1].num_separate == 1
    assert graph.levels[-1].loss <= graph.valley * (1 + 1e-9)


def test_through_the_valley_everything_is_joined_at_the_lowest_permutation_point(layer):
    graph = passages.graph_of(layer)
    reached = [p.path.saddle.loss for p in layer.passages if p.path.reached]
    assert graph.valley is not None
    assert graph.valley >= min(reached) * (1 - 1e-12) if reached else True
    scale = float(np.mean(np.square(layer.setup.problem.data.targets)))
    assert graph.variation <= 64 * np.finfo(float).eps * scale


def test_neurons_linked_by_passages_generate_their_permutations():
    """Groups of sizes s leave n! / prod s! separate sets: counted by brute force."""
    for edges in ([(0, 1)], [(0, 1), (2, 3)], [(0, 1), (1, 2)]):
        reach = {p: p for p in itertools.permutations(range(4))}

        def root(p, reach=reach):
            while reach[p] != p:
                p = reach[p]
            return p

        for p, (a, b) in itertools.product(list(reach), edges):
            exchange = {a: b, b: a}
            reach[root(p)] = root(tuple(exchange.get(x, x) for x in p))
        groups = [{0, 1}, {2, 3}] if (2, 3) in edges else [{0, 1}, {2}, {3}]
        groups = [{0, 1, 2}, {3}] if (1, 2) in edges else groups
        count = math.factorial(4) // math.prod(math.factorial(len(g)) for g in groups)
        assert len({root(p) for p in reach}) == count


def test_the_start_is_the_teacher_or_the_lowest_of_some_minima(layer):
    problem = setups.prepare(setups.SetupSettings(problem="lecture"))
    teacher = passages.start_of(problem, 5, 0)
    assert teacher.source == "the teacher"
    np.testing.assert_array_equal(teacher.theta, problem.problem.teacher)
    assert "starts" in layer.start.source
    assert layer.start.loss > 0


def test_many_parameters_begin_at_the_lowest_of_minima_that_gradients_lead_to():
    """207 parameters: no minimum found is lower, and SciPy's own search goes no further down."""
    setup = setups.prepare(
        setups.SetupSettings(problem="penguins", hidden=(34,), weight_decay=3e-3, samples=80)
    )
    seen = []
    start = passages.start_of(setup, 3, 0, seen.append)
    assert sorted(set(seen)) == [0, 1, 2]
    theta = jnp.asarray(start.theta)
    assert float(jnp.abs(setup.landscape.gradient(theta)).max()) <= 1e-12
    assert np.linalg.eigvalsh(np.asarray(setup.landscape.hessian(theta)))[0] > 0
    assert start.loss == float(setup.landscape.loss(theta))
    for number in range(3):
        single = setup.starts(number, 1, 0)[0]
        end = minimize(
            lambda x: tuple(map(np.asarray, setup.landscape.loss_and_gradient(jnp.asarray(x)))),
            single,
            jac=True,
            method="CG",
            options={"maxiter": 150},
        )
        assert end.fun >= start.loss * (1 - 1e-9)


def test_without_an_isolated_minimum_the_message_says_what_helps():
    setup = setups.prepare(setups.SetupSettings(problem="lecture", hidden=(6,), activation="g"))
    with pytest.raises(core.NotConvergedError, match="weight-decay"):
        passages.start_of(setup, 2, 0)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"pair": (0, 4)}, "from 0 to 3"),
        ({"pair": (1, 1)}, "two different neurons"),
        ({"layer": 1}, "no hidden layer 1"),
        ({"hidden": (1,)}, "no pair to merge"),
        ({"hidden": (30,)}, "name one of them"),
        ({"activation": "relu"}, "continuum.*--weight-decay"),
        ({"problem": "penguins", "hidden": (3,)}, "every class.*--weight-decay"),
        ({"flip": True, "activation": "tanh"}, "name the pair"),
        ({"flip": True, "pair": (0, 1)}, "odd activation, g is not"),
    ],
)
def test_what_cannot_be_merged_is_refused_before_any_search(settings, words):
    with pytest.raises(ss.InvalidInputError, match=words):
        passages.cross(passages.PassageSettings(**({"problem": "lecture"} | settings)))


def test_inputs_that_depend_on_one_another_are_refused_with_the_cure(tmp_path):
    draw = np.random.default_rng(0).normal(size=(40, 2))
    rows = np.column_stack([draw, draw.sum(axis=1), np.sin(draw[:, 0])])
    file = tmp_path / "sums.csv"
    np.savetxt(file, rows, delimiter=",", header="a,b,c,y", comments="")
    settings = passages.PassageSettings(data=str(file), target="y", hidden=(2,), activation="tanh")
    with pytest.raises(ss.InvalidInputError, match=r"only 3 of the 4 inputs.*--weight-decay"):
        passages.cross(settings)


def test_a_surface_has_no_neurons():
    with pytest.raises(ss.InvalidInputError, match="no hidden layer"):
        passages.cross(passages.PassageSettings(problem="two-minima"))


def test_the_command_repeats_the_settings():
    settings = passages.PassageSettings(
        problem="lecture", hidden=(5,), pair=(1, 4), compare=True, activation="tanh"
    )
    assert settings.command() == (
        "saddlescape path --problem lecture --hidden 5 --activation tanh --layer 0 --pair 1 4 "
        "--compare --seed 0"
    )


def test_neurons_that_coincide_at_the_start_are_left_out_and_cost_nothing():
    """The lowest minimum of three neurons on penguins with this decay has two of them equal."""
    settings = passages.PassageSettings(
        problem="penguins", hidden=(3,), weight_decay=1e-3, starts=10
    )
    found = passages.cross(settings)
    assert len(found.merged) + len(found.passages) == 3
    assert len(found.merged) >= 1
    graph = passages.graph_of(found)
    assert graph.levels[0].loss == found.start.loss
    assert passages.summary(found)["already_merged"] == [list(pair) for pair in found.merged]
    only = settings.model_copy(update={"pair": found.merged[0]})
    with pytest.raises(ss.InvalidInputError, match="coincide"):
        passages.cross(only)


def test_turned_upside_down_a_neuron_is_another_pair_at_the_same_minimum():
    plain = crossed(activation="tanh", pair=(2, 3))
    flipped = passages.cross(
        passages.PassageSettings(problem="lecture", activation="tanh", pair=(2, 3), flip=True)
    )
    w, a = (np.asarray(x.weight) for x in plain.network.unflatten(jnp.asarray(plain.start.theta)))
    sign = np.array([1, 1, 1, -1])
    turned = np.concatenate([(w * sign[:, None]).ravel(), (a * sign).ravel()])
    np.testing.assert_array_equal(flipped.start.theta, turned)
    assert flipped.start.loss == plain.start.loss
    first = flipped.passages[0].path.distance[0]
    assert first == pytest.approx(np.linalg.norm(w[2] + w[3]), rel=1e-12)
    assert "--flip" in flipped.settings.command()
    assert any("--flip" in sentence for sentence in passages.remarks(plain))
    assert not any("--flip" in sentence for sentence in passages.remarks(flipped))


def test_what_has_no_effect_is_said(single):
    asked = single.settings.model_copy(update={"seed": 3})
    asked = passages.PassageSettings(**asked.model_dump(exclude_unset=True))
    told = dataclasses.replace(single, settings=asked)
    assert any("change nothing" in sentence for sentence in passages.remarks(told))
    assert not any("change nothing" in sentence for sentence in passages.remarks(single))


def test_a_start_above_a_loss_of_its_own_path_is_named(single):
    high = dataclasses.replace(single, start=dataclasses.replace(single.start, loss=1.0))
    assert any("lower minima" in sentence for sentence in passages.remarks(high))
    assert not any("lower minima" in sentence for sentence in passages.remarks(single))


def test_flows_that_join_the_same_pair_at_the_same_loss_are_told_once(layer):
    for passage in layer.passages:
        names = [way.name for way in passage.alternatives if way.name.startswith("flow")]
        assert len(set(names)) == len(names)
