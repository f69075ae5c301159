"""The lecture's teacher: a committee of four neurons, learnt by a student of the same form."""

import jax.numpy as jnp
import numpy as np

from saddlescape.core import Activation, Data, Network
from saddlescape.problems._names import NAMES
from saddlescape.problems._problem import Problem

_INCOMING = ((0.6, 0.5), (-0.5, 0.5), (-0.2, -0.6), (0.1, -0.6))
_SOURCE = (
    "Code accompanying Simsek et al. (2021), Geometry of the loss landscape in overparameterized "
    "neural networks: symmetries and invariances, ICML 2021, PMLR 139:9722-9732. "
    "The data are computed here; no licence applies."
)


def lecture(activation: str | Activation = "g") -> Problem:
    """Return the teacher of the lecture: 2 inputs, 4 hidden neurons, outgoing weights 1, no bias.

    The inputs are the grid -5, -4.75, ..., 5 squared: 1,681 samples. The targets are the teacher's
    outputs, so the teacher and its permutations are minima of loss 0.

    Args:
        activation: of teacher and student; ``"g"`` is sigmoid(4 z) + softplus(z).

    Returns:
        the problem, with the teacher's network and parameters.

    Raises:
        UnknownNameError: for an unknown activation.

    References:
        Simsek et al. (2021), and section 2.5 of the lecture.

    Example:
        >>> problem = lecture("tanh")
        >>> problem.data.inputs.shape, problem.teacher[-4:].tolist()
        ((1681, 2), [1.0, 1.0, 1.0, 1.0])
    """
    network = Network((2, 4, 1), activation, bias=False)
    outgoing = jnp.ones((1, 4))
    teacher = network.flatten([(jnp.asarray(_INCOMING), None), (outgoing, None)])
    line = np.linspace(-5, 5, 41)  # steps of 1/4 are exact in binary
    inputs = jnp.asarray(np.stack(np.meshgrid(line, line, indexing="ij"), axis=-1).reshape(-1, 2))
    return Problem(
        name="lecture",
        description=NAMES["lecture"],
        source=_SOURCE,
        scaling="Inputs run from -5 to 5, targets are the teacher's outputs; nothing was scaled.",
        data=Data(inputs, network.apply(teacher, inputs)),
        teacher=teacher,
        network=network,
        hidden=(4,),
        activation=network.activations[0].name if isinstance(activation, str) else activation,
        bias=False,
        input_names=("x1", "x2"),
        target_names=("y",),
    )
