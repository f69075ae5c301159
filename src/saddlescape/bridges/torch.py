"""PyTorch models as landscapes: `bridges.torch.landscape(model, loss_fn, batches)`."""

import importlib.util
from collections.abc import Callable, Iterable
from typing import Any

from saddlescape.bridges._torch_landscape import TorchLandscape
from saddlescape.core import MissingExtraError

__all__ = ["TorchLandscape", "landscape"]


def landscape(
    model: Any,
    loss_fn: Callable[[Any, Any], Any],
    batches: Iterable[tuple[Any, Any]],
    *,
    double: bool = False,
    parameters: str = "*",
    keep_graph: bool = True,
) -> TorchLandscape:
    """Return the landscape of a PyTorch model, as a function of one vector of its parameters.

    Args:
        model: any `nn.Module`; it is copied, its mode (train or eval) and buffers as they are.
        loss_fn: outputs and targets -> the mean loss of a batch, such as
            ``torch.nn.functional.cross_entropy``.
        batches: pairs of inputs and targets; the loss is their mean, weighted by size.
        double: whether to compute in float64, which an index is counted in.
        parameters: a pattern such as ``"layer1.*"``; the others stay fixed.
        keep_graph: whether the graph of the gradient at the last theta is kept: each product then
            costs two backward passes and no forward one, for the memory of the graph.

    Returns:
        the landscape. Its `theta` is the model as given; `blocks` are its parameters by name.

    Raises:
        InvalidInputError: without parameters or batches, or with dropout that is switched on.
        MissingExtraError: without PyTorch.
    """
    if importlib.util.find_spec("torch") is None:
        msg = "a PyTorch model needs PyTorch: pip install 'saddlescape[torch]'"
        raise MissingExtraError(msg)
    from saddlescape.bridges._torch_engine import Engine  # noqa: PLC0415 - loads PyTorch

    engine = Engine(model, loss_fn, batches, double, parameters, keep_graph)
    return TorchLandscape(engine)
