"""From settings to something to search: the problem, the network, the landscape, the starts."""

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
from saddlescape.core import (
    FINDERS,
    AbstractFinder,
    EmpiricalLandscape,
    InvalidInputError,
    Landscape,
    Network,
)
from saddlescape.surveys._settings import SurveySettings
from saddlescape.surveys._teacher import teacher_of

_PACKAGES = ("saddlescape", "jax", "jaxlib", "numpy", "scipy", "equinox", "diffrax")
_STEPS = 100  # Newton steps of a start: 40 for the lecture problem, 100 to 300 for deep networks


@dataclasses.dataclass(frozen=True)
class Plan:
    """A survey ready to run."""

    settings: SurveySettings
    problem: problems.Problem
    network: Network | None
    landscape: Landscape
    finder: AbstractFinder

    def starts(self, first: int, count: int) -> Float[Array, "m p"]:
        """Return starts `first` to `first + count - 1`; each depends on seed and number alone.

        Args:
            first: the number of the first start.
            count: how many.

        Returns:
            shape (count, p).
        """
        seed = self.settings.seed
        if self.network is None:
            return self.problem.starts(count, seed, first=first)
        return self.network.starts(count, seed, scale=self.settings.scale, first=first)

    def header(self, out: str) -> dict:
        """Return what `atlas.json` says before the first block.

        Args:
            out: the atlas folder, as the command names it.

        Returns:
            a dictionary of JSON values.
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
                "sha256": _fingerprint(settings.data),
            }
        return {
            "problem": described,
            "network": None if self.network is None else _described(self.network),
            "settings": settings.model_dump(mode="json"),
            "seed": settings.seed,
            "teacher": teacher_of(self.problem, self.network),
            "command": settings.command(out),
            "versions": versions(),
            "seconds": {"search": 0.0},
            "loss_scale": _loss_scale(problem),
        }


def plan(settings: SurveySettings) -> Plan:
    """Return the survey that the settings ask for, with its data loaded.

    Args:
        settings: what to do.

    Returns:
        the plan.

    Raises:
        InvalidInputError: when data, network and settings do not fit together.
        MemoryBudgetError: when a Hessian of the network would not fit into memory.
    """
    problem = _problem(settings)
    finder = FINDERS[settings.finder]
    options = {} if settings.max_steps is None else {"max_steps": settings.max_steps}
    if problem.landscape is not None:
        _refuse_network_options(settings)
        return Plan(settings, problem, None, problem.landscape, finder(**options))
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
    return Plan(settings, problem, network, landscape, finder(**options))


def expected_seconds(survey: Plan) -> float:
    """Return roughly how long a survey takes, from the size of a Newton step alone.

    Good to a factor of five or so: a start takes some 100 steps, fewer for small networks and more
    for deep ones; a step forms the Hessian (p^2 products a sample and output, at 2e10 operations a
    second) and takes its eigenvalues (10 p^3 operations at 1e10 a second).

    Args:
        survey: what is to be run.

    Returns:
        seconds on this machine, compiling not counted.
    """
    data, size = survey.problem.data, survey.landscape.num_parameters
    rows = 1
    if data is not None and survey.network is not None:
        rows = data.num_samples * survey.network.widths[-1]
    step = 2 * size**2 * rows / 2e10 + 10 * size**3 / 1e10
    return _STEPS * step * survey.settings.starts / jax.local_device_count()


def _problem(settings: SurveySettings) -> problems.Problem:
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


def _refuse_network_options(settings: SurveySettings) -> None:
    """Raise for options that mean nothing on a surface."""
    given = [
        "--" + name.replace("_", "-")
        for name in ("hidden", "bias", "activation", "samples", "weight_decay", "scale")
        if getattr(settings, name) != type(settings).model_fields[name].default
    ]
    if given:
        msg = (
            f"{settings.problem!r} is a surface without a network: leave out "
            f"{' and '.join(given)}, or choose a problem with data, such as lecture"
        )
        raise InvalidInputError(msg)


def _fingerprint(file: str) -> str:
    """Return a checksum of a file, which tells whether it has changed since."""
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
