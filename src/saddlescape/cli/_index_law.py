"""`saddlescape index law`: the law of the index of a random symmetric matrix."""

import shlex
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from saddlescape.cli._exits import DONE
from saddlescape.cli._interrupt import interruptible
from saddlescape.cli._options import Html, Json, check_writable, whole

if TYPE_CHECKING:
    from saddlescape.spectra import IndexLaw

_SAMPLES = 100_000
_MOST_WORK = 10**11  # rows of matrices: an hour and more at some 10^7 a second


def law(
    size: Annotated[
        str | None, typer.Option(metavar="INTEGER", help="Rows of the matrix, n.")
    ] = None,
    samples: Annotated[
        str | None,
        typer.Option(metavar="INTEGER", help="Random matrices to draw (100000); 0 for none."),
    ] = None,
    seed: Annotated[
        str | None, typer.Option(metavar="INTEGER", help="Of the random matrices (0).")
    ] = None,
    json: Json = None,
    html: Html = None,
) -> int:
    """Tell how probable 0, 1, ..., n negative eigenvalues are by chance alone.

    Of the Gaussian orthogonal ensemble: symmetric matrices of independent normal entries. Exact
    closed forms up to n = 8; shares of random matrices with standard errors for any n. Beside them
    the naive law of independent signs, C(n, k) / 2^n, and exp(-(ln 3) / 4 n^2), how the
    probability of no negative eigenvalue falls for large n.

    Costs --samples times n divisions: 100,000 matrices of n = 100 take about a second. The
    closed forms cost nothing.
    """  # noqa: DOC201, DOC501 - what is here is shown by --help
    for option, path in (("--json", json), ("--html", html)):
        check_writable(option, path)
    if size is None:
        msg = "no size is given: say how many rows the matrix has, such as --size 4"
        raise typer.BadParameter(msg)
    asked = (whole("--size", size) or 0, whole("--samples", samples), whole("--seed", seed) or 0)
    _run((asked[0], _SAMPLES if asked[1] is None else asked[1], asked[2]), (json, html))
    return DONE


def _run(asked: tuple[int, int, int], written: tuple[str | None, str | None]) -> None:
    """Compute the law, write it and print it.

    Raises:
        typer.BadParameter: where it would take hours, has no answer, or for a negative seed.
    """
    size, samples, seed = asked
    json, html = written
    if not 0 <= seed < 2**31:
        msg = f"--seed is {seed}: give a whole number from 0 to 2147483647"
        raise typer.BadParameter(msg)
    if size * samples > _MOST_WORK:
        msg = f"{samples:,} matrices of {size:,} rows take hours: give fewer --samples"
        raise typer.BadParameter(msg)
    from saddlescape.cli import _show, _show_index  # noqa: PLC0415 - rich takes a while
    from saddlescape.cli._session import prepare  # noqa: PLC0415

    prepare()
    from saddlescape import spectra  # noqa: PLC0415 - loads JAX

    if samples == 0 and size > spectra.EXACT_LIMIT:
        msg = f"beyond {spectra.EXACT_LIMIT} rows the law is drawn: give --samples above 0"
        raise typer.BadParameter(msg)
    with _show_index.progress(samples, quiet=json == "-") as advance:

        def draw(check: Callable[[], None]) -> spectra.IndexLaw:
            def on_progress(count: int) -> None:
                advance(count)
                check()

            return spectra.index_law(size, num_samples=samples, seed=seed, on_progress=on_progress)

        found = interruptible(draw)
    told = {"--size": size, "--samples": samples, "--seed": seed}
    words = [str(word) for pair in told.items() for word in pair]
    command = shlex.join(["saddlescape", "index", "law", *words])
    if html:
        from saddlescape import report  # noqa: PLC0415

        report.write_page(report.index_law_page(found, command=command), html)
    if json:
        _show.write_json(result(found, command), json)
    if json != "-":
        _show_index.law(found, html)


def result(found: "IndexLaw", command: str) -> dict[str, Any]:
    """Return a law as JSON values.

    Args:
        found: the law.
        command: what reproduces it.

    Returns:
        a dictionary.
    """
    exact = [None] * (found.size + 1) if found.exact is None else found.exact.tolist()
    forms = found.closed_forms or [None] * (found.size + 1)
    drawn = found.num_samples > 0
    rows = zip(
        exact, forms, found.counts.tolist(), found.shares.tolist(),
        found.standard_errors.tolist(), found.naive.tolist(), strict=True,
    )  # fmt: skip
    from saddlescape.spectra import LARGE_DEVIATION_RATE  # noqa: PLC0415 - loads JAX

    return {
        "size": found.size,
        "num_samples": found.num_samples,
        "seed": found.seed,
        "law": [
            {
                "index": index,
                "exact": probability,
                "closed_form": form,
                "count": count,
                "share": share if drawn else None,
                "standard_error": error if drawn else None,
                "independent_signs": naive,
            }
            for index, (probability, form, count, share, error, naive) in enumerate(rows)
        ],
        "large_deviation_rate": LARGE_DEVIATION_RATE,
        "large_deviation": found.large_deviation,
        "command": command,
    }
