"""PyTorch models as landscapes, against PyTorch's own dense derivatives."""

import jax.numpy as jnp
import numpy as np
import pytest
import torch
from torch import nn
from torch.func import functional_call
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.nn.functional import cross_entropy, mse_loss

from saddlescape import bridges, spectra
from saddlescape.core import InvalidInputError, ShapeMismatchError, find_minima


class Attention(nn.Module):
    """One block of self-attention with LayerNorm, then a class for each sequence."""

    def __init__(self):
        super().__init__()
        self.attend = nn.MultiheadAttention(4, 2, batch_first=True)
        self.norm, self.read = nn.LayerNorm(4), nn.Linear(4, 3)

    def forward(self, inputs):
        seen = inputs + self.attend(inputs, inputs, inputs)[0]
        return self.read(self.norm(seen).mean(dim=1))


class Tied(nn.Module):
    """Two layers with one weight."""

    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Linear(3, 3), nn.Linear(3, 3)
        self.second.weight = self.first.weight

    def forward(self, inputs):
        return self.second(torch.tanh(self.first(inputs)))


def convolution() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Softplus(), nn.Flatten(), nn.Linear(8, 3)
    )


MODELS = {
    "mlp": (lambda: nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 3)), (3,)),
    "cnn with batch norm": (convolution, (1, 4, 4)),
    "transformer": (Attention, (5, 4)),
    "tied": (Tied, (3,)),
}


@pytest.fixture(autouse=True)
def _one_thread():
    """Threads that wait for one another on a busy machine make these small products very slow."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module", params=MODELS)
def case(request):
    """A model in evaluation mode with buffers of its own, and two batches of different size."""
    make, shape = MODELS[request.param]
    torch.manual_seed(1)
    model = make().double()
    draw = np.random.default_rng(2)
    batches = [(draw.normal(size=(n, *shape)), draw.integers(0, 3, n)) for n in (5, 8)]
    model.train()
    model(torch.as_tensor(batches[0][0]))  # moves the running statistics away from 0 and 1
    return model.eval(), batches


def naive(model, batches):
    """Return the loss of all samples as a function of one tensor, and the parameters as one."""
    named = dict(model.named_parameters())
    inputs = torch.cat([torch.as_tensor(x) for x, _ in batches])
    targets = torch.cat([torch.as_tensor(y) for _, y in batches])

    def loss(vector):
        parts = torch.split(vector, [p.numel() for p in named.values()])
        shaped = {n: part.reshape(named[n].shape) for n, part in zip(named, parts, strict=True)}
        with sdpa_kernel(SDPBackend.MATH):
            return cross_entropy(functional_call(model, shaped, (inputs,)), targets)

    return loss, torch.cat([p.detach().reshape(-1) for p in named.values()])


def test_loss_gradient_and_hessian_are_those_of_pytorch(case):
    model, batches = case
    landscape = bridges.torch.landscape(model, cross_entropy, batches)
    loss, vector = naive(model, batches)
    theta = landscape.theta
    np.testing.assert_array_equal(np.asarray(theta), vector.numpy())
    told = landscape.derivatives(theta)
    gradient = torch.func.grad(loss)(vector)
    hessian = torch.autograd.functional.hessian(loss, vector)
    for ours, theirs in zip(told, (loss(vector), gradient, hessian), strict=True):
        # Sums of some 100 terms of order one in another order.
        np.testing.assert_allclose(np.asarray(ours), theirs.numpy(), rtol=0, atol=1e-13)


def test_the_kept_graph_changes_nothing_and_knows_when_theta_moves(case):
    model, batches = case
    kept = bridges.torch.landscape(model, cross_entropy, batches)
    fresh = bridges.torch.landscape(model, cross_entropy, batches, keep_graph=False)
    direction = jnp.cos(jnp.arange(float(kept.num_parameters)))
    for theta in (kept.theta, kept.theta * 0.9, kept.theta):
        ours, theirs = kept.hvp(theta, direction), fresh.hvp(theta, direction)
        np.testing.assert_array_equal(np.asarray(ours), np.asarray(theirs))


def test_the_model_that_was_given_stays_as_it_was(case):
    model, batches = case
    before = {name: value.clone() for name, value in model.state_dict().items()}
    landscape = bridges.torch.landscape(model, cross_entropy, batches)
    landscape.hvp(landscape.theta * 2, landscape.theta)
    for name, value in model.state_dict().items():
        assert torch.equal(value, before[name])


def test_a_verdict_from_products_is_that_of_the_matrix(case):
    model, batches = case
    landscape = bridges.torch.landscape(model, cross_entropy, batches)
    whole = spectra.verdict(landscape, landscape.theta, blocks=landscape.blocks)
    ends = spectra.verdict(landscape, landscape.theta, dense_limit=0)
    assert whole.answer == ends.answer == spectra.Answer.NOT_CRITICAL
    assert ends.order <= whole.order
    for side in ("lowest", "highest"):
        ours, theirs = getattr(ends, side), getattr(whole, side)
        assert abs(ours.values[0] - theirs.values[0]) <= ours.bounds[0] + theirs.bounds[0]
    assert sum(share for _, share in whole.shares) == pytest.approx(1)


def small(double: bool = False, **options):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(2, 2), nn.Tanh(), nn.Linear(2, 1))
    inputs = np.random.default_rng(0).normal(size=(20, 2))
    batches = [(inputs, inputs[:, :1] * inputs[:, 1:])]
    return bridges.torch.landscape(model, mse_loss, batches, double=double, **options)


def test_single_precision_is_evaluated_in_double_on_request():
    single, double = small(), small(double=True)
    assert (single.theta.dtype, double.theta.dtype) == (jnp.float32, jnp.float64)
    exact = float(double.loss(double.theta))
    assert float(single.loss(single.theta)) == pytest.approx(exact, rel=1e-6)


def test_digits_that_the_model_lacks_are_not_claimed():
    """A vector in double precision is rounded to the model's, and errors are bounded by that."""
    single = small()
    operator = spectra.hessian_operator(single, np.asarray(single.theta, float))
    assert operator.eps == np.finfo(np.float32).eps
    assert single.ravel(np.asarray(single.theta, float)).dtype == jnp.float32


