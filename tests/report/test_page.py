"""A page says what it was given, in a form that every browser shows and nothing can subvert."""

import json
import math
from html.parser import HTMLParser

import numpy as np
import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st

from saddlescape.core import InvalidInputError
from saddlescape.report import (
    Axis,
    Band,
    Bars,
    Column,
    Contours,
    Curve,
    Figure,
    Heatmap,
    Lines,
    Notes,
    Page,
    Points,
    Section,
    Table,
    Trail,
    render_page,
    write_page,
)

HOSTILE = "</script><script>alert('x')</script>&\"'<img src=x onerror=alert(1)> ünïcödé"


class Reader(HTMLParser):
    """What a browser sees: elements, their attributes, and the text of each."""

    def __init__(self, html):
        super().__init__()
        self.elements, self.texts, self.open = [], [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self.open.append(tag)

    def handle_endtag(self, tag):
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data):
        self.texts.append((self.open[-1] if self.open else "", data))

    def text_of(self, tag):
        return [text.strip() for name, text in self.texts if name == tag and text.strip()]


def drawn(*figures):
    """Return what the page's script draws, as plotly figures; plotly checks every word of it."""
    html = render_page(Page("t", "f", (Section("s", figures=figures),)))
    start = html.index('id="figures">') + len('id="figures">')
    found = json.loads(html[start : html.index("</script>", start)], object_hook=_colour)
    return [go.Figure(data=figure["data"], layout=figure["layout"]) for figure in found]


def labels_of(figure):
    """Return the words that the page's script is to place in a picture."""
    html = render_page(Page("t", "f", (Section("s", figures=(figure,)),)))
    start = html.index('id="figures">') + len('id="figures">')
    return json.loads(html[start : html.index("</script>", start)])[0]["labels"]


def _colour(value):
    """Return a colour by name as some colour, so that plotly can check where it stands."""
    return ("Arial" if value["css"] == "--font" else "#123456") if set(value) == {"css"} else value


def figure_of(*layers, x=None, y=None, **options):
    return Figure("title", x or Axis("x"), y or Axis("y"), layers, **options)


EVERY_LAYER = (
    Points([0, 1], [1, 2], HOSTILE, sizes=[1, 100], labels=["a", HOSTILE], notes=[HOSTILE, "b"]),
    Points([0, 1], [1, 2], "shaded", tone=3, shade=[0.1, 0.7], measure=HOSTILE),
    Points([0, 1], [1, math.nan], "strokes", mark="bar"),
    Curve([0, 1], [1, 2], "curve", tone=2),
    Heatmap([0, 1], [0, 1], [[1, 2], [math.nan, 4]], "heat"),
    Lines([(0, 0, 1, 1)], "line", widths=[3.5], labels=[HOSTILE]),
    Lines([(0, 1, 1, 0)], "broken line", tone=-1, is_dashed=True),
    Notes([0.5], [0.5], [HOSTILE], side="left"),
    Bars([3, 4], lefts=[1, 2], rights=[2, 3], texts=["3", "4"]),
    Contours([0, 1], [0, 1], [[1, 2], [math.nan, 4]], HOSTILE, is_backdrop=False),
    Band([0, 1], [1, 2], [3, 4], HOSTILE),
    Trail([0, 1], [1, 2], 1, HOSTILE),
)


@pytest.mark.parametrize("layer", EVERY_LAYER)
@pytest.mark.parametrize("is_small", [True, False])
def test_every_layer_is_drawn_in_words_that_plotly_knows(layer, is_small):
    assert drawn(figure_of(layer, is_small=is_small))


def test_bars_over_words_lie_or_stand():
    bars = {"heights": [3, 1], "categories": ["b", "a"]}
    lying, standing = drawn(
        figure_of(Bars(**bars, is_horizontal=True), y=Axis("word")), figure_of(Bars(**bars))
    )
    assert (list(lying.data[0].x), list(lying.data[0].y)) == ([3, 1], ["b", "a"])
    assert (list(standing.data[0].x), list(standing.data[0].y)) == (["b", "a"], [3, 1])
    assert lying.layout.yaxis.autorange == "reversed"


