"""A folder that keeps a race as far as it has come."""

import dataclasses
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np

from saddlescape.core import InvalidInputError
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
        """Return the stored stage of a race that begins like this; that itself where none is.

        Raises:
            InvalidInputError: when what is stored is damaged.
        """
        found = self._folder.read("stage.npz")
        if found is None:
            return begun
        leaves, shape = jax.tree.flatten(begun.runs)
        wanted = {f"run_{number}": leaf.shape for number, leaf in enumerate(leaves)}
        if set(found) != {*wanted, *_NAMES} or any(
            found[name].shape != size for name, size in wanted.items()
        ):
            msg = "stage.npz in the folder of the race is damaged: delete it, and it is run again"
            raise InvalidInputError(msg)
        runs = [jnp.asarray(found[name]) for name in wanted]
        return dataclasses.replace(
            begun,
            runs=jax.tree.unflatten(shape, runs),
            **{name: found[name] for name in _NAMES},
        )
