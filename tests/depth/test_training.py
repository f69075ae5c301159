"""Networks and training against naive twins: SciPy's correlations and intervals, torch.optim."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.signal
import scipy.stats
import torch
from hypothesis import given
from hypothesis import strategies as st

from saddlescape import depth
from saddlescape.core import InvalidInputError, MemoryBudgetError, key_for

EPS = np.finfo(np.float32).eps
PLAIN = depth.Architecture((6,), (5, 4), (3, 2))
TRAINING = depth.Training(epochs=12, batch=100, patience=12, validation=0.25)


@pytest.fixture(scope="module")
def samples():
    """Sixty points with two labels each, which two planes decide."""
    draw = np.random.default_rng(1)
    inputs = draw.normal(size=(90, 6))
    labels = np.stack([(inputs[:, 0] > 0).astype(int) + (inputs[:, 1] > 0), inputs[:, 2] > 0], 1)
    return depth.Samples(inputs[:60], labels[:60], inputs[60:], labels[60:])


@pytest.fixture(scope="module")
def runs(samples):
    return depth.train(PLAIN, TRAINING, samples, [0.01, 0.1], [0, 1, 2], seed=7)


@pytest.mark.parametrize("shape", [(17, 2), (12, 9, 3)])
def test_a_convolution_is_a_correlation_with_zeros_outside(shape):
    network = depth.Architecture(shape, (4, 3), (2,), is_convolutional=True)
    parameters = network.init(jax.random.key(0))
    image = np.random.default_rng(0).normal(size=(1, *shape)).astype(np.float32)
    values = image[0]
    for (weight, bias), kernel, stride in zip(parameters[:2], (5, 3), (2, 1), strict=True):
        window = (kernel,) * (len(shape) - 1)
        # Rows of a weight run over the places of the window in order, then over channels. The
        # patches are gathered from the last axis to the first.
        cube = np.asarray(weight).reshape(*window, values.shape[-1], -1)
        planes = []
        for out in range(cube.shape[-1]):
            maps = [
                scipy.signal.correlate(values[..., c], cube[..., c, out], mode="same")
                for c in range(values.shape[-1])
            ]
            planes.append(np.maximum(sum(maps) + bias[out], 0))
        values = np.stack(planes, -1)[(slice(None, None, stride),) * len(window)]
    ours = network.hidden(parameters, jnp.asarray(image))[-1][0]
    # Sums of up to 108 products of numbers of size one, in two orders.
    np.testing.assert_allclose(np.asarray(ours), values, rtol=0, atol=100 * EPS * abs(values).max())


@given(depth_=st.integers(1, 5), size=st.integers(1_500, 9_000), is_convolutional=st.booleans())
def test_no_other_width_comes_nearer_to_the_number_of_parameters(depth_, size, is_convolutional):
    found = depth.sized((20, 1), (4,), depth_, size, is_convolutional=is_convolutional)
    (width,) = set(found.widths)
    miss = abs(found.num_parameters - size)
    for other in {max(1, width - 1), width + 1} - {width}:
        near = depth.Architecture((20, 1), (other,) * depth_, (4,), is_convolutional)
        assert miss <= abs(near.num_parameters - size)


def test_the_number_of_parameters_is_that_of_the_arrays():
    for network in (PLAIN, depth.Architecture((16, 16, 3), (4, 4), (6, 6), is_convolutional=True)):
        leaves = jax.tree.leaves(network.init(jax.random.key(0)))
        assert sum(leaf.size for leaf in leaves) == network.num_parameters


def test_the_loop_takes_the_steps_of_torch(samples, runs):
    """One batch holds all samples, so an epoch is one step of Adam on the whole training part."""
    torch.set_num_threads(1)
    order = np.asarray(jax.random.permutation(key_for(7, "split", 2), 60))
    held, own = order[:15], order[15:]
    start = PLAIN.init(key_for(7, "start", 2))
    tensors = [torch.tensor(np.array(leaf), requires_grad=True) for leaf in jax.tree.leaves(start)]
    adam = torch.optim.Adam(tensors, lr=0.01)

    def loss(rows):
        values = torch.tensor(samples.inputs[rows], dtype=torch.float32)
        for number in range(2):
            values = torch.relu(values @ tensors[2 * number] + tensors[2 * number + 1])
        heads = [values @ tensors[4] + tensors[5], values @ tensors[6] + tensors[7]]
        labels = torch.tensor(samples.labels[rows], dtype=torch.int64)
        return sum(
            torch.nn.functional.cross_entropy(head, labels[:, i]) for i, head in enumerate(heads)
        )

    curve = []
    for _ in range(12):
        adam.zero_grad()
        loss(own).backward()
        adam.step()
        curve.append(float(loss(held).detach()))
    # Adam divides by the root of the second moment: rounding of small gradients grows a hundredfold
    # and more over 12 steps.
    np.testing.assert_allclose(runs.curve[0, 2], curve, rtol=2_000 * EPS)


def test_a_run_does_not_depend_on_the_others(samples, runs):
    alone = depth.train(PLAIN, TRAINING, samples, [0.1], [2], seed=7)
    np.testing.assert_array_equal(alone.curve[0, 0], runs.curve[1, 2])
    np.testing.assert_array_equal(alone.predictions[0, 0], runs.predictions[1, 2])


def test_test_labels_choose_nothing(samples, runs):
    other = depth.Samples(
        samples.inputs, samples.labels, samples.test_inputs, 0 * samples.test_labels
    )
    again = depth.train(PLAIN, TRAINING, other, [0.01, 0.1], [0, 1, 2], seed=7)
    for name in ("epochs", "train", "validation", "predictions", "curve"):
        np.testing.assert_array_equal(getattr(again, name), getattr(runs, name))


def test_what_is_kept_is_the_network_that_was_best_on_the_validation_part(samples, runs):
    order = np.asarray(jax.random.permutation(key_for(7, "split", 1), 60))
    held, own = order[:15], order[15:]
    kept = jax.tree.map(lambda leaf: jnp.asarray(leaf[1, 1]), runs.parameters)
    for rows, told in ((held, runs.validation[1, 1]), (own, runs.train[1, 1])):
        x, y = jnp.asarray(samples.inputs[rows], jnp.float32), jnp.asarray(samples.labels[rows])
        loss, right, _ = depth.evaluate(PLAIN, kept, x, y)
        assert told == pytest.approx(int(right) / len(rows), rel=2 * float(EPS))
        if rows is held:
            assert np.abs(runs.curve[1, 1] - float(loss)).min() <= 4 * EPS * float(loss)


def test_a_run_stops_when_its_validation_part_gets_no_better(samples):
    labels = np.random.default_rng(3).integers(0, 2, (60, 2))  # nothing to be learnt
    noise = depth.Samples(samples.inputs, labels, samples.test_inputs, samples.test_labels)
    training = depth.Training(epochs=200, batch=15, patience=3)
    found = depth.train(PLAIN, training, noise, [0.03], [0, 1])
    assert (found.epochs < 200).all()
    for curve, epochs in zip(found.curve[0], found.epochs[0], strict=True):
        assert np.isfinite(curve[:epochs]).all()
        assert np.isnan(curve[epochs:]).all()


def test_an_interval_over_runs_is_students():
    values = np.random.default_rng(0).normal(size=7)
    found, exact = depth.over_runs(values), scipy.stats.ttest_1samp(values, 0)
    low, high = exact.confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((low, high), rel=1e-12)


def test_intervals_over_runs_and_samples_hold_the_truth_often_enough():
    draw, hits, trials = np.random.default_rng(5), 0, 400
    for _ in range(trials):
        runs, tests = draw.normal(0, 0.1, (5, 1)), draw.normal(0, 1.0, (1, 40))
        found = depth.over_runs_and_samples(runs + tests + draw.normal(0, 0.5, (5, 40)))
        hits += found.low <= 0 <= found.high
    # Four standard errors of a share of 95 % below it.
    assert hits / trials > 0.95 - 4 * np.sqrt(0.95 * 0.05 / trials)


@pytest.mark.parametrize(
    "make",
    [
        lambda: depth.Architecture((4,), (0,), (2,)),
        lambda: depth.Architecture((4,), (3,), (2,), is_convolutional=True),
        lambda: depth.Architecture((6, 1), (3,), (2,), is_convolutional=True),
        lambda: depth.sized((40, 1), (10,), 3, 10),
        lambda: depth.Training(validation=1.5),
        lambda: depth.Samples(np.ones((3, 2)), np.ones((2, 1)), np.ones((3, 2)), np.ones((3, 1))),
    ],
)
def test_what_cannot_be_is_refused(make):
    with pytest.raises(InvalidInputError, match=r"give|fit|ask"):
        make()


def test_what_does_not_fit_into_memory_is_refused_before_it_is_drawn(samples):
    huge = depth.Architecture((6,), (1_000_000, 1_000_000), (3, 2))
    with pytest.raises(MemoryBudgetError, match="take fewer"):
        depth.train(huge, TRAINING, samples, [0.1], [0])
