"""A user's model, its checkpoint and its data, prepared to be judged."""

import dataclasses
from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from saddlescape import bridges
from saddlescape.checkups._frameworks import AbstractFramework, framework_of
from saddlescape.checkups._made import called, imported
from saddlescape.checkups._samples import Samples, check_outputs, read_samples, shaped_like
from saddlescape.checkups._settings import SpectrumSettings
from saddlescape.checkups._symmetry import symmetry_directions
from saddlescape.core import Data, EmpiricalLandscape, InvalidInputError, Landscape
from saddlescape.setups import fingerprint, versions


@dataclasses.dataclass(frozen=True, eq=False)
class ModelSetup:
    """A model with its loss on data, ready to be judged.

    Args:
        settings: what was asked for.
        landscape: the loss.
        theta: its parameters.
        blocks: their names.
        about: what else there is to say, by name.
        num_samples: rows of the data.
        symmetry: directions a symmetry of the network offers, where it is one.
    """

    settings: SpectrumSettings
    landscape: Landscape
    theta: Float[Array, " p"]
    blocks: dict[str, slice]
    about: dict[str, Any]
    num_samples: int
    symmetry: np.ndarray | None = None

    def header(self) -> dict[str, Any]:
        """Return what a stored result or a page says about its origin.

        Returns:
            a dictionary of JSON values: data, model, versions.
        """
        settings = self.settings
        return {
            "problem": {
                "name": settings.model,
                "source": f"{settings.data}, {self.num_samples:,} rows",
                "num_samples": self.num_samples,
                "data": settings.data,
                "sha256": fingerprint(settings.data or ""),
            },
            "model": self.about,
            "versions": versions(),
        }


_SAME = 1e-11  # of the largest output: two ways to sum thousands of products in float64


def prepare_model(settings: SpectrumSettings) -> ModelSetup:
    """Return the model that settings name, with its loss on the data they name."""
    samples = read_samples(settings.data or "")
    model = _made(settings)
    if settings.checkpoint is not None:
        model.load(bridges.read_checkpoint(settings.checkpoint))
    batches = samples.batches(settings.batch)
    outputs = called(
        f"the model, of inputs of shape {samples.inputs.shape},", model.outputs, batches
    )
    samples = shaped_like(samples, outputs)
    check_outputs(outputs, samples, users_loss=settings.loss is not None)
    loss = (
        model.our_loss(classes=samples.are_classes)
        if settings.loss is None
        else _one_number(imported("--loss", settings.loss), settings.loss)
    )
    landscape = model.landscape(loss, samples.batches(settings.batch), settings.parameters)
    theta, blocks = landscape.theta, landscape.blocks
    _check_loss(landscape, theta)
    about = _about(settings, model, samples)
    exact = _as_network(settings, model, samples, outputs)
    symmetry = None
    if exact is not None and np.array_equal(exact[1], theta):
        landscape = exact[0]
        symmetry = symmetry_directions(landscape, theta)
        about["hessian"] = f"exact, of {landscape.network!r}"
    return ModelSetup(settings, landscape, theta, blocks, about, len(samples.inputs), symmetry)


def _as_network(
    settings: SpectrumSettings, model: AbstractFramework, samples: Samples, outputs: np.ndarray
) -> tuple[EmpiricalLandscape, Array] | None:
    """Return the landscape of the network that the model is, and its theta; None where it is none.

    Its outputs are compared with the model's, sample by sample.
    """
    if settings.loss or settings.single or settings.parameters != "*" or outputs.ndim != 2:
        return None
    try:
        network, theta = model.network()
    except InvalidInputError:
        return None
    inputs = samples.inputs.reshape(len(outputs), -1).astype(float)
    if inputs.shape[1] != network.widths[0]:
        return None
    told = np.asarray(network.apply(theta, jnp.asarray(inputs)))
    if not np.allclose(told, outputs, rtol=0, atol=_SAME * np.abs(outputs).max()):
        return None
    return EmpiricalLandscape(network, Data(inputs, samples.targets)), theta


def _made(settings: SpectrumSettings) -> AbstractFramework:
    """Return the model as it is made, before its checkpoint is read."""
    name = settings.model or ""
    made = imported("--model", name)
    is_model = bridges.torch.is_model(made) or bridges.jax.is_model(made)
    if callable(made) and not is_model:
        made = called(f"{name}()", made)
    return framework_of(made, f"{name}()", double=not settings.single)


def _one_number(loss: Callable[[Any, Any], Any], name: str) -> Callable[[Any, Any], Any]:
    """Return a loss that complains where it is not one number."""

    def checked(outputs: Any, targets: Any) -> Any:
        value = loss(outputs, targets)
        if getattr(value, "shape", None) != ():
            told = (
                f"shape {tuple(value.shape)}" if hasattr(value, "shape") else type(value).__name__
            )
            msg = f"{name} returns {told}: return the mean over the rows, as one number"
            raise InvalidInputError(msg)
        return value

    return checked


def _check_loss(landscape: Landscape, theta: Array) -> None:
    """Raise unless loss, gradient and a product can be computed.

    Raises:
        InvalidInputError: when the loss or a derivative raises or is not finite.
    """
    loss, gradient = called("the loss", landscape.loss_and_gradient, theta)
    product = called("the Hessian of the loss", landscape.hvp, theta, gradient)
    for what, value in (("loss", loss), ("gradient", gradient), ("Hessian", product)):
        if not np.all(np.isfinite(np.asarray(value))):
            msg = f"the {what} is not finite at this point: look at the loss and the checkpoint"
            raise InvalidInputError(msg)


def _about(
    settings: SpectrumSettings, model: AbstractFramework, samples: Samples
) -> dict[str, Any]:
    """Return what a page says about a model."""
    own = "cross-entropy" if samples.are_classes else "squared error"
    told = {
        "framework": model.name,
        "mode": "evaluation",
        "loss": settings.loss or own,
        "precision": "float32" if settings.single else "float64",
        "hessian": f"from products of {model.name}",
        "checkpoint": settings.checkpoint,
        "varied": None if settings.parameters == "*" else settings.parameters,
    }
    if settings.checkpoint is not None:
        told["checkpoint_sha256"] = fingerprint(settings.checkpoint)
    return told
