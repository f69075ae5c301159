"""A race: the same whatever the number of rates, starts, devices or interruptions."""

import dataclasses

import jax.numpy as jnp
import numpy as np
import pytest

import saddlescape as ss
from saddlescape import core, optimizers, races

SETTINGS = races.RaceSettings(
    problem="penguins",
    hidden=(2,),
    samples=100,
    optimizers=("nesterov", "rmsprop", "adam"),
    rates=(0.01, 0.1),
    steps=60,
    seeds=3,
    batch=8,
    weight_decay=1e-3,  # without it the minima are at infinity
)


@pytest.fixture(scope="module")
def ran():
    """A short race on minibatches."""
    return races.run(SETTINGS)


def test_a_run_of_a_race_is_the_run_of_its_rule_alone(ran):
    """Step by step in Python, with the gradient of each batch from the core."""
    landscape = ran.setup.landscape
    orders = optimizers.data_orders(100, 8, 60, runs=3, seed=0)
    for number, seed in ((0, 2), (2, 0)):
        rule = dataclasses.replace(ran.race.rules[number], rate=0.1)
        theta = ran.setup.starts(0, 3, 0)[seed]
        memory = rule.init(theta)
        for batch in orders[seed]:
            seen = landscape.minibatch(batch)
            change, memory = rule.update(seen.gradient(rule.interim(theta, memory)), memory)
            theta = theta + change
        # A compiled loop rounds in another order; 60 contracting steps of a few roundings each.
        np.testing.assert_allclose(ran.race.ends[number, 1, seed], theta, rtol=1e-11)


def test_more_rates_and_starts_change_nothing(ran):
    fewer = races.run(SETTINGS.model_copy(update={"rates": (0.1,), "seeds": 2}))
    np.testing.assert_allclose(fewer.race.loss[:, 0], ran.race.loss[:, 1, :2], rtol=1e-11)


def test_an_interrupted_race_goes_on_to_the_same_end(ran, tmp_path):
    seen = []

    def stop(stage):
        seen.append(int(stage.steps[-1]))
        if len(seen) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        races.run(SETTINGS, stop, tmp_path)
    later = []
    again = races.run(SETTINGS, lambda stage: later.append(int(stage.steps[-1])), tmp_path)
    assert later[0] == seen[-1] > 0
    np.testing.assert_array_equal(again.race.loss, ran.race.loss)
    np.testing.assert_array_equal(again.race.ends, ran.race.ends)
    assert races.summary(again) == races.summary(ran)


def test_the_recorded_trajectory_is_the_first_run_at_the_best_rate(ran):
    for number, path in enumerate(ran.trajectories):
        best = ran.race.best[number]
        np.testing.assert_allclose(path.loss, ran.race.loss[number, best, 0, 1:], rtol=1e-10)
        np.testing.assert_allclose(path.theta[-1], ran.race.ends[number, best, 0], rtol=1e-10)


def test_steps_to_a_loss_are_those_of_the_slowest_half(ran):
    for number in range(3):
        for reach in races.reaches(ran, number):
            steps = ran.race.steps_to(reach.loss)[number]
            medians = np.median(np.nan_to_num(steps, nan=np.inf), axis=1)
            if reach.steps is None:
                assert not np.isfinite(medians).any()
            else:
                assert reach.steps == medians.min()
                assert reach.passes == pytest.approx(reach.steps * 8 / 100)


def test_ends_say_what_is_there():
    landscape = ss.FunctionLandscape(
        lambda v: v[0] ** 4 / 4 - v[0] ** 2 / 2 + v[1] ** 2, num_parameters=2
    )
    minimum, saddle, lost = races.ends_of(
        landscape, np.array([[1.001, 0.0], [0.0, 1e-5], [np.nan, 0.0]])
    )
    assert (minimum.kind, minimum.critical_loss) == ("minimum", -0.25)
    assert minimum.distance == pytest.approx(0.001, rel=1e-6)
    assert (saddle.kind, saddle.index, saddle.negative) == ("saddle", 1, 1)
    assert lost.words == "diverged"


