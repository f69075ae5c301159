"""The page of counts shows the counts."""

import math

from saddlescape.passages import BuiltOrder
from saddlescape.report import count_page, render_page
from saddlescape.symmetry import count_points, count_subspaces, num_parameters


def test_bars_are_logarithms_of_the_numbers():
    counts = count_points([5])
    (section,) = count_page(counts).sections
    (bars,) = section.figures[0].layers
    assert bars.categories == ("minima", "K = 1", "K = 2", "K = 3", "K = 4")
    assert bars.heights == tuple(math.log10(n) for n in (120, 240, 150, 30, 1))
    assert bars.texts == ("120", "240", "150", "30", "1")
    assert section.figures[0].title == "Permutation points are most numerous at order 1"


def test_the_table_holds_the_exact_numbers():
    counts = count_points([1000], 3)
    (section,) = count_page(counts).sections
    for row, order in zip(section.tables[0].rows, counts.orders, strict=True):
        assert row[0] == order.order
        assert tuple(map(int, row[1:4])) == (order.points, order.pairs_only, order.lower_bound)
    assert section.tables[0].note == "996 more orders were not asked for."
    assert section.figures[0].title.endswith("of those shown")


def test_the_page_says_what_was_counted():
    size = num_parameters(2, [8], 1, has_bias=False)
    page = count_page(count_points([8]), size, count_subspaces(4, 8), command="saddlescape count")
    assert dict(page.settings)["parameters"] == "24"
    assert page.finding == (
        "40,320 equivalent minima, and 141,120 permutation points of order 1, 3.5 for each minimum"
    )
    wider = page.sections[1].tables[0]
    assert "287,784 subspaces of global minima" in wider.title
    assert [row[:2] for row in wider.rows] == [(3, "5796"), (2, "254"), (1, "1")]


def test_pages_of_the_smallest_and_of_large_architectures_are_drawn():
    assert "1 minimum" in render_page(count_page(count_points([1])))
    page = count_page(count_points([2000, 1000], 60))
    assert len(page.sections[0].figures[0].layers[0].heights) == 41
    assert "Minima outnumber" in render_page(count_page(count_points([2])))
    assert "10⁸³" in render_page(page)


def test_points_on_a_loss_are_drawn_by_order_and_index():
    built = (
        BuiltOrder(1, (2,), 9, 8, 0.5, 6, 6, 6, 6, 1e-16, ((1, 3), (2, 3)), ((1, 6),)),
        BuiltOrder(2, (1,), 9, 0, None, 1),
    )
    page = count_page(count_points([3]), None, None, built)
    section = page.sections[-1]
    (marks,) = section.figures[0].layers
    assert (marks.x, marks.y, marks.sizes) == ((1, 1), (1, 2), (3, 3))
    assert section.figures[0].title == "Index equals order at 3 of 6 permutation points"
    assert section.tables[0].title == "6 of 6 permutation points are critical"
    assert section.tables[0].rows[1][2] is None
    assert "1 (3), 2 (3)" in render_page(page)
    nothing = count_page(count_points([3]), None, None, built[1:]).sections[-1]
    assert not nothing.figures
