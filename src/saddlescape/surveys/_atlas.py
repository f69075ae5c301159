"""An atlas: a folder that holds what a survey found, written block by block, never half."""

import json
import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from saddlescape.core import InvalidInputError
from saddlescape.surveys._schema import CLASSES, POINTS, SINCE_FORMAT_2

FORMAT = 2
_HEADER = "atlas.json"
_CLASSES = "classes.parquet"
_SAMPLES = "data.parquet"
_MAX_SAMPLES = 5_000


class Atlas:
    """A folder with `atlas.json`, `points/*.parquet` and `classes.parquet`.

    Every file is written under a temporary name and renamed when it is complete, so a survey that
    is interrupted leaves whole blocks and nothing else. Make one with `Atlas.create`, or read one
    with `Atlas.open`.

    Args:
        folder: where it is.
        header: what `atlas.json` says: problem, network, settings, seed, command, versions.

    Example:
        >>> atlas = Atlas.create(getfixture("tmp_path") / "atlas", {"seed": 0})
        >>> atlas.header["seed"], atlas.points().num_rows, atlas.blocks_done()
        (0, 0, ())
    """

    def __init__(self, folder: Path, header: dict[str, Any]):
        self.folder = folder
        self.header = header

    @staticmethod
    def create(folder: str | Path, header: dict[str, Any]) -> "Atlas":
        """Return a new, empty atlas in `folder`.

        Args:
            folder: made where it is missing; must be empty.
            header: what `atlas.json` is to say; `format` and `done` are added.

        Returns:
            the atlas.

        Raises:
            InvalidInputError: when the folder cannot be made, or already holds something.
        """
        folder = Path(folder)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            occupied = next(folder.iterdir(), None)
        except OSError as error:
            msg = f"cannot make the folder {folder} ({_reason(error)}): choose another"
            raise InvalidInputError(msg) from None
        if occupied is not None:
            what = "an atlas" if (folder / _HEADER).exists() else f"other files ({occupied.name})"
            msg = f"{folder} already holds {what}: choose a new or an empty folder"
            raise InvalidInputError(msg)
        atlas = Atlas(folder, {"format": FORMAT, **header, "done": 0})
        _write_atomically(folder / _HEADER, lambda path: path.write_text(atlas._header_text()))
        (folder / "points").mkdir(exist_ok=True)
        return atlas

    @staticmethod
    def open(folder: str | Path) -> "Atlas":
        """Return the atlas in `folder`.

        Args:
            folder: a folder that `Atlas.create` made.

        Returns:
            the atlas.

        Raises:
            InvalidInputError: when there is no atlas, or it is damaged or of a newer format.
        """
        folder = Path(folder)
        if not (folder / _HEADER).is_file():
            state = "there is no such folder" if not folder.is_dir() else f"it has no {_HEADER}"
            msg = f"{folder} is not an atlas: {state}; `saddlescape survey --out` makes one"
            raise InvalidInputError(msg)
        header = _read_header(folder / _HEADER)
        if header["format"] > FORMAT:
            msg = (
                f"{folder} has atlas format {header['format']}, this version reads up to {FORMAT}: "
                "install a newer saddlescape"
            )
            raise InvalidInputError(msg)
        atlas = Atlas(folder, header)
        header["done"] = sum(last - first + 1 for first, last in atlas.blocks_done())
        return atlas

    def update(self, **fields: Any) -> None:
        """Change entries of the header, and write it.

        Args:
            **fields: entries of `atlas.json` to set.

        Raises:
            InvalidInputError: when a value is not JSON, or the file cannot be written.
        """
        changed = Atlas(self.folder, {**self.header, **fields})
        text = changed._header_text()
        _write_atomically(self.folder / _HEADER, lambda path: path.write_text(text))
        self.header = changed.header

    def append_block(self, first: int, table: pa.Table) -> None:
        """Store the points of consecutive starts.

        Args:
            first: the number of the block's first start.
            table: the columns of `POINTS`, one row per start, in order.

        Raises:
            InvalidInputError: when columns are missing, the starts are not `first, first + 1, ...`,
                the block overlaps a stored one, or it cannot be written.
        """
        table = _conform(table, POINTS, "the block")
        last = first + table.num_rows - 1
        if not table.num_rows or table["start"].to_pylist() != list(range(first, last + 1)):
            msg = f"the block's starts are not {first} to {last} in order: number its rows so"
            raise InvalidInputError(msg)
        for begin, end in self.blocks_done():
            if begin <= last and first <= end:
                msg = f"starts {first}-{last} overlap the stored block {begin}-{end}: skip those"
                raise InvalidInputError(msg)
        path = self.folder / "points" / f"{first:08d}-{last:08d}.parquet"
        path.parent.mkdir(exist_ok=True)
        _write_atomically(path, lambda path: pq.write_table(table, path, compression="zstd"))
        self.update(done=sum(end - begin + 1 for begin, end in self.blocks_done()))

    def blocks_done(self) -> tuple[tuple[int, int], ...]:
        """Return the first and last start number of every stored block, ascending."""
        names = (path.stem.split("-") for path in self.folder.glob("points/*-*.parquet"))
        return tuple(sorted((int(a), int(b)) for a, b in names if a.isdigit() and b.isdigit()))

    def points(self, columns: Sequence[str] | None = None) -> pa.Table:
        """Return what every start found, in the order of the starts.

        Args:
            columns: only these; all by default.

        Returns:
            one row per start, with the columns of `POINTS`.

        Raises:
            InvalidInputError: when a block is damaged.
        """
        schema = POINTS if columns is None else pa.schema([POINTS.field(name) for name in columns])
        blocks = [
            _read_table(self.folder / "points" / f"{first:08d}-{last:08d}.parquet", schema)
            for first, last in self.blocks_done()
        ]
        return pa.concat_tables(blocks) if blocks else schema.empty_table()

    def write_classes(self, table: pa.Table) -> None:
        """Store the distinct points, in place of any stored before.

        Args:
            table: the columns of `CLASSES`, one row per distinct point.

        Raises:
            InvalidInputError: when columns are missing, or the file cannot be written.
        """
        table = _conform(table, CLASSES, "the table of classes")
        _write_atomically(self.folder / _CLASSES, lambda path: pq.write_table(table, path))

    def classes(self) -> pa.Table:
        """Return the distinct points, with the columns of `CLASSES`; none if none are stored.

        Raises:
            InvalidInputError: when the file is damaged.
        """
        path = self.folder / _CLASSES
        return _read_table(path, CLASSES) if path.exists() else CLASSES.empty_table()

    def write_samples(self, table: pa.Table) -> None:
        """Store a sample of the data, for pictures.

        Args:
            table: columns `inputs` (list of float64) and `target` (float64, or an integer label);
                of more than 5,000 rows, 5,000 evenly spaced ones are kept.

        Raises:
            InvalidInputError: when a column is missing, or the file cannot be written.
        """
        target = table.schema.field("target").type if "target" in table.column_names else None
        label = pa.int64() if target is not None and pa.types.is_integer(target) else pa.float64()
        schema = pa.schema([("inputs", pa.list_(pa.float64())), ("target", label)])
        table, total = _conform(table, schema, "the sample of the data"), table.num_rows
        if total > _MAX_SAMPLES:
            table = table.take([i * total // _MAX_SAMPLES for i in range(_MAX_SAMPLES)])
        _write_atomically(self.folder / _SAMPLES, lambda path: pq.write_table(table, path))

    def samples(self) -> pa.Table | None:
        """Return the stored sample of the data, or None.

        Raises:
            InvalidInputError: when the file is damaged.
        """
        path = self.folder / _SAMPLES
        return _read_table(path, None) if path.exists() else None

    def _header_text(self) -> str:
        """Return the header as JSON text."""
        try:
            return json.dumps(self.header, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
        except (TypeError, ValueError) as error:
            msg = f"the atlas's header cannot be written as JSON ({error}): give plain values"
            raise InvalidInputError(msg) from None


def _read_header(path: Path) -> dict[str, Any]:
    """Return the header in `path`, checked to be one."""
    try:
        header = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        msg = f"{path} cannot be read ({_reason(error)}): restore it, or survey into a new folder"
        raise InvalidInputError(msg) from None
    if not isinstance(header, dict) or not isinstance(header.get("format"), int):
        msg = f"{path} is not the header of an atlas (no integer `format`): check the folder"
        raise InvalidInputError(msg)
    return header


def _read_table(path: Path, schema: pa.Schema | None) -> pa.Table:
    """Return the Parquet table in `path`, with the columns of `schema` only."""
    try:
        names = None
        if schema is not None:
            stored = pq.read_schema(path).names
            names = [n for n in schema.names if n in stored or n not in SINCE_FORMAT_2]
        table = pq.read_table(path, columns=names)
    except (OSError, pa.ArrowException) as error:
        cure = "delete it and run the survey's command again, which fills the gap"
        msg = f"{path} is damaged ({_reason(error)}): {cure}"
        raise InvalidInputError(msg) from None
    return table if schema is None else _conform(table, schema, str(path))


def _conform(table: pa.Table, schema: pa.Schema, what: str) -> pa.Table:
    """Return the columns of `schema`, in its order and with its types."""
    for name in SINCE_FORMAT_2 & set(schema.names) - set(table.column_names):
        nothing = pa.nulls(table.num_rows, schema.field(name).type)
        table = table.append_column(name, nothing)
    missing = [name for name in schema.names if name not in table.column_names]
    if missing:
        msg = f"{what} lacks the columns {', '.join(missing)}: give {', '.join(schema.names)}"
        raise InvalidInputError(msg)
    try:
        return table.select(schema.names).cast(schema)
    except pa.ArrowException as error:
        msg = f"{what} has a column of the wrong type ({_reason(error)}): wanted {schema}"
        raise InvalidInputError(msg.replace("\n", ", ")) from None


def _write_atomically(path: Path, write: Callable[[Path], Any]) -> None:
    """Call `write` on a temporary neighbour of `path`, then rename that to `path`."""
    temporary = None
    try:
        # A leading dot and no ".parquet" at the end: no reader of points/*.parquet picks it up.
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
        temporary = Path(name)
        os.fchmod(handle, 0o644)  # mkstemp makes files private; an atlas is to be shared
        os.close(handle)
        write(temporary)
        temporary.replace(path)
    except OSError as error:
        msg = f"cannot write {path} ({_reason(error)}): check the folder and the space left"
        raise InvalidInputError(msg) from None
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def _reason(error: Exception) -> str:
    """Return the first line of an error, without the path that messages already carry."""
    text = getattr(error, "strerror", None) or str(error)
    return text.splitlines()[0] if text else type(error).__name__