def test_a_loss_below_zero_has_not_diverged_where_it_began():
    landscape = ss.FunctionLandscape(lambda v: jnp.cosh(v[0]) - 3, num_parameters=1)
    starts = jnp.array([[0.1], [0.2]])
    ran = optimizers.race(
        landscape, [optimizers.GradientDescent()], starts, rates=[0.1, 40.0], steps=9
    )
    assert np.isnan(ran.diverged[0, 0]).all()
    assert (ran.diverged[0, 1] >= 0).all()  # 40 is far beyond 2 over the curvature


def test_the_sentence_tells_of_runs_that_the_best_rate_lost():
    settings = races.RaceSettings(
        problem="rosenbrock", optimizers=("momentum", "adam"), rates=(0.002,), steps=300, seeds=5
    )
    found = races.run(settings)
    lost = int((found.race.diverged[0, 0] >= 0).sum())
    assert 0 < lost < 5
    assert f"{lost} of its 5 runs diverged" in races.finding(found)
    told = races.summary(found)["optimizers"][0]
    finite = np.nan_to_num(found.race.loss[0, 0, :, -1], nan=np.inf)
    assert told["final_loss"]["median"] == sorted(finite)[2]


def test_beyond_400_parameters_ends_are_measured_and_nothing_is_diagnosed():
    settings = races.RaceSettings(
        problem="digits",
        samples=40,
        hidden=(7,),
        optimizers=("adam",),
        rates=(0.01,),
        steps=5,
        seeds=1,
    )
    found = races.run(settings)
    assert found.ends[0][0].kind is None
    gradient = found.setup.landscape.gradient(jnp.asarray(found.race.ends[0, 0, 0]))
    assert found.ends[0][0].gradient_norm == pytest.approx(float(abs(gradient).max()), rel=1e-12)
    assert races.diagnose(found) == ()
    with pytest.raises(core.InvalidInputError, match="400 at most"):
        races.explain(found)


def test_diagnoses_are_those_of_the_path(ran):
    landscape = ran.setup.landscape
    for number, found in enumerate(races.diagnose(ran)):
        theta = ran.trajectories[number].theta[-1]
        hessian = np.asarray(landscape.hessian(jnp.asarray(theta)))
        np.testing.assert_allclose(found.curvatures, np.linalg.eigvalsh(hessian), atol=1e-12)
        scaling = ran.trajectories[number].scaling[-1]
        sharp = np.linalg.eigvals(scaling[:, None] * hessian).real.max()
        assert found.sharpness[-1] == pytest.approx(sharp, rel=1e-9)
        assert ((found.turns >= 0) & (found.turns <= 1)).all()


def test_an_explanation_holds_what_was_measured(ran):
    told = races.explain(ran)
    landscape = ran.setup.landscape
    assert told.saddle is not None
    assert np.abs(landscape.gradient(jnp.asarray(told.saddle))).max() < 1e-10
    assert np.linalg.eigvalsh(np.asarray(landscape.hessian(jnp.asarray(told.saddle))))[0] < 0
    assert told.batch == 8
    for theta in told.minima:
        assert np.abs(landscape.gradient(jnp.asarray(theta))).max() < 1e-10
    # A parameter that does not move from minibatch to minibatch has no noise.
    assert (told.noise.second_moment >= told.noise.mean**2 * (1 - 1e-12)).all()
    nesterov, rmsprop, _ = told.approaches
    assert nesterov.orders[-1] == pytest.approx(1, abs=0.05)
    assert abs(rmsprop.gradient_flow_orders[-1]) < 0.1
    claims = [one.claim for one in told.evidence]
    assert claims == sorted(claims, key=lambda claim: (claim.startswith("Quiz"), claim))
    assert races.summary(ran, explanation=told)["explanation"]["evidence"][0]["agrees"] is True
