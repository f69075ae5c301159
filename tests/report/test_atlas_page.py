"""The page of an atlas shows the atlas: each number on it is checked against the tables."""

import jax.numpy as jnp
import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from saddlescape.core import InvalidInputError, Network, Outcome
from saddlescape.report import Heatmap, Lines, Notes, Points, atlas_page, write_atlas_page
from saddlescape.surveys import CLASSES, Atlas, finding


def figures_of(page, heading):
    return next(section.figures for section in page.sections if section.heading == heading)


def tables_of(page, heading):
    return next(section.tables for section in page.sections if section.heading == heading)


@pytest.fixture(scope="module")
def page(lecture_atlas):
    return atlas_page(lecture_atlas)


def test_the_page_opens_with_the_finding(page, lecture_atlas):
    assert page.finding == finding(lecture_atlas)
    assert page.finding.startswith("1,000 starts: 9 distinct critical points")
    assert page.command == lecture_atlas.header["command"]
    assert ("jax", "0.10.2") in page.versions


def test_the_table_of_classes_is_the_stored_one(page, lecture_atlas):
    table = tables_of(page, "The distinct critical points")[0]
    stored = lecture_atlas.classes()
    names = [column.name for column in table.columns]
    columns = dict(zip(names, zip(*table.rows, strict=True), strict=True))
    assert list(columns["loss"]) == stored["loss"].to_pylist()
    assert list(columns["times found"]) == stored["count"].to_pylist()
    assert list(columns["copies by symmetry"]) == stored["copies"].to_pylist()
    assert columns["kind"][4] == "minimum, flat family"


def test_every_class_is_a_mark_at_its_index_and_loss(page, lecture_atlas):
    (figure,) = figures_of(page, "Loss against index")
    marks = {
        (x, y, size)
        for layer in figure.layers
        for x, y, size in zip(layer.x, layer.y, layer.sizes, strict=True)
    }
    stored = lecture_atlas.classes()
    columns = (stored[name].to_pylist() for name in ("index", "loss", "count"))
    assert marks == set(zip(*columns, strict=True))


def regrouped(folder, atlas, **columns):
    """Return an atlas like the given one, with other columns in its table of classes."""
    copy = Atlas.create(folder, dict(atlas.header))
    copy.append_block(0, atlas.points())
    stored = atlas.classes().to_pandas()
    size = len(next(iter(columns.values())))
    stored = stored.take([i % len(stored) for i in range(size)]).assign(**columns)
    copy.write_classes(pa.Table.from_pandas(stored, schema=CLASSES, preserve_index=False))
    if atlas.samples() is not None:
        copy.write_samples(atlas.samples())
    return atlas_page(copy)


def test_the_correlation_in_the_title_is_spearmans(tmp_path, lecture_atlas):
    losses, indices = np.array([1.0, 2, 4, 3, 9, 8, 7, 6, 5, 10, 11]), np.arange(11) // 2
    page = regrouped(tmp_path / "a", lecture_atlas, loss=losses, index=indices)
    (figure,) = figures_of(page, "Loss against index")
    rank = stats.spearmanr(losses, indices).statistic
    assert f"rank correlation {rank:.2g} over 11" in figure.title
    assert rank > 0.3
    assert figure.title.startswith("Loss rises with the index")


def test_nine_points_are_too_few_for_a_correlation(page):
    (figure,) = figures_of(page, "Loss against index")
    assert figure.title.startswith("9 distinct points of index 0 to 3, their losses run from")


def test_points_of_one_index_lie_along_the_axis_of_losses(tmp_path, lecture_atlas):
    losses = lecture_atlas.classes()["loss"].to_numpy()
    page = regrouped(tmp_path / "a", lecture_atlas, loss=losses, index=[2] * 9)
    (figure,) = figures_of(page, "Loss against index")
    assert figure.y_axis.is_hidden
    assert sorted(x for layer in figure.layers for x in layer.x) == sorted(losses)
    assert {y for layer in figure.layers for y in layer.y} == {2}


