"""saddlescape: a laboratory for the loss landscapes of neural networks.

Names are loaded on first use, so that ``import saddlescape`` (and ``saddlescape --help``) costs
milliseconds, not the import of JAX.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
