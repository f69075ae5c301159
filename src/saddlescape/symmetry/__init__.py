"""The symmetries of a network: the group as data, its orbits, alignment, counts, distinct points.

Names are loaded on first use: counting needs integers only, and answers before JAX is imported.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
