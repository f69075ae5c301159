"""A folder that keeps a race as far as it has come."""

import dataclasses
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np

from saddlescape.optimizers import Race
from saddlescape.races._settings import RaceSettings
from saddlescape.setups import ResultFolder

_NAMES = ("steps", "loss", "gradient_norm")


class Store:
    """A folder with `race.json` and `stage.npz`.

    Args:
        folder: made where it is missing; None keeps nothing.
        settings: of the race.

    Raises:
        InvalidInputError: when the folder cannot be used or holds a race of other settings.
    """

    def __init__(self, folder: str | Path | None, settings: RaceSettings):
        self._folder = ResultFolder(folder, "race.json", settings)

    def keep(self, stage: Race) -> None:
        """Store a stage in place of the one before."""
        leaves = jax.tree.leaves(stage.runs)
        arrays = {name: getattr(stage, name) for name in _NAMES}
        arrays |= {f"run_{number}": np.asarray(leaf) for number, leaf in enumerate(leaves)}
        self._folder.keep("stage.npz", arrays)

    def stage(self, begun: Race) -> Race:
        """Return the stored stage of a race that begins like this; that itself where none is."""
        found = self._folder.read("stage.npz")
        if found is None:
            return begun
        leaves, shape = jax.tree.flatten(begun.runs)
        runs = [jnp.asarray(found[f"run_{number}"]) for number in range(len(leaves))]
        return dataclasses.replace(
            begun,
            runs=jax.tree.unflatten(shape, runs),
            **{name: found[name] for name in _NAMES},
        )
