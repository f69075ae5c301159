"""Networks beside the nearest neighbour, as sentences and as JSON values."""

from typing import Any

import numpy as np

from saddlescape.decisions._local import Beside, Local


def local_finding(found: Local) -> str:
    """Return what the comparison shows, as a sentence.

    Args:
        found: the comparison.

    Returns:
        a sentence without its full stop.
    """
    last = found.networks[-1]
    gap, error = accuracy_gap(found, last)
    rule = "as well as" if abs(gap) <= 2 * error else "better than" if gap > 0 else "worse than"
    empty = int(last.is_empty.sum())
    return (
        f"{last.neurons} neurons cut {last.regions.num_regions:,} regions, {empty:,} of them "
        f"without a training sample; the network labels held-out points {rule} the nearest "
        f"neighbour ({last.right.mean():.1%} against {found.near_right.mean():.1%})"
    )


def accuracy_gap(found: Local, row: Beside, where: np.ndarray | None = None) -> tuple[float, float]:
    """Return by how much the network beats the nearest neighbour on held-out points.

    Args:
        found: the comparison.
        row: the network.
        where: which points count; all by default.

    Returns:
        the difference of the accuracies and its standard error, paired; NaN where no point counts.
    """
    gain = row.right.astype(float) - found.near_right
    gain = gain if where is None else gain[where]
    if not len(gain):
        return float("nan"), float("nan")
    return float(gain.mean()), float(gain.std() / len(gain) ** 0.5)


def statements(found: Local) -> tuple[str, ...]:
    """Return what the lecture says of distributed representations, beside what was measured.

    Args:
        found: the comparison.

    Returns:
        sentences.
    """
    told, last = [], found.networks[-1]
    d, n = found.samples.shape[1], len(found.samples)
    fewest, most = found.networks[0], last
    told.append(
        f"From {fewest.neurons} to {most.neurons} neurons the regions grow from "
        f"{fewest.regions.num_regions:,} to {most.regions.num_regions:,}; those without a training "
        f"sample from {fewest.is_empty.mean():.0%} to {most.is_empty.mean():.0%} of them, "
        f"{most.empty_area:.1%} of the area."
    )
    numbers = last.learned.num_parameters / last.regions.num_regions
    cheaper = "fewer" if numbers < d + 1 else "more"
    told.append(
        f"Numbers stored per region: {numbers:.2f} in the widest network, {d + 1} for the nearest "
        f"neighbour, which has one cell for each of its {n:,} samples: {cheaper} in the network."
    )
    empty = last.is_empty
    if empty.any():
        own = int((last.labels[empty] != last.near[empty]).sum())
        told.append(
            f"Of the {int(empty.sum()):,} regions without a sample {own:,} get another label than "
            "the nearest sample has (at a point inside): there the network does not just extend "
            "labels."
        )
    gap, error = accuracy_gap(found, last, last.in_empty)
    count = int(last.in_empty.sum())
    if count:
        words = "neither rule is better beyond two standard errors"
        if abs(gap) > 2 * error:
            words = "the network is right more often" if gap > 0 else (
                "the nearest neighbour is right more often"
            )  # fmt: skip
        told.append(
            f"On the {count:,} held-out points in regions without a training sample the network is "
            f"right on {last.right[last.in_empty].mean():.1%}, the nearest neighbour on "
            f"{found.near_right[last.in_empty].mean():.1%}: {words}."
        )
    told.append(
        f"The two rules label {last.different:.2%} of the box differently, "
        f"{last.different_empty:.2%} in regions without a training sample."
    )
    return tuple(told)


def local_summary(found: Local) -> dict[str, Any]:
    """Return the comparison as JSON values.

    Args:
        found: the comparison.

    Returns:
        a dictionary.
    """
    return {
        "finding": local_finding(found),
        "statements": list(statements(found)),
        "training_samples": len(found.samples),
        "held_out": found.held_from,
        "nearest_accuracy": float(found.near_right.mean()),
        "nearest_numbers_per_cell": found.samples.shape[1] + 1,
        "networks": [_row(found, row) for row in found.networks],
        "command": found.settings.command(),
        **found.setup.header(),
    }


def _row(found: Local, row: Beside) -> dict[str, Any]:
    """Return one network as JSON values."""
    gap, error = accuracy_gap(found, row)
    inside = row.in_empty
    return {
        "widths": list(row.learned.widths),
        "neurons": row.neurons,
        "parameters": row.learned.num_parameters,
        "loss": row.loss,
        "train_accuracy": row.train,
        "test_accuracy": float(row.right.mean()),
        "accuracy_gap": gap,
        "accuracy_gap_error": error,
        "regions": row.regions.num_regions,
        "empty_regions": int(row.is_empty.sum()),
        "empty_by_label": np.bincount(row.labels[row.is_empty]).tolist(),
        "empty_unlike_nearest": int((row.labels != row.near)[row.is_empty].sum()),
        "empty_area": row.empty_area,
        "different_area": row.different,
        "different_area_empty": row.different_empty,
        "parameters_per_region": row.learned.num_parameters / row.regions.num_regions,
        "held_out_in_empty": int(inside.sum()),
        "test_accuracy_in_empty": float(row.right[inside].mean()) if inside.any() else None,
        "nearest_accuracy_in_empty": float(found.near_right[inside].mean())
        if inside.any()
        else None,
    }
