"""How a search ended: an integer inside compiled code, a word and an advice outside."""

import enum


class Outcome(enum.IntEnum):
    """How a search ended. An integer, so that it passes through `jit`, Parquet and JSON.

    Example:
        >>> Outcome(1).label
        'out of steps'
        >>> Outcome.OUT_OF_STEPS.advice
        'Raise `max_steps`, or start closer.'
    """

    CONVERGED = 0
    OUT_OF_STEPS = 1
    RUNNING_TO_INFINITY = 2
    GRADIENT_FLAT = 3
    NOT_FINITE = 4
    AT_A_KINK = 5
    NOT_SEARCHED = 6
    AT_INFINITY = 7

    @property
    def label(self) -> str:
        """The outcome in words, lower case, as tables and JSON show it."""
        return self.name.lower().replace("_", " ")

    @property
    def advice(self) -> str:
        """What the user can do about it."""
        return _ADVICE[self]


_ADVICE = {
    Outcome.CONVERGED: "Nothing to do: the gradient is zero up to rounding.",
    Outcome.OUT_OF_STEPS: "Raise `max_steps`, or start closer.",
    Outcome.RUNNING_TO_INFINITY: (
        "The loss keeps falling while parameters grow without bound, to a limit that was not "
        "found: try `continue_to_infinity`; add weight decay to have a minimum."
    ),
    Outcome.GRADIENT_FLAT: (
        "The gradient is stuck at a small value that the Hessian cannot reduce: "
        "not a critical point; start elsewhere, or follow the loss downhill instead."
    ),
    Outcome.AT_A_KINK: (
        "Samples lie on the kink of a neuron, where the gradient jumps: it is zero on neither "
        "side, so Newton's method ends there, at a minimum or not; start elsewhere."
    ),
    Outcome.NOT_SEARCHED: "The gradient is not zero here: start a search from this point.",
    Outcome.NOT_FINITE: "The loss or its derivatives overflowed: scale the data, or start smaller.",
    Outcome.AT_INFINITY: (
        "The critical point is that of the limit function, its parameters are infinite: "
        "nothing to do; add weight decay to have a finite one."
    ),
}
