"""What was found, as JSON values and in one sentence."""

from typing import Any

import numpy as np

from saddlescape import paths
from saddlescape.core import Kind
from saddlescape.passages._cross import MERGING, Passage, Passages
from saddlescape.passages._graph import graph_of
from saddlescape.passages._settings import PassageSettings

_LOWER = 1e-6  # relative: a loss that much below the start's is another minimum's


def summary(passages: Passages) -> dict[str, Any]:
    """Return what was found as JSON values: what `--json` prints.

    Args:
        passages: of one pair or of a layer.

    Returns:
        for one pair its path; for several the layer, a list of them, and how minima are joined.
    """
    told = [passage_summary(passages, passage) for passage in passages.passages]
    if passages.settings.pair is not None:
        return {"finding": finding(passages), **told[0]}
    graph = graph_of(passages)
    return {
        "finding": finding(passages),
        "layer": passages.settings.layer,
        "initial_loss": passages.start.loss,
        "start": passages.start.source,
        "pairs": told,
        "already_merged": [list(pair) for pair in passages.merged],
        "joined": {
            "minima": str(graph.num_minima),
            "levels": [
                {"loss": loss, "pair": list(pair), "separate": str(separate)}
                for loss, pair, separate in graph.levels
            ],
            "through_valley": graph.valley,
            "valley_variation": graph.variation,
        },
    }


def passage_summary(passages: Passages, passage: Passage) -> dict[str, Any]:
    """Return one pair as JSON values.

    Args:
        passages: which it belongs to.
        passage: of one pair.

    Returns:
        pair, layer, losses, saddle, barrier, folds, profile, end, other ways.
    """
    path = passage.path
    return {
        "pair": list(path.pair),
        "layer": path.layer,
        "initial_loss": passages.start.loss,
        "start": passages.start.source,
        "reached": path.reached,
        "reason": path.reason or None,
        "saddle": None if path.saddle is None else _saddle(path.saddle),
        "valley": None if passage.valley is None else _valley(passage.valley),
        "barrier": path.barrier if path.reached else None,
        "highest_loss": path.barrier,
        "folds": [
            {"distance": fold.distance, "loss": fold.loss, "relaxed_to": fold.relaxed_to}
            for fold in path.folds
        ],
        "profile": _profile(path),
        "end": {
            "loss": float(path.loss[-1]),
            "distance_modulo_symmetry": passage.distance_modulo_symmetry,
        },
        "asymmetry": path.asymmetry,
        "lowest_barrier": {"barrier": passage.lowest.barrier, "way": passage.lowest.name},
        "ways": [
            {"way": MERGING, "barrier": path.barrier if path.reached else None, "note": path.reason}
        ]
        + [
            {"way": way.name, "barrier": way.barrier, "note": way.note}
            for way in passage.alternatives
        ],
    }


def finding(passages: Passages) -> str:
    """Return what was found, in one sentence.

    Args:
        passages: of one pair or of a layer.

    Returns:
        the sentence.
    """
    if len(passages.passages) == 1:
        return _one(passages, passages.passages[0])
    count = len(passages.passages)
    already = " and ".join("{} {}".format(*pair) for pair in passages.merged)
    reached = [passage for passage in passages.passages if passage.path.reached]
    lowest = min(
        passages.passages, key=lambda p: (float(f"{p.lowest.barrier:.9e}"), not p.path.reached)
    )
    i, j = lowest.pair
    met = "every pair" if len(reached) == count else f"{len(reached)} of {count} pairs"
    rest = "" if reached and len(reached) == count else _rest(passages)
    return (
        f"Layer {passages.settings.layer}: the merging path of {met} meets at a permutation point"
        f"{rest}; the lowest pass between permuted minima exchanges neurons {i} and {j} at loss "
        f"{lowest.lowest.barrier:.6g}, from minima of loss {_loss(passages.start.loss)}."
        + (f" Coinciding at the start: {already}." if already else "")
    )


