"""Refusing in words what would not fit into memory, before it is tried."""

import psutil

from saddlescape.core._errors import MemoryBudgetError

_SHARE = 0.8  # of the memory free now; the rest is for the compiler and everyone else


_NO_HESSIAN = (
    "take fewer hidden neurons or inputs, or work with products (hvp), not the dense Hessian"
)


def require_memory(num_bytes: int, what: str, cure: str = _NO_HESSIAN) -> None:
    """Raise unless `num_bytes` fit into the memory that is free.

    Args:
        num_bytes: how much is needed.
        what: what needs it, as the message begins.
        cure: what to do about it, as the message ends.

    Raises:
        MemoryBudgetError: when it does not fit.

    Example:
        >>> require_memory(8, "one number")
    """
    if num_bytes < 2**28:  # asking the system costs more than such an array
        return
    free = psutil.virtual_memory().available
    if num_bytes > _SHARE * free:
        msg = f"{what} needs {num_bytes / 2**30:.1f} GiB, {free / 2**30:.1f} GiB are free: {cure}"
        raise MemoryBudgetError(msg)
