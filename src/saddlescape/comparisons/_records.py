"""What was trained, one record per architecture, kept as Parquet."""

import dataclasses
import os
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from saddlescape.core import InvalidInputError
from saddlescape.depth import Architecture, Runs, Samples

SCHEMA = pa.schema(
    [
        ("kind", pa.string()),
        ("depth", pa.int32()),
        ("width", pa.int32()),
        ("parameters", pa.int64()),
        ("rate", pa.float64()),
        ("seed", pa.int32()),
        ("epochs", pa.int32()),
        ("train", pa.float64()),  # accuracies, as the network was when its validation was best
        ("validation", pa.float64()),
        ("test", pa.float64()),
        ("right", pa.list_(pa.bool_())),  # sample by sample of the test part
        ("curve", pa.list_(pa.float32())),  # loss on the validation part, epoch by epoch
    ]
)
"""A row of the Parquet files: one run."""


@dataclasses.dataclass(frozen=True, eq=False)
class Trained:
    """An architecture trained from every seed at every rate.

    Args:
        architecture: the network.
        rates: learning rates, shape (r,).
        epochs: until a run stopped, shape (r, s).
        train: accuracy on the training part, shape (r, s).
        validation: accuracy on the validation part, shape (r, s).
        right: whether each test sample was answered rightly, shape (r, s, t).
        curve: loss on the validation part after every epoch, shape (r, s, epochs).
    """

    architecture: Architecture
    rates: np.ndarray
    epochs: np.ndarray
    train: np.ndarray
    validation: np.ndarray
    right: np.ndarray
    curve: np.ndarray

    @property
    def best(self) -> int:
        """The number of the rate with the best mean accuracy on the validation parts."""
        return int(np.argmax(self.validation.mean(axis=1)))

    @property
    def answers(self) -> np.ndarray:
        """Whether each test sample was answered rightly at the best rate, shape (s, t)."""
        return self.right[self.best].astype(float)

    @property
    def kind(self) -> str:
        """Fully connected or convolutional."""
        return kind_of(self.architecture)


def kind_of(architecture: Architecture) -> str:
    """Return the kind of a network in words."""
    return "convolutional" if architecture.is_convolutional else "fully connected"


def record(architecture: Architecture, runs: Runs, samples: Samples) -> Trained:
    """Return what is kept of runs."""
    right = (runs.predictions == samples.test_labels[None, None]).all(axis=-1)
    shares = {name: np.asarray(getattr(runs, name), float) for name in ("train", "validation")}
    return Trained(
        architecture, runs.rates, epochs=runs.epochs, right=right, curve=runs.curve, **shares
    )


class Shelf:
    """Parquet files of a folder, one per architecture, each written whole or not at all.

    Args:
        folder: that exists; None keeps nothing.
    """

    def __init__(self, folder: Path | None):
        self._folder = folder

    def keep(self, trained: Trained) -> None:
        """Store an architecture."""
        self.write(_name(trained.architecture), table_of(trained))

    def write(self, name: str, table: pa.Table) -> None:
        """Store a table under a name."""
        if self._folder is None:
            return
        try:
            handle, temporary = tempfile.mkstemp(prefix=".", dir=self._folder)
            os.close(handle)
            pq.write_table(table, temporary, compression="zstd")
            Path(temporary).replace(self._folder / name)
        except OSError as error:
            msg = f"cannot write {self._folder / name} ({error.strerror}): check the folder"
            raise InvalidInputError(msg) from None

    def read(self, name: str) -> pa.Table | None:
        """Return the table of that name, or None."""
        if self._folder is None or not (self._folder / name).exists():
            return None
        try:
            return pq.read_table(self._folder / name)
        except (OSError, pa.ArrowException) as error:
            text = " ".join(str(error).split())
            msg = f"{self._folder / name} is damaged ({text}): delete it, and it is computed again"
            raise InvalidInputError(msg) from None

    def trained(self, architecture: Architecture, num_rates: int) -> Trained | None:
        """Return what is kept of an architecture, or None."""
        table = self.read(_name(architecture))
        if table is None:
            return None
        columns = table.to_pydict()
        shaped = {
            name: np.array(columns[name]).reshape(num_rates, -1, *np.shape(columns[name])[1:])
            for name in ("epochs", "train", "validation", "right", "curve")
        }
        rates = np.array(columns["rate"]).reshape(num_rates, -1)[:, 0]
        return Trained(architecture, rates, **shaped)


def table_of(trained: Trained) -> pa.Table:
    """Return one row per run, rate after rate.

    Args:
        trained: an architecture.

    Returns:
        the table, with `SCHEMA`.
    """
    network, rows = trained.architecture, []
    for (rate, seed), epochs in np.ndenumerate(trained.epochs):
        right = trained.right[rate, seed]
        rows.append({
            "kind": trained.kind, "depth": network.depth, "width": network.widths[0],
            "parameters": network.num_parameters, "rate": float(trained.rates[rate]),
            "seed": seed, "epochs": int(epochs), "train": float(trained.train[rate, seed]),
            "validation": float(trained.validation[rate, seed]), "test": float(right.mean()),
            "right": right.tolist(), "curve": trained.curve[rate, seed].tolist(),
        })  # fmt: skip
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def _name(architecture: Architecture) -> str:
    """Return the file of an architecture."""
    kind = kind_of(architecture).replace(" ", "-")
    return f"runs-{kind}-{architecture.depth}x{architecture.widths[0]}.parquet"
