"""What an atlas's header says, each thing once, and apart what nobody changed."""

from typing import Any

from saddlescape.report._survey import pairs_of
from saddlescape.surveys import SurveySettings

Pairs = tuple[tuple[str, str], ...]

_ELSEWHERE = (
    "versions", "command", "format", "done", "problem", "network", "settings", "seconds", "teacher",
)  # fmt: skip
_NAMES = {
    "name": "problem",
    "data": "data file",
    "num_samples": "samples",
    "num_parameters": "parameters",
    "loss_scale": "scale of the loss",
}
_ALWAYS = ("finder", "starts")  # worth seeing even where nobody changed them


def settings_of(header: dict[str, Any]) -> tuple[Pairs, Pairs]:
    """Return the header's entries in words: what makes this survey, and what is at its default.

    Args:
        header: `atlas.json`.

    Returns:
        names and values of both kinds; nothing stands twice.

    Example:
        >>> settings_of({"problem": {"name": "lecture"}, "settings": {"problem": "lecture"}})
        ((('problem', 'lecture'),), ())
    """
    parts = {name: _part(header, name) for name in ("problem", "network", "settings", "seconds")}
    problem, network, settings = parts["problem"], parts["network"], parts["settings"]
    # What was asked for stands in the problem and the network already, as it came out.
    told = {"problem", "data", "target"} & {"problem", *problem}
    told |= {"hidden", "activation", "bias"} if network else set()
    told |= {"samples"} if problem.get("num_samples") is not None else set()
    told |= {"inputs"} if problem.get("input_names") else set()
    told |= {"seed"} & set(header)
    rest = {name: value for name, value in settings.items() if name not in told}
    usual = {
        name: value
        for name, value in rest.items()
        if name not in _ALWAYS and name in SurveySettings.model_fields
        and value == SurveySettings.model_fields[name].default
    }  # fmt: skip
    chosen = {name: value for name, value in rest.items() if name not in usual}
    others = {name: value for name, value in header.items() if name not in _ELSEWHERE}
    seconds = {f"{name} [s]": value for name, value in parts["seconds"].items() if value}
    shown = [_named(part) for part in (problem, network, chosen, others)]
    merged = [pair for part in (*shown, seconds) for pair in pairs_of(part)]
    return tuple(merged), tuple(pairs_of(usual))


def _part(header: dict[str, Any], name: str) -> dict[str, Any]:
    """Return a part of the header, empty where it is missing or null."""
    value = header.get(name)
    return value if isinstance(value, dict) else {}


def _named(part: dict[str, Any]) -> dict[str, Any]:
    """Return entries under the names a reader knows; a problem from a file has but its file."""
    hidden = {"name"} if "data" in part and part.get("name") == part["data"] else set()
    return {_NAMES.get(name, name): value for name, value in part.items() if name not in hidden}
