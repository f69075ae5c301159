"""All that is known of the passages between a minimum and its images: pair after pair."""

import dataclasses
import itertools
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from saddlescape import paths, symmetry
from saddlescape.core import InvalidInputError, Network
from saddlescape.passages import _alternatives as ways
from saddlescape.passages._alternatives import Alternative
from saddlescape.passages._settings import PassageSettings
from saddlescape.passages._start import Start, flipped, refuse_continuum, start_of
from saddlescape.passages._store import Store
from saddlescape.setups import Setup, prepare

Vector = Float[np.ndarray, " p"]
Pair = tuple[int, int]

_MOST_PAIRS = 200
_SAME_LOSS = 1e-9  # relative: barriers of one permutation point, reached in two ways
MERGING = "merging path"


class Progress(NamedTuple):
    """How far the work is: what is done now, how many are done of how many, how much is left.

    A start to be followed has no pair; the share left of one, or of another way, is not known.
    """

    pair: Pair | None
    doing: str
    done: int
    total: int
    share_left: float = 1.0


@dataclasses.dataclass(frozen=True, eq=False)
class Passage:
    """What is known of one pair.

    Args:
        path: the merging path.
        valley: the flat valley through its permutation point; None where it was not reached.
        alternatives: other ways, in the order they were tried.
        distance_modulo_symmetry: of the path's end from its start; None where it was not reached.
        branch: the branch through its folds, where it was asked for.
    """

    path: paths.Path
    valley: paths.Valley | None
    alternatives: tuple[Alternative, ...]
    distance_modulo_symmetry: float | None
    branch: paths.Branch | None = None

    @property
    def pair(self) -> Pair:
        """The two neurons."""
        return self.path.pair

    @property
    def connecting(self) -> tuple[Alternative, ...]:
        """Every way that connects the two minima, the lowest first (to ten digits)."""
        own = (Alternative(MERGING, self.path.barrier, saddle=self.path.saddle),)
        every = (*(own if self.path.reached else ()), *self.alternatives)
        found = [way for way in every if way.barrier is not None]
        # Equal up to rounding is equal: then the merging path, or what was tried first.
        return tuple(sorted(found, key=lambda way: float(f"{way.barrier:.9e}")))

    @property
    def lowest(self) -> Alternative:
        """The way with the lowest barrier known; there is always the straight line."""
        return self.connecting[0]


@dataclasses.dataclass(frozen=True, eq=False)
class Passages:
    """The passages of one layer.

    Args:
        settings: what was asked for.
        setup: problem, network, landscape.
        start: the minimum they begin at.
        passages: one per pair, in order.
        merged: pairs that have equal incoming weights at the start already, left out.
    """

    settings: PassageSettings
    setup: Setup
    start: Start
    passages: tuple[Passage, ...]
    merged: tuple[Pair, ...] = ()

    @property
    def network(self) -> Network:
        """The network; paths have one."""
        if self.setup.network is None:
            msg = f"{self.setup.problem.name!r} has no network"
            raise InvalidInputError(msg)
        return self.setup.network


def cross(
    settings: PassageSettings,
    on_progress: Callable[[Progress], None] = lambda _: None,
    folder: str | Path | None = None,
) -> Passages:
    """Return the passages that the settings ask for.

    Args:
        settings: what to do.
        on_progress: called at every step of a path; may raise to stop.
        folder: keeps the start and every merging path when it is finished; what it holds already is
            not computed again.

    Returns:
        one passage for the pair, or one for every pair of the layer.

    Raises:
        InvalidInputError: when problem, network, layer and pair do not fit together.
        NotConvergedError: when there is no minimum to begin at.

    Notes:
        A merging path takes some hundred Hessians. Where it does not reach a permutation point, or
        with `compare`, other ways are tried, which takes several times as long.
    """
    setup = prepare(settings)
    pairs = _pairs(setup, settings)
    refuse_continuum(setup)
    _check_flip(setup, settings)
    store = Store(folder, settings)

    def search(number: int) -> None:
        doing = f"Start {number + 1} of {settings.starts}, to a minimum"
        on_progress(Progress(None, doing, number, settings.starts))

    start = store.start() or start_of(setup, settings.starts, settings.seed, search)
    store.keep_start(start)
    start = flipped(setup, start, settings.layer, settings.pair) if settings.flip else start
    merged = _merged(setup, start, settings, pairs)
    pairs = [pair for pair in pairs if pair not in merged]
    found: list[Passage] = []
    for number, pair in enumerate(pairs):
        report = _Report(on_progress, pair, number, len(pairs))
        path = store.path(setup, settings.layer, pair)
        if path is None:
            path = paths.merge(
                setup.landscape, start.theta, settings.layer, pair,
                on_station=report.along(f"Pair {pair[0]} {pair[1]}"), max_steps=settings.max_steps,
            )  # fmt: skip
            store.keep_path(path)
        found.append(_passage(setup, start, settings, path, report))
    done = _Report(on_progress, pairs[-1], len(pairs) - 1, len(pairs))
    passages = _with_saddles(setup, start, found, settings, done)
    return Passages(settings, setup, start, passages, merged)


