"""Pages in a real browser, without any network: drawn, recoloured, sorted, played, printed."""

import itertools
import shutil

import numpy as np
import pytest
from playwright.sync_api import sync_playwright

from saddlescape.report import (
    Axis,
    Figure,
    Heatmap,
    Page,
    Points,
    Section,
    merge_movie,
    write_atlas_page,
    write_page,
)
from tests.report.merging import merging_path

pytestmark = pytest.mark.browser

ARGUMENTS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
WIDTHS = (1200, 360)
WORDS = """() => [...document.querySelectorAll('.plot:has(.points)')].map(plot =>
    [...plot.querySelectorAll('.annotation-text')].map(text => {
        const box = text.getBoundingClientRect();
        return [box.left, box.top, box.right, box.bottom];
    }))"""


@pytest.fixture(scope="module")
def browser():
    """One browser for all checks."""
    with sync_playwright() as playwright:
        program = shutil.which("chromium") or shutil.which("chromium-browser")
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        browser.close()


def open_page(browser, path):
    """Return a page that is open and drawn, and the list of everything it complains about."""
    context = browser.new_context(
        offline=True, color_scheme="light", viewport={"width": WIDTHS[0], "height": 900}
    )
    page, complaints = context.new_page(), []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "request", lambda sent: complaints.append(sent.url) if "file:" not in sent.url else None
    )
    page.on("dialog", lambda dialog: complaints.append(dialog.message))
    page.goto(path.as_uri())
    page.wait_for_selector("html[data-drawn]")
    return page, complaints


@pytest.fixture(params=["lecture_atlas", "table_atlas"])
def opened(request, browser, tmp_path):
    """A page about an atlas, and everything it complained about."""
    path = write_atlas_page(request.getfixturevalue(request.param).folder, tmp_path / "page.html")
    page, complaints = open_page(browser, path)
    yield page, complaints
    page.context.close()


@pytest.fixture
def movie():
    """Two neurons that change places in 61 frames, over a target."""
    grid = np.linspace(-3, 3, 41)
    target = Heatmap(grid, grid, np.tanh(np.add.outer(grid, grid)), "target")
    axes = Axis("x1", limits=(-3, 3)), Axis("x2", limits=(-3, 3))
    return merge_movie(merging_path(61), axes, target)


@pytest.fixture
def cinema(browser, movie, tmp_path):
    """A page with a movie before a figure, and everything it complained about."""
    figure = Figure("A figure", Axis("x"), Axis("y"), (Points([0, 1], [1, 2]),))
    section = Section("Merging", figures=(movie, figure))
    path = write_page(Page("Movie", "Neurons meet", (section,)), tmp_path / "page.html")
    page, complaints = open_page(browser, path)
    yield page, complaints
    page.context.close()


def colours(page):
    """Return what the page and its first picture are painted with."""
    return page.evaluate(
        """() => [
            getComputedStyle(document.documentElement).backgroundColor,
            getComputedStyle(document.querySelector('.plot .xtick text')).fill,
            getComputedStyle(document.querySelector('.plot .points path')).fill,
        ]"""
    )


def brightness(colour):
    """Return the mean of the three channels of `rgb(r, g, b)`."""
    return sum(float(part) for part in colour.strip("rgba()").split(",")[:3]) / 3


