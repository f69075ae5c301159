"""A network opened: its regions, its surface, its layers, from settings."""

import dataclasses
from collections.abc import Callable

import numpy as np
from jaxtyping import Float, Int

from saddlescape.core import InvalidInputError
from saddlescape.decisions._along import Along, along, recorded_steps
from saddlescape.decisions._learn import Learned, labels_of, loaded, trained
from saddlescape.decisions._plane import Plane, principal_plane, sample_plane, whole_plane
from saddlescape.decisions._settings import DecisionSettings
from saddlescape.decisions._views import LayerView, layer_views
from saddlescape.decisions._zeros import neuron_zeros, regions_of, separating
from saddlescape.regions import PlaneRegions
from saddlescape.setups import Setup, prepare

Segments = Float[np.ndarray, "_ 4"]


@dataclasses.dataclass(frozen=True, eq=False)
class Decision:
    """What a network of hyperplanes decides, and how.

    Args:
        settings: what was asked for.
        setup: the problem.
        learned: the network.
        loss: at the end of training; None where it was loaded.
        inputs: of the samples, shape (n, d).
        labels: of the samples, shape (n,).
        accuracy: share of the samples that the network labels rightly.
        plane: of the inputs.
        regions: linear regions in it; None unless all hidden neurons are rectifiers.
        surface: where two classes part, by pair of classes.
        views: every layer in the space of its own inputs, the readout last.
        zeros: of every neuron of every hidden layer, in the plane of the inputs.
        along: regions along training, where that was asked for.
    """

    settings: DecisionSettings
    setup: Setup
    learned: Learned
    loss: float | None
    inputs: Float[np.ndarray, "n d"]
    labels: Int[np.ndarray, " n"]
    accuracy: float
    plane: Plane
    regions: PlaneRegions | None
    surface: dict[tuple[int, int], Segments]
    views: tuple[LayerView, ...]
    zeros: tuple[tuple[Segments, ...], ...]
    along: Along | None = None


def run(settings: DecisionSettings, on_progress: Callable[[str], None] | None = None) -> Decision:
    """Return a network opened: trained on its data, or loaded.

    Args:
        settings: what to do.
        on_progress: called with what is done next.

    Returns:
        the pictures as data. Costs the training, then seconds.

    Raises:
        InvalidInputError: where data, network and settings do not fit together.
    """
    tell = on_progress or (lambda words: None)  # noqa: ARG005
    setup = prepare(settings)
    if setup.problem.data is None:
        msg = f"{setup.problem.name!r} is a surface without a network: give data, such as spirals"
        raise InvalidInputError(msg)
    loss, run_along = None, None
    steps = [settings.steps]
    if settings.training:
        steps = recorded_steps(settings.steps, settings.checkpoints)
    if settings.network is not None:
        learned = loaded(setup, settings.network, settings.activation or "relu")
    else:
        tell("Training")
        options = {"rate": settings.rate, "seed": settings.seed, "scale": settings.scale}
        every, losses = trained(setup, steps, **options)
        learned, loss = every[-1], float(losses[-1])
        run_along = (every, steps, losses)
        if not np.isfinite(loss):
            msg = f"training diverged at the rate {settings.rate:g}: give a smaller --rate"
            raise InvalidInputError(msg)
    if not learned.activations:
        msg = "a network without hidden layers has no neurons to look at: give --hidden 8,8"
        raise InvalidInputError(msg)
    tell("Looking for the regions")
    found = opened(settings, setup, learned, loss)
    if settings.training and run_along is not None:
        tell(f"Counting regions at {len(steps)} checkpoints")
        told = along(*run_along, found.plane, (found.inputs, found.labels))
        found = dataclasses.replace(found, along=told)
    return found


def opened(
    settings: DecisionSettings, setup: Setup, learned: Learned, loss: float | None = None
) -> Decision:
    """Return a network opened.

    Args:
        settings: which plane to look at.
        setup: the data.
        learned: the network.
        loss: its loss, where it was trained.

    Returns:
        the pictures as data.

    Raises:
        InvalidInputError: for a problem without data.
    """
    data = setup.problem.data
    if data is None:
        msg = f"{setup.problem.name!r} has no data: choose another problem"
        raise InvalidInputError(msg)
    inputs, labels = np.asarray(data.inputs, float), labels_of(data)
    if inputs.shape[1] <= 2:
        plane = whole_plane(inputs, setup.problem.input_names or ("input 1", "input 2"))
    elif settings.plane == "pca":
        plane = principal_plane(inputs)
    else:
        plane = sample_plane(inputs, labels)
    return Decision(
        settings=settings,
        setup=setup,
        learned=learned,
        loss=loss,
        inputs=inputs,
        labels=labels,
        accuracy=float((learned.labels(learned.outputs(inputs)) == labels).mean()),
        plane=plane,
        regions=regions_of(learned, plane) if learned.is_relu else None,
        surface=separating(learned, plane),
        views=layer_views(learned, inputs, plane),
        zeros=tuple(
            tuple(neuron_zeros(learned, plane, depth)) for depth in range(len(learned.activations))
        ),
    )
