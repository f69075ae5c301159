from ._bounds import Bounds as Bounds
from ._bounds import deep_bounds as deep_bounds
from ._counting import CountedRegions as CountedRegions
from ._counting import count_regions as count_regions
from ._counting import num_bounded_regions as num_bounded_regions
from ._counting import num_regions as num_regions
from ._counting import num_separable_dichotomies as num_separable_dichotomies
