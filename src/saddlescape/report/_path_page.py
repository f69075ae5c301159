"""The page of `saddlescape path`: one pair, or all pairs of a layer."""

from pathlib import Path

from saddlescape.passages import MERGING, Passage, Passages, finding, graph_of, remarks
from saddlescape.report import _layer_figures as layer_figures
from saddlescape.report import _path_figures as figures
from saddlescape.report._figures import Column, Page, Section, Table
from saddlescape.report._html import write_page
from saddlescape.report._survey import pairs_of


def path_page(passages: Passages) -> Page:
    """Return the page of the passages of a pair or of a layer.

    Args:
        passages: what `saddlescape.passages.cross` returned.

    Returns:
        a page of figures, movies and tables as data; `write_page` makes the file.
    """
    header, network = passages.setup.header(), passages.network
    widths = "-".join(map(str, network.widths))
    names = ", ".join(dict.fromkeys(g.name for g in network.activations[:-1]))
    one = passages.passages[0]
    sections = _one(passages, one) if len(passages.passages) == 1 else _all(passages)
    notes = [("note", sentence) for sentence in remarks(passages)]
    told = passages.settings.model_dump(mode="json", exclude_defaults=True)
    return Page(
        title=f"Paths between permuted minima: {header['problem']['name']}, {widths} network, "
        f"{names}",
        finding=finding(passages),
        sections=sections,
        settings=(
            ("begins at", passages.start.source),
            *notes,
            *pairs_of({**told, "layer": passages.settings.layer}),
            *pairs_of(
                {"parameters": network.num_parameters, "source": header["problem"]["source"]}
            ),
        ),
        command=passages.settings.command(),
        versions=tuple(pairs_of(header["versions"])),
    )


def write_path_page(passages: Passages, path: str | Path) -> Path:
    """Write the page of the passages of a pair or of a layer.

    Args:
        passages: what `saddlescape.passages.cross` returned.
        path: of the HTML file; a file that exists is replaced.

    Returns:
        the path.

    Raises:
        InvalidInputError: when the file cannot be written.
    """
    return write_page(path_page(passages), path)


def _one(passages: Passages, passage: Passage) -> tuple[Section, ...]:
    """Return the sections of one pair."""
    moving = figures.movie(passages, passage)
    point = [figures.spectrum(passage), figures.valley_figure(passage)]
    return (
        *((Section("How the two neurons move", figures=(moving,)),) if moving else ()),
        Section(
            "The loss on the way",
            "The distance of the two incoming weight vectors is the only thing that is prescribed: "
            "at each distance everything else sits at a minimum of the loss. Where that minimum "
            "disappears, at a fold, the path relaxes to the next one.",
            figures=(
                figures.loss_against_distance(passages, passage),
                figures.loss_against_arclength(passages, passage),
            ),
            tables=(_folds(passage),) if passage.path.folds else (),
        ),
        *(
            (
                Section(
                    "The permutation point",
                    _explained(passage),
                    figures=tuple(figure for figure in point if figure),
                    tables=(_point(passage),),
                ),
            )
            if passage.path.reached
            else ()
        ),
        Section(
            "Other ways",
            "Each is a connected way between the same two minima, so its highest loss is an upper "
            "bound of the barrier between them.",
            figures=(figures.ways_figure(passages, passage),),
            tables=(_ways(passage),),
        ),
        *(
            (
                Section(
                    "The branch through its folds",
                    figures=(figures.branch_figure(passages, passage.branch),),
                ),
            )
            if passage.branch
            else ()
        ),
    )


def _explained(passage: Passage) -> str:
    """Return what is special about a permutation point."""
    first = "Where the two neurons coincide, exchanging their labels costs nothing. "
    if passage.valley is None:
        return (
            first + "With weight decay their outgoing weights are shared half and half and there "
            "is no flat valley; without it, one eigenvalue for each neuron of the next layer would "
            "vanish."
        )
    return (
        first
        + "Their outgoing weights can be shared at equal loss: a flat valley, whose dimension "
        "is the number of neurons in the next layer. Where that is one, an eigenvalue vanishes for "
        "it; where it is more, only the share common to all is sure to be critical and to give one "
        "zero eigenvalue (assured), while the literature counts one per next neuron (claimed). "
        "Which way the loss bends as the two part again is told by the matrix B = mean of "
        "(dloss/dz) g''(z) x x^T of the merged neuron, x its inputs: for outgoing weights of one "
        "sign each negative eigenvalue of B is a way down from the point."
    )