def test_eigenvalues_are_sorted_by_index_and_nullity(page, lecture_atlas):
    (figure,) = figures_of(page, "Spectra of the Hessian")
    strokes = {layer.name.split()[0]: layer for layer in figure.layers if isinstance(layer, Points)}
    stored = lecture_atlas.classes()
    for sign, total in (("negative", "index"), ("zero", "nullity")):
        assert len(strokes[sign].x) == sum(stored[total].to_pylist())
    assert max(strokes["negative"].x) < 0 < min(strokes["positive"].x)
    assert sum(len(layer.x) for layer in strokes.values()) == 9 * 12
    notes = next(layer for layer in figure.layers if isinstance(layer, Notes))
    assert list(notes.texts) == ["3 zeros"]


def test_every_start_with_a_loss_is_in_the_histogram_once(page, lecture_atlas):
    figure = figures_of(page, "Where the starts ended")[0]
    reached, failed = figure.layers
    assert sum(reached.heights) == 907
    assert sum(failed.heights) == 93
    losses = lecture_atlas.points()["loss"].to_numpy()
    for bars in figure.layers:
        for left, right, height in zip(bars.lefts, bars.rights, bars.heights, strict=True):
            inside = losses < 1e-15 if left is None else (losses >= left) & (losses <= right)
            assert inside.sum() >= height
    zero = reached.lefts.index(None)
    assert reached.heights[zero] == (losses < 1e-15).sum() == 612
    totals = [int(text.replace(",", "")) for bars in figure.layers for text in bars.texts if text]
    assert sum(totals) == 1000


def test_the_shares_of_outcomes_add_up_to_the_whole(page):
    histogram, outcomes = figures_of(page, "Where the starts ended")
    shares = {
        word: (height, bars.tone)
        for bars in outcomes.layers
        for word, height in zip(bars.categories, bars.heights, strict=True)
    }
    heights = {word: height for word, (height, _) in shares.items()}
    assert abs(sum(heights.values()) - 100) <= 4 * np.spacing(100.0)
    # One colour for critical points and one for the rest, in both pictures.
    reached, failed = (bars.tone for bars in histogram.layers)
    assert [tone for _, tone in shares.values()] == [reached, failed, failed]
    assert heights == pytest.approx(
        {"converged": 90.7, "out of steps": 0.5, "running to infinity": 8.8}, rel=1e-15
    )
    advice = tables_of(page, "Where the starts ended")[0]
    assert [row[0] for row in advice.rows] == ["out of steps", "running to infinity"]


def test_runaway_starts_are_listed_by_their_neurons(page, lecture_atlas):
    (table,) = tables_of(page, "Starts that ran to infinity")
    points = lecture_atlas.points()
    losses, starts = points["loss"].to_numpy(), points["start"].to_numpy()
    pairs = np.array([str(value) for value in points["neurons"].to_pylist()])
    assert [row[:2] for row in table.rows] == [("0, 2", 61), ("1, 3", 27)]
    for row, pair in zip(table.rows, ("[0, 2]", "[1, 3]"), strict=True):
        best = losses[pairs == pair].argmin()
        assert row[2:] == (losses[pairs == pair][best], starts[pairs == pair][best])


