"""Bridges: models of other frameworks as landscapes, and their checkpoints without pickles."""

from saddlescape.bridges import jax, torch
from saddlescape.bridges._checkpoints import read_checkpoint

__all__ = ["jax", "read_checkpoint", "torch"]