def _merged(
    setup: Setup, start: Start, settings: PassageSettings, pairs: list[Pair]
) -> tuple[Pair, ...]:
    """Return the pairs that coincide at the start; raise when no other is left.

    Raises:
        InvalidInputError: when every pair that was asked for coincides.
    """
    at = (setup.landscape, start.theta, settings.layer)
    merged = tuple(pair for pair in pairs if paths.is_merged(*at, pair))
    if len(merged) == len(pairs):
        i, j = merged[0]
        msg = (
            f"neurons {i} and {j} of layer {settings.layer} coincide at this minimum "
            f"({start.source}), so there is nothing to merge: name another pair, or another --seed"
        )
        raise InvalidInputError(msg)
    return merged


def _pairs(setup: Setup, settings: PassageSettings) -> list[Pair]:
    """Return the pairs to be merged, or raise."""
    hidden = setup.network.hidden if setup.network is not None else ()
    if settings.layer >= len(hidden):
        layers = "none" if not hidden else f"0 to {len(hidden) - 1}"
        msg = f"there is no hidden layer {settings.layer}: the network has {layers}, from 0"
        raise InvalidInputError(msg)
    width = hidden[settings.layer]
    if settings.pair is not None:
        i, j = settings.pair
        if i == j or max(i, j) >= width:
            msg = (
                f"the pair is {i} {j}: give two different neurons of layer {settings.layer}, "
                f"from 0 to {width - 1}"
            )
            raise InvalidInputError(msg)
        return [(i, j)]
    pairs = list(itertools.combinations(range(width), 2))
    if not pairs or len(pairs) > _MOST_PAIRS:
        msg = (
            f"layer {settings.layer} has {width} neurons, so {len(pairs):,} pairs: "
            "name one of them, such as --pair 0 1"
            if pairs
            else f"layer {settings.layer} has one neuron: there is no pair to merge"
        )
        raise InvalidInputError(msg)
    return pairs


def _check_flip(setup: Setup, settings: PassageSettings) -> None:
    """Raise where turning a neuron upside down is no symmetry, or no neuron is named.

    Raises:
        InvalidInputError: then.
    """
    if not settings.flip:
        return
    if settings.pair is None:
        msg = "--flip turns the second neuron of a pair upside down: name the pair, --pair 0 1"
        raise InvalidInputError(msg)
    g = setup.network.activations[settings.layer] if setup.network is not None else None
    if g is not None and not g.is_odd:
        msg = (
            f"--flip needs an odd activation, {g.name} is not: turned upside down a neuron "
            "computes something else. Leave it out, or choose tanh or erf"
        )
        raise InvalidInputError(msg)


class _Report(NamedTuple):
    """What is told about the work on a pair."""

    on_progress: Callable[[Progress], None]
    pair: Pair
    done: int
    total: int

    def along(self, doing: str) -> Callable[[float], None]:
        """Return what a path calls with its distance."""
        first: list[float] = []

        def report(distance: float) -> None:
            if not first:
                first.append(distance)
            share = distance / first[0]
            self.on_progress(Progress(self.pair, doing, self.done, self.total, share))

        return report

    def beside(self, doing: str) -> Callable[[], None]:
        """Return what work after the path calls at every step."""
        state = Progress(self.pair, doing, self.done, self.total, 0.0)
        return lambda: self.on_progress(state)


def _passage(
    setup: Setup, start: Start, settings: PassageSettings, path: paths.Path, report: _Report
) -> Passage:
    """Return a merging path, the valley through its end, and ways that need no other pair."""
    landscape, theta, layer, pair = setup.landscape, start.theta, path.layer, path.pair
    valley = distance = None
    report.beside(f"Pair {pair[0]} {pair[1]}, other ways")()
    if path.saddle is not None and setup.network is not None:
        valley = paths.valley(landscape, path.saddle) if _is_flat(setup) else None
        distance = symmetry.distance(setup.network, path.theta[-1], path.theta[0])
    branch = paths.branch(landscape, theta, layer, pair) if settings.compare else None
    line = ways.straight(landscape, theta, layer, pair)
    tried = (line, *_jumps(setup, start, settings, path, report))
    return Passage(path, valley, tried, distance, branch)