def test_points_at_infinity_have_a_table_and_their_channels_a_picture(tmp_path, lecture_atlas):
    """Two limits, one found twice, its spectrum off by rounding."""

    def told(loss, index, shift=0.0):
        return {
            "is_certified": True, "runaway": "derivative", "clusters": [[0, 2]], "loss": loss,
            "gradient_norm": 1e-16 + shift, "index": index, "nullity": 0, "kind": "minimum",
            "coordinates": [1.0] * 11, "eigenvalues": [index * -1.0, *range(1, 11)],
            "distances": [0.2, 0.1], "losses": [loss + 0.04, loss + 0.01], "largest": 20.0,
        }  # fmt: skip

    points = lecture_atlas.points().slice(0, 6)
    column = [told(0.5, 1), None, told(0.25, 0), told(0.25 + 1e-13, 0, 1e-14), None, None]
    outcomes = [Outcome.AT_INFINITY.label if row else "converged" for row in column]
    for name, values in (("infinity", column), ("outcome", outcomes)):
        at = points.column_names.index(name)
        points = points.set_column(at, name, pa.array(values, points.schema.field(name).type))
    copy = Atlas.create(tmp_path / "a", dict(lecture_atlas.header))
    copy.append_block(0, points)
    page = atlas_page(copy)
    table, meanings = tables_of(page, "Points at infinity")
    assert table.title == "2 distinct points at infinity from 3 starts"
    assert [row[1:8] for row in table.rows] == [
        (0.25, 1e-16 + 1e-14, 0, 0, "minimum", "derivative", 2),
        (0.5, 1e-16, 1, 0, "minimum", "derivative", 1),
    ]
    assert [row[0] for row in meanings.rows] == ["derivative"]
    (figure,) = figures_of(page, "Points at infinity")
    for curve in figure.layers:
        np.testing.assert_allclose(curve.y, [0.04, 0.01], rtol=1e-12)  # a sum of 0.5 and 0.01
        assert list(curve.x) == [0.2, 0.1]


def test_what_was_not_seen_is_estimated_from_the_rare_classes(page):
    (table,) = tables_of(page, "What has not been seen")
    # Two classes once and one twice among 907 points: 2 / 907, and 9 + (906 / 907) 2^2 / (2 * 1).
    assert table.title.startswith("2 classes were found only once: about 0.22 %")
    estimates = [row[1] for row in table.rows]
    assert [estimates[0], estimates[1], estimates[3]] == ["907 of 1,000", "9", "11"]
    assert "The 93 starts that ended without a critical point are not counted" in table.note


def test_without_a_rare_class_the_rule_of_three_bounds_what_is_missing(tmp_path, lecture_atlas):
    page = regrouped(tmp_path / "a", lecture_atlas, count=[400, 200])
    (table,) = tables_of(page, "What has not been seen")
    # 3 / 600: the share at which 600 starts miss a class with a chance of 5 %.
    assert table.title.startswith("No class was found only once: fewer than 0.5 % of further")
    assert abs((1 - 0.005) ** 600 - 0.05) < 0.001  # e^-3 is 0.0498
    assert [row[1] for row in table.rows] == ["600 of 1,000", "2", "below 0.5 %", "2"]


def test_classes_found_once_each_tell_nothing_of_the_rest(tmp_path, lecture_atlas):
    page = regrouped(tmp_path / "a", lecture_atlas, count=[1, 1, 1])
    (table,) = tables_of(page, "What has not been seen")
    assert "too few starts to tell" in table.title
    assert "from 3 of 1,000 starts only" in table.title


def test_kinds_are_explained_and_a_saddle_of_index_0_is_degenerate(tmp_path, lecture_atlas):
    kinds, is_family = ["minimum", "saddle", "saddle", "flat"], [False, True, True, True]
    columns = {"kind": kinds, "index": [0, 0, 1, 0], "is_family": is_family}
    page = regrouped(tmp_path / "a", lecture_atlas, **columns)
    classes, meanings = tables_of(page, "The distinct critical points")
    shown = [row[5] for row in classes.rows]
    assert shown == [
        "minimum", "degenerate saddle, flat family", "saddle, flat family", "flat family",
    ]  # fmt: skip
    words = [row[0] for row in meanings.rows]
    assert words == ["minimum", "degenerate saddle", "saddle", "flat", "flat family"]
    assert all(row[1] for row in meanings.rows)


def test_regions_are_where_the_network_decides_for_a_class(table_atlas):
    panel = figures_of(atlas_page(table_atlas), "Where the neurons bend")[1]
    regions = panel.layers[0]
    assert regions.has_tones
    first, second = Network((2, 3, 3), "tanh").unflatten(
        jnp.array(table_atlas.classes()["theta"][0].as_py())
    )
    x, y = np.meshgrid(regions.x, regions.y)
    hidden = np.tanh(
        np.stack([x, y], axis=-1) @ np.asarray(first.weight).T + np.asarray(first.bias)
    )
    outputs = hidden @ np.asarray(second.weight).T + np.asarray(second.bias)
    np.testing.assert_array_equal(np.array(regions.z), outputs.argmax(axis=-1))


