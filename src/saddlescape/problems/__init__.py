"""Problems to study: teachers, real data sets, files of the user, surfaces with known points.

Names are loaded on first use: `NAMES` alone (what the command line lists) costs no import of JAX.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