def test_a_page_does_all_it_promises_without_a_network(opened):
    page, complaints = opened

    # Every picture is drawn, inside its place.
    assert (
        page.locator(".plot").count() == page.locator(".plot .main-svg .xaxislayer-above").count()
    )
    assert page.locator(".plot .points path").count() > 3
    sizes = page.evaluate(
        """() => [...document.querySelectorAll('.plot')]
            .map(plot => [plot.clientWidth, plot._fullLayout.width])"""
    )
    assert all(place == drawn for place, drawn in sizes)

    # Words in pictures lie beside one another, and every one of the first picture is there.
    words = page.evaluate(WORDS)
    assert len(words[0]) >= 3
    for boxes in words:
        for one, other in itertools.combinations(boxes, 2):
            apart = [one[i] >= other[i + 2] or other[i] >= one[i + 2] for i in (0, 1)]
            assert any(apart)

    # The button exchanges dark and light, in the page and in its pictures.
    light = colours(page)
    page.click("#theme")
    page.wait_for_function("() => document.documentElement.dataset.theme === 'dark'")
    page.wait_for_function(
        "old => getComputedStyle(document.querySelector('.plot .xtick text')).fill !== old",
        arg=light[1],
    )
    dark = colours(page)
    assert brightness(light[0]) > 200 > brightness(light[1])
    assert brightness(dark[0]) < 50 < brightness(dark[1])
    assert light[2] != dark[2]

    # A heading sorts by number, not by word, and back; long integers compare exactly.
    table = page.locator("table.sortable").first
    heading = table.get_by_role("button", name="copies by symmetry")
    column = 7
    for direction, sign in (("ascending", 1), ("descending", -1)):
        heading.press("Enter")
        keys = table.locator(f"tbody td:nth-child({column + 1})").evaluate_all(
            "cells => cells.map(cell => cell.dataset.sort)"
        )
        assert keys == sorted(keys, key=lambda digits: (len(digits), digits), reverse=sign < 0)
        assert table.locator("th[aria-sort]").get_attribute("aria-sort") == direction

    # On a telephone nothing is cut off and pictures fit.
    page.set_viewport_size({"width": WIDTHS[1], "height": 800})
    page.wait_for_function(
        """() => [...document.querySelectorAll('.plot')]
            .every(plot => plot._fullLayout.width === plot.clientWidth)"""
    )
    assert page.evaluate("() => document.documentElement.scrollWidth") == WIDTHS[1]
    assert page.locator(".table:has(.sortable) > .scroll.wide").count() >= 1  # and says so
    page.wait_for_function("() => !document.querySelector('.plot .modebar-btn')")

    # On paper the page is light, whatever the screen is.
    page.evaluate("() => dispatchEvent(new Event('beforeprint'))")
    page.wait_for_function("() => document.documentElement.dataset.theme === 'light'")
    assert page.pdf(format="A4").startswith(b"%PDF")

    assert complaints == []


def words_of_movie(page):
    """Return where the words of the pair stand, per picture, in pixels from its corner."""
    return page.evaluate(
        """() => [...document.querySelectorAll('.movie .plot')].map(plot => Object.fromEntries(
            [...plot.querySelectorAll('.moving .word')].map(word => [word.textContent,
                [Number(word.getAttribute('x')), Number(word.getAttribute('y'))]])))"""
    )


def test_a_movie_is_scrubbed_by_pointer_and_keyboard(cinema, movie):
    page, complaints = cinema
    slider, now = page.get_by_role("slider"), page.locator(".movie .now")
    assert now.text_content() == slider.get_attribute("aria-valuetext") == movie.captions[0]
    assert slider.input_value() == "0"  # nothing plays by itself
    first = words_of_movie(page)

    slider.focus()
    for key, number in (("ArrowRight", 1), ("ArrowRight", 2), ("ArrowLeft", 1), ("End", 60)):
        slider.press(key)
        assert slider.input_value() == str(number)
        assert now.text_content() == movie.captions[number]
        assert slider.get_attribute("aria-valuetext") == movie.captions[number]

    # At the end the pair has exchanged its arrows; their labels tell.
    last = words_of_movie(page)
    for one, other in (("0", "2"), ("2", "0")):
        assert np.hypot(*np.subtract(last[1][one], first[1][other])) < 32  # twice a label's leash
        assert np.hypot(*np.subtract(last[1][one], first[1][one])) > 60

    # A click in the middle of the slider shows the meeting, and shades stay behind the lines.
    slider.click()
    assert now.text_content() == movie.captions[30]
    assert page.locator(".movie .heatmaplayer image").count() == 1
    assert complaints == []


def test_lines_are_drawn_where_the_axes_say(cinema, movie):
    page, complaints = cinema
    # Neuron 3 has the hyperplane x2 = 1, from one side of the box to the other.
    (line,) = [
        layer.segments[i]
        for layer in movie.frames[0][0]
        for i, label in enumerate(layer.labels)
        if label == 3
    ]
    assert sorted(line) == [-3, 1, 1, 3]
    drawn, wanted = page.evaluate(
        """line => {
            const plot = document.querySelector('.movie .plot');
            const { xaxis, yaxis } = plot._fullLayout;
            const at = (x, y) => [xaxis._offset + xaxis.d2p(x), yaxis._offset + yaxis.d2p(y)];
            const lines = plot.querySelectorAll('.moving path')[1].getAttribute('d').split('M');
            return [lines.at(-1).split('L').map(end => end.split(',').map(Number)),
                [at(line[0], line[1]), at(line[2], line[3])]];
        }""",
        line,
    )
    np.testing.assert_allclose(drawn, wanted, atol=0.2)  # places are rounded to tenths of pixels
    assert complaints == []


