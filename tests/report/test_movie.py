"""A movie is data that fits together; what moves is small, and lies where mathematics puts it."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from saddlescape.core import InvalidInputError
from saddlescape.report import (
    Arrows,
    Axis,
    Bars,
    Column,
    Curve,
    Figure,
    Heatmap,
    Lines,
    MergingPath,
    Movie,
    Notes,
    Page,
    Points,
    Section,
    merge_movie,
    numbers_of,
    render_page,
)
from tests.report.merging import merging_path

BOX = Axis("x1", limits=(-3, 3)), Axis("x2", limits=(-2, 2))


def panel(x=None, y=None, layers=(), **options):
    return Figure("panel", x or Axis("x"), y or Axis("y"), layers, is_small=True, **options)


def movie_of(*frames, **options):
    """Return a movie of one panel; every frame is its moving layers."""
    captions = tuple(f"frame {i}" for i in range(len(frames)))
    return Movie("t", (panel(**options),), tuple((frame,) for frame in frames), captions)


def drawn(*shown):
    """Return what the page's script draws of figures and movies."""
    html = render_page(Page("t", "f", (Section("s", figures=shown),)))
    start = html.index('id="figures">') + len('id="figures">')
    return json.loads(html[start : html.index("</script>", start)])


@pytest.mark.parametrize(
    ("frames", "captions", "start"),
    [
        ((((),), ((),)), ("a",), 0),
        ((((),), ((),)), ("a", "b"), 2),
        ((), (), 0),
        ((((), ()),), ("a",), 0),
        ((((Points([0], [0]),),), ((Points([0, 1], [0, 1]),),)), ("a", "b"), 0),
        ((((Points([0], [0]),),), ((Points([0], [0], tone=1),),)), ("a", "b"), 0),
        ((((Points([0], [0]),),), ((Notes([0], [0], ["a"]),),)), ("a", "b"), 0),
        ((((Bars([1], ["a"]),),),), ("a",), 0),
        ((((Heatmap([0], [0], [[0]]),),),), ("a",), 0),
    ],
)
def test_what_does_not_fit_together_is_refused(frames, captions, start):
    with pytest.raises(InvalidInputError, match=r": give |cannot move"):
        Movie("t", (panel(),), frames, captions, start)


def test_axes_hold_what_every_frame_shows_and_stay():
    movie = movie_of(
        (Points([-5], [1]), Lines([(0, 0, 1, 1)])), (Points([7], [100]), Lines([(0, 0, 1, 1)]))
    )
    layout = drawn(movie)[0]["layout"]
    for name, low, high in (("xaxis", -5, 7), ("yaxis", 0, 100)):
        start, end = layout[name]["range"]
        assert start < low < high < end
    logarithmic = movie_of(
        (Points([1], [1e-9]),), (Points([2], [1e3]),), y=Axis("loss", scale="log")
    )
    found = drawn(logarithmic)[0]
    low, high = found["layout"]["yaxis"]["range"]
    assert low < -9 < 3 < high
    assert [frame[0][0][1] for frame in found["frames"]] == [-9, 3]


@given(ends=st.lists(st.tuples(*[st.floats(-100, 100)] * 4), min_size=1, max_size=6))
def test_arrows_are_drawn_where_they_are_to_a_tenth_of_a_pixel(ends):
    axis = Axis("x", limits=(-100, 100))
    arrows = Arrows(ends, labels=range(len(ends)))
    (found,) = drawn(movie_of((arrows,), x=axis, y=axis))
    strokes, words = found["frames"][0]
    assert [mark["kind"] for mark in found["marks"]] == ["stroke", "words"]
    width_in_pixels = 1000
    off = np.abs(np.array(strokes) - np.array(ends)).max() / 200 * width_in_pixels
    assert off <= 0.1
    assert [word[2] for word in words] == [str(i) for i in range(len(ends))]
    np.testing.assert_array_equal([word[:2] for word in words], np.array(strokes)[:, 2:])


def test_what_is_out_of_sight_is_said_so_and_not_drawn():
    gone = (None, None, None, None)
    found = drawn(movie_of((Lines([(0, 0, 1, 1)], labels=["a"]),), (Lines([gone], labels=["a"]),)))
    strokes, words = found[0]["frames"][1]
    assert strokes == [[None] * 4]
    assert words[0][:3] == [None, None, "a"]


