"""Every optimizer by the name the command line knows it by."""

from saddlescape.core import UnknownNameError
from saddlescape.optimizers._adam import Adam
from saddlescape.optimizers._gradient_descent import GradientDescent
from saddlescape.optimizers._momentum import Momentum
from saddlescape.optimizers._nesterov import Nesterov
from saddlescape.optimizers._rmsprop import RMSProp
from saddlescape.optimizers._rmsprop_nesterov import RMSPropNesterov
from saddlescape.optimizers._rule import Rule

OPTIMIZERS: dict[str, type[Rule]] = {
    rule.name: rule
    for rule in (GradientDescent, Momentum, Nesterov, RMSProp, RMSPropNesterov, Adam)
}
"""Every optimizer by the name the command line knows it by."""


def optimizer(name: str) -> type[Rule]:
    """Return the class of an optimizer.

    Args:
        name: a key of `OPTIMIZERS`.

    Returns:
        the class.

    Raises:
        UnknownNameError: for any other name.

    Example:
        >>> optimizer("adam")(rate=0.01).rate
        0.01
    """
    if name not in OPTIMIZERS:
        msg = f"no optimizer is called {name!r}: choose one of {', '.join(OPTIMIZERS)}"
        raise UnknownNameError(msg)
    return OPTIMIZERS[name]
