"""A pytree of parameters and a loss of batches behind the interface of landscapes."""

import fnmatch
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree
from jaxtyping import Array

from saddlescape.bridges._jax_tree import as_precision, is_array, is_real, named_leaves, replaced
from saddlescape.bridges._matching import match
from saddlescape.core import InvalidInputError, Landscape, ShapeMismatchError, require_memory

_DIRECTIONS = 32  # columns of a dense Hessian that are computed together


class JaxLandscape(Landscape):
    """The loss of a model as a function of one vector; `bridges.jax.landscape` makes it.

    The batches are arguments of the compiled programs, not constants in them, and one batch at a
    time is in memory with its derivatives.

    Args:
        params: the model or its parameters.
        loss_fn: parameters, inputs and targets -> the mean loss of a batch.
        batches: pairs of inputs and targets.
        parameters: a pattern of names.

    Raises:
        InvalidInputError: without parameters or batches, or when the loss is not one real number.
    """

    loss_fn: Callable[..., Any] = eqx.field(static=True)
    blocks: dict[str, slice] = eqx.field(static=True)
    _unravel: Callable[[Any], Any] = eqx.field(static=True)
    theta: Array
    fixed: Any
    groups: list[Any]  # batches of equal shape, stacked: inputs, targets, weights

    def __init__(self, params: Any, loss_fn: Any, batches: Iterable[Any], parameters: str = "*"):
        params = jax.tree.map(lambda leaf: jnp.asarray(leaf) if is_array(leaf) else leaf, params)
        chosen = _chosen(params, parameters)
        free = eqx.filter(params, replaced(params, lambda name, _: name in chosen))
        self.theta, self._unravel = ravel_pytree(free)
        self.fixed = eqx.filter(params, replaced(params, lambda name, _: name not in chosen))
        self.loss_fn = loss_fn
        ends = np.cumsum([leaf.size for leaf in chosen.values()]).tolist()
        starts = [0, *ends[:-1]]
        self.blocks = {n: slice(*ends) for n, *ends in zip(chosen, starts, ends, strict=True)}
        self.groups = _groups(batches, self.theta.dtype)
        self._check_loss()

    @property
    def num_parameters(self) -> int:
        """The length p of theta."""
        return self.theta.size

    def unravel(self, theta: Array) -> Any:
        """Return the model or its parameters, as it was given, at another point.

        Args:
            theta: shape (p,).

        Returns:
            a pytree; what is fixed is as it was.
        """
        return eqx.combine(self._unravel(theta), self.fixed)

    def ravel(self, point: Any) -> Array:
        """Return a vector, a tree like the one given, or arrays by name as theta.

        Args:
            point: one of these; a checkpoint must hold all chosen parameters and no others.

        Returns:
            shape (p,).

        Raises:
            InvalidInputError: when a parameter is missing, or there is one too many.
        """
        if isinstance(point, Array | np.ndarray | list):
            return jnp.asarray(point)
        leaves = {name: leaf for name, leaf in named_leaves(point).items() if is_array(leaf)}
        shapes = {
            name: leaf.shape for name, leaf in named_leaves(self._unravel(self.theta)).items()
        }
        if isinstance(point, Mapping) and not set(shapes) <= set(leaves):
            leaves = point
        held = {name: leaf for name, leaf in leaves.items() if name in shapes}
        found = match(held, shapes)
        return jnp.concatenate([jnp.ravel(jnp.asarray(a)) for a in found.values()])

    @eqx.filter_jit
    def loss(self, theta: Array) -> Array:
        """Return the loss; see `Landscape.loss`."""
        return self._sum(self._batch_loss, theta)

    @eqx.filter_jit
    def loss_and_gradient(self, theta: Array) -> tuple[Array, Array]:
        """Return loss and gradient; see `Landscape.loss_and_gradient`."""
        return self._sum(jax.value_and_grad(self._batch_loss), theta)

    @eqx.filter_jit
    def gradient(self, theta: Array) -> Array:
        """Return the gradient; see `Landscape.gradient`."""
        return self._sum(jax.grad(self._batch_loss), theta)

    @eqx.filter_jit
    def hvp(self, theta: Array, direction: Array) -> Array:
        """Return the Hessian times a direction; see `Landscape.hvp`."""
        self._check(direction)

        def product(theta: Array, *batch: Any) -> Array:
            gradient = jax.grad(self._batch_loss)
            return jax.jvp(lambda theta: gradient(theta, *batch), (theta,), (direction,))[1]

        return self._sum(product, theta)

    @eqx.filter_jit
    def hessian(self, theta: Array) -> Array:
        """Return the dense Hessian by p products; see `Landscape.hessian`."""
        size = self.num_parameters
        require_memory(3 * 8 * size**2, f"the Hessian of {size:,} parameters")
        unit = jnp.eye(size, dtype=theta.dtype)
        rows = jax.lax.map(lambda row: self.hvp(theta, row), unit, batch_size=_DIRECTIONS)
        return (rows + rows.T) / 2

    @eqx.filter_jit
    def derivatives(self, theta: Array) -> tuple[Array, Array, Array]:
        """Return loss, gradient and Hessian; see `Landscape.derivatives`."""
        return *self.loss_and_gradient(theta), self.hessian(theta)

    def coarse(self) -> None:
        """Return None: samples are not left out; see `Landscape.coarse`."""
        return

    def ends(self, theta: Array) -> tuple[()]:
        """Return nothing: channels to infinity are not known; see `Landscape.ends`."""
        del theta  # the interface's
        return ()

    def kinks(self, theta: Array) -> Array:
        """Return 0: kinks inside the model are not looked for; see `Landscape.kinks`."""
        del theta  # the interface's
        return jnp.zeros((), jnp.int32)

    def _batch_loss(self, theta: Array, inputs: Any, targets: Any) -> Array:
        """Return the loss of one batch."""
        return jnp.asarray(self.loss_fn(self.unravel(theta), inputs, targets))

    def _sum(self, function: Callable[..., Any], theta: Array) -> Any:
        """Return the weighted sum over batches of a function of theta, inputs and targets."""
        self._check(theta)
        total = None
        for inputs, targets, weights in self.groups:

            def term(batch: Any) -> Any:
                inputs, targets, weight = batch
                return jax.tree.map(
                    lambda value: weight.astype(value.dtype) * value,
                    function(theta, inputs, targets),
                )

            group = (inputs, targets, weights)
            part = term(jax.tree.map(lambda array: array[0], group))
            if len(weights) > 1:
                rest = jax.tree.map(lambda array: array[1:], group)
                part, _ = jax.lax.scan(
                    lambda sofar, batch: (jax.tree.map(jnp.add, sofar, term(batch)), None),
                    part,
                    rest,
                )
            total = part if total is None else jax.tree.map(jnp.add, total, part)
        return total

    def _check(self, theta: Array) -> None:
        """Raise unless a vector has p entries."""
        if theta.shape != self.theta.shape:
            msg = f"a vector has shape {theta.shape}, wanted {self.theta.shape}"
            raise ShapeMismatchError(msg)

    def _check_loss(self) -> None:
        """Raise unless the loss is one real number that JAX can follow."""
        inputs, targets, _ = jax.tree.map(lambda array: array[0], self.groups[0])
        try:
            found = eqx.filter_eval_shape(self._batch_loss, self.theta, inputs, targets)
        except jax.errors.JAXTypeError as error:
            msg = (
                f"JAX cannot trace the loss ({type(error).__name__}): write it with jax.numpy, "
                "without `if` on values and without float()"
            )
            raise InvalidInputError(msg) from None
        if found.shape != () or not jnp.issubdtype(found.dtype, jnp.floating):
            msg = f"the loss is {found.dtype}{list(found.shape)}: return the mean, one real number"
            raise InvalidInputError(msg)


