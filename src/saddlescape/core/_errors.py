"""What can go wrong, each as a sentence: what was given, what is wanted, and the cure."""


class SaddlescapeError(Exception):
    """Anything the user can mend; the command line prints its message and exits with 2."""


class InvalidInputError(SaddlescapeError, ValueError):
    """A value, file or option that cannot be used as given."""


class ShapeMismatchError(InvalidInputError):
    """An array whose shape does not fit the network, the data or another array."""


class UnknownNameError(InvalidInputError):
    """A name that is not in a registry; the message lists those that are."""


class PrecisionError(SaddlescapeError, TypeError):
    """A computation that needs float64 was asked for in lower precision."""


class MemoryBudgetError(SaddlescapeError, MemoryError):
    """An array that would not fit into this machine's memory."""


class MissingExtraError(SaddlescapeError, ImportError):
    """An optional package is needed; the message says what to install."""


class NotConvergedError(SaddlescapeError, RuntimeError):
    """A search that was required to succeed did not; the message says why and what helps."""
