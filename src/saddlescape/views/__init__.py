"""Views: slices through a point of a problem's loss, between checkpoints, along a trajectory."""

from saddlescape.views._run import View, Walk, run
from saddlescape.views._settings import SliceSettings
from saddlescape.views._summary import arrays, finding, slice_finding, summary, worst_ratio

__all__ = [
    "SliceSettings",
    "View",
    "Walk",
    "arrays",
    "finding",
    "run",
    "slice_finding",
    "summary",
    "worst_ratio",
]
