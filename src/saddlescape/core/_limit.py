"""The landscape at the end of a channel: one pair of neurons replaced by its limit function."""

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array

from saddlescape.core._channels import Pair, from_limit, suspect, to_limit
from saddlescape.core._landscape import End, Landscape, Matrix, Scalar, Theta
from saddlescape.core._losses import AbstractLoss
from saddlescape.core._network import Network
from saddlescape.core._passes import Chunk, pre_activation, sum_chunks


class LimitLandscape(Landscape):
    """The loss where neuron i of a hidden layer gives g(z_i), neuron j gives z_j g'(z_i).

    Theta has the layout of the finite network: slot i holds (w, c), slot j holds (e, u), see
    `_channels`. Scaling e up and u down changes nothing: one eigenvalue of the Hessian is zero.
    Derivatives come from JAX; weight decay is left out, as with it there are no channels.
    """

    network: Network = eqx.field(static=True)
    kind: AbstractLoss = eqx.field(static=True)
    number: int = eqx.field(static=True)
    chunks: Chunk
    pair: Pair

    @property
    def num_parameters(self) -> int:
        """The length p of theta."""
        return self.network.num_parameters

    def loss(self, theta: Theta) -> Scalar:
        """Return the loss of the limit function; see `Landscape.loss`."""
        return sum_chunks(self.chunks, lambda chunk: self._chunk_loss(theta, chunk))

    def loss_and_gradient(self, theta: Theta) -> tuple[Scalar, Theta]:
        """Return loss and gradient; see `Landscape.loss_and_gradient`."""
        return sum_chunks(
            self.chunks, lambda chunk: jax.value_and_grad(self._chunk_loss)(theta, chunk)
        )

    def gradient(self, theta: Theta) -> Theta:
        """Return the gradient; see `Landscape.gradient`."""
        return self.loss_and_gradient(theta)[1]

    def hvp(self, theta: Theta, direction: Theta) -> Theta:
        """Return the Hessian times a direction; see `Landscape.hvp`."""
        return jax.jvp(self.gradient, (theta,), (direction,))[1]

    def hessian(self, theta: Theta) -> Matrix:
        """Return the Hessian; see `Landscape.hessian`."""
        return self.derivatives(theta)[2]

    def derivatives(self, theta: Theta) -> tuple[Scalar, Theta, Matrix]:
        """Return loss, gradient and Hessian; see `Landscape.derivatives`."""

        def one_chunk(chunk: Chunk) -> tuple[Scalar, Theta, Matrix]:
            def gradient(theta: Theta) -> tuple[Theta, tuple[Scalar, Theta]]:
                both = jax.value_and_grad(self._chunk_loss)(theta, chunk)
                return both[1], both

            hessian, (loss, slope) = jax.jacfwd(gradient, has_aux=True)(theta)
            return loss, slope, hessian

        loss, gradient, hessian = sum_chunks(self.chunks, one_chunk)
        return loss, gradient, (hessian + hessian.T) / 2

    def coarse(self) -> None:
        """Return None: limits are searched from nearby."""
        return

    def ends(self, theta: Theta) -> tuple[()]:
        """Return nothing: none is looked for beyond the first."""
        del theta  # the interface's
        return ()

    def kinks(self, theta: Theta) -> Array:
        """Return 0; see `Landscape.kinks`."""
        del theta  # the interface's
        return jnp.zeros((), jnp.int32)

    def _chunk_loss(self, theta: Theta, chunk: Chunk) -> Scalar:
        network = self.network
        values = chunk.inputs
        layers = network.unflatten(theta)
        for number, (layer, g) in enumerate(zip(layers, network.activations, strict=True)):
            z = pre_activation(layer, values)
            values, slopes = g.with_slope(z)
            if number == self.number:
                i, j, _ = self.pair
                values = values.at[j].set(z[j] * slopes[i])
        return chunk.weights @ self.kind.value(values, chunk.targets)


def limit_ends(
    network: Network, kind: AbstractLoss, chunks: Chunk, decay: Scalar, theta: Theta
) -> tuple[End, ...]:
    """Return the end of the channel of the most suspect pair of each hidden layer."""
    layers, ends = network.unflatten(theta), []
    for number, width in enumerate(network.hidden):
        if width < 2 or network.activations[number].is_piecewise_linear:
            continue  # with g'' = 0 the pair merges at finite weights
        pair, is_suspect = suspect(network, layers, number)
        start = to_limit(network, layers, number, pair)

        def finite(limit: Theta, t: Scalar, number: int = number, pair: Pair = pair) -> Theta:
            return from_limit(network, network.unflatten(limit), number, pair, t)

        landscape = LimitLandscape(network, kind, number, chunks, pair)
        ends.append(End(is_suspect & (decay == 0), landscape, start, finite))
    return tuple(ends)
