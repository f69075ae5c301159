"""Searches for critical points, one file each; `_batch` maps them over many starts."""
