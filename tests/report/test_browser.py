"""The page in a real browser, without any network: it draws, recolours, sorts, prints, shrinks."""

import itertools
import shutil

import pytest
from playwright.sync_api import sync_playwright

from saddlescape.report import write_atlas_page

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


@pytest.fixture(params=["lecture_atlas", "table_atlas"])
def opened(request, browser, tmp_path):
    """A page that is open and drawn, and everything it complained about."""
    path = write_atlas_page(request.getfixturevalue(request.param).folder, tmp_path / "page.html")
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
    yield page, complaints
    context.close()


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
