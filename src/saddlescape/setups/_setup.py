"""From settings to something to study: the problem, its network, its landscape."""

import dataclasses
import hashlib
import importlib.metadata
import platform
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from saddlescape import problems
from saddlescape.core import EmpiricalLandscape, InvalidInputError, Landscape, Network
from saddlescape.setups._settings import SetupSettings

_PACKAGES = ("saddlescape", "jax", "jaxlib", "numpy", "scipy", "equinox", "diffrax")


@dataclasses.dataclass(frozen=True, eq=False)
class Setup:
    """A problem with its network and landscape, ready to be studied.

    Args:
        settings: what was asked for.
        problem: the data or the surface.
        network: None for a surface, which has none.
        landscape: the loss.
    """

    settings: SetupSettings
    problem: problems.Problem
    network: Network | None
    landscape: Landscape

    def starts(self, first: int, count: int, seed: int, scale: float = 1.0) -> Float[Array, "m p"]:
        """Return starts `first` to `first + count - 1`; each depends on seed and number alone.

        Args:
            first: the number of the first start.
            count: how many.
            seed: of the named stream ``"start"``.
            scale: multiplies the standard deviation of a network's parameters.

        Returns:
            shape (count, p).
        """
        if self.network is None:
            return self.problem.starts(count, seed, first=first)
        return self.network.starts(count, seed, scale=scale, first=first)

    def header(self) -> dict:
        """Return what a stored result or a page says about its origin.

        Returns:
            a dictionary of JSON values: problem, network, versions, scale of the loss.
        """
        settings, problem = self.settings, self.problem
        described = {
            "name": problem.name,
            "description": problem.description,
            "source": problem.source,
            "scaling": problem.scaling,
            "input_names": list(problem.input_names),
            "target_names": list(problem.target_names),
            "num_samples": problem.data.num_samples if problem.data else None,
        }
        if settings.data is not None:
            described |= {
                "data": settings.data,
                "target": settings.target,
                "sha256": fingerprint(settings.data),
            }
        return {
            "problem": described,
            "network": None if self.network is None else _described(self.network),
            "versions": versions(),
            "loss_scale": _loss_scale(problem),
        }


def prepare(settings: SetupSettings) -> Setup:
    """Return what the settings describe, with its data loaded.

    Args:
        settings: what to study.

    Returns:
        the problem, the network and the landscape.

    Raises:
        InvalidInputError: when data, network and settings do not fit together.
        MemoryBudgetError: when a Hessian of the network would not fit into memory.

    Example:
        >>> setup = prepare(SetupSettings(problem="lecture", activation="tanh"))
        >>> setup.network, setup.landscape.num_parameters
        (Network((2, 4, 1), 'tanh', bias=False), 12)
    """
    problem = _problem(settings)
    if problem.landscape is not None:
        _refuse_network_options(settings)
        return Setup(settings, problem, None, problem.landscape)
    if problem.data is None:
        msg = f"the problem {problem.name!r} has neither data nor a surface: choose another"
        raise InvalidInputError(msg)
    network = problem.student(settings.hidden, settings.activation, settings.bias)
    if any(g.name == "step" for g in network.activations):
        msg = (
            "the activation 'step' has slope 0 everywhere, all points are critical: choose sigmoid"
        )
        raise InvalidInputError(msg)
    landscape = EmpiricalLandscape(network, problem.data, weight_decay=settings.weight_decay)
    # Traced, not computed: raises where a Hessian would not fit, before anything is stored.
    jax.eval_shape(landscape.hessian, jax.ShapeDtypeStruct((network.num_parameters,), float))
    return Setup(settings, problem, network, landscape)


def _problem(settings: SetupSettings) -> problems.Problem:
    """Return the named problem, or the one a file holds."""
    if settings.problem is not None:
        return problems.load(
            settings.problem, activation=settings.activation, samples=settings.samples
        )
    return problems.from_file(
        settings.data or "",
        settings.target or "",
        inputs=settings.inputs,
        task=settings.task,
        missing=settings.missing,
        samples=settings.samples,
    )


def _refuse_network_options(settings: SetupSettings) -> None:
    """Raise for options that mean nothing on a surface."""
    given = [
        "--" + name.replace("_", "-")
        for name in ("hidden", "bias", "activation", "samples", "weight_decay", "scale")
        if name in type(settings).model_fields
        and getattr(settings, name) != type(settings).model_fields[name].default
    ]
    if given:
        msg = (
            f"{settings.problem!r} is a surface without a network: leave out "
            f"{' and '.join(given)}, or choose a problem with data, such as lecture"
        )
        raise InvalidInputError(msg)


def fingerprint(file: str) -> str:
    """Return a checksum of a file, which tells whether it has changed since.

    Args:
        file: its path.

    Returns:
        SHA-256, as 64 hexadecimal digits.
    """
    with Path(file).open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _described(network: Network) -> dict:
    """Return the network as JSON."""
    return {
        "widths": list(network.widths),
        "activations": [g.name for g in network.activations[:-1]],
        "biases": list(network.biases),
        "output": network.activations[-1].name,
        "num_parameters": network.num_parameters,
    }


def _loss_scale(problem: problems.Problem) -> float:
    """Return the mean square of the targets, or 1: what a loss is to be compared with."""
    if problem.data is None or problem.data.is_classification:
        return 1.0
    return float(np.mean(np.sum(np.square(problem.data.targets), axis=1))) or 1.0


def versions() -> dict[str, str]:
    """Return the versions that a result depends on."""
    found = {name: importlib.metadata.version(name) for name in _PACKAGES}
    device = jax.local_devices()[0].platform
    return {"python": platform.python_version(), **found, "device": device} | {
        "precision": str(jnp.zeros(()).dtype)
    }
