"""`saddlescape spectrum --model`: your model, checkpoint and data, against PyTorch's matrices."""

import json
import sys

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn
from torch.func import functional_call
from torch.nn.functional import cross_entropy

from saddlescape.cli import main
from saddlescape.core import Data, EmpiricalLandscape, Network

MODULE = """
import equinox as eqx
import jax
import jax.numpy as jnp
import torch
from torch import nn

def mlp():
    return nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Dropout(0.5), nn.Linear(3, 3))

def image():
    return nn.Sequential(
        nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Softplus(), nn.Flatten(), nn.Linear(8, 3)
    )

def line():
    model = nn.Linear(2, 1)
    with torch.no_grad():
        model.weight.copy_(torch.tensor([[0.5, -0.25]]))
        model.bias.fill_(1.0)
    return model

def module(): return eqx.nn.MLP(2, 1, 3, 1, activation=jnp.tanh, key=jax.random.key(0))

def pair():
    params = {"first": jnp.ones((2, 3)), "last": jnp.ones((3, 1))}
    return params, lambda params, x: jnp.tanh(x @ params["first"]) @ params["last"]

def gone(): raise RuntimeError("no GPU here")
def number(): return 3
def infinite(): return nn.Sequential(nn.Linear(2, 3), Divide())
def two(): return nn.Sequential(nn.Linear(2, 3), Twice())
def fourth(outputs, targets): return ((outputs - targets) ** 4).mean()
def rows(outputs, targets): return outputs

class Divide(nn.Module):
    def forward(self, inputs): return inputs / 0

class Twice(nn.Module):
    def forward(self, inputs): return inputs, inputs
"""
DRAW = np.random.default_rng(5)
X = DRAW.normal(size=(20, 2))
FIRST, LAST = DRAW.normal(size=(3, 2)), DRAW.normal(size=(1, 3))
FILES = {
    "data": {"x": X, "y": DRAW.integers(0, 3, 20)},
    "images": {"inputs": DRAW.normal(size=(12, 1, 4, 4)), "targets": DRAW.integers(0, 3, 12)},
    "values": {"x": X, "y": X[:, 0] * X[:, 1]},
    "column": {"x": X, "y": X[:, :1] * X[:, 1:]},
    "pair": {"first": FIRST.T, "last": LAST.T},
    "module": {
        "layers/0/weight": FIRST, "layers/0/bias": np.zeros(3), "layers/1/weight": LAST,
        "layers/1/bias": np.zeros(1),
    },
    "nan": {"x": np.where(X > 1, np.nan, X), "y": np.zeros(20, int)},
    "lengths": {"x": X, "y": np.zeros(19, int)},
    "names": {"a": X},
    "text": {"x": X, "y": np.array(["cat"] * 20)},
    "wide": {"x": np.ones((20, 3)), "y": np.zeros(20, int)},
    "range": {"x": X, "y": np.arange(20)},
    "lacks": {"0.weight": np.ones((3, 2)), "0.bias": np.ones(3), "head.weight": np.ones((3, 3))},
    "shape": {
        "0.weight": np.ones((4, 2)), "0.bias": np.ones(3), "3.weight": np.ones((3, 3)),
        "3.bias": np.ones(3),
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a module of models, data and checkpoints."""
    folder = tmp_path_factory.mktemp("own")
    (folder / "own_models.py").write_text(MODULE)
    (folder / "broken_import.py").write_text("import not_installed_anywhere\n")
    (folder / "notes.npz").write_text("no zip")
    for name, arrays in FILES.items():
        np.savez(folder / f"{name}.npz", **arrays)
    ragged = np.array([[1.0, 2.0], [1.0]], dtype=object)
    np.savez(folder / "ragged.npz", x=ragged, y=np.zeros(2, int))
    before, path = torch.get_num_threads(), list(sys.path)
    torch.set_num_threads(1)  # threads that wait for one another are slow on a busy machine
    yield folder
    torch.set_num_threads(before)
    sys.path[:] = path
    sys.modules.pop("own_models", None)


@pytest.fixture(autouse=True)
def _here(folder, monkeypatch):
    monkeypatch.chdir(folder)


def told(capsys, line: str) -> dict:
    """Return the JSON of a command, and its exit code under ``exit``."""
    code = main(["spectrum", *line.split(), "--json", "-"])
    printed = capsys.readouterr()
    assert not printed.err
    return json.loads(printed.out) | {"exit": code}


def dense(model: nn.Module, inputs, targets) -> tuple[float, np.ndarray]:
    """Return loss and Hessian of PyTorch's own cross-entropy."""
    named = {name: p.detach() for name, p in model.named_parameters()}
    sizes = [p.numel() for p in named.values()]
    vector = torch.cat([p.reshape(-1) for p in named.values()])

    def loss(vector):
        parts = zip(named, torch.split(vector, sizes), strict=True)
        shaped = {name: part.reshape(named[name].shape) for name, part in parts}
        outputs = functional_call(model, shaped, (torch.as_tensor(inputs),))
        return cross_entropy(outputs, torch.as_tensor(targets))

    return float(loss(vector)), torch.autograd.functional.hessian(loss, vector).numpy()


@pytest.fixture(scope="module")
def trained(folder):
    """The model of images in evaluation mode, its running statistics moved, and its file."""
    torch.manual_seed(3)
    model = nn.Sequential(
        nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Softplus(), nn.Flatten(), nn.Linear(8, 3)
    )
    model(torch.as_tensor(FILES["images"]["inputs"]).float())
    save_file(model.state_dict(), folder / "images.safetensors")
    return model.double().eval()


IMAGES = "--model own_models:image --checkpoint images.safetensors --data images.npz"


@pytest.mark.parametrize("options", ["", " --batch 5"])
def test_the_curvatures_of_a_checkpoint_are_those_of_its_matrix(capsys, trained, options):
    result = told(capsys, IMAGES + options)
    loss, hessian = dense(trained, *FILES["images"].values())
    assert result["loss"] == pytest.approx(loss, rel=1e-14)
    expected = np.linalg.eigvalsh(hessian)
    rounding = 100 * np.finfo(float).eps * np.abs(expected).max()
    np.testing.assert_allclose(result["eigenvalues"], expected, rtol=0, atol=rounding)
    assert (result["answer"], result["exit"]) == ("not critical", 3)
    assert {part["name"] for part in result["layers"]} == set(dict(trained.named_parameters()))
    assert result["model"]["framework"] == "PyTorch"


def test_a_pattern_of_parameters_gives_their_part_of_the_matrix(capsys, trained, folder):
    page = folder / "part.html"
    result = told(capsys, f"{IMAGES} --parameters 4.* --html {page} --density --dense 0")
    _, hessian = dense(trained, *FILES["images"].values())
    expected = np.linalg.eigvalsh(hessian[-27:, -27:])  # of 8 x 3 weights and 3 biases
    assert result["num_parameters"] == 27
    highest = result["highest"][0]
    assert abs(highest["value"] - expected[-1]) <= highest["error"]
    assert result["trace"]["value"] == pytest.approx(expected.sum(), rel=1e-12)  # 60 products
    assert "--model own_models:image" in page.read_text()


def test_a_perceptron_has_the_exact_hessian_and_symmetries_of_its_network(capsys):
    """Three logits may all grow alike: one flat direction for each of 3 neurons and the bias."""
    line = "--model own_models:mlp --data data.npz"
    result = told(capsys, line)
    assert result["model"]["hessian"].startswith("exact, of Network((2, 3, 3), 'tanh'")
    assert result["nullity"] == result["nullity_explained"] == 4
    assert main(["spectrum", *line.split()]) == 3
    assert "4 curvatures are zero, 4 of them by symmetry" in capsys.readouterr().out


@pytest.mark.parametrize("kind", ["module", "pair"])
def test_a_model_of_jax_has_the_curvatures_of_its_network(capsys, kind):
    """Equinox is recognised as a network; a pair is differentiated by JAX, batch after batch."""
    result = told(
        capsys, f"--model own_models:{kind} --checkpoint {kind}.npz --data values.npz --batch 8"
    )
    network = Network((2, 3, 1), "tanh")
    theta = network.flatten([(FIRST, np.zeros(3)), (LAST, np.zeros(1))])
    landscape = EmpiricalLandscape(network, Data(*FILES["values"].values()))
    assert result["model"]["hessian"].startswith({"module": "exact", "pair": "from"}[kind])
    assert result["loss"] == pytest.approx(float(landscape.loss(theta)), rel=1e-14)
    hessian = np.asarray(landscape.hessian(theta))
    if kind == "pair":  # it has no biases
        kept = [*range(6), *range(9, 12)]
        hessian = hessian[kept][:, kept]
    expected = np.linalg.eigvalsh(hessian)
    rounding = 100 * np.finfo(float).eps * np.abs(expected).max()
    np.testing.assert_allclose(result["eigenvalues"], expected, rtol=0, atol=rounding)


def test_a_loss_of_your_own_and_single_precision(capsys):
    line = "--model own_models:line --data column.npz --loss own_models:fourth"
    result, single = told(capsys, line), told(capsys, f"{line} --single")
    outputs = X @ [[0.5], [-0.25]] + 1
    assert result["loss"] == pytest.approx(
        np.mean((outputs - FILES["column"]["y"]) ** 4), rel=1e-14
    )
    assert single["loss"] == pytest.approx(result["loss"], rel=1e-6)
    # Four times three is the second derivative of a fourth power.
    slopes = np.column_stack([X, np.ones(20)])
    hessian = 12 * np.einsum(
        "n,ni,nj->ij", (outputs - FILES["column"]["y"])[:, 0] ** 2, slopes, slopes
    )
    expected = np.linalg.eigvalsh(hessian / 20)
    np.testing.assert_allclose(result["eigenvalues"], expected, rtol=1e-12)
    assert single["highest"][0]["value"] == pytest.approx(expected[-1], rel=1e-5)


REFUSED = {
    # the settings
    "--model own_models:mlp": "name an npz file of x and y with --data",
    "--model own_models:mlp --data data.npz --target y --at start": "--target and --at cannot be",
    "--problem lecture --batch 3": "--batch can be had with a model only",
    "--model own_models:mlp --data data.npz --batch 0": "batch is '0'",
    # the model
    "--model own_models --data data.npz": "give package.module:name",
    "--model no_such_module:make --data data.npz": "module 'no_such_module', which is not found",
    "--model broken_import:make --data data.npz": "No module named 'not_installed_anywhere'",
    "--model own_models:mpl --data data.npz": "has no 'mpl': it has mlp, image",
    "--model own_models:gone --data data.npz": "RuntimeError (own_models.py, line 29): no GPU",
    "--model own_models:number --data data.npz": "returns int: return a torch.nn.Module",
    "--model own_models:infinite --data data.npz": "output for row 0 is",
    "--model own_models:two --data data.npz": "returns tuple: return one tensor",
    "--model own_models:mlp --data data.npz --parameters fc*": "choose among 0.weight, 0.bias",
    # the data
    "--model own_models:mlp --data none.npz": "no file none.npz: give an npz file with arrays x",
    "--model own_models:mlp --data notes.npz": "notes.npz is no npz file",
    "--model own_models:mlp --data nan.npz": "x in nan.npz holds nan in row",
    "--model own_models:mlp --data ragged.npz": "rows of different lengths",
    "--model own_models:mlp --data lengths.npz": "x has shape (20, 2) and y shape (19,)",
    "--model own_models:mlp --data names.npz": "holds 'a': give an npz file",
    "--model own_models:mlp --data text.npz": "number the classes 0, 1, ...",
    "--model own_models:mlp --data wide.npz": "of inputs of shape (20, 3), raised RuntimeError",
    "--model own_models:mlp --data range.npz": "the label 3 in row 3, the model has 3 outputs",
    "--model own_models:mlp --data values.npz": "(20, 3), y has (20,): give one value for each",
    "--model own_models:line --data data.npz": "y holds integers, and the model has one output",
    # the loss
    "--model own_models:mlp --data data.npz --loss own_models:rows": "returns shape (20, 3)",
    "--model own_models:mlp --data data.npz --loss own_models:none": "has no 'none'",
    # the checkpoint
    "--model own_models:mlp --data data.npz --checkpoint w.pt": "w.pt is a pickle",
    "--model own_models:mlp --data data.npz --checkpoint lacks.npz": (
        "it has no '3.weight', '3.bias', and the model has no 'head.weight'"
    ),
    "--model own_models:mlp --data data.npz --checkpoint shape.npz": (
        "'0.weight' has shape (4, 2) in the checkpoint, the model wants (3, 2)"
    ),
}


@pytest.mark.parametrize("line", REFUSED)
def test_what_cannot_be_judged_is_refused_in_one_line(capsys, line):
    assert main(["spectrum", *line.split()]) == 2
    out, err = capsys.readouterr()
    assert not out
    assert err.startswith("saddlescape: ")
    assert err.count("\n") == 1
    assert REFUSED[line] in err
