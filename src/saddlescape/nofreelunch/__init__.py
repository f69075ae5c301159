"""No free lunch, enumerated: search algorithms on every function, learners on every target."""

from saddlescape.nofreelunch._classes import (
    CLASSES,
    FunctionClass,
    function_class,
    grid_rows,
    is_closed_under_permutation,
    orbits_of,
)
from saddlescape.nofreelunch._interface import AbstractPolicy, Choices, Histories
from saddlescape.nofreelunch._legality import IllegalPolicyError, Legality, check_search
from saddlescape.nofreelunch._performance import Performance, performance, sequences
from saddlescape.nofreelunch._policies import (
    Adaptive,
    AntiHillClimbing,
    Ascending,
    HillClimbing,
    Momentum,
    Surrogate,
)
from saddlescape.nofreelunch._random_policies import Annealing, RandomOrder
from saddlescape.nofreelunch._search import (
    POLICIES,
    Contrast,
    SearchTable,
    default_classes,
    policy,
    search,
)
from saddlescape.nofreelunch._search_summary import (
    counted,
    ranking,
    require_evaluations,
    search_finding,
    search_summary,
    widest_class,
)
from saddlescape.nofreelunch._space import MOST_FUNCTIONS, SearchSpace
from saddlescape.nofreelunch._walk import MOST_RUNS, Walk, walks
from saddlescape.nofreelunch._written import WrittenPolicy

__all__ = [
    "CLASSES",
    "MOST_FUNCTIONS",
    "MOST_RUNS",
    "POLICIES",
    "AbstractPolicy",
    "Adaptive",
    "Annealing",
    "AntiHillClimbing",
    "Ascending",
    "Choices",
    "Contrast",
    "FunctionClass",
    "HillClimbing",
    "Histories",
    "IllegalPolicyError",
    "Legality",
    "Momentum",
    "Performance",
    "RandomOrder",
    "SearchSpace",
    "SearchTable",
    "Surrogate",
    "Walk",
    "WrittenPolicy",
    "check_search",
    "counted",
    "default_classes",
    "function_class",
    "grid_rows",
    "is_closed_under_permutation",
    "orbits_of",
    "performance",
    "policy",
    "ranking",
    "require_evaluations",
    "search",
    "search_finding",
    "search_summary",
    "sequences",
    "walks",
    "widest_class",
]
