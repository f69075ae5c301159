"""Comparisons: deep networks against shallow ones on data, each trained by the same budget."""

from saddlescape.comparisons._accuracy import EXPERIMENTS, Accuracy, accuracy
from saddlescape.comparisons._composition import Composition, composition, training_scenes
from saddlescape.comparisons._composition_settings import CompositionSettings
from saddlescape.comparisons._composition_summary import (
    CHANCE,
    accuracy_row,
    best_network,
    composition_finding,
    composition_statements,
    composition_summary,
    interval_of,
    readers_of,
    shares,
    units_of,
)
from saddlescape.comparisons._records import SCHEMA, Trained, table_of
from saddlescape.comparisons._scores import Contender, Scored
from saddlescape.comparisons._separation import (
    Separation,
    separation,
    separation_finding,
    separation_summary,
)
from saddlescape.comparisons._separation_rows import RegionCount
from saddlescape.comparisons._separation_searches import Fit, Search, narrowest
from saddlescape.comparisons._separation_settings import SeparationSettings
from saddlescape.comparisons._settings import AccuracySettings
from saddlescape.comparisons._statements import (
    Statement,
    finding,
    gap,
    named,
    row,
    spread_of_sizes,
    statements,
    summary,
)

__all__ = [
    "CHANCE",
    "EXPERIMENTS",
    "SCHEMA",
    "Accuracy",
    "AccuracySettings",
    "Composition",
    "CompositionSettings",
    "Contender",
    "Fit",
    "RegionCount",
    "Scored",
    "Search",
    "Separation",
    "SeparationSettings",
    "Statement",
    "Trained",
    "accuracy",
    "accuracy_row",
    "best_network",
    "composition",
    "composition_finding",
    "composition_statements",
    "composition_summary",
    "finding",
    "gap",
    "interval_of",
    "named",
    "narrowest",
    "readers_of",
    "row",
    "separation",
    "separation_finding",
    "separation_summary",
    "shares",
    "spread_of_sizes",
    "statements",
    "summary",
    "table_of",
    "training_scenes",
    "units_of",
]