def test_a_pattern_chooses_parameters_and_the_others_stay_fixed():
    whole, part = small(double=True), small(double=True, parameters="2.*")
    assert list(part.blocks) == ["2.weight", "2.bias"]
    begin = whole.blocks["2.weight"].start
    expected = np.asarray(whole.hessian(whole.theta))[begin:, begin:]
    np.testing.assert_allclose(np.asarray(part.hessian(part.theta)), expected, atol=1e-15)


def test_compiled_searches_refuse_a_model_they_cannot_compile():
    landscape = small(double=True)
    with pytest.raises(InvalidInputError, match=r"use saddlescape\.spectra"):
        find_minima(landscape, landscape.theta[None])


@pytest.mark.parametrize("ending", ["npz", "safetensors"])
def test_a_checkpoint_is_read_by_name(tmp_path, ending):
    landscape = small(double=True)
    arrays = {name: np.asarray(landscape.theta[s]) for name, s in landscape.blocks.items()}
    shaped = {name: arrays[name].reshape(t.shape) for name, t in landscape.engine.tensors.items()}
    file = tmp_path / f"weights.{ending}"
    if ending == "npz":
        np.savez(file, **shaped)
    else:
        from safetensors.numpy import save_file  # noqa: PLC0415

        save_file(shaped, file)
    found = landscape.ravel(bridges.read_checkpoint(file))
    np.testing.assert_array_equal(np.asarray(found), np.asarray(landscape.theta))
    del shaped["2.bias"]
    with pytest.raises(InvalidInputError, match=r"no '2\.bias'"):
        landscape.ravel(shaped)
    with pytest.raises(ShapeMismatchError, match=r"0\.weight"):
        landscape.ravel({**shaped, "2.bias": np.ones(1), "0.weight": np.ones(4)})


