"""Running a survey: block after block of starts, each stored before the next begins."""

import itertools
import json
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import jax
import numpy as np
import pyarrow as pa

from saddlescape.core import (
    CriticalPoint,
    EmpiricalLandscape,
    InvalidInputError,
    Kind,
    Network,
    Outcome,
    PointAtInfinity,
    continue_to_infinity,
    find,
    neurons_of,
)
from saddlescape.surveys._atlas import Atlas
from saddlescape.surveys._classes import write_classes
from saddlescape.surveys._infinity import infinity_column
from saddlescape.surveys._plan import Plan, expected_seconds, plan
from saddlescape.surveys._settings import SurveySettings

_BLOCK = 250  # starts; a second or two of work on small problems
_BLOCK_WORK = 250 * 12**2 * 1_681  # starts x parameters^2 x samples of such a block
_MAX_SAMPLES = 5_000


class Progress(NamedTuple):
    """How far a survey is."""

    done: int
    total: int
    converged: int
    seconds_left: float
    """A rough guess from the size of the problem at first, then from what the blocks took."""


def run(
    settings: SurveySettings,
    folder: str | Path,
    on_block: Callable[[Progress], None] = lambda _: None,
) -> Atlas:
    """Return the atlas of a survey, continuing where an interrupted one stopped.

    Args:
        settings: what to do.
        folder: the atlas; an unfinished one of the same settings is continued, one with fewer
            starts is extended.
        on_block: called after every stored block.

    Returns:
        the finished atlas, with its classes.

    Raises:
        InvalidInputError: for bad settings or data, or a folder that holds another survey.
        KeyboardInterrupt: when interrupted, after grouping what is stored.
    """
    survey = plan(settings)
    atlas = _open(survey, Path(folder))
    pieces = _pending(atlas, settings.starts, _block_size(survey))
    size = max((last - first + 1 for first, last in pieces), default=0)
    size += -size % jax.local_device_count()
    total = settings.starts
    done = total - sum(last - first + 1 for first, last in pieces)
    converged = _num_converged(atlas)
    clock = [(done, time.perf_counter())]
    on_block(Progress(done, total, converged, expected_seconds(survey) * (1 - done / total)))
    try:
        for first, last in pieces:
            converged += _search_block(survey, atlas, (first, last), size)
            done += last - first + 1
            clock.append((done, time.perf_counter()))
            on_block(Progress(done, total, converged, _seconds_left(clock, total)))
    except KeyboardInterrupt:
        _group(atlas, survey.network)
        raise
    _group(atlas, survey.network)
    return atlas


def _search_block(survey: Plan, atlas: Atlas, block: tuple[int, int], size: int) -> int:
    """Search from the starts of a block, store the points, and return how many converged."""
    first, last = block
    begin = time.perf_counter()
    # One size for all blocks: a shorter last one would be compiled anew.
    points = find(survey.finder, survey.landscape, survey.starts(first, size))
    points = jax.tree.map(lambda leaf: np.array(leaf[: last - first + 1]), points)
    ends = ()
    if isinstance(survey.landscape, EmpiricalLandscape):
        ends = continue_to_infinity(survey.landscape, points)
    for end in ends:
        if end.is_certified:
            points.outcome[end.row] = Outcome.AT_INFINITY
    atlas.append_block(first, points_table(survey.network, points, first, ends))
    seconds = atlas.header["seconds"]["search"] + time.perf_counter() - begin
    atlas.update(seconds={**atlas.header["seconds"], "search": round(seconds, 3)})
    return int(np.sum(points.outcome == Outcome.CONVERGED))


def _seconds_left(clock: list[tuple[int, float]], total: int) -> float:
    """Return how long the rest takes at the pace so far, from (starts done, time) after each block.

    The first block holds the compiling, so it counts only while there is no other.
    """
    (before, begin), (done, now) = clock[min(1, len(clock) - 2)], clock[-1]
    return (now - begin) / (done - before) * (total - done)


def _group(atlas: Atlas, network: Network | None) -> None:
    """Write the classes of an atlas unless they are there and hold all its converged points."""
    if not atlas.blocks_done():
        return
    grouped = sum(atlas.classes()["count"].to_pylist())
    if grouped != _num_converged(atlas) or not (atlas.folder / "classes.parquet").exists():
        write_classes(atlas, network)


def points_table(
    network: Network | None,
    points: CriticalPoint,
    first: int,
    ends: Sequence[PointAtInfinity] = (),
) -> pa.Table:
    """Return the rows of an atlas for a batch of points, numbered from `first`.

    Args:
        network: whose neurons are named where a start ran to infinity.
        points: a batch, NumPy arrays.
        first: the number of the first start.
        ends: where those that ran to infinity lead.

    Returns:
        a table with the columns of `POINTS`.
    """
    directions = np.asarray(points.direction)
    neurons: list[list[int]] = [[] for _ in directions]
    if network is not None:
        for row in np.flatnonzero(np.any(directions != 0, axis=1)):
            neurons[row] = _numbered(network, neurons_of(network, directions[row]))
        for end in ends:
            neurons[end.row] = _numbered(network, end.neurons) if end.neurons else neurons[end.row]
    return pa.table(
        {
            "start": np.arange(first, first + len(points)),
            "theta": _vectors(np.asarray(points.theta)),
            "loss": points.loss,
            "gradient_norm": points.gradient_norm,
            "eigenvalues": _vectors(np.asarray(points.eigenvalues)),
            "index": points.index,
            "nullity": points.nullity,
            "uncertain": points.num_uncertain,
            "threshold": points.bounds.min(axis=1),
            "kind": [Kind(kind).label for kind in points.kind.tolist()],
            "outcome": [Outcome(outcome).label for outcome in points.outcome.tolist()],
            "steps": points.num_steps,
            "neurons": pa.array(neurons, pa.list_(pa.int32())),
            "kinks": points.num_kinks,
            "infinity": infinity_column(ends, len(points)),
        }
    )