def _is_flat(setup: Setup) -> bool:
    """Return whether outgoing weights of a merged pair can be shared at no cost."""
    return setup.settings.weight_decay == 0


def _jumps(
    setup: Setup, start: Start, settings: PassageSettings, path: paths.Path, report: _Report
) -> list[Alternative]:
    """Return paths from other constrained minima: all with `compare`, else until one arrives.

    All of them together may take as many steps as the path itself.
    """
    tried: list[Alternative] = []
    used, (i, j) = 0, path.pair

    def step(doing: str) -> Callable[[float], None]:
        tell = report.beside(doing)

        def count(_: float) -> None:
            nonlocal used
            used += 1
            tell()

        return count

    for share in ways.JUMPS:
        arrived = path.reached or any(way.saddle for way in tried)
        left = settings.max_steps - used
        if (arrived and not settings.compare) or left < 1:
            break
        at, tell = (settings.layer, path.pair), step(f"Pair {i} {j}, jump to {share:.3g}")
        tried.append(ways.jump(setup.landscape, start.theta, *at, share, tell, left))
    return tried


def _with_saddles(
    setup: Setup, start: Start, found: list[Passage], settings: PassageSettings, report: _Report
) -> tuple[Passage, ...]:
    """Return the passages with what the permutation points of all of them offer to each."""
    points = _points(found)
    if not points or setup.network is None:
        return tuple(found)
    lowest = min(points, key=lambda point: point.loss)
    tell = report.beside("Down from the permutation points")
    joined = _different([
        pair_and_way
        for point in _distinct(points)
        for pair_and_way in ways.falls(setup.landscape, setup.network, start.theta, point, tell)
    ])  # fmt: skip
    result = []
    for passage in found:
        extra = [way for pair, way in joined if pair == tuple(sorted(passage.pair))]
        if settings.compare or not passage.path.reached:
            extra.append(_banded(setup, start, passage, lowest))
        alternatives = (*passage.alternatives, *extra)
        result.append(dataclasses.replace(passage, alternatives=alternatives))
    return _with_valley(tuple(result)) if _is_flat(setup) else tuple(result)


def _with_valley(found: tuple[Passage, ...]) -> tuple[Passage, ...]:
    """Return the passages with the way through the lowest flat valley, where it is lower."""
    entries = [
        (way.barrier, way.saddle)
        for passage in found
        for way in passage.connecting
        if way.saddle is not None and way.barrier is not None
    ]
    if not entries:
        return found
    barrier, merged = min(entries, key=lambda entry: entry[0])
    way = ways.through_valley(barrier, merged)
    return tuple(
        dataclasses.replace(passage, alternatives=(*passage.alternatives, way))
        if (passage.lowest.barrier or 0.0) > barrier * (1 + _SAME_LOSS)
        else passage
        for passage in found
    )


def _points(found: Iterable[Passage]) -> list[paths.PermutationPoint]:
    """Return every permutation point that any way led to."""
    found = tuple(found)
    own = [passage.path.saddle for passage in found]
    others = [way.saddle for passage in found for way in passage.alternatives]
    return [point for point in (*own, *others) if point is not None]


def _distinct(points: list[paths.PermutationPoint]) -> list[paths.PermutationPoint]:
    """Return one point of each loss and largest eigenvalue: its images repeat what it tells.

    Points of one loss may split different neurons of the merged network: their spectra differ.
    """
    keys = [f"{p.loss:.9e} {float(p.point.eigenvalues[-1]):.9e}" for p in points]
    return list(dict(zip(keys, points, strict=True)).values())


def _different(joined: list[tuple[Pair, Alternative]]) -> list[tuple[Pair, Alternative]]:
    """Return one of the flows of each pair that cost the same: they are images of one another."""
    keys = [(pair, f"{way.barrier:.9e}") for pair, way in joined]
    return list(dict(zip(reversed(keys), reversed(joined), strict=True)).values())[::-1]


def _banded(
    setup: Setup, start: Start, passage: Passage, lowest: paths.PermutationPoint
) -> Alternative:
    """Return an elastic band from the start through the lowest permutation point known."""
    network = setup.network
    # One that a path led to lies well for this pair; another's must be relabelled first.
    own = sorted(_points((passage,)), key=lambda point: point.loss)
    if own or network is None:
        return ways.band(setup.landscape, start.theta, own[0])
    theta = ways.moved_to(network, lowest, start.theta, passage.pair)
    point = paths.permutation_point(setup.landscape, theta, lowest.layer, passage.pair)
    return ways.band(setup.landscape, start.theta, point or lowest)
