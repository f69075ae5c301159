"""Where the optimizers ran: over a surface, or in the plane closest to their paths."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from saddlescape.races import Races
from saddlescape.report._figures import Axis, Contours, Curve, Figure, Layer, Lines, Movie, Points
from saddlescape.report._numbers import number
from saddlescape.report._race_figures import ceiling_of, loss_axis
from saddlescape.report._race_movie import RacingPath, race_movie
from saddlescape.slices import Plane, on_grid, plane_through

_GRID = 81  # points each way
_LINE = 401
_MARGIN = 0.12  # of the paths' extent, around them
_MOST_WORK = 4e9  # grid points x samples x parameters: some seconds
Limits = tuple[float, float]


def thetas_of(races: Races, place: int) -> Float[np.ndarray, "r p"]:
    """Return where an optimizer was: at the start, then at every recorded step."""
    path = races.trajectories[place]
    return np.concatenate([path.before[:1], path.theta])


def losses_of(races: Races, place: int) -> Float[np.ndarray, " r"]:
    """Return the true losses there."""
    return np.concatenate([races.race.loss[place, 0, :1, 0], races.trajectories[place].loss])


def movie(races: Races) -> Movie | None:
    """Return the movie of the race from the first start; None where a grid would take too long."""
    if races.setup.network is not None:
        return plane_movie(races) if is_quick(races) else None
    box = races.setup.problem.box
    if len(box) == 1:
        return _over_line(races, box[0])
    return _over_surface(races, (box[0], box[1])) if len(box) == 2 else None


def is_quick(races: Races) -> bool:
    """Return whether the loss on a grid is a matter of seconds."""
    data, size = races.setup.problem.data, races.setup.landscape.num_parameters
    return _GRID**2 * (data.num_samples if data else 1) * size <= _MOST_WORK


def _over_line(races: Races, box: Limits) -> Movie:
    """Return balls that roll on the curve of a loss of one parameter."""
    feet = [thetas_of(races, place)[:, 0] for place in range(len(races.names))]
    across = _around(np.concatenate(feet), box)
    x = np.linspace(*across, _LINE)
    y = np.asarray(jax.lax.map(races.setup.landscape.loss, jnp.asarray(x[:, None])))
    margin = 0.05 * float(np.ptp(y))
    up = float(y.min()) - margin, float(y.max()) + margin
    curve = Lines(np.stack([x[:-1], y[:-1], x[1:], y[1:]], axis=1), "loss", -2)
    ground = Figure("", Axis("parameter", limits=across), Axis("loss", limits=up), (curve,))
    places = [np.stack([x, losses_of(races, i)], axis=1) for i, x in enumerate(feet)]
    told = "Left: the loss of one parameter, with a mark for every optimizer."
    return race_movie(_title(races), ground, _paths(races, places), loss_axis(races), told)


def _over_surface(races: Races, box: tuple[Limits, Limits]) -> Movie:
    """Return trails over the contours of a loss of two parameters."""
    places = [thetas_of(races, place) for place in range(len(races.names))]
    across, up = (_around(np.concatenate(places)[:, side], box[side]) for side in (0, 1))
    flat = Plane(np.zeros(2), np.eye(2), np.full(2, 0.5))
    layers = (_contours(races, flat, across, up), *_known(races))
    axes = Axis("x", limits=across), Axis("y", limits=up)
    ground = Figure("", *axes, layers, is_equal=True)
    told = "Left: lines of equal loss; the stronger the shade, the higher it is."
    return race_movie(_title(races), ground, _paths(races, places), loss_axis(races), told)


def _known(races: Races) -> tuple[Layer, ...]:
    """Return the known critical points as marks with words."""
    known = races.setup.problem.known_points
    x, y = ([float(point.theta[side]) for point in known] for side in (0, 1))
    return (Points(x, y, "", -1, labels=[point.kind for point in known]),) if known else ()


def _around(values: Float[np.ndarray, " r"], box: Limits) -> Limits:
    """Return a box widened to hold values, by half its size on each side at most."""
    low, high = box
    room = (high - low) / 2
    seen = values[np.isfinite(values)]
    margin = 0.03 * (high - low)
    return (
        float(max(low - room, min(low, seen.min(initial=low) - margin))),
        float(min(high + room, max(high, seen.max(initial=high) + margin))),
    )


def _contours(races: Races, plane: Plane, across: Limits, up: Limits) -> Contours:
    """Return the loss in a plane."""
    x, y = np.linspace(*across, _GRID), np.linspace(*up, _GRID)
    cut = on_grid(races.setup.landscape, plane.origin, plane.axes, (x, y))
    z = cut.losses.T  # a painter wants a row for each y
    is_positive = bool((z[np.isfinite(z)] >= 0).all())
    return Contours(x, y, z, "loss", scale="log" if is_positive else "linear")


def _paths(
    races: Races,
    places: list[Float[np.ndarray, "r 2"]],
    feet: list[Float[np.ndarray, " r"]] | None = None,
) -> list[RacingPath]:
    """Return the paths as plain arrays."""
    steps = np.concatenate([[0], races.trajectories[0].steps])
    return [
        RacingPath(name, steps, places[i], losses_of(races, i), feet[i] if feet else None)
        for i, name in enumerate(races.names)
    ]


def _title(races: Races) -> str:
    """Return how many different points the optimizers end near."""
    firsts = [ends[0] for ends in races.ends]
    kinds = [end.kind for end in firsts if end.kind is not None]
    if len(kinds) < len(firsts):
        losses = [losses_of(races, place)[-1] for place in range(len(firsts))]
        best = int(np.nanargmin(losses)) if np.isfinite(losses).any() else 0
        return f"From the first start {races.names[best]} comes lowest: {number(losses[best], 3)}"
    distinct = {
        (end.kind, end.index, float(f"{(end.critical_loss or 0.0) + 1e-12:.3g}")) for end in firsts
    }
    words = " and ".join(sorted({f"a {kind}" for kind, *_ in distinct}))
    many = len(firsts)
    if len(distinct) == 1:
        return f"From the first start all {many} optimizers end near {words} of the same loss"
    return (
        f"From the first start {many} optimizers end near points of {len(distinct)} different "
        f"losses: {words}"
    )


def plane_of(races: Races) -> Plane:
    """Return the plane closest to the paths, without what diverged."""
    ceiling = ceiling_of(races)
    kept = [
        thetas_of(races, place)[losses_of(races, place) <= ceiling]
        for place in range(len(races.names))
    ]
    return plane_through(kept)


def plane_movie(races: Races) -> Movie:
    """Return trails in the plane closest to them, beside their true losses and those of their feet.

    Contours of a plane are not the loss along a path beside it: the second picture holds both.
    """
    plane = plane_of(races)
    places = [plane.coordinates(thetas_of(races, i)) for i in range(len(races.names))]
    ground = _ground(races, plane, places)
    told = (
        "Left: the plane closest to all paths, with lines of equal loss in it; paths are beside "
        f"it and are drawn at their nearest points. {_share(plane)}"
    )
    feet = [feet_losses(races, plane, i) for i in range(len(races.names))]
    return race_movie(_title(races), ground, _paths(races, places, feet), loss_axis(races), told)


def _share(plane: Plane) -> str:
    """Return how much of the variance a plane holds."""
    held = 100 * float(plane.shares.sum())
    return f"It holds {held:.3g} % of the variance of the points."


def _ground(races: Races, plane: Plane, places: list[Float[np.ndarray, "r 2"]]) -> Figure:
    """Return the contours in a plane, around the paths."""
    ceiling = ceiling_of(races)
    kept = np.concatenate([at[losses_of(races, i) <= ceiling] for i, at in enumerate(places)])
    low, high = kept.min(axis=0), kept.max(axis=0)
    margin = _MARGIN * float((high - low).max())
    (a, c), (b, d) = (low - margin).tolist(), (high + margin).tolist()
    across, up = [
        Axis(f"{which} direction ({100 * share:.3g} % of the variance)", limits=limits)
        for which, share, limits in zip(
            ("first", "second"), plane.shares, ((a, b), (c, d)), strict=True
        )
    ]
    return Figure("", across, up, (_contours(races, plane, (a, b), (c, d)),), is_equal=True)


def feet_losses(races: Races, plane: Plane, place: int) -> Float[np.ndarray, " r"]:
    """Return the losses at the points of a plane that are nearest to a path."""
    thetas = thetas_of(races, place)
    feet = plane.at(plane.coordinates(thetas))
    return np.asarray(jax.lax.map(races.setup.landscape.loss, jnp.asarray(feet)))


def plane_figure(races: Races) -> Figure:
    """Return the paths in the plane; every mark tells its true loss and its distance from it."""
    plane = plane_of(races)
    places = [plane.coordinates(thetas_of(races, i)) for i in range(len(races.names))]
    ground = _ground(races, plane, places)
    layers: list[Layer] = list(ground.layers)
    farthest, worst = 0.0, 1.0
    for tone, (name, at) in enumerate(zip(races.names, places, strict=True)):
        thetas, losses = thetas_of(races, tone), losses_of(races, tone)
        distances, feet = plane.distance(thetas), feet_losses(races, plane, tone)
        farthest = max(farthest, float(np.nanmax(distances[losses <= ceiling_of(races)])))
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.abs(np.log(feet / losses))
        worst = max(worst, float(np.exp(np.max(ratio[np.isfinite(ratio)], initial=0.0))))
        steps = np.concatenate([[0], races.trajectories[tone].steps])
        notes = [
            f"{name}, step {step:,}: true loss {number(float(loss), 4)}, {number(float(away), 3)} "
            f"from the plane, loss {number(float(foot), 4)} there"
            for step, loss, away, foot in zip(steps, losses, distances, feet, strict=True)
        ]
        inside = np.array([_is_inside(point, ground) for point in at])
        layers.append(
            Points(
                at[inside, 0], at[inside, 1], name, tone,
                notes=[note for note, i in zip(notes, inside, strict=True) if i],
            )
        )  # fmt: skip
    return Figure(
        title=f"Beside the plane the loss is another: up to {number(worst, 3)} times, at points up "
        f"to {number(farthest, 2)} away",
        x_axis=ground.x_axis,
        y_axis=ground.y_axis,
        layers=tuple(layers),
        caption=f"{_share(plane)} Each mark is the nearest point of the plane; it tells the true "
        "loss of its parameters and their distance. Two directions hold most of the variance of "
        "any random walk, so a large share is no evidence that the landscape is flat.",
        height=520,
        is_equal=True,
    )


def _is_inside(point: Float[np.ndarray, "2"], figure: Figure) -> bool:
    """Return whether a point lies in a figure's box."""
    box = [axis.limits or (-np.inf, np.inf) for axis in (figure.x_axis, figure.y_axis)]
    return all(low <= value <= high for value, (low, high) in zip(point, box, strict=True))


def distances(races: Races) -> tuple[Figure, ...]:
    """Return for every optimizer the true loss along its path beside that of its foot."""
    plane, axis = plane_of(races), replace(loss_axis(races), label="loss")
    steps = races.trajectories[0].steps
    figures = []
    for place, name in enumerate(races.names):
        away = plane.distance(thetas_of(races, place))[1:]
        far = number(float(np.nanmax(np.where(np.isfinite(away), away, np.nan))), 2)
        end = number(float(away[-1]), 2)
        feet = Curve(steps, feet_losses(races, plane, place)[1:], "", 1)
        figures.append(
            Figure(
                title=f"{name}: up to {far} from the plane, {end} at the end",
                x_axis=Axis("steps", scale="log"),
                y_axis=axis,
                layers=(feet, Curve(steps, losses_of(races, place)[1:], "", 0)),
                caption="Solid: true loss. Broken: at its foot in the plane.",
                height=260,
                is_small=True,
            )
        )
    return tuple(figures)