def test_bars_over_numbers_say_what_is_counted_and_over_words_do_not():
    numbers = figure_of(Bars([3, 1], ["0", "1"]), x=Axis("index"))
    words = figure_of(Bars([3, 1], ["b", "a"]), x=Axis("word"))
    titles = [figure.layout.xaxis.title.text for figure in drawn(numbers, words)]
    assert titles == ["index", ""]


@pytest.mark.parametrize(("last", "modes"), [(1.0, "lines+text"), (0.01, "lines")])
def test_curves_are_named_at_their_ends_or_in_a_key_where_names_would_cover_one_another(
    last, modes
):
    near = (Curve([0, 1], [1, 0], "one"), Curve([0, 1], [1, last], "other", 1))
    (figure,) = drawn(figure_of(*near))
    assert [curve.mode for curve in figure.data] == [modes, modes]
    assert [bool(curve.showlegend) for curve in figure.data] == 2 * [modes == "lines"]


positive = st.floats(min_value=1e-300, max_value=1e300)


@given(values=st.lists(positive, min_size=2, max_size=20))
def test_a_logarithmic_axis_draws_ratios_as_distances(values):
    figure = drawn(figure_of(Points(range(len(values)), values), y=Axis("y", scale="log")))[0]
    np.testing.assert_array_max_ulp(np.array(figure.data[0].y, float), np.log10(values), maxulp=1)
    low, high = figure.layout.yaxis.range
    assert low < min(figure.data[0].y) <= max(figure.data[0].y) < high
    assert all(low <= tick <= high for tick in figure.layout.yaxis.tickvals)
    assert len(figure.layout.yaxis.tickvals) >= 1


@given(
    values=st.lists(positive, min_size=1, max_size=20),
    zeros=st.lists(st.floats(min_value=0, max_value=1e-320), min_size=1, max_size=5),
)
def test_values_below_the_floor_are_drawn_in_a_strip_of_their_own(values, zeros):
    axis = Axis("y", scale="log", floor=1e-310, floor_label="nothing")
    both = [*zeros, *values]
    figure = drawn(figure_of(Points(range(len(both)), both), y=axis))[0]
    places, strip = figure.data[0].y, figure.layout.shapes[0]
    assert all(strip.y0 < place < strip.y1 for place in places[: len(zeros)])
    assert all(place > strip.y1 for place in places[len(zeros) :])
    assert figure.layout.yaxis.ticktext[0] == "nothing"
    assert strip.y0 < figure.layout.yaxis.tickvals[0] < strip.y1


def test_a_logarithmic_axis_without_a_floor_leaves_out_what_it_cannot_draw():
    figure = drawn(figure_of(Points([0, 1, 2], [0, -1, 10]), y=Axis("y", scale="log")))[0]
    assert list(figure.data[0].y) == [None, None, 1.0]
    assert not figure.layout.shapes


@given(values=st.lists(st.floats(-1e12, 1e12), min_size=2, max_size=20, unique=True))
def test_a_signed_logarithm_keeps_order_and_sign(values):
    axis = Axis("x", scale="signed log", linear_below=1e-6)
    figure = drawn(figure_of(Points(sorted(values), range(len(values))), x=axis))[0]
    places = np.array(figure.data[0].x, float)
    assert (np.diff(places) >= 0).all()
    assert (np.sign(places) * np.sign(sorted(values)) >= 0).all()
    ticks = dict(zip(figure.layout.xaxis.ticktext, figure.layout.xaxis.tickvals, strict=True))
    assert ticks["0"] == 0
    assert list(ticks.values()) == sorted(ticks.values())