def test_a_movie_plays_pauses_and_plays_again(cinema):
    page, complaints = cinema
    value = "() => Number(document.querySelector('.player input').value)"
    page.get_by_role("button", name="Play").click()
    page.wait_for_function(f"() => ({value})() >= 3")
    page.get_by_role("button", name="Pause").click()
    paused = page.evaluate(value)
    assert 3 <= paused < 60
    page.wait_for_timeout(300)
    assert page.evaluate(value) == paused
    # It goes on from there, to the end, and from the end it begins anew.
    page.get_by_role("button", name="Play").press("Enter")
    page.wait_for_function(f"() => ({value})() === 60")
    page.get_by_role("button", name="Play").press("Enter")
    page.wait_for_function(f"() => ({value})() > 0 && ({value})() < 30")
    # To touch the slider is to stop.
    slider = page.get_by_role("slider")
    slider.press("Home")
    page.wait_for_timeout(300)
    assert slider.input_value() == "0"
    assert page.get_by_role("button", name="Play").count() == 1
    assert complaints == []


def test_a_movie_stays_where_it_is_in_the_dark_on_a_telephone_and_on_paper(cinema, movie):
    page, complaints = cinema
    slider = page.get_by_role("slider")
    slider.press("End")
    word = "() => getComputedStyle(document.querySelector('.moving .word')).fill"
    light = page.evaluate(word)
    page.click("#theme")
    page.wait_for_function(f"old => ({word})() !== old", arg=light)
    assert brightness(page.evaluate(word)) > brightness(light)
    end = words_of_movie(page)
    assert page.locator(".movie .now").text_content() == movie.captions[60]

    page.set_viewport_size({"width": WIDTHS[1], "height": 800})
    page.wait_for_function(
        """() => [...document.querySelectorAll('.plot')]
            .every(plot => plot._fullLayout.width === plot.clientWidth)"""
    )
    page.wait_for_function("() => document.querySelectorAll('.moving').length === 3")
    assert page.evaluate("() => document.documentElement.scrollWidth") == WIDTHS[1]
    # The controls stay in sight while the picture on top is.
    page.locator(".movie .plot").first.scroll_into_view_if_needed()
    box = page.get_by_role("slider").bounding_box()
    assert box["height"] >= 24  # large enough for a finger
    assert box["y"] + box["height"] <= 800
    page.set_viewport_size({"width": WIDTHS[0], "height": 900})
    page.wait_for_function("() => document.querySelector('.plot')._fullLayout.width > 330 - 20")

    page.evaluate("() => dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    page.wait_for_function(f"light => ({word})() === light", arg=light)
    assert not page.locator(".player input").is_visible()
    assert not page.locator(".play").is_visible()
    # Its first frame, the meeting and its last stand below one another, light on paper.
    stills = page.locator(".stills .plot")
    assert stills.count() == 3 * 3
    assert all(stills.nth(i).is_visible() for i in range(9))
    assert not page.locator(".movie > .panels").is_visible()
    said = page.locator(".stills > p").all_text_contents()
    assert said == [movie.captions[i] for i in (0, 30, 60)]
    ink = "() => getComputedStyle(document.querySelector('.stills .xtick text')).fill"
    assert brightness(page.evaluate(ink)) < 100
    ways = stills.locator(".moving path:nth-of-type(2)").evaluate_all(
        "paths => paths.map(path => path.getAttribute('d'))"
    )
    assert len(set(ways)) > 3
    assert len(words_of_movie(page)[1]) == len(end[1])
    page.evaluate("() => dispatchEvent(new Event('afterprint'))")
    assert stills.count() == 0
    assert page.pdf(format="A4").startswith(b"%PDF")
    assert complaints == []
