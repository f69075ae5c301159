"""A folder that keeps a cloud, one Parquet file per block."""

import os
import tempfile
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from saddlescape.clouds._plan import Block
from saddlescape.clouds._settings import CloudSettings
from saddlescape.core import CriticalPoint, InvalidInputError
from saddlescape.setups import ResultFolder

_FIELDS = tuple(CriticalPoint.__annotations__)


class Store:
    """Parquet files, each written whole or not at all.

    Args:
        folder: made where it is missing; None keeps nothing.
        settings: of the cloud.

    Raises:
        InvalidInputError: when the folder cannot be used or holds a cloud of other settings.
    """

    def __init__(self, folder: str | Path | None, settings: CloudSettings):
        self._folder = ResultFolder(folder, "cloud.json", settings).folder

    def keep(self, block: Block, points: CriticalPoint, seconds: float) -> None:
        """Store the points of a block."""
        if self._folder is None:
            return
        try:
            handle, temporary = tempfile.mkstemp(prefix=".", dir=self._folder)
            os.close(handle)
            pq.write_table(_table(block, points, seconds), temporary, compression="zstd")
            Path(temporary).replace(self._file(block))
        except OSError as error:
            msg = f"cannot write {self._file(block)} ({error.strerror}): check the folder"
            raise InvalidInputError(msg) from None

    def read(self, block: Block) -> tuple[CriticalPoint, float] | None:
        """Return the stored points of a block and the seconds it took, or None."""
        if self._folder is None or not self._file(block).exists():
            return None
        try:
            table = pq.read_table(self._file(block))
            columns = {name: np.array(table[name].to_pylist()) for name in _FIELDS}
            seconds = float(table["seconds"][0].as_py())
        except (OSError, KeyError, IndexError, pa.ArrowException) as error:
            text = " ".join(str(error).split())
            msg = f"{self._file(block)} is damaged ({text}): delete it, and it is computed again"
            raise InvalidInputError(msg) from None
        whole = {"index", "nullity", "num_uncertain", "num_kinks", "kind", "outcome", "num_steps"}
        kinds = {name: np.int32 if name in whole else np.float64 for name in _FIELDS}
        fields = {name: jnp.asarray(columns[name].astype(kinds[name])) for name in _FIELDS}
        return CriticalPoint(**fields), seconds

    def _file(self, block: Block) -> Path:
        """Return the file of a block."""
        return Path(self._folder or ".") / f"block-{block.number:05d}.parquet"


def _table(block: Block, points: CriticalPoint, seconds: float) -> pa.Table:
    """Return one row per search."""
    count = len(block.jobs)
    columns = {
        "search": list(block.jobs),
        "method": [block.method] * count,
        "beside": [block.is_beside] * count,
        "seconds": [seconds] * count,
    }
    arrays = jax.tree.map(np.asarray, points)
    return pa.table(columns | {name: getattr(arrays, name).tolist() for name in _FIELDS})