def remarks(passages: Passages) -> tuple[str, ...]:
    """Return what else a reader should know of the start, in sentences.

    Args:
        passages: of one pair or of a layer.

    Returns:
        none, one or several sentences.
    """
    settings, start = passages.settings, passages.start
    told = []
    if start.source.startswith("the teacher") and _draws(settings):
        told.append("The teacher is the start, so --starts and --seed change nothing here.")
    lowest = min(float(passage.path.loss.min()) for passage in passages.passages)
    if lowest < start.loss * (1 - _LOWER) - np.finfo(float).eps:
        told.append(
            f"A path comes down to loss {lowest:.6g}, below its start: there are lower minima than "
            "the one it begins at, which more --starts may find."
        )
    if passages.network.activations[settings.layer].is_odd and not settings.flip:
        told.append(
            "The activation is odd, so the same minimum with one neuron of a pair turned upside "
            "down is as good a start, and its merging path another one: --pair I J --flip."
        )
    return tuple(told)


def _draws(settings: PassageSettings) -> bool:
    """Return whether random starts were asked for."""
    return bool({"starts", "seed"} & settings.model_fields_set) and (
        settings.starts != 10 or settings.seed != 0
    )


def _rest(passages: Passages) -> str:
    """Return what became of the others."""
    others = [passage for passage in passages.passages if not passage.path.reached]
    runs = sum("infinity" in passage.path.reason for passage in others)
    return f", {runs} run to infinity" if runs else ", the others end earlier"


def _one(passages: Passages, passage: Passage) -> str:
    """Return the sentence of one pair."""
    i, j = passage.pair
    path, start = passage.path, _loss(passages.start.loss)
    folds = f"{len(path.folds)} fold{'' if len(path.folds) == 1 else 's'}"
    if path.saddle is None:
        return (
            f"Neurons {i} and {j} do not meet: {path.reason}. The lowest pass known between the "
            f"two permuted minima is at loss {passage.lowest.barrier:.6g} ({passage.lowest.name})."
        )
    what = f"a saddle of index {path.saddle.index}"
    if not path.saddle.index:
        what = "a flat point of index 0" if path.saddle.nullity else "a minimum, of index 0"
    words = (
        f"Neurons {i} and {j} exchange places over a barrier of {path.barrier:.6g} ({folds}), "
        f"from loss {start}: where they meet is {what} and nullity {path.saddle.nullity}, "
        f"loss {path.saddle.loss:.6g}"
    )
    if passage.lowest.name == MERGING:
        return words + "."
    return (
        f"{words}; the lowest pass known is {passage.lowest.barrier:.6g} ({passage.lowest.name})."
    )


def _loss(value: float) -> str:
    """Return a loss; one below rounding is zero."""
    return "0" if abs(value) < np.finfo(float).eps else f"{value:.4g}"


def _saddle(merged: paths.PermutationPoint) -> dict[str, Any]:
    """Return a permutation point as JSON values."""
    return {
        "loss": merged.loss,
        "gradient_norm": float(merged.point.gradient_norm),
        "index": merged.index,
        "nullity": merged.nullity,
        "predicted_nullity": merged.predicted_nullity,
        "assured_nullity": merged.assured_nullity,
        "kind": Kind(int(merged.point.kind)).label,
        "eigenvalues": np.asarray(merged.point.eigenvalues).tolist(),
        "theta": merged.theta.tolist(),
    }


def _valley(valley: paths.Valley) -> dict[str, Any]:
    """Return a flat valley as JSON values."""
    return {
        "shares": valley.shares.tolist(),
        "index": valley.index.tolist(),
        "nullity": valley.nullity.tolist(),
        "changes_at": list(valley.places),
    }


def _profile(path: paths.Path) -> list[dict[str, Any]]:
    """Return the stations of a path as JSON values."""
    columns = (path.arclength, path.distance, path.loss, path.index, path.relaxing)
    names = ("arclength", "distance", "loss", "index", "relaxing")
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return [dict(zip(names, row, strict=True)) for row in rows]
