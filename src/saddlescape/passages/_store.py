"""A folder that keeps the start and every finished merging path, so that work can be continued."""

import json
import os
import tempfile
from pathlib import Path as File
from typing import Any

import numpy as np

from saddlescape import paths
from saddlescape.core import InvalidInputError
from saddlescape.passages._settings import PassageSettings
from saddlescape.passages._start import Start

_HEADER = "passages.json"
_COLUMNS = ("theta", "arclength", "distance", "loss", "gradient", "index", "relaxing")
_FREE = {"pair", "compare"}  # what may differ between runs that share a folder


class Store:
    """A folder with `passages.json`, `start.npz` and one `layer-i-j.npz` for each finished path.

    Args:
        folder: made where it is missing; None keeps nothing.
        settings: whose paths it holds.

    Raises:
        InvalidInputError: when the folder cannot be used or holds the paths of other settings.
    """

    def __init__(self, folder: str | File | None, settings: PassageSettings):
        self.folder = None if folder is None else File(folder)
        if self.folder is None:
            return
        told = settings.model_dump(mode="json", exclude=_FREE)
        header = self.folder / _HEADER
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            known = json.loads(header.read_text()) if header.exists() else None
        except (OSError, ValueError) as error:
            msg = f"cannot use the folder {folder} ({error}): choose another"
            raise InvalidInputError(msg) from None
        if known is None and any(self.folder.iterdir()):
            msg = f"{folder} holds other files: choose a new or an empty folder"
            raise InvalidInputError(msg)
        if known is not None and known != told:
            name = next(n for n in {**told, **known} if known.get(n) != told.get(n))
            msg = (
                f"{folder} holds paths of other settings ({name} is {known.get(name)!r} there, "
                f"{told.get(name)!r} here): choose another folder, or repeat those settings"
            )
            raise InvalidInputError(msg)
        self._write(_HEADER, lambda file: file.write_text(json.dumps(told, indent=2) + "\n"))

    def start(self) -> Start | None:
        """Return the stored start, if there is one."""
        found = self._read("start.npz")
        if found is None:
            return None
        return Start(found["theta"], float(found["loss"]), str(found["source"]))

    def keep_start(self, start: Start) -> None:
        """Store the start."""
        arrays = {"theta": start.theta, "loss": start.loss, "source": start.source}
        self._write("start.npz", lambda file: np.savez(file, **arrays))

    def path(self, setup: Any, layer: int, pair: tuple[int, int]) -> paths.Path | None:
        """Return the stored path of a pair, if there is one."""
        found = self._read(_name(layer, pair))
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
        """Store a finished path."""
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
        name = _name(path.layer, path.pair)
        self._write(name, lambda file: np.savez_compressed(file, **arrays))

    def _read(self, name: str) -> dict[str, np.ndarray] | None:
        """Return the arrays of a file; None where there is none."""
        if self.folder is None or not (self.folder / name).exists():
            return None
        try:
            with np.load(self.folder / name, allow_pickle=False) as found:
                return dict(found)
        except (OSError, ValueError, KeyError) as error:
            msg = f"{self.folder / name} is damaged ({error}): delete it, and it is computed again"
            raise InvalidInputError(msg) from None

    def _write(self, name: str, write: Any) -> None:
        """Write a file under a temporary name, then rename it: whole or not at all."""
        if self.folder is None:
            return
        try:
            handle, temporary = tempfile.mkstemp(
                prefix=".", suffix=File(name).suffix, dir=self.folder
            )
            os.close(handle)
            write(File(temporary))
            File(temporary).replace(self.folder / name)
        except OSError as error:
            msg = f"cannot write {self.folder / name} ({error.strerror}): check the folder"
            raise InvalidInputError(msg) from None


def _name(layer: int, pair: tuple[int, int]) -> str:
    """Return the file of a pair."""
    return f"{layer}-{pair[0]}-{pair[1]}.npz"
