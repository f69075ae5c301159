"""`saddlescape count`: minima and permutation points of an architecture, as exact integers."""

import dataclasses
import shlex
from typing import Annotated, Any, NamedTuple

import typer

from saddlescape import symmetry
from saddlescape.cli._exits import DONE, GOAL_MISSED
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
        bool, typer.Option("--bias/--no-bias", help="Whether layers have biases: for parameters.")
    ] = True,
    build: Annotated[
        bool,
        typer.Option("--build", help="Also build all points on the loss of --problem and measure."),
    ] = False,
    problem: Annotated[
        str | None, typer.Option(metavar="NAME", help="With --build: a built-in problem.")
    ] = None,
    data: Annotated[
        str | None, typer.Option(metavar="FILE", help="With --build: data of your own instead.")
    ] = None,
    target: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="With --data: what to predict.")
    ] = None,
    starts: Annotated[
        str | None,
        typer.Option(metavar="INTEGER", help="With --build: starts per narrower network (200)."),
    ] = None,
    seed: Annotated[
        str | None, typer.Option(metavar="INTEGER", help="With --build: of the starts (0).")
    ] = None,
    json: Json = None,
    html: Html = None,
) -> int:
    """Count equivalent minima and permutation points of an architecture: exact integers.

    A permutation point of order K copies the neurons of a critical point with K neurons fewer, so
    that K of the neurons coincide with others. Widths up to 20,000 neurons.

    With --build every such point is built from the lowest minimum of each narrower network, its
    gradient checked, its index measured. Order and index need not agree. There is no weight
    decay: with it a neuron that is copied is no critical point any more.

    Costs nothing: it answers at once. With --build, 10 to 30 seconds for each narrower network
    on the lecture problem and one core, most of it compiling that later runs skip. Exit code 3:
    some narrower network had no minimum, so its points were not built.
    """  # noqa: DOC201 - what is here is shown by --help
    for option, path in (("--json", json), ("--html", html)):
        check_writable(option, path)
    layers = _layers(hidden)
    counts = symmetry.count_points(
        layers, whole("--max-order", max_order), is_odd=_is_odd(activation)
    )
    size = _parameters(layers, (whole("--inputs", inputs), whole("--outputs", outputs)), bias)
    wider = _subspaces(layers, whole("--teacher", teacher))
    asked = {
        "problem": problem, "data": data, "target": target, "starts": starts, "seed": seed
    }  # fmt: skip
    built, where = _built(counts, activation, asked) if build else _not_built(asked)
    told = Told(counts, size, wider, built, where)
    typed = {
        "--hidden": hidden, "--max-order": max_order, "--activation": activation,
        "--teacher": teacher, "--inputs": inputs, "--outputs": outputs, "--problem": problem,
        "--data": data, "--target": target, "--starts": starts, "--seed": seed,
    }  # fmt: skip
    flags = [word for word, is_on in (("--no-bias", not bias), ("--build", build)) if is_on]
    given = [(option, text) for option, text in typed.items() if text is not None]
    words = ["saddlescape", "count", *(word for pair in given for word in pair), *flags]
    _tell(told, activation, shlex.join(words), (json, html))
    return GOAL_MISSED if any(entry.loss is None for entry in told.built) else DONE


class Told(NamedTuple):
    """Everything that was counted and built."""

    counts: symmetry.Counts
    size: int | None
    wider: symmetry.Subspaces | None
    built: tuple[Any, ...]
    where: dict[str, Any]  # problem, activation, starts and seed of what was built


def _tell(
    told: Told, activation: str | None, command: str, written: tuple[str | None, str | None]
) -> None:
    """Write the page and the JSON, and print what is not on standard output already."""
    from saddlescape.cli import _show, _show_count  # noqa: PLC0415 - rich takes a while

    json, html = written
    if html:
        from saddlescape import report  # noqa: PLC0415 - loads JAX

        page = report.count_page(*told, command=command)
        report.write_page(page, html)
    if json:
        _show.write_json(_result(told, activation), json)
    if json != "-":
        _show_count.counts(*told)
        if html:
            typer.echo(f"Page: {html}")


def _not_built(asked: dict[str, str | None]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Return nothing; options that only building reads are refused.

    Raises:
        typer.BadParameter: when one is given.
    """
    for name, value in asked.items():
        if value is not None:
            msg = f"--{name} is {value!r}, but nothing is computed: add --build, or leave it out"
            raise typer.BadParameter(msg)
    return (), {}


def _built(
    counts: symmetry.Counts, activation: str | None, asked: dict[str, str | None]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Return what the permutation points are on the loss of a problem, and on which.

    Raises:
        typer.BadParameter: without a problem, or with numbers that are none.
    """
    _check_source(asked)
    starts, seed = whole("--starts", asked["starts"]), whole("--seed", asked["seed"])
    if starts is not None and starts < 1:
        msg = f"--starts is {starts}: give at least 1"
        raise typer.BadParameter(msg)
    from saddlescape.cli._session import prepare  # noqa: PLC0415 - loads JAX

    prepare()
    from saddlescape import passages, problems  # noqa: PLC0415

    if asked["data"] is None:
        problem = problems.load(asked["problem"] or "")
    else:
        problem = problems.from_file(asked["data"], asked["target"] or "")
    used = {"num_starts": 200 if starts is None else starts, "seed": seed or 0}
    built = passages.build_orders(
        problem,
        counts.hidden,
        activation=activation,
        max_order=counts.orders[-1].order if counts.orders else None,
        **used,
    )
    name = activation or problem.student(counts.hidden, None).activations[0].name
    return built, {"problem": problem.name, "activation": name, **used}


def _check_source(asked: dict[str, str | None]) -> None:
    """Raise unless there is one loss to build on.

    Raises:
        typer.BadParameter: without a problem or a file, or with both.
    """
    if (asked["problem"] is None) == (asked["data"] is None):
        msg = "--build needs a loss: give --problem, such as --problem lecture, or --data FILE"
        raise typer.BadParameter(msg)
    if (asked["data"] is None) != (asked["target"] is None):
        msg = "--data and --target belong together: give the file and the column to predict"
        raise typer.BadParameter(msg)


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
    width, *others = hidden
    if others:
        msg = f"--teacher with {len(hidden)} hidden layers: give one width to --hidden, such as 8"
        raise typer.BadParameter(msg)
    return symmetry.count_subspaces(teacher, width)


def _result(told: Told, activation: str | None) -> dict[str, Any]:
    """Return everything as JSON values; integers of any length are strings."""
    counts, wider = told.counts, told.wider
    result: dict[str, Any] = {
        "hidden": list(counts.hidden),
        "activation": activation,
        "minima": symmetry.digits(counts.minima),
        "minima_power_of_ten": symmetry.power_of_ten(counts.minima),
        "max_order": counts.max_order,
        "parameters": told.size,
        "orders": [_order(order) for order in counts.orders],
    }
    if wider is not None:
        result["teacher"] = wider.teacher
        result["minimum_subspaces"] = symmetry.digits(wider.minima)
        result["critical_subspaces"] = [
            {"width": width, "subspaces": symmetry.digits(number)}
            for width, number in wider.critical
        ]
    if told.built:
        result["built_on"] = told.where
        result["built"] = [_measured(entry) for entry in told.built]
    return result


def _measured(built: Any) -> dict[str, Any]:
    """Return what one narrower minimum gives as JSON values; histograms have words as names."""
    entry = dataclasses.asdict(built)
    for name in ("index", "nullity"):
        entry[name] = {str(value): number for value, number in entry[name]}
    return {**entry, "narrow": list(entry["narrow"])}


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
