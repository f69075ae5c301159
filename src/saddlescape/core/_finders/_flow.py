"""Along the gradient flow d theta / dt = -gradient, then Newton's method at its end."""

import diffrax
import jax.numpy as jnp

from saddlescape.core._critical import CriticalPoint
from saddlescape.core._finders._descent import begin, descend
from saddlescape.core._finders._interface import AbstractFinder
from saddlescape.core._finders._minima import conclude
from saddlescape.core._landscape import Landscape, Theta


class FlowFinder(AbstractFinder):
    """Error-controlled gradient flow (implicit Runge-Kutta of order 5), then damped Newton.

    Follows the basin of attraction that infinitely slow gradient descent would: slower than
    `MinimumFinder`, which jumps between basins. If the flow stops at a saddle, so does the search.
    """

    max_steps: int = 1_000
    """Newton steps after the flow."""
    max_time: float = 1e6
    """How long to flow, in parameter squared per loss."""
    max_flow_steps: int = 2_000
    tolerance: float = 1e-6
    """Relative error of the flow per step; absolute, a hundredth of it."""

    @property
    def can_shard(self) -> bool:
        """False: lineax 0.1.1, inside diffrax, fails under `shard_map` on several devices."""
        return False

    def search(self, landscape: Landscape, coarse: Landscape | None, start: Theta) -> CriticalPoint:
        """Return where the flow from `start` leads; see `AbstractFinder.search`."""
        del coarse  # the flow of part of the samples is another flow
        flow = diffrax.diffeqsolve(
            diffrax.ODETerm(lambda t, theta, args: -landscape.gradient(theta)),  # noqa: ARG005
            diffrax.Kvaerno5(),
            t0=0.0,
            t1=self.max_time,
            dt0=None,
            y0=start,
            stepsize_controller=diffrax.PIDController(
                rtol=self.tolerance, atol=self.tolerance / 100
            ),
            event=diffrax.Event(diffrax.steady_state_event(rtol=0.0, atol=self.tolerance / 100)),
            max_steps=self.max_flow_steps,
            throw=False,
        )
        ends = start[None] if flow.ys is None else flow.ys
        end = jnp.where(jnp.all(jnp.isfinite(ends[-1])), ends[-1], start)
        state = descend(landscape, begin(end), self.max_steps)
        return conclude(landscape, state, flow.stats["num_steps"])[0]
