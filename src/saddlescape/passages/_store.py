"""A folder that keeps the start and every finished merging path, so that work can be continued."""

from pathlib import Path as File
from typing import Any

import numpy as np

from saddlescape import paths
from saddlescape.passages._settings import PassageSettings
from saddlescape.passages._start import Start
from saddlescape.setups import ResultFolder

_COLUMNS = ("theta", "arclength", "distance", "loss", "gradient", "index", "relaxing")
_FREE = ("pair", "compare", "max_steps")  # what may differ between runs that share a folder


class Store:
    """A folder with `passages.json`, `start.npz` and one `layer-i-j.npz` for each finished path.

    Args:
        folder: made where it is missing; None keeps nothing.
        settings: whose paths it holds.

    Raises:
        InvalidInputError: when the folder cannot be used or holds the paths of other settings.
    """

    def __init__(self, folder: str | File | None, settings: PassageSettings):
        self._folder = ResultFolder(folder, "passages.json", settings, _FREE)

    def start(self) -> Start | None:
        """Return the stored start, if there is one."""
        found = self._folder.read("start.npz")
        if found is None:
            return None
        return Start(found["theta"], float(found["loss"]), str(found["source"]))

    def keep_start(self, start: Start) -> None:
        """Store the start."""
        arrays = {"theta": start.theta, "loss": start.loss, "source": start.source}
        self._folder.keep("start.npz", arrays)

    def path(self, setup: Any, layer: int, pair: tuple[int, int]) -> paths.Path | None:
        """Return the stored path of a pair, if there is one."""
        found = self._folder.read(_name(layer, pair))
        if found is None:
            return None
        folds = tuple(
            paths.Fold(distance, loss, None if np.isnan(relaxed) else relaxed)
            for distance, loss, relaxed in found["folds"].tolist()
        )
        theta, saddle = found["theta"], None
        if bool(found["reached"]):
            saddle = paths.merged_point(setup.landscape, theta[len(theta) // 2], layer, pair)
        return paths.Path(
            layer=layer,
            pair=pair,
            folds=folds,
            saddle=saddle,
            reason=str(found["reason"]),
            barrier=float(found["barrier"]),
            asymmetry=float(found["asymmetry"]),
            **{name: found[name] for name in _COLUMNS},
        )

    def keep_path(self, path: paths.Path) -> None:
        """Store a finished path; one that was cut short may get further another time."""
        if path.is_cut_short:
            return
        folds = [
            (f.distance, f.loss, np.nan if f.relaxed_to is None else f.relaxed_to)
            for f in path.folds
        ]
        arrays: dict[str, Any] = {name: getattr(path, name) for name in _COLUMNS}
        arrays |= {
            "folds": np.array(folds).reshape(-1, 3),
            "reached": path.reached,
            "reason": path.reason,
            "barrier": path.barrier,
            "asymmetry": path.asymmetry,
        }
        self._folder.keep(_name(path.layer, path.pair), arrays)


def _name(layer: int, pair: tuple[int, int]) -> str:
    """Return the file of a pair."""
    return f"{layer}-{pair[0]}-{pair[1]}.npz"
