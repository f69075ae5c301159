"""Regions: how hyperplanes cut space, and how trained networks do; counted, listed, reused.

Names are loaded on first use: counting needs integers only, and answers before NumPy is imported.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