def test_standardised_inputs_are_named_so(tmp_path, table_atlas):
    header = dict(table_atlas.header)
    told = "Inputs z have mean 0 and standard deviation 1: a = 1 + 2 z."
    header["problem"] = {**header["problem"], "input_names": ["a", "b"], "scaling": told}
    table_atlas = Atlas.open(table_atlas.folder)
    copy = Atlas.create(tmp_path / "atlas", header)
    copy.append_block(0, table_atlas.points())
    copy.write_classes(table_atlas.classes())
    copy.write_samples(table_atlas.samples())
    figure = figures_of(atlas_page(copy), "Where the neurons bend")[0]
    assert (figure.x_axis.text, figure.y_axis.text) == ("a (standardised)", "b (standardised)")


def test_settings_stand_once_and_defaults_apart(tmp_path):
    settings = {"problem": "p", "weight_decay": 0.0, "scale": 2.0, "starts": 1000, "hidden": [4]}
    header = {"problem": {"name": "p"}, "network": {"widths": [2, 4, 1]}, "settings": settings}
    page = atlas_page(Atlas.create(tmp_path / "atlas", header))
    assert page.settings == (
        ("problem", "p"), ("widths", "2, 4, 1"), ("scale", "2"), ("starts", "1000"),
    )  # fmt: skip
    assert page.defaults == (("weight decay", "0"),)


@pytest.mark.parametrize("name", ["lecture_atlas", "table_atlas"])
def test_lines_are_where_neurons_vanish_from_edge_to_edge(name, request):
    atlas = request.getfixturevalue(name)
    panels = figures_of(atlas_page(atlas), "Where the neurons bend")[1:]
    header = atlas.header["network"]
    network = Network(header["widths"], bias=header["biases"])
    thetas = atlas.classes()["theta"].to_pylist()
    for panel, theta in zip(panels, thetas, strict=False):
        layer = network.unflatten(jnp.array(theta))[0]
        bias = np.zeros(layer.weight.shape[0]) if layer.bias is None else np.asarray(layer.bias)
        (x0, x1), (y0, y1) = panel.x_axis.limits, panel.y_axis.limits
        corners = np.array([[x0, y0], [x0, y1], [x1, y0], [x1, y1]])
        signs = np.sign(corners @ np.asarray(layer.weight).T + bias)
        segments = [s for lines in panel.layers if isinstance(lines, Lines) for s in lines.segments]
        # A line crosses a box exactly when corners lie on both of its sides.
        assert len(segments) == (abs(signs.sum(axis=0)) < 4).sum()
        for segment in segments:
            for point in np.reshape(segment, (2, 2)):
                values = np.asarray(layer.weight) @ point + bias
                size = np.abs(layer.weight) @ np.abs(point) + np.abs(bias)
                # One projection onto the line and one step along it: a few roundings.
                assert (np.abs(values) <= 16 * np.finfo(float).eps * size).any()
                edges = np.abs(
                    np.array([point[0] - x0, point[0] - x1, point[1] - y0, point[1] - y1])
                )
                assert edges.min() <= 1e-14 * np.abs(corners).max()


def test_a_grid_is_drawn_as_shades_and_scattered_samples_as_shapes(page, table_atlas):
    target = figures_of(page, "Where the neurons bend")[0]
    (heat,) = target.layers
    assert isinstance(heat, Heatmap)
    z, x, y = np.array(heat.z), np.array(heat.x), np.array(heat.y)
    weights = np.array([[0.6, 0.5], [-0.5, 0.5], [-0.2, -0.6], [0.1, -0.6]])
    sums = weights[:, :1, None] * x + weights[:, 1:, None] * y[:, None]
    teacher = (1 / (1 + np.exp(-4 * sums)) + np.log1p(np.exp(sums))).sum(axis=0)
    np.testing.assert_allclose(z, teacher, rtol=1e-14)
    shapes = figures_of(atlas_page(table_atlas), "Where the neurons bend")[0].layers
    assert sum(len(layer.x) for layer in shapes if isinstance(layer, Points)) == 340
    notes = [note for note in shapes if isinstance(note, Notes)]
    assert {"Adelie", "Gentoo"} < {note.texts[0] for note in notes}
    assert len(notes) == 3
    heights = np.concatenate([layer.y for layer in shapes if isinstance(layer, Points)])
    # A line of words is 11 % of the picture's height: no name lies over another.
    assert np.diff([note.y[0] for note in notes]).min() >= 0.11 * np.ptp(heights) * (1 - 1e-12)


