"""What the terminal shows of no free lunch."""

import contextlib
from collections.abc import Callable, Iterator

from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from saddlescape import nofreelunch


@contextlib.contextmanager
def progress(what: str, *, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """Show a bar that counts what is finished; nothing in pipes.

    Args:
        what: is counted.
        quiet: whether to show nothing in any case.

    Yields:
        a function to call with the number of finished ones, and of all.
    """
    console = Console(stderr=True)
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=20),
        MofNCompleteColumn(),
        TextColumn(what),
        TimeElapsedColumn(),
        console=console,
        disable=quiet or not console.is_terminal,
        transient=True,
    )
    with bar:
        task = bar.add_task("Enumerating", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def console_of_results() -> Console:
    """Return where results are printed; in pipes, 120 columns wide."""
    console = Console()
    if not console.is_terminal:
        console.width = 120
    return console


def plain(console: Console, words: str) -> None:
    """Print a sentence, as it is."""
    console.print(words, highlight=False, soft_wrap=True, markup=False)


def search(table: nofreelunch.SearchTable, evaluations: int, html: str | None) -> None:
    """Print how algorithms fare on every function and on classes of functions.

    Args:
        table: what `nofreelunch.search` returned.
        evaluations: after how many evaluations they are compared.
        html: the page that was written, or None.
    """
    console = console_of_results()
    plain(console, nofreelunch.search_finding(table, evaluations))
    shown = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    shown.add_column("algorithm")
    for name in ("all functions", *(group.name for group in table.classes)):
        shown.add_column(name, justify="right")
    for policy, whole, row in zip(table.policies, table.everywhere, table.contrasts, strict=True):
        cells = [f"{float(whole.mean_best[evaluations - 1]):.4f}"]
        cells += [_cell(contrast.on_class, evaluations) for contrast in row]
        shown.add_row(policy.name, *cells)
    sizes = (f"{group.size:,}" for group in table.classes)
    shown.add_section()
    shown.add_row("functions", f"{table.space.num_functions:,}", *sizes)
    closed = ("yes" if group.is_closed else "no" for group in table.classes)
    shown.add_row("closed under permutation", "yes", *closed)
    console.print(shown, highlight=False)
    words = f"Mean best value after {nofreelunch.counted(evaluations)}; exact, rounded to 4 digits."
    drawn = [
        policy.name
        for policy, whole in zip(table.policies, table.everywhere, strict=True)
        if not whole.is_exact
    ]
    if drawn and table.classes:
        words += f" On classes {' and '.join(drawn)} with the standard error of the last digits."
    plain(console, words)
    plain(console, f"Page: {html}" if html else "--html FILE draws it, --json FILE has all ratios.")


def _cell(found: nofreelunch.Performance, evaluations: int) -> str:
    """Return a mean, with its standard error in units of the last digit where it has one."""
    text = f"{float(found.mean_best[evaluations - 1]):.4f}"
    return text if found.error is None else f"{text}({found.error[evaluations - 1] * 1e4:.0f})"


def learning(table: nofreelunch.LearningTable, html: str | None) -> None:
    """Print how learners fare on every target and on classes of targets.

    Args:
        table: what `nofreelunch.learn` returned.
        html: the page that was written, or None.
    """
    console = console_of_results()
    plain(console, nofreelunch.learning_finding(table))
    shown = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    shown.add_column("learner")
    for name in ("all targets", *(group.name for group in table.classes)):
        shown.add_column(name, justify="right")
    for one, whole, row in zip(table.learners, table.everywhere, table.contrasts, strict=True):
        shown.add_row(one.name, str(whole.mean), *(_error(score.on_class) for score in row))
    shown.add_section()
    sizes = (f"{group.size:,}" for group in table.classes)
    shown.add_row("targets", f"{table.num_targets:,}", *sizes)
    console.print(shown, highlight=False)
    size, train = table.training_sets.shape
    words = f"Wrong labels off the training set, in percent; {size:,} training sets of {train}"
    is_all = all(score.is_every_set for score in table.everywhere)
    words += ", all there are: exact." if is_all else "; in brackets the standard error over them."
    plain(console, words)
    plain(console, f"Page: {html}" if html else "--html FILE draws it, --json FILE has all ratios.")


def _error(score: nofreelunch.Score) -> str:
    """Return an error in percent, with its standard error in units of the last digit."""
    text = f"{100 * float(score.mean):.1f}"
    return text if score.error is None else f"{text}({1e3 * score.error:.0f})"


def priors(
    table: nofreelunch.PriorsTable, noisy: nofreelunch.NoisierTable, html: str | None
) -> None:
    """Print what a prior that fits changes.

    Args:
        table: what `nofreelunch.priors` returned.
        noisy: what `nofreelunch.noisier` returned.
        html: the page that was written, or None.
    """
    console, told = console_of_results(), nofreelunch.priors_summary(table, noisy)
    plain(console, told["finding"])
    shown = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    shown.add_column("network")
    for name in ("parameters", "in order", "published", "scrambled", "published", "on examples"):
        shown.add_column(name, justify="right")
    for one in told["classifiers"]:
        known = one["published"] or {}
        cells = [_interval(one["plain"], 1), f"{known.get('plain', '-')}"]
        cells += [_interval(one["scrambled"], 1), f"{known.get('scrambled', '-')}"]
        cells += [_interval(one["train_plain"], 1)]
        shown.add_row(one["name"], f"{one['parameters']:,}", *cells)
    console.print(shown, highlight=False)
    size = table.plain.shape[1]
    plain(console, f"Test accuracy in percent, with 95 % intervals over {size} seeds.")
    noise = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("fitted by", "data", "cross-validated error"):
        noise.add_column(name, justify="right" if "error" in name else "left")
    for row in told["noisier"]["cross_validated_errors"]:
        noise.add_row(row["functions"], row["data"], f"{row['mean']:.3g} ± {row['half_width']:.1g}")
    console.print(noise, highlight=False)
    plain(console, f"Page: {html}" if html else "--html FILE draws it.")


def _interval(told: dict, digits: int) -> str:
    """Return a mean with the half width of its interval, where it has one."""
    text = f"{told['mean']:.{digits}f}"
    return text if told["half_width"] is None else f"{text} ± {told['half_width']:.{digits}f}"
