"""From settings to something to search: what is studied, the finder, the starts."""

import dataclasses

import jax
from jaxtyping import Array, Float

from saddlescape.core import FINDERS, AbstractFinder, Landscape, Network
from saddlescape.problems import Problem
from saddlescape.setups import Setup, prepare
from saddlescape.surveys._settings import SurveySettings
from saddlescape.surveys._teacher import teacher_of

_STEPS = 100  # Newton steps of a start: 40 for the lecture problem, 100 to 300 for deep networks


@dataclasses.dataclass(frozen=True)
class Plan:
    """A survey ready to run."""

    settings: SurveySettings
    setup: Setup
    finder: AbstractFinder

    @property
    def problem(self) -> Problem:
        """The data or the surface."""
        return self.setup.problem

    @property
    def network(self) -> Network | None:
        """The network; None for a surface."""
        return self.setup.network

    @property
    def landscape(self) -> Landscape:
        """The loss."""
        return self.setup.landscape

    def starts(self, first: int, count: int) -> Float[Array, "m p"]:
        """Return starts `first` to `first + count - 1`; each depends on seed and number alone.

        Args:
            first: the number of the first start.
            count: how many.

        Returns:
            shape (count, p).
        """
        return self.setup.starts(first, count, self.settings.seed, self.settings.scale)

    def header(self, out: str) -> dict:
        """Return what `atlas.json` says before the first block.

        Args:
            out: the atlas folder, as the command names it.

        Returns:
            a dictionary of JSON values.
        """
        told, settings = self.setup.header(), self.settings
        return {
            "problem": told["problem"],
            "network": told["network"],
            "settings": settings.model_dump(mode="json"),
            "seed": settings.seed,
            "teacher": teacher_of(self.problem, self.network),
            "command": settings.command(out),
            "versions": told["versions"],
            "seconds": {"search": 0.0},
            "loss_scale": told["loss_scale"],
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
    options = {} if settings.max_steps is None else {"max_steps": settings.max_steps}
    return Plan(settings, prepare(settings), FINDERS[settings.finder](**options))


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
