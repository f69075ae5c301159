"""The density of a spectrum with its band, on a logarithm."""

import numpy as np

from saddlescape.report._figures import Axis, Band, Curve, Figure, Section
from saddlescape.spectra import Density

_DECADES = 7  # below the peak that are shown


def density_section(found: Density) -> Section:
    """Return the part of a page that shows a density.

    Args:
        found: the density.

    Returns:
        a section with one figure.
    """
    words = (
        f"Stochastic Lanczos quadrature: {len(found.nodes):,} random directions, "
        f"{found.num_products:,} products. More directions narrow the band, more steps the blur."
    )
    return Section("The density of the spectrum", words, figures=(density_figure(found),))


def density_figure(found: Density, of: str = "") -> Figure:
    """Return a density with its band.

    Args:
        found: the density.
        of: which matrix, to stand before the finding.

    Returns:
        a figure.
    """
    floor = 10.0 ** np.floor(np.log10(found.density.max()) - _DECADES)
    peak = found.grid[np.argmax(found.density)]
    band = Band(
        found.grid,
        np.maximum(found.lower, floor),
        np.maximum(found.upper, floor),
        name=f"{100 * found.confidence:g} % band",
    )
    curve = Curve(found.grid, np.maximum(found.density, floor), name="density")
    begin = f"{of}: curvatures" if of else "Curvatures"
    return Figure(
        title=f"{begin} lie densest near {peak:.3g}, within {found.width:.2g}",
        x_axis=Axis("curvature", unit="loss per parameter²"),
        y_axis=Axis("share per unit of curvature", scale="log", limits=(floor, _top(found))),
        layers=(band, curve),
        caption=(
            f"Each eigenvalue is blurred by a normal curve of standard deviation {found.width:.2g}."
            f" At each curvature the band holds the blurred density of the whole matrix at "
            f"{100 * found.confidence:g} % confidence. Lower values are drawn at {floor:.0e}."
        ),
    )


def _top(found: Density) -> float:
    """Return the upper end of the axis."""
    return float(2 * found.upper.max())
