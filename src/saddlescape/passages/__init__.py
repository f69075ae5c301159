"""Passages between equivalent minima: paths of a whole problem, compared and ranked."""

__all__: list[str] = []
