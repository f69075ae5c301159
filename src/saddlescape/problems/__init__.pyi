from ._from_file import from_file as from_file
from ._lecture import lecture as lecture
from ._load import load as load
from ._names import NAMES as NAMES
from ._problem import KnownPoint as KnownPoint
from ._problem import Problem as Problem
from ._scaling import Scaling as Scaling
