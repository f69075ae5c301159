"""Many starts in one compiled program, spread over the local devices.

On a CPU each device takes its starts one by one (`lax.map`): a start then stops when it is done and
its data stay in cache, which is 3 to 7 times as fast as `vmap` in lockstep. Every start runs the
same code on its own numbers, so results do not depend on the number of starts or devices.
"""

import functools
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh, PartitionSpec
from jaxtyping import Array, Float

from saddlescape.core._critical import CriticalPoint, check_points
from saddlescape.core._errors import ShapeMismatchError
from saddlescape.core._finders._any_index import AnyIndexFinder
from saddlescape.core._finders._flow import FlowFinder
from saddlescape.core._finders._gradient_norm import GradientNormFinder
from saddlescape.core._finders._index import IndexFinder
from saddlescape.core._finders._interface import AbstractFinder
from saddlescape.core._finders._minima import MinimumFinder
from saddlescape.core._finders._settle import settle_unfinished
from saddlescape.core._landscape import Landscape
from saddlescape.core._memory import require_memory

_LANES_ON_ACCELERATORS = 1024
# Matrices as large as a Hessian that the compiled search for minima holds on each device: 76 by its
# own account, for 81 to 1,201 parameters.
_HESSIANS = 76


def find(
    finder: AbstractFinder, landscape: Landscape, starts: Float[Array, "m p"]
) -> CriticalPoint:
    """Return where each start leads: a batch of classified points, in the order of the starts.

    Args:
        finder: the search.
        landscape: the loss.
        starts: shape (m, p), float64.

    Returns:
        the batch; `outcome` says how each search ended, none raises.

    Raises:
        PrecisionError: in lower precision than float64.
        ShapeMismatchError: when the starts do not fit the landscape.
        MemoryBudgetError: when the Hessian would not fit into memory.
    """
    starts = landscape.ravel(starts)
    check_points(landscape, starts)
    if starts.ndim != 2:
        msg = f"starts have shape {starts.shape}, wanted (m, p): use starts[None] for a single one"
        raise ShapeMismatchError(msg)
    devices = _devices(finder)
    size = landscape.num_parameters
    require_memory(_HESSIANS * 8 * size**2 * len(devices), f"a search over {size:,} parameters")
    count = starts.shape[0]
    pad = -count % len(devices)
    padded = np.concatenate([starts, np.repeat(np.asarray(starts[:1]), pad, axis=0)])
    points = _search_all(finder, landscape, landscape.coarse(), jnp.asarray(padded))
    points = jax.tree.map(lambda leaf: np.array(leaf)[:count], points)
    if isinstance(finder, MinimumFinder):
        points = settle_unfinished(landscape, points, finder.max_steps)
    return jax.tree.map(jnp.asarray, points)


def _devices(finder: AbstractFinder) -> list:
    """Return the devices that the finder's starts are spread over."""
    return jax.local_devices() if finder.can_shard else jax.local_devices()[:1]


@eqx.filter_jit
def _search_all(
    finder: AbstractFinder, landscape: Landscape, coarse: Landscape | None, starts: Array
) -> CriticalPoint:
    """Return the end of every start, sharded over the devices."""
    devices = _devices(finder)
    lanes = None if devices[0].platform == "cpu" else _LANES_ON_ACCELERATORS
    arrays, static = eqx.partition((finder, landscape, coarse), eqx.is_array)

    def search_block(arrays, block: Array) -> CriticalPoint:
        finder, landscape, coarse = eqx.combine(arrays, static)
        search = functools.partial(finder.search, landscape, coarse)
        return jax.lax.map(search, block, batch_size=lanes)

    if len(devices) == 1:
        return search_block(arrays, starts)
    own, everywhere = PartitionSpec("starts"), PartitionSpec()
    return jax.shard_map(
        search_block,
        mesh=Mesh(np.array(devices), ("starts",)),
        in_specs=(everywhere, own),
        out_specs=own,
        check_vma=False,
    )(arrays, starts)


def find_minima(
    landscape: Landscape, starts: Float[Array, "m p"], *, max_steps: int = 2_000
) -> CriticalPoint:
    """Return the minimum each start leads to; shorthand for `find(MinimumFinder(...), ...)`.

    Args:
        landscape: the loss.
        starts: shape (m, p), float64; see `Network.starts`.
        max_steps: Newton steps after which a search gives up.

    Returns:
        a batch of points; see `find` for the errors.

    Example:
        >>> from saddlescape.core import FunctionLandscape
        >>> wells = FunctionLandscape(lambda v: (v[0] ** 2 - 1) ** 2, num_parameters=1)
        >>> find_minima(wells, jnp.array([[0.5], [-3.0]])).theta.round(12).tolist()
        [[1.0], [-1.0]]
    """
    return find(MinimumFinder(max_steps=max_steps), landscape, starts)


def find_critical_points(
    landscape: Landscape, starts: Float[Array, "m p"], *, max_steps: int = 500
) -> CriticalPoint:
    """Return the critical point of any index each start leads to: minima, saddles, maxima.

    Args:
        landscape: the loss.
        starts: shape (m, p), float64.
        max_steps: Newton steps after which a search gives up.

    Returns:
        a batch of points; see `find` for the errors.

    Example:
        >>> from saddlescape.core import FunctionLandscape
        >>> wells = FunctionLandscape(lambda v: (v[0] ** 2 - 1) ** 2, num_parameters=1)
        >>> find_critical_points(wells, jnp.array([[0.1], [2.0]])).index.tolist()
        [1, 0]
    """
    return find(AnyIndexFinder(max_steps=max_steps), landscape, starts)


def follow_flow(landscape: Landscape, starts: Float[Array, "m p"], **options: Any) -> CriticalPoint:
    """Return where the gradient flow from each start leads.

    Args:
        landscape: the loss.
        starts: shape (m, p), float64.
        **options: fields of `FlowFinder`.

    Returns:
        a batch of points; see `find` for the errors.
    """
    return find(FlowFinder(**options), landscape, starts)


FINDERS: dict[str, type[AbstractFinder]] = {
    "minima": MinimumFinder,
    "any-index": AnyIndexFinder,
    "flow": FlowFinder,
    "gradient-norm": GradientNormFinder,
    "index": IndexFinder,
}
"""Every finder by the name the command line knows it by."""
