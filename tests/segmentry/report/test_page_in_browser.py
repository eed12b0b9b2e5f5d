"""The page as a person meets it: in Chromium, light and dark, on a desk and on a phone."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

# What stands on each page.
PAGES = {
    "index": ["changed", "worth_acting", "next_steps"],
    "segments": ["segments", "movement", "near_misses"],
    "clusters": ["clusters"],
    "models": ["models", "drift"],
    "customers": ["stages", "customers", "next_products", "channels"],
    "data": ["loaded", "identity"],
    "quality": ["quality"],
}
SCREEN = 900
WIDTHS = [1280, 400]
SCHEMES = ["light", "dark"]

# Pairs of texts inside one visible chart whose boxes share more than a hair.
OVERLAPS = """() => [...document.querySelectorAll('svg')]
  .filter(svg => svg.getClientRects().length > 0)
  .flatMap(svg => {
    const boxes = [...svg.querySelectorAll('text')]
      .filter(text => text.textContent.trim() && Number(text.getAttribute('opacity') ?? 1) > 0)
      .map(text => [text.textContent, text.getBoundingClientRect()]);
    const pairs = [];
    boxes.forEach(([one, a], i) => boxes.slice(i + 1).forEach(([two, b]) => {
      const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (across > 1 && down > 2) pairs.push([svg.getAttribute('aria-label'), one, two]);
    }));
    return pairs;
  })"""
# Texts of a visible chart that stick out of the window.
CUT_OFF = """() => [...document.querySelectorAll('svg text')]
  .filter(text => text.getClientRects().length > 0 && text.textContent.trim())
  .filter(text => { const box = text.getBoundingClientRect();
    return box.left < 0 || box.right > window.innerWidth; })
  .map(text => text.textContent)"""
# The lowest contrast between a text and what is painted right behind it.
FAINT = """() => {
  const parse = colour => (colour.match(/[\\d.]+/g) || []).map(Number);
  const light = rgb => rgb.slice(0, 3).map(v => v / 255)
    .map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  const behind = element => {
    for (let e = element; e; e = e.parentElement) {
      const colour = parse(getComputedStyle(e).backgroundColor);
      if (colour.length === 3 || colour[3] > 0) return colour;
    }
  };
  const faint = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.textContent.trim() || element.closest('svg') ||
        !element.getClientRects().length) continue;
    const pair = [light(parse(getComputedStyle(element).color)), light(behind(element))];
    const ratio = (Math.max(...pair) + .05) / (Math.min(...pair) + .05);
    if (ratio < 4.5) faint.push([node.textContent.trim().slice(0, 40), ratio]);
  }
  return faint;
}"""


@contextmanager
def opened(
    browser: "Browser", path: Path, width: int = 1280, scheme: Any = "light"
) -> "Iterator[tuple[Page, list[str]]]":
    """The page, and what went wrong: console errors, script errors, requests to a network."""
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    wrongs: list[str] = []
    page.on("console", lambda m: wrongs.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: wrongs.append(str(error)))
    page.on("request", lambda r: wrongs.append(r.url) if not _is_local(r.url) else None)
    try:
        page.goto(path.resolve().as_uri())
        yield page, wrongs
    finally:
        page.close()


def _is_local(url: str) -> bool:
    return url.startswith(("file:", "data:"))


@pytest.mark.parametrize("name", ["full", "tiny", "empty"])
def test_every_section_is_visible_and_nothing_goes_wrong(
    browser: "Browser", pages: dict[str, Path], name: str
) -> None:
    for own, sections in PAGES.items():
        with opened(browser, pages[name].with_stem(own)) as (page, wrongs):
            page.wait_for_load_state("networkidle")
            for section in sections:
                assert page.locator(f"#{section}").is_visible(), section
                assert page.locator(f"#{section} h2").inner_text()
            assert page.locator(".top h1").inner_text()
            assert wrongs == []


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", ["full", "tiny", "empty"])
def test_no_label_overlaps_and_no_page_scrolls_sideways(
    browser: "Browser", pages: dict[str, Path], name: str, width: int, scheme: str
) -> None:
    for own in PAGES:
        with opened(browser, pages[name].with_stem(own), width, scheme) as (page, wrongs):
            page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
            assert page.evaluate(OVERLAPS) == [], own
            assert page.evaluate(CUT_OFF) == [], own
            assert page.evaluate("document.documentElement.scrollWidth") <= width, own
            assert wrongs == [], own


def test_the_overlap_check_sees_a_planted_overlap(
    browser: "Browser", pages: dict[str, Path]
) -> None:
    with opened(browser, pages["full"]) as (page, _):
        page.evaluate(
            "() => { const text = document.querySelector('svg text');"
            " text.parentNode.appendChild(text.cloneNode(true)); }"
        )
        assert page.evaluate(OVERLAPS) != []


@pytest.mark.parametrize(("width", "screens"), [(1280, 8), (400, 12)])
def test_the_front_page_is_short(
    browser: "Browser", pages: dict[str, Path], width: int, screens: int
) -> None:
    with opened(browser, pages["full"], width) as (page, _):
        assert page.evaluate("document.documentElement.scrollHeight") <= screens * SCREEN


def test_every_link_leads_to_something(browser: "Browser", pages: dict[str, Path]) -> None:
    for name in pages:
        for own in PAGES:
            with opened(browser, pages[name].with_stem(own)) as (page, _):
                assert page.locator("nav [aria-current=page]").count() == 1
                links = page.eval_on_selector_all(
                    "a", "links => links.map(a => a.getAttribute('href'))"
                )
                assert len(links) >= len(PAGES)
                for link in links:
                    file, _, anchor = link.partition("#")
                    assert not file or (pages[name].parent / file).exists(), link
                    assert not anchor or page.locator(f"#{anchor}").count() == 1, link


def test_the_filter_shows_what_has_every_word(browser: "Browser", pages: dict[str, Path]) -> None:
    with opened(browser, pages["full"].with_stem("segments")) as (page, wrongs):
        rows = page.locator("#segments tbody tr")
        every = rows.count()
        page.get_by_label("Filter this page").fill("VALUE lapsed")
        shown = page.locator("#segments tbody tr:visible")
        assert shown.count() == 1
        assert "Lapsed but high value" in shown.inner_text()
        page.get_by_label("Filter this page").fill("no such thing")
        assert page.locator("tbody tr:visible").count() == 0
        page.get_by_label("Filter this page").fill("")
        assert page.locator("#segments tbody tr:visible").count() == every > 1
        assert wrongs == []


def test_without_scripts_all_is_there_and_no_dead_box(
    browser: "Browser", pages: dict[str, Path]
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(pages["full"].with_stem("segments").resolve().as_uri())
    assert not page.locator("#filter").is_visible()
    assert page.locator("#segments tbody tr").first.is_visible()
    context.close()


def test_each_chart_is_drawn_once_for_the_width(browser: "Browser", pages: dict[str, Path]) -> None:
    for width in WIDTHS:
        drawn = 0
        for own in PAGES:
            with opened(browser, pages["full"].with_stem(own), width) as (page, _):
                page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
                figures = page.locator("figure")
                drawn += figures.count()
                for number in range(figures.count()):
                    shown = figures.nth(number).locator("svg:visible")
                    assert shown.count() == 1
                    assert shown.get_attribute("aria-label")
        assert drawn >= 18


@pytest.mark.parametrize("scheme", SCHEMES)
def test_text_stands_out_from_what_is_behind_it(
    browser: "Browser", pages: dict[str, Path], scheme: str
) -> None:
    for own in PAGES:
        with opened(browser, pages["full"].with_stem(own), scheme=scheme) as (page, _):
            page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
            assert page.evaluate(FAINT) == [], own


def test_the_two_colour_schemes_differ(browser: "Browser", pages: dict[str, Path]) -> None:
    colours = []
    for scheme in SCHEMES:
        with opened(browser, pages["full"], scheme=scheme) as (page, _):
            body = "getComputedStyle(document.body).backgroundColor"
            label = "getComputedStyle(document.querySelector('svg text')).fill"
            colours.append((page.evaluate(body), page.evaluate(label)))
    assert colours[0][0] != colours[1][0]
    assert colours[0][1] != colours[1][1]


def test_printing_shows_every_section_without_the_navigation(
    browser: "Browser", pages: dict[str, Path]
) -> None:
    for own, sections in PAGES.items():
        with opened(browser, pages["full"].with_stem(own)) as (page, _):
            page.emulate_media(media="print")
            assert not page.locator("nav").is_visible()
            assert all(page.locator(f"#{section}").is_visible() for section in sections)
