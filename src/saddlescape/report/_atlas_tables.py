"""The tables of an atlas: its classes, what was not seen, outcomes, runaway starts."""

from collections import defaultdict

import numpy as np

from saddlescape.core import Outcome
from saddlescape.report._figures import Column, Table
from saddlescape.report._numbers import number
from saddlescape.report._survey import Survey
from saddlescape.symmetry import unseen

_MOST_CLASSES = 500
_MOST_RUNAWAYS = 40


def classes_table(survey: Survey) -> Table:
    """Return one row per distinct point."""
    columns = (
        Column("class", format="count"),
        Column("loss", note="mean over samples"),
        Column("gradient norm", digits=2, note="largest entry of the gradient"),
        Column("index", format="count", note="negative Hessian eigenvalues"),
        Column("nullity", format="count", note="zero Hessian eigenvalues"),
        Column("kind", format="text"),
        Column("times found", format="count"),
        Column("copies by symmetry", format="count", note="points of the same network function"),
        Column("spread", digits=2, note="largest distance of a member from the one shown"),
    )
    names = (
        "class",
        "loss",
        "gradient_norm",
        "index",
        "nullity",
        "kind",
        "count",
        "copies",
        "spread",
    )
    table = survey.classes.slice(0, _MOST_CLASSES)
    cells = {name: table[name].to_pylist() for name in names}
    families = zip(cells["kind"], table["is_family"].to_pylist(), strict=True)
    cells["kind"] = [f"{kind}, flat family" if family else kind for kind, family in families]
    total, converged = survey.classes.num_rows, int(survey.is_converged.sum())
    left_out = f"The {_MOST_CLASSES} lowest of {total:,}; the rest are in classes.parquet. "
    return Table(
        title=f"{total:,} distinct points from {converged:,} starts, modulo symmetry",
        columns=columns,
        rows=list(zip(*cells.values(), strict=True)),
        note=(left_out if total > _MOST_CLASSES else "")
        + "Members of a flat family differ by their place along it, which is their spread."
        + _doubts(survey),
    )


def _doubts(survey: Survey) -> str:
    """Return how many starts ended where the Hessian leaves a doubt, if any."""
    converged = survey.is_converged
    uncertain = int((converged & (survey.point("uncertain") > 0)).sum())
    kinks = int((converged & (survey.point("kinks") > 0)).sum())
    words = ""
    if uncertain:
        words += f" At {uncertain:,} starts an eigenvalue is near the threshold of zero."
    if kinks:
        words += f" At {kinks:,} starts samples lie on a kink: the Hessian is one of several."
    return words


def unseen_table(survey: Survey) -> Table:
    """Return estimates of the classes that further starts would find."""
    estimate = unseen(survey.distinct("count"))
    share, error = 100 * estimate.share, 100 * estimate.standard_error
    once = estimate.num_singletons
    found_once = f"{once:,} {'class was' if once == 1 else 'classes were'} found only once"
    rows = [
        ("classes seen", str(estimate.num_seen), "counted"),
        ("share of further starts that would find a new class",
         f"{number(share, 2)} % ± {number(error, 2)} %", "Good-Turing, with its standard error"),
        ("classes in all, at least", number(estimate.num_classes, 4), "Chao1, a lower bound"),
    ]  # fmt: skip
    columns = tuple(Column(name, format="text") for name in ("quantity", "estimate", "method"))
    title = f"{found_once}: about {number(share, 2)} % of further starts would find a new one"
    note = "For starts drawn as these were; says nothing of points that no start can reach."
    return Table(title, columns, rows, is_sortable=False, note=note)


def outcome_advice(survey: Survey) -> Table | None:
    """Return what each unsuccessful outcome means, or None when every start converged."""
    found = set(survey.point("outcome").tolist())
    rows = [
        (outcome.label, outcome.advice.replace("`", ""))
        for outcome in Outcome
        if outcome.label in found and outcome is not Outcome.CONVERGED
    ]
    columns = (Column("outcome", format="text"), Column("what it means", format="text"))
    return Table("What can be done", columns, rows, is_sortable=False) if rows else None


def runaway_table(survey: Survey) -> Table | None:
    """Return which neurons ran to infinity together, and how often; None when none did."""
    is_runaway = survey.point("outcome") == Outcome.RUNNING_TO_INFINITY.label
    losses, starts = survey.point("loss"), survey.point("start")
    groups = defaultdict(list)
    neurons = survey.points["neurons"].to_pylist()
    for row in np.flatnonzero(is_runaway):
        groups[tuple(neurons[row] or ())].append(row)
    if not groups:
        return None
    ordered = sorted(groups.items(), key=lambda item: -len(item[1]))
    rows = []
    for names, members in ordered[:_MOST_RUNAWAYS]:
        best = min(members, key=lambda row: losses[row])
        words = ", ".join(map(str, names)) or "not named"
        rows.append((words, len(members), float(losses[best]), int(starts[best])))
    columns = (
        Column("neurons", format="text", note="numbered from 0 through all hidden layers"),
        Column("starts", format="count"),
        Column("lowest loss", note="where the search was stopped; it was still falling"),
        Column("reached by start", format="count"),
    )
    return Table(_runaway_title(groups), columns, rows, note=_cut(len(groups)))


def _runaway_title(groups: dict) -> str:
    """Return how many starts ran away, and how many neurons did so together."""
    total = sum(map(len, groups.values()))
    together = sorted({len(names) for names in groups if names})
    many = f", {' or '.join(map(str, together))} neurons at a time" if together else ""
    return f"{total:,} {'start' if total == 1 else 'starts'} ran to infinity{many}"


def _cut(total: int) -> str:
    """Return what was left out of the table of runaway starts."""
    if total <= _MOST_RUNAWAYS:
        return ""
    return f"The {_MOST_RUNAWAYS} most frequent of {total:,} sets of neurons."