def test_areas_of_marks_are_proportional_across_layers():
    common = Points([0, 1], [0, 0], "common", sizes=[900, 100])
    rare = Points([0], [1], "rare", tone=1, sizes=[225])
    figure = drawn(figure_of(common, rare))[0]
    diameters = np.array([*figure.data[0].marker.size, *figure.data[1].marker.size])
    np.testing.assert_allclose(diameters**2 / diameters[0] ** 2, [1, 1 / 9, 1 / 4], rtol=4e-16)


def test_colour_never_stands_alone():
    marks = [Points([0], [0], str(tone), tone=tone) for tone in range(6)]
    symbols = [trace.marker.symbol for trace in drawn(figure_of(*marks))[0].data]
    assert len(set(symbols)) == 6


def test_text_from_a_file_stays_text():
    table = Table(
        HOSTILE, (Column(HOSTILE, HOSTILE, "text", note=HOSTILE),), [[HOSTILE]], note=HOSTILE
    )
    section = Section(HOSTILE, HOSTILE, (figure_of(*EVERY_LAYER, caption=HOSTILE),), (table,))
    page = Page(HOSTILE, HOSTILE, (section,), ((HOSTILE, HOSTILE),), HOSTILE, ((HOSTILE, HOSTILE),))
    html = render_page(page)
    seen = Reader(html)
    assert sum(tag == "script" for tag, _ in seen.elements) == 3
    assert not any(tag == "img" for tag, _ in seen.elements)
    assert HOSTILE in "".join(seen.text_of("h1"))
    assert "onerror" not in {name for _, attributes in seen.elements for name in attributes}


def test_labels_may_stand_on_their_line_or_beside_their_mark():
    points = Points([0, 3], [1, 2], sizes=[4, 1], labels=["a", "b"])
    found = labels_of(figure_of(points, Points([5], [5], "unnamed", sizes=[4])))
    assert [item["text"] for item in found] == ["a", "b", ""]
    assert [item["at"] for item in found] == [[[0, 1]], [[3, 2]], [[5, 5]]]
    assert found[0]["radius"] == 2 * found[1]["radius"] == found[2]["radius"]
    (word,) = labels_of(figure_of(Lines([(0, 2, 4, 10)], labels=["w"])))
    x, y = np.array(word["at"]).T
    np.testing.assert_array_max_ulp(y, 2 + 2 * x, maxulp=4)  # a sum and two products
    assert ((x > 0) & (x < 4)).all()
    assert word["radius"] == 0


def test_classes_are_tinted_with_the_colours_of_their_marks():
    tints = drawn(figure_of(Heatmap([0, 1], [0, 1], [[0, 1], [2, 7]], has_tones=True)))[0].data[0]
    np.testing.assert_array_equal(np.array(tints.z), [[0, 1], [2, 1]])
    assert (tints.zmin, tints.zmax) == (-0.5, 5.5)
    ends = [end for end, _ in tints.colorscale]
    # Every whole number lies in the middle of a step of one colour.
    assert all(ends[2 * tone] < (tone + 0.5) / 6 < ends[2 * tone + 1] for tone in range(6))


def test_bars_leave_room_for_their_numbers():
    low = Bars([3, 4], lefts=[1, 2], rights=[2, 3], texts=["", "4"])
    high = Bars([5], lefts=[1], rights=[2], texts=["8"])
    assert drawn(figure_of(low, high))[0].layout.yaxis.range == (0, 1.12 * 8)


def test_an_axis_of_one_value_is_not_drawn():
    axis = Axis("index", limits=(-1, 1), is_hidden=True)
    layout = drawn(figure_of(Points([1, 2], [0, 0]), y=axis))[0].layout
    assert not layout.yaxis.visible
    assert layout.yaxis.range == (-1, 1)


def test_text_in_pictures_is_escaped_for_plotly():
    figure = drawn(figure_of(*EVERY_LAYER, x=Axis(HOSTILE)))[0]
    words = json.dumps(figure.to_plotly_json(), default=list)
    words += json.dumps(labels_of(figure_of(*EVERY_LAYER, x=Axis(HOSTILE))))
    assert "&lt;script&gt;" in words
    assert "<script" not in words
    assert "<img" not in words


