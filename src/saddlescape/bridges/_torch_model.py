"""What a PyTorch model is asked besides its derivatives: weights by name, outputs, losses."""

import copy
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from saddlescape.bridges._matching import match
from saddlescape.core import InvalidInputError


def with_weights(model: Any, arrays: Mapping[str, Any]) -> Any:
    """Return a copy of a model that holds the arrays of a checkpoint."""
    model = copy.deepcopy(model)
    held = model.state_dict(keep_vars=True)
    known = _first_names(held, arrays)
    found = {known.get(name, name): array for name, array in arrays.items()}
    wanted = {name: tuple(held[name].shape) for name in dict.fromkeys(known.values())}
    counters = {name for name in wanted if name.endswith("num_batches_tracked")}
    with torch.no_grad():
        for name, array in match(found, wanted, counters).items():
            held[name].copy_(torch.from_numpy(np.array(array)))
    return model


def _first_names(held: Mapping[str, Any], arrays: Mapping[str, Any]) -> dict[str, str]:
    """Return for each name the first one of its tensor: a tied weight has several.

    Raises:
        InvalidInputError: when the checkpoint holds different numbers for one tensor.
    """
    firsts: dict[int, str] = {}
    known = {name: firsts.setdefault(id(tensor), name) for name, tensor in held.items()}
    for name, first in known.items():
        both = name != first and name in arrays and first in arrays
        if both and not np.array_equal(arrays[name], arrays[first]):
            msg = (
                f"{name!r} and {first!r} are one tensor of the model and differ in the "
                "checkpoint: make the model without that tie"
            )
            raise InvalidInputError(msg)
    return known


def outputs(model: Any, batches: Any) -> np.ndarray:
    """Return what a model makes of inputs, batch after batch, in its own precision."""
    first = next(model.parameters(), torch.zeros(()))
    made = []
    with torch.no_grad():
        for inputs, _ in batches:
            tensor = torch.as_tensor(inputs)
            wanted = first.dtype if tensor.is_floating_point() else tensor.dtype
            result = model(tensor.to(device=first.device, dtype=wanted))
            if not isinstance(result, torch.Tensor):
                msg = (
                    f"the model returns {type(result).__name__}: return one tensor of outputs "
                    "from forward"
                )
                raise InvalidInputError(msg)
            made.append(result.double().cpu().numpy())
    return np.concatenate(made)


def squared_error(outputs: Any, targets: Any) -> Any:
    """Return the mean over samples of the sum over outputs of (output - target)^2."""
    return ((outputs - targets) ** 2).reshape(len(targets), -1).sum(1).mean()


def cross_entropy(outputs: Any, targets: Any) -> Any:
    """Return the mean cross-entropy over targets; classes are the last axis of the outputs."""
    logits = outputs.reshape(-1, outputs.shape[-1])
    return torch.nn.functional.cross_entropy(logits, targets.reshape(-1).long())