def test_a_pickle_is_refused_with_the_way_to_convert_it(tmp_path):
    with pytest.raises(InvalidInputError, match="save_file"):
        bridges.read_checkpoint(tmp_path / "weights.pt")
    (tmp_path / "broken.npz").write_text("no zip")
    with pytest.raises(InvalidInputError, match="cannot read"):
        bridges.read_checkpoint(tmp_path / "broken.npz")


def test_what_has_no_fixed_loss_is_refused():
    model = nn.Sequential(nn.Linear(2, 1), nn.Dropout(0.5))
    batch = (np.ones((3, 2)), np.ones((3, 1)))
    with pytest.raises(InvalidInputError, match=r"model\.eval"):
        bridges.torch.landscape(model, mse_loss, [batch])
    with pytest.raises(InvalidInputError, match="no batches"):
        bridges.torch.landscape(model.eval(), mse_loss, [])
    with pytest.raises(InvalidInputError, match="batch 1 is empty"):
        bridges.torch.landscape(model, mse_loss, [batch, (np.ones((0, 2)), np.ones((0, 1)))])
    with pytest.raises(InvalidInputError, match=r"choose among 0\.weight"):
        bridges.torch.landscape(model, mse_loss, [batch], parameters="fc*")


def test_both_parts_are_those_of_the_dense_jacobian(case):
    model, batches = case
    landscape = bridges.torch.landscape(model, cross_entropy, batches)
    theta = landscape.theta
    named = dict(model.named_parameters())
    inputs, targets = (torch.cat([torch.as_tensor(b[i]) for b in batches]) for i in (0, 1))

    def outputs(vector):
        parts = torch.split(vector, [p.numel() for p in named.values()])
        shaped = {n: part.reshape(named[n].shape) for n, part in zip(named, parts, strict=True)}
        with sdpa_kernel(SDPBackend.MATH):
            return functional_call(model, shaped, (inputs,)).reshape(-1)

    def loss(flat):
        return cross_entropy(flat.reshape(len(targets), -1), targets)

    vector = torch.as_tensor(np.array(theta))
    jacobian = torch.autograd.functional.jacobian(outputs, vector)
    bent = torch.autograd.functional.hessian(loss, outputs(vector))
    expected = (jacobian.T @ bent @ jacobian).numpy()
    gauss_newton = spectra.gauss_newton_operator(landscape, theta).dense()
    residual = spectra.residual_operator(landscape, theta).dense()
    # Sums of some 100 terms of order one in another order.
    np.testing.assert_allclose(gauss_newton, expected, rtol=0, atol=1e-13)
    assert np.linalg.eigvalsh(gauss_newton)[0] > -1e-13
    hessian = np.asarray(landscape.hessian(theta))
    np.testing.assert_allclose(gauss_newton + residual, hessian, rtol=0, atol=1e-13)
    fresh = bridges.torch.landscape(model, cross_entropy, batches, keep_graph=False)
    for operator in (spectra.gauss_newton_operator, spectra.residual_operator):
        again, kept = (operator(where, theta)(np.ones(theta.size)) for where in (fresh, landscape))
        np.testing.assert_array_equal(again, kept)


def test_at_a_teacher_in_pytorch_nothing_is_left_of_the_residual_part():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(2, 2), nn.Tanh(), nn.Linear(2, 1)).double()
    inputs = torch.as_tensor(np.random.default_rng(0).normal(size=(20, 2)))
    landscape = bridges.torch.landscape(model, mse_loss, [(inputs, model(inputs).detach())])
    residual = spectra.residual_operator(landscape, landscape.theta)
    assert np.abs(residual.dense()).max() < 8 * np.finfo(float).eps