def test_a_page_asks_for_nothing_and_lets_nothing_else_run():
    seen = Reader(render_page(Page("t", "f")))
    links = [v for _, a in seen.elements for k, v in a.items() if k in ("src", "href", "action")]
    assert links == ["#content"]
    policy = next(a["content"] for _, a in seen.elements if "http-equiv" in a)
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe" not in policy.split("style-src")[0]


def test_the_parts_of_a_page_come_in_order_with_the_finding_first():
    first = Section("one", "why", tables=(Table("t", (Column("c"),), [[1.5]]),))
    rest = ((("a", "1"),), "do it", (("v", "2"),), (("unchanged", "0"),))
    page = Page("title", "finding", (first, Section("two")), *rest)
    text = " ".join(text for tag, text in Reader(render_page(page)).texts if tag != "style")
    words = ["title", "finding", "one", "why", "1.5", "two", "do it", "Settings"]
    words += ["unchanged", "Versions"]
    assert sorted(words, key=text.index) == words


def test_headings_of_tables_say_what_they_head():
    table = Table("t", (Column("loss"), Column("n", format="count")), [[0.5, 12345], [None, 7]])
    seen = Reader(render_page(Page("t", "f", (Section("s", tables=(table,)),))))
    assert [a["scope"] for tag, a in seen.elements if tag == "th"] == ["col", "col"]
    assert seen.text_of("td") == ["0.5", "12,345", "\N{EN DASH}", "7"]
    keys = [a["data-sort"] for tag, a in seen.elements if tag == "td"]
    assert keys == ["0.5", "12345", "", "7"]


def test_every_picture_has_words_for_those_who_cannot_see_it():
    html = render_page(Page("t", "f", (Section("s", figures=(figure_of(EVERY_LAYER[0]),)),)))
    seen = Reader(html)
    plot = next(a for _, a in seen.elements if a.get("class") == "plot")
    caption = next(a for tag, a in seen.elements if tag == "figcaption")
    assert plot["role"] == "img"
    assert plot["aria-labelledby"] == caption["id"]
    assert "details" in {tag for tag, _ in seen.elements}


def test_the_same_page_gives_the_same_file(tmp_path):
    page = Page("t", "f", (Section("s", figures=(figure_of(*EVERY_LAYER),)),))
    one, two = (write_page(page, tmp_path / name).read_bytes() for name in ("1.html", "2.html"))
    assert one == two
    assert sorted(path.name for path in tmp_path.iterdir()) == ["1.html", "2.html"]


def test_a_place_that_cannot_be_written_is_refused_in_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "no" / "page.html", tmp_path / "file" / "page.html", tmp_path):
        with pytest.raises(InvalidInputError, match="cannot write") as caught:
            write_page(Page("t", "f"), path)
        assert "\n" not in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_losses_that_agree_to_rounding_share_one_tick():
    values = [0.00173366588984969245, 0.00173366588984969267, 0.0017336658898496]
    figure = Figure("f", Axis("loss", scale="log"), Axis("y"), (Points(values, [0, 1, 2]),))
    html = render_page(Page("t", "f", (Section("s", figures=(figure,)),)))
    assert "0.00173367" in html.split('id="figures">')[1]


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ("from -5.369e-31 to 2e+20.", "from {-}5.369 {x} 10⁻³¹ to 2 {x} 10²⁰."),
        ("with --rate 1e-3, in run1e-05.npz or 1e-05.npz", None),
    ],
)
def test_titles_write_powers_of_ten_as_people_do_and_leave_names_alone(told, shown):
    words = shown or told
    for plain, sign in (("{-}", "\N{MINUS SIGN}"), ("{x}", "\N{MULTIPLICATION SIGN}")):
        words = words.replace(plain, sign)
    assert f">{words}<" in render_page(Page("t", told))
