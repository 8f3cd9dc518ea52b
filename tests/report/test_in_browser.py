"""The report in headless Chromium: drawn, silent, offline, in both themes, on a phone, by keyboard, by axe."""

import pytest

REPORTS = ("evil", "digits", "numbers")


@pytest.mark.parametrize("name", REPORTS)
def test_every_chart_is_drawn_nothing_is_said_and_nothing_is_fetched(visit, name):
    page = visit(name)
    places = page.locator(".canvas").count()
    assert places >= 6
    assert page.locator(".canvas svg").count() == places
    assert page.said == []
    assert [url for url in page.asked if not url.startswith(("file:", "data:"))] == []


def test_names_of_the_data_are_shown_and_never_run(visit):
    page = visit("evil")
    assert page.said == []
    assert page.locator("main script, main img").count() == 0
    text = page.locator("main").inner_text()
    for name in (
        "<script>alert(1)</script>",
        "</script><img src=x onerror=alert(1)>",
        "{{ 7*7 }}",
        "<b>Rome</b>",
    ):
        assert name in text
    drawn = page.locator(".canvas text").all_text_contents()
    assert any("</script><img" in label for label in drawn)


def test_the_theme_follows_the_system_and_the_button(visit):
    paper = "getComputedStyle(document.body).backgroundColor"
    light, dark = visit("digits"), visit("digits", scheme="dark")
    assert light.evaluate(paper) != dark.evaluate(paper)
    button = light.get_by_role("button", name="Dark")
    assert button.get_attribute("aria-pressed") == "false"
    button.click()
    assert button.get_attribute("aria-pressed") == "true"
    assert light.evaluate(paper) == dark.evaluate(paper)
    ink = "getComputedStyle(document.querySelector('.canvas .role-axis-label text')).fill"
    assert light.evaluate(ink) == dark.evaluate(ink)
    light.emulate_media(color_scheme="light")
    assert light.evaluate(paper) == dark.evaluate(paper), "what was chosen outlasts what the system says"


@pytest.mark.parametrize("name", REPORTS)
def test_a_phone_needs_no_sideways_scrolling_and_charts_fit(visit, name):
    page = visit(name, width=360, height=780)
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert page.evaluate(
        "[...document.querySelectorAll('.canvas svg')].every((svg) => svg.getBoundingClientRect().right <= 361)"
    )


def test_charts_grow_with_the_window(visit):
    page = visit("digits", width=360, height=780)
    width = "document.querySelector('.canvas svg').getBoundingClientRect().width"
    narrow = page.evaluate(width)
    page.set_viewport_size({"width": 1000, "height": 800})
    for _ in range(100):  # the page forbids the waiting function of Playwright, which evaluates text in it
        if page.evaluate(width) > narrow + 200:
            break
        page.wait_for_timeout(50)
    assert page.evaluate(width) > narrow + 200


def test_the_keyboard_reaches_everything(visit):
    page = visit("evil")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.locator("summary").first.focus()
    page.keyboard.press("Enter")
    assert page.locator("details").first.evaluate("(one) => one.open")
    page.locator("button.copy").first.focus()
    page.keyboard.press("Enter")
    page.get_by_text("Selected").or_(page.get_by_text("Copied")).first.wait_for()
    for region in page.locator(".scroll").all():
        assert region.get_attribute("tabindex") == "0"


def test_every_chart_has_a_name_and_its_numbers_in_words(visit):
    page = visit("numbers")
    for chart in page.locator("[role=img]").all():
        named, told = (chart.get_attribute(f"aria-{key}") for key in ("labelledby", "describedby"))
        assert page.locator(f"[id='{named}']").inner_text()
        assert any(letter.isdigit() for letter in page.locator(f"[id='{told}']").inner_text())


@pytest.mark.parametrize(("name", "scheme"), [*((name, "light") for name in REPORTS), ("evil", "dark")])
def test_axe_has_no_serious_finding(visit, name, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = visit(name, scheme=scheme)
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    answer = axe.run(page).response
    assert len(answer["passes"]) > 20
    found = answer["violations"]
    assert [(one["id"], one["impact"], one["nodes"][0]["html"][:200]) for one in found] == []


def test_motion_is_reduced_when_asked(visit):
    page = visit("numbers", reduced_motion="reduce")
    assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"
