"""Which statements about depth the accuracies support, each with its interval."""

import dataclasses
from typing import Any

import numpy as np

from saddlescape.comparisons._accuracy import Accuracy
from saddlescape.comparisons._records import Trained, kind_of
from saddlescape.depth import Interval, over_runs, over_runs_and_samples
from saddlescape.setups import versions


@dataclasses.dataclass(frozen=True)
class Statement:
    """A statement beside the difference that was measured.

    Args:
        text: what is claimed: the first is larger than the second.
        first: a network, in words.
        second: another.
        quantity: what is compared.
        difference: of the first and the second, with its interval.
    """

    text: str
    first: str
    second: str
    quantity: str
    difference: Interval

    @property
    def verdict(self) -> str:
        """Supported, contradicted, or not decided, at the 95 % level."""
        if not self.difference.excludes_zero:
            return "not decided"
        return "supported" if self.difference.low > 0 else "contradicted"


def named(one: Trained) -> str:
    """Return a network in words.

    Args:
        one: a trained architecture.

    Returns:
        kind, layers, width and parameters.
    """
    network = one.architecture
    unit = "channels" if network.is_convolutional else "wide"
    layers = "1 layer" if network.depth == 1 else f"{network.depth} layers"
    return (
        f"{one.kind}, {layers}, {network.widths[0]:,} {unit}, {network.num_parameters:,} parameters"
    )


def gap(one: Trained) -> np.ndarray:
    """Return by how much a network is better on its training part than on test samples.

    Args:
        one: a trained architecture, at its best rate.

    Returns:
        shape (s, t), to be averaged over both.
    """
    return one.train[one.best][:, None] - one.answers


def statements(done: Accuracy) -> tuple[Statement, ...]:
    """Return the lecture's statements on depth beside what was measured.

    The depth that is compared with one layer is the best on the validation parts, never on the
    test part.

    Args:
        done: every architecture trained.

    Returns:
        one per statement; each interval holds at the 95 % level on its own.
    """
    kinds = sorted({x.is_convolutional for x in done.architectures})
    found = [
        _deeper(done, experiment, kind)
        for experiment in ("equal parameters", "equal width")
        for kind in kinds
        if len(done.of(experiment, is_convolutional=kind)) > 1
    ]
    plain = done.of("sizes", is_convolutional=False)
    half = len(plain) // 2
    shallow = plain[:half]
    if True in kinds:
        deep = done.of("sizes", is_convolutional=True)[half:]
        found += [
            Statement(
                "At equal parameters, deep and convolutional beats shallow and fully connected",
                named(b), named(a), "test accuracy", over_runs_and_samples(b.answers - a.answers),
            )
            for a, b in zip(shallow, deep, strict=True)
        ]  # fmt: skip
        a, b = shallow[-1], deep[-1]
        found.append(Statement(
            "A large shallow fully connected network overfits more than a deep convolutional one",
            named(a), named(b), "train less test accuracy", over_runs_and_samples(gap(a) - gap(b)),
        ))  # fmt: skip
    a, b = shallow[-1], shallow[0]
    if half > 1:
        found.append(Statement(
            "The larger a shallow fully connected network, the more it overfits",
            named(a), named(b), "train less test accuracy", over_runs_and_samples(gap(a) - gap(b)),
        ))  # fmt: skip
    return tuple(found)


def _deeper(done: Accuracy, experiment: str, kind: bool) -> Statement:
    """Return whether the depth chosen by validation beats one layer."""
    group = sorted(
        done.of(experiment, is_convolutional=kind), key=lambda one: one.architecture.depth
    )
    first = max(group[1:], key=lambda one: one.validation[one.best].mean())
    difference = over_runs_and_samples(first.answers - group[0].answers)
    text = f"More layers help: {group[0].kind}, at {experiment}"
    return Statement(text, named(first), named(group[0]), "test accuracy", difference)


def finding(done: Accuracy) -> str:
    """Return what was found, in a sentence.

    Args:
        done: every architecture trained.

    Returns:
        the best depth of each kind at equal parameters, chosen on the validation parts.
    """
    told = []
    for kind in sorted({x.is_convolutional for x in done.architectures}):
        group = done.of("equal parameters", is_convolutional=kind)
        best = max(group, key=lambda one: one.validation[one.best].mean())
        shallow = min(group, key=lambda one: one.architecture.depth)
        depth = best.architecture.depth
        layers = "1 hidden layer" if depth == 1 else f"{depth} hidden layers"
        text = f"{best.kind} networks do best with {layers} ({_percent(best.answers.mean())}"
        text += (
            f" on test samples, {_percent(shallow.answers.mean())} with "
            f"{shallow.architecture.depth})"
            if best is not shallow
            else ")"
        )
        told.append(text)
    size = f"{done.settings.parameters:,}"
    return f"{done.problem.name}: at {size} parameters {', '.join(told)}"


def _percent(share: float) -> str:
    """Return a share as a percentage."""
    return f"{100 * share:.1f} %"


def summary(done: Accuracy) -> dict[str, Any]:
    """Return the result as JSON values.

    Args:
        done: every architecture trained.

    Returns:
        finding, statements, and every architecture with its accuracies at its best rate.
    """
    return {
        "finding": finding(done),
        "command": done.settings.command(),
        "settings": done.settings.model_dump(mode="json"),
        "samples": {"train and validation": len(done.samples.inputs)}
        | {"test": len(done.samples.test_inputs)},
        "statements": [
            {**dataclasses.asdict(one), "verdict": one.verdict} for one in statements(done)
        ],
        "experiments": {
            name: [row(done.trained[x]) for x in group] for name, group in done.plan.items()
        },
        "equal_parameters_within": spread_of_sizes(done),
        "precision": "float32",
        "versions": versions(),
    }


def spread_of_sizes(done: Accuracy) -> float:
    """Return by how much networks of equal parameters differ from what was asked.

    Args:
        done: every architecture trained.

    Returns:
        the largest difference, as a share.
    """
    wanted = done.settings.parameters
    sizes = [x.num_parameters for x in done.plan["equal parameters"]]
    return max(abs(size - wanted) for size in sizes) / wanted


def row(one: Trained) -> dict[str, Any]:
    """Return an architecture with what was measured at its best rate.

    Args:
        one: a trained architecture.

    Returns:
        JSON values.
    """
    network, best = one.architecture, one.best
    return {
        "kind": kind_of(network),
        "depth": network.depth,
        "width": network.widths[0],
        "parameters": network.num_parameters,
        "rate": float(one.rates[best]),
        "is_rate_at_edge": len(one.rates) > 1 and best in {0, len(one.rates) - 1},
        "epochs": float(one.epochs[best].mean()),
        "runs_at_last_epoch": int((one.epochs[best] >= one.curve.shape[-1]).sum()),
        "train": dataclasses.asdict(over_runs(one.train[best])),
        "validation": float(one.validation[best].mean()),
        "test": dataclasses.asdict(over_runs_and_samples(one.answers)),
        "gap": dataclasses.asdict(over_runs_and_samples(gap(one))),
    }
