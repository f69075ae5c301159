"""A folder that keeps what has been computed, so that interrupted work can be continued."""

import json
import os
import tempfile
import zipfile
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import numpy as np

from saddlescape.core import InvalidInputError
from saddlescape.setups._settings import SetupSettings
from saddlescape.setups._setup import fingerprint


class ResultFolder:
    """A folder of arrays with a header that says for which settings they were computed.

    Args:
        folder: made where it is missing; None keeps nothing.
        header: the name of the header file, ending in ``.json``.
        settings: what the folder is for.
        free: names of settings that may differ between runs that share the folder.

    Raises:
        InvalidInputError: when the folder cannot be used or holds results of other settings.
    """

    def __init__(
        self,
        folder: str | Path | None,
        header: str,
        settings: SetupSettings,
        free: Collection[str] = (),
    ):
        self.folder = None if folder is None else Path(folder)
        if self.folder is None:
            return
        told = settings.model_dump(mode="json", exclude=set(free))
        try:
            if settings.data is not None:
                told["sha256"] = fingerprint(settings.data)
            self.folder.mkdir(parents=True, exist_ok=True)
            file = self.folder / header
            known = json.loads(file.read_text()) if file.exists() else None
        except (OSError, ValueError) as error:
            msg = f"cannot use the folder {folder} ({error}): choose another"
            raise InvalidInputError(msg) from None
        if known is None and any(self.folder.iterdir()):
            msg = f"{folder} holds other files: choose a new or an empty folder"
            raise InvalidInputError(msg)
        if known is not None and known != told:
            name = next(n for n in {**told, **known} if known.get(n) != told.get(n))
            msg = (
                f"{folder} holds results of other settings ({name} is {known.get(name)!r} there, "
                f"{told.get(name)!r} here): choose another folder, or repeat those settings"
            )
            raise InvalidInputError(msg)
        self._write(header, lambda file: file.write_text(json.dumps(told, indent=2) + "\n"))

    def read(self, name: str) -> dict[str, np.ndarray] | None:
        """Return the arrays of a file.

        Args:
            name: of the file, ending in ``.npz``.

        Returns:
            arrays by name; None where there is no such file.

        Raises:
            InvalidInputError: when the file is damaged.
        """
        if self.folder is None or not (self.folder / name).exists():
            return None
        try:
            path = self.folder / name
            with path.open("rb") as file, np.load(file, allow_pickle=False) as found:
                return dict(found)
        except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile) as error:
            msg = f"{self.folder / name} is damaged ({error}): delete it, and it is computed again"
            raise InvalidInputError(msg) from None

    def keep(self, name: str, arrays: dict[str, Any]) -> None:
        """Store arrays in a file: whole or not at all.

        Args:
            name: of the file, ending in ``.npz``.
            arrays: by name.

        Raises:
            InvalidInputError: when the file cannot be written.
        """
        self._write(name, lambda file: np.savez_compressed(file, **arrays))

    def _write(self, name: str, write: Callable[[Path], Any]) -> None:
        """Write a file under a temporary name, then rename it."""
        if self.folder is None:
            return
        try:
            suffix = Path(name).suffix
            handle, temporary = tempfile.mkstemp(prefix=".", suffix=suffix, dir=self.folder)
            os.close(handle)
            write(Path(temporary))
            Path(temporary).replace(self.folder / name)
        except OSError as error:
            msg = f"cannot write {self.folder / name} ({error.strerror}): check the folder"
            raise InvalidInputError(msg) from None
