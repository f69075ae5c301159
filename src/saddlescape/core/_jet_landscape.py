"""The loss in limit coordinates: clusters of neurons replaced by their jets, see `_jets`."""

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from saddlescape.core._activations import Activation
from saddlescape.core._landscape import Landscape, Matrix, Scalar, Theta
from saddlescape.core._losses import AbstractLoss
from saddlescape.core._network import Network
from saddlescape.core._passes import Chunk, pre_activation, sum_chunks


class JetLandscape(Landscape):
    """The loss of a network whose first neurons of one hidden layer are jets.

    Its theta holds the free limit coordinates only: the function changes with each of them, so the
    index and the nullity of its Hessian are those of the limit function. Derivatives come from JAX.
    """

    network: Network = eqx.field(static=True)
    kind: AbstractLoss = eqx.field(static=True)
    layer: int = eqx.field(static=True)
    sizes: tuple[int, ...] = eqx.field(static=True)
    chunks: Chunk
    fixed: Float[Array, " q"]
    """All limit coordinates, in the layout of the network's theta."""
    free: Int[Array, " p"]
    """Where in them theta goes."""

    @property
    def num_parameters(self) -> int:
        """The number of free limit coordinates."""
        return self.free.shape[0]

    def complete(self, theta: Theta) -> Float[Array, " q"]:
        """Return all limit coordinates."""
        return self.fixed.at[self.free].set(theta)

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
        network, values = self.network, chunk.inputs
        layers = network.unflatten(self.complete(theta))
        for number, (layer, g) in enumerate(zip(layers, network.activations, strict=True)):
            z = pre_activation(layer, values)
            values = self._jets(g, z) if number == self.layer else g(z)
        return chunk.weights @ self.kind.value(values, chunk.targets)

    def _jets(self, g: Activation, z: Float[Array, "h c"]) -> Float[Array, "h c"]:
        """Return the values of the layer: jets first, then the other neurons."""
        rows, first = [], 0
        for size in self.sizes:
            rows.append(_jet(g, z[first : first + size]))
            first += size
        return jnp.concatenate([*rows, g(z[first:])] if first < z.shape[0] else rows)


def _jet(g: Activation, z: Float[Array, "h c"]) -> Float[Array, "h c"]:
    """Return the Taylor coefficients of g(z_0 + s z_1 + s^2 z_2), two or three of them."""
    if z.shape[0] == 2:
        value, slope = g.with_slope(z[0])
        return jnp.stack([value, z[1] * slope])
    value, slope, curvature = g.with_curvature(z[0])
    return jnp.stack([value, z[1] * slope, z[2] * slope + z[1] ** 2 * curvature / 2])
