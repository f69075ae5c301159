"""Numbers attached to each neuron that do not depend on how neurons are numbered."""

import zlib

import numpy as np

from saddlescape.core import Network
from saddlescape.symmetry._layers import HostLayer


def signatures(network: Network, layers: list[HostLayer], num_probes: int) -> list[np.ndarray]:
    """Return a vector per neuron, (m, h, 2 probes), that only moves along with the neuron.

    Fixed random vectors are sent in at the inputs and, backwards, at the outputs; each neuron notes
    what arrives from either side. An elementwise odd function between the layers commutes with
    permutations and sign flips, so renumbering neurons renumbers the vectors and flipping a neuron
    negates its vector. With one hidden layer and one probe this is a linear functional of the
    neuron's incoming and outgoing weights.
    """
    # The directions are part of the definition, hence a constant stream and not a key.
    random = np.random.default_rng(zlib.crc32(b"signature"))
    arriving = random.normal(size=(network.widths[0], num_probes))
    constants = random.normal(size=num_probes)
    returning = random.normal(size=(network.widths[-1], num_probes))
    forward = []
    for weight, bias in layers[:-1]:
        z = weight @ arriving
        z = _scaled(z if bias is None else z + bias[:, :, None] * constants)
        forward.append(z)
        arriving = np.arcsinh(z)
    found = []
    for number in reversed(range(len(forward))):
        y = _scaled(layers[number + 1].weight.swapaxes(1, 2) @ returning)
        found.append(np.concatenate([forward[number], y], axis=2))
        # What came forward is sent back too: neurons alike seen from the output are told apart.
        returning = np.arcsinh(y) + np.arcsinh(forward[number])
    return found[::-1]


def _scaled(values: np.ndarray) -> np.ndarray:
    """Return values divided by their root mean square over the neurons of each layer."""
    size = np.sqrt(np.mean(values**2, axis=1, keepdims=True))
    return values / np.where(size > 0, size, 1)