def _chosen(params: Any, parameters: str) -> dict[str, Array]:
    """Return the parameters whose names fit a pattern.

    Raises:
        InvalidInputError: when there are none, or in half precision.
    """
    named = {name: leaf for name, leaf in named_leaves(params).items() if is_real(leaf)}
    if not named:
        msg = "there are no arrays of floats among the parameters: give a pytree that holds them"
        raise InvalidInputError(msg)
    chosen = {name: a for name, a in named.items() if fnmatch.fnmatchcase(name, parameters)}
    if not chosen:
        msg = f"no parameter is called {parameters!r}: choose among {', '.join(named)}"
        raise InvalidInputError(msg)
    half = [str(leaf.dtype) for leaf in chosen.values() if leaf.dtype.itemsize < 4]
    if half:
        msg = f"the model computes in {half[0]}: use double=True, or cast its parameters"
        raise InvalidInputError(msg)
    return chosen


def _groups(batches: Iterable[Any], dtype: Any) -> list[Any]:
    """Return batches of equal shapes stacked, each with its weight.

    Raises:
        InvalidInputError: when there are none, or one is empty.
    """
    placed = [as_precision(tuple(map(jnp.asarray, batch)), dtype) for batch in batches]
    if not placed:
        msg = "there are no batches: give a list of (inputs, targets)"
        raise InvalidInputError(msg)
    sizes = [len(targets) for _, targets in placed]
    if not all(sizes):
        msg = f"batch {sizes.index(0)} is empty, so its mean loss is no number: leave it out"
        raise InvalidInputError(msg)
    total = sum(sizes)
    alike: dict[Any, list[Any]] = {}
    for inputs, targets in placed:
        alike.setdefault((inputs.shape, targets.shape), []).append((inputs, targets))
    return [
        (
            jnp.stack([inputs for inputs, _ in group]),
            jnp.stack([targets for _, targets in group]),
            jnp.full(len(group), len(group[0][1]) / total, dtype),
        )
        for group in alike.values()
    ]
