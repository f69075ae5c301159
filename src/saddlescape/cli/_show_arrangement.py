"""What the terminal shows of an arrangement."""

from typing import Any

from saddlescape.cli._show_regions import console


def arrangement(told: dict[str, Any], files: tuple[tuple[str, str | None], ...]) -> None:
    """Print how many regions there are, and where the rest was written.

    Args:
        told: the result as JSON values.
        files: what was written, and where to, or None.
    """
    out, n, d = console(), told["hyperplanes"], told["dimension"]
    most = int(told["regions_in_general_position"])
    position = (
        "They are in general position: no others make more."
        if told["in_general_position"]
        else f"They are not in general position, where they would make {most:,}."
    )
    finding = (
        f"{n:,} hyperplanes cut {d}-dimensional space into {told['regions']:,} regions, "
        f"{told['bounded']:,} of them bounded ({told['seconds']:.2f} s)."
    )
    lines = [finding, position]
    if not told["in_general_position"] and told["closest_decision"] is not None:
        lines.append(
            "The nearest to degenerate that was not taken for degenerate is "
            f"{told['closest_decision']:.2g} times its rounding error."
        )
    if "facets" in told:
        words = ", ".join(f"{size} ({number:,})" for size, number in told["facets"].items())
        lines.append(f"Facets of a region: {words}.")
    lines += [f"{name}: {path}" for name, path in files if path]
    out.print("\n".join(lines), highlight=False, soft_wrap=True)