def test_the_still_layers_are_said_once_and_movers_are_plain_and_small():
    grid = np.linspace(-3, 3, 61)
    target = Heatmap(grid, grid[:41], np.sin(np.add.outer(grid[:41], grid)), is_backdrop=True)
    movie = merge_movie(merging_path(121), BOX, target)
    found = drawn(movie)
    assert [trace["type"] for trace in found[0]["data"]] == ["heatmap"]
    assert all(len(part["frames"]) == 121 for part in found)
    # Two axes per end, 7 characters each, for 4 lines, 4 arrows, their labels and a marker.
    assert len(json.dumps([part["frames"] for part in found], separators=(",", ":"))) < 150_000
    assert len(json.dumps(found[0]["data"])) < 61 * 41 * 10


def test_colours_of_marks_are_the_styles_own():
    layers = [Points([0], [0], tone=k) for k in range(6)]
    layers += [
        Curve([0, 1], [0, 1], tone=2),
        Notes([0], [0], ["n"]),
        Lines([(0, 0, 1, 1)], tone=-2),
    ]
    marks = drawn(movie_of(tuple(layers)))[0]["marks"]
    tones = [mark["tone"] for mark in marks]
    assert tones == [*(f"--tone-{k}" for k in range(6)), "--tone-2", "--soft", "--ink"]
    outlines = {mark["outlines"][0] for mark in marks[:6]}
    assert len(outlines) == 6  # colour never stands alone


def test_movies_stand_between_figures_with_their_own_pictures():
    figure = panel(layers=(Points([0], [0]),))
    movie = movie_of((Points([0], [0]),))
    found = drawn(figure, movie, figure)
    assert ["frames" in part for part in found] == [False, True, False]


def test_still_arrows_have_heads_at_their_tips():
    (found,) = drawn(panel(layers=(Arrows([(0, 0, 3, 4), (1, 1, 0, 0)], labels=["a", "b"]),)))
    _, shaft, words = found["data"]
    assert (shaft["x"], shaft["y"]) == ([0, 3, None, 1, 0], [0, 4, None, 1, 0])
    assert [size > 0 for size in shaft["marker"]["size"]] == [False, True, False, False, True]
    assert (words["x"], words["y"], words["text"]) == ([3, 0], [4, 0], ["a", "b"])
    assert words["textposition"] == ["top right", "bottom left"]


def test_the_numbers_of_a_movie_are_every_so_many_frames_with_the_last():
    movie = merge_movie(merging_path(100), BOX)
    whole, short = numbers_of(movie, 2_000), numbers_of(movie, 200)
    items = 4 + 4 + 2
    assert len(whole.rows) == 100 * items
    assert {row[0] for row in whole.rows} == set(range(1, 101))
    assert len(short.rows) <= 200 + items
    assert short.rows[-1][0] == 100
    assert short.note.endswith("frames.")
    assert all(isinstance(column, Column) for column in whole.columns)
    assert {len(row) for row in whole.rows} == {len(whole.columns)}


def segments_of(frame):
    """Return the label and the segment of every line of a frame's first panel."""
    return {layer.labels[i]: s for layer in frame[0] for i, s in enumerate(layer.segments)}


@pytest.mark.parametrize("biases", [True, False])
def test_on_a_hyperplane_the_weighted_sum_is_zero_and_its_ends_are_on_the_box(biases):
    path = merging_path(biases=biases)
    movie = merge_movie(path, BOX)
    for i, frame in enumerate(movie.frames):
        for neuron, segment in segments_of(frame).items():
            bias = path.biases[i, neuron] if biases else 0.0
            for end in (segment[:2], segment[2:]):
                weight = path.weights[i, neuron]
                # Two products and sums of numbers up to 3, some 16 roundings.
                assert abs(weight @ np.array(end) + bias) < 64 * np.finfo(float).eps
                inside = [abs(v) - w for v, w in zip(end, (3, 2), strict=True)]
                assert max(inside) == pytest.approx(0, abs=64 * np.finfo(float).eps)