def test_scattered_numbers_are_shaded(tmp_path, lecture_atlas):
    atlas = Atlas.create(tmp_path / "atlas", dict(lecture_atlas.header))
    atlas.append_block(0, lecture_atlas.points().slice(0, 10))
    atlas.write_classes(lecture_atlas.classes())
    inputs = np.random.default_rng(0).normal(size=(50, 2))
    atlas.write_samples(pa.table({"inputs": list(inputs), "target": inputs[:, 0]}))
    (marks,) = figures_of(atlas_page(atlas), "Where the neurons bend")[0].layers
    assert marks.shade == tuple(inputs[:, 0])


@pytest.mark.parametrize("change", ["no network", "three inputs", "nothing hidden", "no samples"])
def test_hyperplanes_are_drawn_for_networks_of_two_inputs_only(change, tmp_path, lecture_atlas):
    header = dict(lecture_atlas.header)
    if change == "no network":
        header["network"] = None
    if change == "three inputs":
        header["network"] = {**header["network"], "widths": [3, 3, 1]}
    if change == "nothing hidden":
        header["network"] = {**header["network"], "widths": [2, 1]}
    atlas = Atlas.create(tmp_path / "atlas", header)
    atlas.append_block(0, lecture_atlas.points().slice(0, 10))
    atlas.write_classes(lecture_atlas.classes())
    if change != "no samples":
        atlas.write_samples(lecture_atlas.samples())
    headings = [section.heading for section in atlas_page(atlas).sections]
    assert "Loss against index" in headings
    assert "Where the neurons bend" not in headings


def test_a_surface_with_losses_of_both_signs_is_drawn_on_a_linear_axis(tmp_path, lecture_atlas):
    atlas = Atlas.create(tmp_path / "atlas", {"network": None})
    points, stored = lecture_atlas.points().slice(0, 907), lecture_atlas.classes()
    shifted = points.set_column(2, "loss", [points["loss"].to_numpy() - 2])
    atlas.append_block(0, shifted.set_column(7, "uncertain", [np.arange(907) % 2]))
    atlas.write_classes(stored.set_column(1, "loss", [stored["loss"].to_numpy() - 2]))
    page = atlas_page(atlas)
    (bars,) = figures_of(page, "Where the starts ended")[0].layers
    assert sum(bars.heights) == 907
    np.testing.assert_allclose(np.subtract(bars.rights, bars.lefts), 3.6 / 19, rtol=1e-12)
    assert figures_of(page, "Loss against index")[0].y_axis.scale == "linear"
    assert "At 453 starts" in tables_of(page, "The distinct critical points")[0].note
    write_atlas_page(atlas.folder, tmp_path / "page.html")


def test_an_atlas_without_starts_or_classes_has_a_page(tmp_path, lecture_atlas):
    atlas = Atlas.create(tmp_path / "atlas", {})
    write_atlas_page(atlas.folder, tmp_path / "empty.html")
    assert atlas_page(atlas).finding == "No starts are stored yet."
    failed = lecture_atlas.points().slice(907).to_pandas().assign(start=range(93), loss=np.nan)
    atlas.append_block(0, pa.Table.from_pandas(failed, preserve_index=False))
    write_atlas_page(atlas.folder, tmp_path / "failed.html")
    page = atlas_page(atlas)
    assert "no start reached a critical point" in page.finding
    section = next(s for s in page.sections if s.heading == "Where the starts ended")
    assert [figure.x_axis.label for figure in section.figures] == ["share of starts"]
    assert section.explanation == "All 93 starts ended at no finite loss."


