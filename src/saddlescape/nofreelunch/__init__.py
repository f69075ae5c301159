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
from saddlescape.nofreelunch._learn import (
    LEARNERS,
    ClassScore,
    LearningTable,
    Score,
    default_learners,
    learn,
    learner,
    training_sets,
)
from saddlescape.nofreelunch._learner import AbstractLearner
from saddlescape.nofreelunch._learners import (
    AntiMajority,
    Coin,
    Majority,
    NearestNeighbour,
    ParityGuesser,
)
from saddlescape.nofreelunch._learning_summary import (
    learning_finding,
    learning_summary,
    most_separating,
)
from saddlescape.nofreelunch._legality import IllegalPolicyError, Legality, check_search
from saddlescape.nofreelunch._noisier import (
    FREQUENCY,
    NoisierTable,
    NoisyPair,
    noisier,
    noisy_pair,
)
from saddlescape.nofreelunch._performance import Performance, performance, sequences
from saddlescape.nofreelunch._policies import (
    Adaptive,
    AntiHillClimbing,
    Ascending,
    HillClimbing,
    Momentum,
    Surrogate,
)
from saddlescape.nofreelunch._prior_networks import (
    AbstractClassifier,
    Convolutional,
    Dense,
    Linear,
    dense_like,
)
from saddlescape.nofreelunch._priors import (
    Estimate,
    PriorsTable,
    default_classifiers,
    estimate,
    priors,
)
from saddlescape.nofreelunch._priors_summary import PUBLISHED, priors_finding, priors_summary
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
from saddlescape.nofreelunch._targets import (
    TARGET_CLASSES,
    TargetClass,
    degrees,
    inputs_of,
    labels_of,
    relevant_bits,
    target_class,
)
from saddlescape.nofreelunch._trained import DecisionTree, LogisticRegression, Perceptron
from saddlescape.nofreelunch._walk import MOST_RUNS, Walk, walks
from saddlescape.nofreelunch._written import WrittenPolicy

__all__ = [
    "CLASSES",
    "FREQUENCY",
    "LEARNERS",
    "MOST_FUNCTIONS",
    "MOST_RUNS",
    "POLICIES",
    "PUBLISHED",
    "TARGET_CLASSES",
    "AbstractClassifier",
    "AbstractLearner",
    "AbstractPolicy",
    "Adaptive",
    "Annealing",
    "AntiHillClimbing",
    "AntiMajority",
    "Ascending",
    "Choices",
    "ClassScore",
    "Coin",
    "Contrast",
    "Convolutional",
    "DecisionTree",
    "Dense",
    "Estimate",
    "FunctionClass",
    "HillClimbing",
    "Histories",
    "IllegalPolicyError",
    "LearningTable",
    "Legality",
    "Linear",
    "LogisticRegression",
    "Majority",
    "Momentum",
    "NearestNeighbour",
    "NoisierTable",
    "NoisyPair",
    "ParityGuesser",
    "Perceptron",
    "Performance",
    "PriorsTable",
    "RandomOrder",
    "Score",
    "SearchSpace",
    "SearchTable",
    "Surrogate",
    "TargetClass",
    "Walk",
    "WrittenPolicy",
    "check_search",
    "counted",
    "default_classes",
    "default_classifiers",
    "default_learners",
    "degrees",
    "dense_like",
    "estimate",
    "function_class",
    "grid_rows",
    "inputs_of",
    "is_closed_under_permutation",
    "labels_of",
    "learn",
    "learner",
    "learning_finding",
    "learning_summary",
    "most_separating",
    "noisier",
    "noisy_pair",
    "orbits_of",
    "performance",
    "policy",
    "priors",
    "priors_finding",
    "priors_summary",
    "ranking",
    "relevant_bits",
    "require_evaluations",
    "search",
    "search_finding",
    "search_summary",
    "sequences",
    "target_class",
    "training_sets",
    "walks",
    "widest_class",
]
