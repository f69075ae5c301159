"""The tables of an atlas: its classes, what was not seen, outcomes, runaway starts."""

from collections import defaultdict

import numpy as np

from saddlescape.core import Kind, Outcome
from saddlescape.report._figures import Column, Table
from saddlescape.report._numbers import number
from saddlescape.report._survey import Survey
from saddlescape.symmetry import Unseen, unseen

_FAMILY = "Members of a flat family differ by their place along it, which is their spread."
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
        Column(
            "spread",
            "distance in parameters",
            digits=2,
            note="largest Euclidean distance of a member from the one shown, modulo symmetry",
        ),
    )
    names = (
        "class", "loss", "gradient_norm", "index", "nullity", "kind", "count", "copies", "spread",
    )  # fmt: skip
    table = survey.classes.slice(0, _MOST_CLASSES)
    cells = {name: table[name].to_pylist() for name in names}
    is_family = table["is_family"].to_pylist()
    kinds = zip(survey.kinds, is_family, strict=False)  # of all classes; the table may be cut
    cells["kind"] = [_in_family(kind) if family else kind for kind, family in kinds]
    total, converged = survey.classes.num_rows, int(survey.is_converged.sum())
    left_out = f"The {_MOST_CLASSES} lowest of {total:,}; the rest are in classes.parquet. "
    return Table(
        title=f"{_some(total, 'distinct point')} from {_some(converged, 'start')}, modulo symmetry",
        columns=columns,
        rows=list(zip(*cells.values(), strict=True)),
        note=(left_out if total > _MOST_CLASSES else "")
        + (_FAMILY if any(is_family) else "")
        + _doubts(survey),
    )


def _in_family(kind: str) -> str:
    """Return a kind with the words that it belongs to a flat family."""
    return "flat family" if kind == Kind.FLAT.label else f"{kind}, flat family"


def _some(total: int, noun: str) -> str:
    """Return a count and its noun."""
    return f"{total:,} {noun}{'' if total == 1 else 's'}"


def kinds_table(survey: Survey) -> Table:
    """Return what the kinds that occur mean, one line each."""
    meanings = {kind.label: kind.meaning for kind in Kind}
    meanings[Kind.SADDLE.label] = "some eigenvalues negative; their number, the index, is its order"
    meanings["degenerate saddle"] = (
        "none negative, some zero: the third derivative shows that the loss falls"
    )
    found = dict.fromkeys(survey.kinds)
    rows = [(kind, meanings.get(kind, "")) for kind in found]
    if any(survey.distinct("is_family")):
        rows.append(
            ("flat family", "points of equal loss, at different places of a level valley or ridge")
        )
    columns = (Column("kind", format="text"), Column("what it means", format="text"))
    return Table("What the kinds mean", columns, rows, is_sortable=False)


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
    seen, once, used = estimate.num_seen, estimate.num_singletons, estimate.num_points
    rows = [("starts this rests on", _used(used, survey), "those that reached a critical point")]
    rows += [
        ("classes seen", f"{seen:,}", "counted"),
        ("share of further such starts in a new class", *_share_unseen(estimate)),
        ("classes in all, at least", f"{max(seen, round(estimate.num_classes)):,}",
         "Chao1, a lower bound"),
    ]  # fmt: skip
    columns = tuple(Column(name, format="text") for name in ("quantity", "estimate", "method"))
    left_out = survey.points.num_rows - used
    note = "For starts drawn as these were; says nothing of points that no start can reach."
    if left_out:
        note += (
            f" The {_some(left_out, 'start')} that ended without a critical point "
            f"{'is' if left_out == 1 else 'are'} not counted: more steps might lead to new classes."
        )
    few = f" (from {used:,} of {survey.points.num_rows:,} starts only)" if left_out > used else ""
    title = _unseen_finding(once, seen, rows[2][1]) + few
    return Table(title, columns, rows, is_sortable=False, note=note)


def _used(used: int, survey: Survey) -> str:
    """Return how many starts an estimate rests on."""
    total = survey.points.num_rows
    return f"{used:,} of {total:,}" if used < total else f"all {used:,}"


def _share_unseen(estimate: Unseen) -> tuple[str, str]:
    """Return the share of starts that would find a new class, and how it was estimated."""
    used = estimate.num_points
    if estimate.num_singletons == used:
        return "cannot be told", "every start found another class: too few starts"
    if estimate.num_singletons == 0:
        # No start in n was the only one of its class: an event of probability s stays away from n
        # starts with probability exp(-n s), which is 5 % at s = 3 / n.
        bound = min(100.0, 300 / used)
        return f"below {number(bound, 2)} %", f"95 % bound by the rule of three, 3 / {used:,}"
    share, error = 100 * estimate.share, 100 * estimate.standard_error
    words = f"{number(share, 2)} % ± {number(error, 2)} %"
    return words, "Good-Turing, with its standard error"


def _unseen_finding(once: int, seen: int, share: str) -> str:
    """Return what the rare classes say, in words."""
    if share == "cannot be told":
        return (
            f"All classes ({seen:,}) were found once only: too few starts to tell what is missing"
        )
    if not once:
        bound = share.replace("below", "fewer than")
        return f"No class was found only once: {bound} of further starts would find a new one"
    found = f"{once:,} {'class was' if once == 1 else 'classes were'} found only once"
    return f"{found}: about {share.partition(' %')[0]} % of further starts would find a new one"


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
        groups[tuple(sorted(neurons[row] or ()))].append(row)
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
    plural = "" if together == [1] else "s"
    many = f", {' or '.join(map(str, together))} neuron{plural} at a time" if together else ""
    return f"{total:,} {'start' if total == 1 else 'starts'} ran to infinity{many}"


def _cut(total: int) -> str:
    """Return what was left out of the table of runaway starts."""
    if total <= _MOST_RUNAWAYS:
        return ""
    return f"The {_MOST_RUNAWAYS} most frequent of {total:,} sets of neurons."
