"""Paths between minima: merging two neurons, and everything it is compared with."""

__all__: list[str] = []
