"""The demo's own report, and that of a shop with nothing but orders, opened in a browser."""

import pytest

from tests.segmentry.report.test_page_in_browser import CUT_OFF, OVERLAPS, SECTIONS, opened


@pytest.mark.parametrize("home", ["demo_home", "shop_home"])
def test_the_real_page_shows_every_section_and_nothing_goes_wrong(browser, request, home):
    page_path = request.getfixturevalue(home) / "report/index.html"
    with opened(browser, page_path) as (page, wrongs):
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        for section in SECTIONS:
            assert page.locator(f"#{section}").is_visible(), section
        assert page.evaluate(OVERLAPS) == []
        assert page.evaluate(CUT_OFF) == []
        assert wrongs == []
