"""Both ends of the Hessian's spectrum of one PyTorch model, by us and by three peers.

What the peers can do, as of the versions that `benchmarks.spectra` names:

- PyHessian 0.1 finds the eigenvalue of largest magnitude by power iteration. It has no shift, so no
  lowest eigenvalue unless that is the largest in magnitude. Its vectors have torch's default type.
  They have length s / (s + 1e-6), s = |H v|, so that its values are short by 2e-6 / s of them.
  `density` calls `torch.eig`, which PyTorch has removed: it fails. The graph of a single batch is
  kept, as ours is; that of several is made anew at every product.
- curvlinops 3.0.1 is an operator, jvp over jacrev, for SciPy's `eigsh`; it runs forward and back
  anew at every product. It wants a loss module with a reduction, and compares two passes first.
- hessian-eigenthings 1.0.0a5 makes the graph anew at every product. Its Lanczos takes the number of
  steps and does not stop by itself; beyond 50 it does not reorthogonalize unless told.
"""

import importlib
import importlib.util
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import nn

NAMES = ("saddlescape", "PyHessian", "curvlinops", "hessian-eigenthings")
_MODULES = {
    "saddlescape": "saddlescape",
    "PyHessian": "pyhessian",
    "curvlinops": "curvlinops",
    "hessian-eigenthings": "hessian_eigenthings",
}
TOLERANCES = tuple(10.0 ** (-e / 2) for e in range(2, 19))
BOTH = ("highest", "lowest")
STEPS = (5, 8, 10, 12, 15, 20, 25, 30, 40, 50, 60, 80, 100, 120, 150, 200)


class Work(NamedTuple):
    """A model with one batch and a direction; all in one precision."""

    model: nn.Module
    inputs: torch.Tensor
    targets: torch.Tensor

    @property
    def size(self) -> int:
        """The number of parameters."""
        return sum(parameter.numel() for parameter in self.model.parameters())


def module_of(name: str) -> str:
    """Return the module of a tool."""
    return _MODULES[name]


def installed(name: str) -> bool:
    """Return whether a tool can be imported."""
    return importlib.util.find_spec(_MODULES[name]) is not None


def sweep(name: str) -> tuple[Any, ...]:
    """Return the settings of a tool, from loose to tight: tolerances, or numbers of steps."""
    return STEPS if name == "hessian-eigenthings" else TOLERANCES


def product(name: str, work: Work) -> Callable[[], object]:
    """Return one product with a fixed direction, in the form of vectors a tool works with."""
    draw = np.random.default_rng(0).normal(size=work.size)
    flat = torch.from_numpy(draw).to(work.inputs.dtype)
    if name == "saddlescape":
        ours = _ours(work)
        return lambda: ours(draw)
    if name == "PyHessian":
        from pyhessian.utils import hessian_vector_product

        made = _pyhessian(work)
        shapes = [parameter.shape for parameter in made.params]
        parts = torch.split(flat, [shape.numel() for shape in shapes])
        listed = [part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)]
        return lambda: hessian_vector_product(made.gradsH, made.params, listed)
    if name == "curvlinops":
        curvature = _curvlinops(work)
        return lambda: curvature @ flat
    operator = _eigenthings(work)
    return lambda: operator.matvec(flat)


def end(name: str, work: Work, which: str, setting: Any) -> tuple[dict[str, float], int] | None:
    """Return the ``lowest`` or ``highest`` eigenvalue and products used; of ours ``both`` too.

    None where a tool cannot. Everything is made anew, the graph too.
    """
    if name == "saddlescape":
        return _ends_of_ours(work, BOTH if which == "both" else (which,), setting)
    one = {
        "PyHessian": _end_of_pyhessian,
        "curvlinops": _end_of_curvlinops,
        "hessian-eigenthings": _end_of_eigenthings,
    }[name]
    told = one(work, which, setting)
    return None if told is None else ({which: told[0]}, told[1])