def test_the_hyperplane_of_a_known_weight_is_the_line_it_should_be():
    lines = segments_of(merge_movie(merging_path(), BOX).frames[0])
    # Neuron 3 has weight (0, -1) and bias 1: the line x2 = 1.
    assert sorted([lines[3][:2], lines[3][2:]]) == [(-3, 1), (3, 1)]


def test_a_line_that_misses_the_box_is_out_of_sight():
    path = merging_path()
    far = path.biases.copy()
    far[:, 3] = 100
    moved = MergingPath(**{**vars(path), "biases": far})
    assert segments_of(merge_movie(moved, BOX).frames[0])[3] == (None, None, None, None)


def test_in_the_second_half_the_pair_has_exchanged_its_lines_and_arrows():
    frames = merge_movie(merging_path(), BOX).frames
    first, last = segments_of(frames[0]), segments_of(frames[-1])
    for here, there in ((0, 2), (2, 0), (1, 1), (3, 3)):
        np.testing.assert_array_max_ulp(np.array(last[here]), np.array(first[there]), maxulp=4)
    arrows = [{a.labels[0]: a.arrows[0] for a in frame[1][1:]} for frame in (frames[0], frames[-1])]
    assert arrows[0][0] == (0, 0, 1, 0.5)
    assert arrows[1] == {0: arrows[0][2], 2: arrows[0][0]}


def test_where_the_pair_coincides_its_labels_stand_apart():
    path = merging_path()
    _, solid, broken = merge_movie(path, BOX).frames[path.meeting][1]
    assert solid.arrows == broken.arrows
    assert np.dot(solid.label_sides[0], broken.label_sides[0]) == pytest.approx(-1)
    _, solid, broken = merge_movie(path, BOX).frames[path.meeting][0]
    assert solid.segments == broken.segments
    assert abs(solid.labels_at[0] - broken.labels_at[0]) > 0.5
    assert (solid.tone, solid.is_dashed, solid.widths) != (
        broken.tone,
        broken.is_dashed,
        broken.widths,
    )
    assert solid.widths[0] > broken.widths[0]  # the second, drawn later, does not hide the first


def test_long_paths_keep_their_ends_their_meeting_and_their_summit():
    path = merging_path(2001)
    losses = path.losses.copy()
    losses[777] = 9.0
    movie = merge_movie(MergingPath(**{**vars(path), "losses": losses}), BOX)
    assert len(movie.frames) <= 121
    marked = [frame[2][1].x[0] for frame in movie.frames]
    assert marked == sorted(marked)
    assert {0.0, 2.0, path.positions[777], path.positions[path.meeting]} <= set(marked)


@pytest.mark.parametrize("num_points", [1, 2, 3, 500])
def test_the_title_tells_what_the_path_does(num_points):
    t = np.linspace(1, 0, num_points)
    pair = np.stack([np.stack([t, 0 * t], 1), np.stack([-t, 0 * t], 1)], 1) + 1
    rest = np.ones((num_points, 2)), 1 - t, 2 * t, 0.25 - t**2 / 4
    halfway = merge_movie(MergingPath(pair, None, *rest, (0, 1)), BOX)
    assert ("Neurons 0 and 1 meet" in halfway.title) == (num_points > 1)
    assert "change places" not in halfway.title
    whole = merge_movie(merging_path(), BOX)
    assert whole.title == "Neurons 0 and 2 meet and change places at loss 1"
    assert "the pair is one neuron" in whole.captions[20]


def test_arrays_that_do_not_fit_are_refused_in_one_sentence():
    path = merging_path()
    for name, value in (
        ("losses", path.losses[1:]),
        ("outgoing", path.outgoing[:, 1:]),
        ("pair", (0, 4)),
    ):
        with pytest.raises((InvalidInputError, TypeError)):
            MergingPath(**{**vars(path), name: value})
    with pytest.raises(InvalidInputError, match="limits"):
        merge_movie(path, (Axis("x1"), Axis("x2")))


def test_a_page_without_script_says_where_the_movie_starts():
    movie = movie_of((Points([0], [0]),), (Points([1], [0]),))
    html = render_page(Page("t", "f", (Section("s", figures=(movie,)),)))
    assert '<p class="now">frame 0</p>' in html
    assert 'aria-valuetext="frame 0"' in html
