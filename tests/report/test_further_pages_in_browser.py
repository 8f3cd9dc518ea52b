"""The pages of a comparison and of a study in headless Chromium, held to what the report of a run is held to."""

import pytest

PAGES = ("compared", "tuned")


@pytest.mark.parametrize("name", PAGES)
def test_every_chart_is_drawn_nothing_is_said_and_nothing_is_fetched(show, further_pages, name):
    page = show(further_pages[name])
    places = page.locator(".canvas").count()
    assert places >= 3
    assert page.locator(".canvas svg").count() == places
    assert page.said == []
    assert [url for url in page.asked if not url.startswith(("file:", "data:"))] == []
    assert page.locator("main script, main img").count() == 0
    assert "</script><img src=x onerror=alert(1)>" in page.locator("main").inner_text()


@pytest.mark.parametrize("name", PAGES)
def test_a_phone_needs_no_sideways_scrolling_and_charts_fit(show, further_pages, name):
    page = show(further_pages[name], width=360, height=780)
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert page.evaluate(
        "[...document.querySelectorAll('.canvas svg')].every((svg) => svg.getBoundingClientRect().right <= 361)"
    )


@pytest.mark.parametrize("name", PAGES)
def test_every_chart_has_a_name_and_its_numbers_in_words(show, further_pages, name):
    page = show(further_pages[name])
    for chart in page.locator("[role=img]").all():
        named, told = (chart.get_attribute(f"aria-{key}") for key in ("labelledby", "describedby"))
        assert page.locator(f"[id='{named}']").inner_text()
        assert any(letter.isdigit() for letter in page.locator(f"[id='{told}']").inner_text())


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_has_no_serious_finding(show, further_pages, name, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = show(further_pages[name], scheme=scheme)
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    answer = axe.run(page).response
    assert len(answer["passes"]) > 15
    assert [(one["id"], one["impact"], one["nodes"][0]["html"][:200]) for one in answer["violations"]] == []