@pytest.mark.parametrize("row", range(9))
def test_a_single_class_has_a_page(row, tmp_path, lecture_atlas):
    atlas = Atlas.create(tmp_path / "atlas", dict(lecture_atlas.header))
    stored = lecture_atlas.classes().slice(row, 1)
    members = stored["members"][0].as_py()
    points = lecture_atlas.points().take(members)
    renumbered = points.set_column(0, "start", pa.array(range(len(members))))
    atlas.append_block(0, renumbered)
    atlas.write_classes(stored)
    write_atlas_page(atlas.folder, tmp_path / "page.html")
    # One loss and one outcome: a sentence says it all.
    section = atlas_page(atlas).sections[-1]
    assert section.figures == ()
    everyone = f"All {len(members)} starts" if len(members) > 1 else "The one start"
    assert section.explanation.startswith(f"{everyone} reached a critical point. {everyone} ended")


def test_a_large_atlas_has_a_page_of_bounded_size(tmp_path):
    size = 20_000
    atlas = Atlas.create(tmp_path / "atlas", {"network": {"widths": [5, 9, 1]}})
    rng = np.random.default_rng(0)
    losses, indices = 10 ** rng.normal(size=size), rng.integers(0, 40, size)
    columns = {
        "loss": losses, "index": indices, "nullity": np.zeros(size, int),
        "count": np.ones(size, int), "class": np.arange(size),
        "representative": np.arange(size),
        "kind": ["saddle"] * size, "copies": ["1"] * size, "members": [[0]] * size,
        "theta": [[0.0]] * size,
        "gradient_norm": losses, "spread": losses, "is_family": [False] * size,
        "eigenvalues": list(np.sort(rng.normal(size=(size, 12)))),
    }  # fmt: skip
    starts = {
        "start": np.arange(size), "uncertain": [0] * size, "threshold": losses, "steps": [1] * size,
        "outcome": [Outcome.CONVERGED.label] * size, "neurons": [[]] * size, "kinks": [0] * size,
    }  # fmt: skip
    atlas.append_block(0, pa.table(columns | starts))
    atlas.write_classes(pa.table({name: columns[name] for name in CLASSES.names}))
    path = write_atlas_page(atlas.folder, tmp_path / "page.html")
    assert path.stat().st_size < 12e6
    assert len(tables_of(atlas_page(atlas), "The distinct critical points")[0].rows) == 500


def test_a_folder_without_an_atlas_is_refused(tmp_path):
    with pytest.raises(InvalidInputError, match="not an atlas"):
        write_atlas_page(tmp_path, tmp_path / "page.html")


@pytest.mark.parametrize(
    ("shift", "title"),
    [
        (0.0, "All 612 starts at zero loss are the teacher, up to a symmetry"),
        (0.1, "None of the 612 starts at zero loss is the teacher"),
    ],
)
def test_the_page_says_which_starts_are_the_teacher(lecture_atlas, shift, title):
    theta = np.array(lecture_atlas.classes()["theta"][0].as_py())
    turned = np.concatenate(
        [theta[:8].reshape(4, 2)[[2, 0, 3, 1]].ravel(), theta[8:][[2, 0, 3, 1]]]
    )
    header = {**lecture_atlas.header, "teacher": (turned + shift).tolist()}
    page = atlas_page(Atlas(lecture_atlas.folder, header))
    (table,) = tables_of(page, "The teacher")
    assert table.title == title
    values = dict(table.rows)
    assert values["starts at zero loss"] == "612"
    assert values["of these the teacher, up to a symmetry"] == ("612" if shift == 0 else "0")
    # The very same numbers in another order.
    assert ("the same in roundings (2.2e-16)" in values) == (shift == 0)
    assert not any("teacher" in name for name, _ in page.settings)


def test_without_a_teacher_the_page_says_nothing_of_one(page):
    assert "The teacher" not in [section.heading for section in page.sections]