def _vectors(matrix: np.ndarray) -> pa.Array:
    """Return the rows of a matrix as a column of lists."""
    offsets = np.arange(0, matrix.size + 1, matrix.shape[1], dtype=np.int32)
    return pa.ListArray.from_arrays(offsets, matrix.ravel())


def _numbered(network: Network, neurons: tuple[tuple[int, int], ...]) -> list[int]:
    """Return neurons (layer, number) counted through all hidden layers."""
    below = (0, *itertools.accumulate(network.hidden))
    return [below[layer] + neuron for layer, neuron in neurons]


def _open(survey: Plan, folder: Path) -> Atlas:
    """Return the atlas in the folder if it is this survey's, or a new one."""
    header = survey.header(str(folder))
    if not (folder / "atlas.json").exists():
        return _begun(Atlas.create(folder, header), survey)
    atlas = Atlas.open(folder)
    if "settings" in atlas.header and not atlas.blocks_done():
        # Stopped or refused before it found anything: nothing is lost by beginning another.
        atlas.update(**header)
        return _begun(atlas, survey)
    wanted, stored = header, atlas.header
    differing = [
        name
        for name, value in wanted["settings"].items()
        if name != "starts" and stored.get("settings", {}).get(name) != value
    ]
    if differing:
        name = differing[0]
        was, now = stored.get("settings", {}).get(name), wanted["settings"][name]
        msg = (
            f"{folder} holds another survey ({name} is {was!r} there, {now!r} here): "
            "choose another folder, or repeat that survey's settings"
        )
        raise InvalidInputError(msg)
    # Through JSON and back, so that what is compared has the same types.
    now = json.loads(json.dumps({name: wanted[name] for name in ("problem", "loss_scale")}))
    if now != {name: stored.get(name) for name in now}:
        msg = f"the data have changed since {folder} was begun: choose another folder"
        raise InvalidInputError(msg)
    if survey.settings.starts < atlas.header["done"]:
        msg = f"{folder} already holds {atlas.header['done']} starts: ask for at least as many"
        raise InvalidInputError(msg)
    atlas.update(settings=wanted["settings"], command=wanted["command"])
    return atlas


def _begun(atlas: Atlas, survey: Plan) -> Atlas:
    """Return a new atlas with the samples that its pictures need, and no others."""
    samples = _samples(survey)
    if samples is not None:
        atlas.write_samples(samples)
    else:
        (atlas.folder / "data.parquet").unlink(missing_ok=True)
    return atlas


def _samples(survey: Plan) -> pa.Table | None:
    """Return a sample of the data for the picture, where a picture can be drawn."""
    data = survey.problem.data
    if data is None or data.num_inputs > 2:
        return None
    rows = np.arange(data.num_samples)
    if len(rows) > _MAX_SAMPLES:
        rows = np.sort(np.random.default_rng(0).permutation(len(rows))[:_MAX_SAMPLES])
    targets = np.asarray(data.targets)[rows]
    return pa.table(
        {
            "inputs": _vectors(np.asarray(data.inputs)[rows]),
            "target": targets if data.is_classification else targets[:, 0],
        }
    )


def _block_size(survey: Plan) -> int:
    """Return how many starts to store at once: a second or two of work where that is possible."""
    samples = survey.problem.data.num_samples if survey.problem.data else 1
    work = survey.landscape.num_parameters**2 * samples
    devices = jax.local_device_count()
    return max(devices, min(_BLOCK, _BLOCK_WORK // work) // devices * devices)


def _pending(atlas: Atlas, total: int, size: int) -> list[tuple[int, int]]:
    """Return the ranges of starts still to do, in blocks of equal size."""

    def gaps() -> Iterator[tuple[int, int]]:
        first = 0
        for begin, end in sorted(atlas.blocks_done()):
            if begin > first:
                yield first, begin - 1
            first = end + 1
        if first < total:
            yield first, total - 1

    pieces = []
    for first, last in gaps():
        count = -(-(last - first + 1) // size)
        each = -(-(last - first + 1) // count)
        pieces += [(at, min(at + each - 1, last)) for at in range(first, last + 1, each)]
    return pieces


def _num_converged(atlas: Atlas) -> int:
    """Return how many stored starts reached a critical point."""
    outcomes = atlas.points(["outcome"])["outcome"].to_pylist()
    return sum(outcome == Outcome.CONVERGED.label for outcome in outcomes)