def _ours(work: Work) -> Any:
    """Return our operator."""
    from saddlescape import bridges, spectra

    loss, batch = nn.functional.cross_entropy, (work.inputs, work.targets)
    landscape = bridges.torch.landscape(work.model, loss, [batch])
    return spectra.hessian_operator(landscape, landscape.theta)


def _ends_of_ours(work: Work, wanted: tuple[str, ...], tolerance: float) -> tuple[dict, int]:
    """Return the ends from one Krylov space."""
    from saddlescape import spectra

    told = spectra.extremes(
        _ours(work),
        int("lowest" in wanted),
        int("highest" in wanted),
        settings=spectra.LanczosSettings(tolerance=tolerance, max_products=3_000),
    )
    pairs = {"lowest": told.lowest, "highest": told.highest}
    return {side: float(pairs[side].values[0]) for side in wanted}, told.num_products


def _pyhessian(work: Work) -> Any:
    """Return PyHessian's object, which adds to `.grad`: cleared before."""
    from pyhessian import hessian

    work.model.zero_grad()
    batch = (work.inputs, work.targets)
    return hessian(work.model, nn.functional.cross_entropy, data=batch, cuda=False)


def _end_of_pyhessian(work: Work, side: str, tolerance: float) -> tuple[float, int] | None:
    """Return the eigenvalue of largest magnitude, which has been the highest one here."""
    if side == "lowest":
        return None
    module: Any = importlib.import_module("pyhessian.hessian")  # the package's name is the class

    counted, plain = [0], module.hessian_vector_product

    def counting(*arguments: Any) -> Any:
        counted[0] += 1
        return plain(*arguments)

    torch.manual_seed(0)
    module.hessian_vector_product = counting
    try:
        found = _pyhessian(work).eigenvalues(maxIter=3_000, tol=tolerance)[0][0]
    finally:
        module.hessian_vector_product = plain
    return float(found), counted[0]


def _curvlinops(work: Work) -> Any:
    """Return the operator of curvlinops, without its own two trial passes."""
    from curvlinops import HessianLinearOperator

    return HessianLinearOperator(
        work.model,
        nn.CrossEntropyLoss(),
        list(work.model.parameters()),
        [(work.inputs, work.targets)],
        check_deterministic=False,
    )


def _end_of_curvlinops(work: Work, side: str, tolerance: float) -> tuple[float, int]:
    """Return one end by ARPACK with its usual 20 vectors, from a start of fixed seed."""
    from scipy.sparse.linalg import LinearOperator, eigsh

    made, counted = _curvlinops(work).to_scipy(), [0]

    def counting(vector: np.ndarray) -> np.ndarray:
        counted[0] += 1
        return made @ vector

    operator = LinearOperator(made.shape, matvec=counting, dtype=made.dtype)
    start = np.random.default_rng(0).normal(size=work.size).astype(made.dtype)
    which = {"lowest": "SA", "highest": "LA"}[side]
    found = eigsh(operator, k=1, which=which, tol=tolerance, v0=start, return_eigenvectors=False)
    return float(found[0]), counted[0]


def _eigenthings(work: Work) -> Any:
    """Return the operator of hessian-eigenthings."""
    from hessian_eigenthings.loss_fns.standard import supervised_loss
    from hessian_eigenthings.operators.hessian import HessianOperator

    batch = (work.inputs, work.targets)
    return HessianOperator(work.model, [batch], supervised_loss(nn.functional.cross_entropy))


def _end_of_eigenthings(work: Work, side: str, steps: int) -> tuple[float, int]:
    """Return one end by so many steps of Lanczos, always reorthogonalized."""
    from hessian_eigenthings.algorithms.lanczos import lanczos

    which = {"lowest": "SA", "highest": "LA"}[side]
    found = lanczos(
        _eigenthings(work), k=1, max_iter=steps, which=which, reorthogonalize=True, seed=0
    )
    return float(found.eigenvalues[0]), found.iterations
