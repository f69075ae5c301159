"""`saddlescape count`: minima and permutation points of an architecture, as exact integers."""

import shlex
from typing import Annotated, Any

import typer

from saddlescape import symmetry
from saddlescape.cli._exits import DONE
from saddlescape.cli._options import Html, Json, check_writable, whole, widths

# Which activations are odd is known to the core, which loads JAX; a test compares the two.
_IS_ODD = {
    "identity": True, "sigmoid": False, "tanh": True, "erf": True, "relu": False, "softplus": False,
    "exp": False, "gelu": False, "silu": False, "step": False, "g": False,
}  # fmt: skip


def count(
    hidden: Annotated[
        str | None, typer.Option(metavar="8,8", help="Hidden widths, separated by commas.")
    ] = None,
    max_order: Annotated[
        str | None,
        typer.Option(metavar="INTEGER", help="The last order; 10 or the largest there is."),
    ] = None,
    activation: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="An odd one, such as tanh, also flips signs."),
    ] = None,
    teacher: Annotated[
        str | None,
        typer.Option(
            metavar="INTEGER",
            help="Width of the teacher of a wider student: counts subspaces of global minima.",
        ),
    ] = None,
    inputs: Annotated[
        str | None, typer.Option(metavar="INTEGER", help="With --outputs: counts parameters too.")
    ] = None,
    outputs: Annotated[
        str | None, typer.Option(metavar="INTEGER", help="With --inputs: counts parameters too.")
    ] = None,
    bias: Annotated[
        bool, typer.Option("--bias/--no-bias", help="Whether layers have biases.")
    ] = True,
    json: Json = None,
    html: Html = None,
) -> int:
    """Count equivalent minima and permutation points of an architecture: exact integers.

    A permutation point of order K copies the neurons of a critical point with K neurons fewer, so
    that K of the neurons coincide with others. Widths up to 20,000 neurons.

    Costs nothing: it answers at once.
    """  # noqa: DOC201 - what is here is shown by --help
    for option, path in (("--json", json), ("--html", html)):
        check_writable(option, path)
    layers = _layers(hidden)
    counts = symmetry.count_points(
        layers, whole("--max-order", max_order), is_odd=_is_odd(activation)
    )
    size = _parameters(layers, (whole("--inputs", inputs), whole("--outputs", outputs)), bias)
    wider = _subspaces(layers, whole("--teacher", teacher))
    from saddlescape.cli import _show, _show_count  # noqa: PLC0415 - rich takes a while

    if html:
        from saddlescape import report  # noqa: PLC0415 - loads JAX

        typed = {
            "--hidden": hidden, "--max-order": max_order, "--activation": activation,
            "--teacher": teacher, "--inputs": inputs, "--outputs": outputs,
        }  # fmt: skip
        command = ["saddlescape", "count"]
        command += [word for pair in typed.items() if pair[1] is not None for word in pair]
        command += [] if bias else ["--no-bias"]
        page = report.count_page(counts, size, wider, command=shlex.join(command))
        report.write_page(page, html)
    if json:
        _show.write_json(_result(counts, activation, size, wider), json)
    if json != "-":
        _show_count.counts(counts, size, wider)
        if html:
            typer.echo(f"Page: {html}")
    return DONE


def _layers(hidden: str | None) -> tuple[int, ...]:
    """Return the hidden widths.

    Raises:
        typer.BadParameter: when there are none.
    """
    layers = widths(hidden)
    if layers is None:
        msg = "count needs an architecture: give --hidden, such as --hidden 8,8"
        raise typer.BadParameter(msg)
    return layers


def _is_odd(name: str | None) -> bool:
    """Return whether the activation is odd; without one, only permutations are counted.

    Raises:
        typer.BadParameter: for an unknown name.
    """
    if name is None:
        return False
    if name not in _IS_ODD:
        msg = f"--activation is {name!r}: choose one of {', '.join(_IS_ODD)}"
        raise typer.BadParameter(msg)
    return _IS_ODD[name]


def _parameters(
    hidden: tuple[int, ...], ends: tuple[int | None, int | None], bias: bool
) -> int | None:
    """Return the number of parameters, where inputs and outputs are told.

    Raises:
        typer.BadParameter: when only one of them is.
    """
    inputs, outputs = ends
    if inputs is None and outputs is None:
        return None
    if inputs is None or outputs is None:
        msg = "the number of parameters needs both ends: give --inputs and --outputs"
        raise typer.BadParameter(msg)
    return symmetry.num_parameters(inputs, hidden, outputs, has_bias=bias)


def _subspaces(hidden: tuple[int, ...], teacher: int | None) -> symmetry.Subspaces | None:
    """Return the subspaces of a wider student, where a teacher is given.

    Raises:
        typer.BadParameter: when there are several hidden layers.
    """
    if teacher is None:
        return None
    if len(hidden) > 1:
        msg = f"--teacher with {len(hidden)} hidden layers: give one width to --hidden, such as 8"
        raise typer.BadParameter(msg)
    return symmetry.count_subspaces(teacher, hidden[0])


def _result(
    counts: symmetry.Counts,
    activation: str | None,
    size: int | None,
    wider: symmetry.Subspaces | None,
) -> dict[str, Any]:
    """Return everything as JSON values; integers of any length are strings."""
    result: dict[str, Any] = {
        "hidden": list(counts.hidden),
        "activation": activation,
        "minima": symmetry.digits(counts.minima),
        "minima_power_of_ten": symmetry.power_of_ten(counts.minima),
        "max_order": counts.max_order,
        "parameters": size,
        "orders": [_order(order) for order in counts.orders],
    }
    if wider is not None:
        result["teacher"] = wider.teacher
        result["minimum_subspaces"] = symmetry.digits(wider.minima)
        result["critical_subspaces"] = [
            {"width": width, "subspaces": symmetry.digits(number)}
            for width, number in wider.critical
        ]
    return result


def _order(order: symmetry.OrderCount) -> dict[str, Any]:
    """Return one order as JSON values."""
    top, bottom = order.ratio.as_integer_ratio()
    try:
        ratio = top / bottom
    except OverflowError:  # beyond 1.8e308
        ratio = None
    return {
        "order": order.order,
        "points": symmetry.digits(order.points),
        "lower_bound": symmetry.digits(order.lower_bound),
        "ratio_to_minima": ratio,
        "ratio_exact": f"{symmetry.digits(top)}/{symmetry.digits(bottom)}",
        "pairs_only": symmetry.digits(order.pairs_only),
        "points_power_of_ten": symmetry.power_of_ten(order.points),
    }