def _all(passages: Passages) -> tuple[Section, ...]:
    """Return the sections of a layer."""
    graph = graph_of(passages)
    joined = (layer_figures.graph_figure(graph), layer_figures.tree(passages, graph))
    best = min(passages.passages, key=lambda p: (not p.path.reached, p.lowest.barrier or 0.0))
    moving = figures.movie(passages, best)
    level = "" if graph.variation is None else _level(graph.variation)
    return (
        Section(
            "All pairs, ranked",
            figures=(layer_figures.ranking(passages),),
            tables=(_pairs(passages),),
        ),
        *(
            (Section("How the neurons of the lowest merging path move", figures=(moving,)),)
            if moving
            else ()
        ),
        Section("The loss as two neurons approach", figures=layer_figures.profiles(passages)),
        Section(
            "How the permuted minima are joined",
            f"The layer has {graph.num_minima:,} permutations, all minima of the same loss.{level}",
            figures=tuple(figure for figure in joined if figure),
            tables=(_levels(graph),),
        ),
    )


def _level(variation: float) -> str:
    """Return how level walks through the valley were found to be."""
    return (
        " Through the flat valley of a permutation point every one is reached at equal loss: on "
        f"walks that exchange a merged neuron with each other one it varied by {variation:.1e}."
    )


def _folds(passage: Passage) -> Table:
    """Return the folds of the first half."""
    return Table(
        "Folds: where the followed minimum disappears",
        (Column("distance"), Column("loss"), Column("relaxes to loss")),
        tuple((fold.distance, fold.loss, fold.relaxed_to) for fold in passage.path.folds),
    )


def _point(passage: Passage) -> Table:
    """Return the evidence for the permutation point."""
    merged = passage.path.saddle
    if merged is None:
        return Table("No permutation point", (), ())
    curvatures = passage.valley.curvatures if passage.valley is not None else ()
    signs = None
    if len(curvatures):
        up = sum(c > 0 for c in curvatures)
        signs = f"{len(curvatures) - up} negative, {up} positive"
    columns = (
        Column("loss", digits=10),
        Column("gradient norm", digits=2),
        Column("index", format="count"),
        Column("nullity", format="count"),
        Column("nullity", "assured", format="count", note="the share common to all"),
        Column("nullity", "claimed", format="count", note="one per neuron of the next layer"),
        Column("curvature of parting", format="text", note="signs of the eigenvalues of B, above"),
    )
    row = (
        merged.loss,
        float(merged.point.gradient_norm),
        merged.index,
        merged.nullity,
        merged.assured_nullity,
        merged.predicted_nullity,
        signs,
    )
    return Table("The permutation point, outgoing weights shared half and half", columns, (row,))


def _ways(passage: Passage) -> Table:
    """Return every way that was tried."""
    rows = [(way.name, way.barrier, way.note) for way in passage.connecting]
    if not passage.path.reached:
        rows.append((MERGING, None, passage.path.reason))
    rows += [(way.name, None, way.note) for way in passage.alternatives if way.barrier is None]
    columns = (
        Column("way", format="text"),
        Column("barrier", "highest loss", digits=6),
        Column("what happened", format="text"),
    )
    return Table("The barrier of every way tried, lowest first", columns, tuple(rows))


def _pairs(passages: Passages) -> Table:
    """Return a row for every pair."""
    columns = (
        Column("pair", format="text"),
        Column("barrier", "merging path", digits=6),
        Column("folds", format="count"),
        Column("loss", "permutation point", digits=6),
        Column("index", format="count"),
        Column("nullity", format="count"),
        Column("index", "outside the segment", format="count", note="of the flat valley"),
        Column("lowest barrier", "known", digits=6),
        Column("way or reason", format="text"),
    )
    rows = []
    for passage in sorted(
        passages.passages, key=lambda p: (float(f"{p.lowest.barrier:.9e}"), not p.path.reached)
    ):
        path, merged, line = passage.path, passage.path.saddle, passage.valley
        rows.append((
            "{} {}".format(*path.pair),
            path.barrier if path.reached else None,
            len(path.folds),
            None if merged is None else merged.loss,
            None if merged is None else merged.index,
            None if merged is None else merged.nullity,
            None if line is None else line.outside,
            passage.lowest.barrier,
            passage.lowest.name if path.reached else path.reason,
        ))  # fmt: skip
    return Table("Every pair, the lowest pass first", columns, tuple(rows))


def _levels(graph) -> Table:
    """Return where sets of minima are joined."""
    columns = (
        Column("loss", digits=6),
        Column("pair that joins", format="text"),
        Column("separate sets left", format="count"),
    )
    rows = tuple(
        (level.loss, "{} {}".format(*level.pair), level.num_separate) for level in graph.levels
    )
    return Table("Losses at which sets of minima are joined", columns, rows)
