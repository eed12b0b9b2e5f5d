"""The demo's own report, and that of a shop with nothing but orders, opened in a browser."""

import pytest

from tests.segmentry.report.test_page_in_browser import CUT_OFF, OVERLAPS, PAGES, SCREEN, opened


@pytest.mark.parametrize("home", ["demo_home", "shop_home"])
def test_the_real_pages_show_every_section_and_nothing_goes_wrong(browser, request, home):
    folder = request.getfixturevalue(home) / "report"
    for name, sections in PAGES.items():
        with opened(browser, folder / f"{name}.html") as (page, wrongs):
            page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
            for section in sections:
                assert page.locator(f"#{section}").is_visible(), section
            assert page.evaluate(OVERLAPS) == []
            assert page.evaluate(CUT_OFF) == []
            assert wrongs == []


@pytest.mark.parametrize("home", ["demo_home", "shop_home"])
def test_the_real_front_page_is_eight_screens_at_most(browser, request, home):
    front = request.getfixturevalue(home) / "report/index.html"
    with opened(browser, front) as (page, _):
        assert page.evaluate("document.documentElement.scrollHeight") <= 8 * SCREEN
