"""What the terminal shows of a network opened."""

import contextlib
from collections.abc import Callable, Iterator

from rich.console import Console

from saddlescape.cli._show_regions import console
from saddlescape.decisions import Decision, finding


@contextlib.contextmanager
def progress(*, quiet: bool) -> Iterator[Callable[[str], None]]:
    """Show what is being done; nothing in pipes.

    Args:
        quiet: whether to show nothing in any case.

    Yields:
        a function to call with what is done next.
    """
    terminal = Console(stderr=True)
    if quiet or not terminal.is_terminal:
        yield lambda words: None  # noqa: ARG005
        return
    with terminal.status("Preparing") as status:
        yield status.update


def decision(found: Decision, html: str | None) -> None:
    """Print what is seen of a network.

    Args:
        found: the network opened.
        html: the page that was written, or None.
    """
    lines = [finding(found) + "."]
    for view in found.views:
        name = "readout" if view.is_readout else f"layer {view.number}"
        idle = sum(float(a) in {0.0, 1.0} for a in view.active)
        kind = "hyperplanes" if view.num_neurons != 1 else "hyperplane"
        words = f"{name}: {view.num_neurons} {kind}, {idle} part no samples; {view.plane.shown}"
        if not view.plane.is_whole:
            words += f", {view.agreement:.1%} of the sides right in the picture"
        lines.append(words)
    lines += [f"Page: {html}"] if html else []
    console().print("\n".join(lines), highlight=False, soft_wrap=True)
