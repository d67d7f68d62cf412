"""Every page: read by everybody, with any browser, by day and by night, on a phone, without a mouse or a script."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

pytestmark = pytest.mark.browser

Demo = tuple[str, dict[str, str]]
PAGES = (
    "story", "storyline", "event", "entry", "search", "digests", "digest", "preview", "deliveries", "delivery", "feeds",
    "feed", "add", "topics", "topic", "query", "settings", "nowhere",
)  # fmt: skip


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_violation_on_any_page(browser: Browser, demo: Demo, scheme: str):
    base, paths = demo
    context = browser.new_context(color_scheme=scheme, reduced_motion="reduce")
    page = context.new_page()
    found = []
    for name in PAGES:
        page.goto(base + paths[name])
        for violation in Axe().run(page).response["violations"]:
            found += [f"{name}: {violation['id']}: {node['html'][:160]}" for node in violation["nodes"]]
    context.close()
    assert found == []


def test_no_page_is_wider_than_a_phone(browser: Browser, demo: Demo):
    base, paths = demo
    context = browser.new_context(viewport={"width": 360, "height": 740})
    page = context.new_page()
    wide = []
    for name in PAGES:
        page.goto(base + paths[name])
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wide.append(name)
    context.close()
    assert wide == []


def test_all_is_read_without_a_script(browser: Browser, demo: Demo):
    base, paths = demo
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(base + paths["story"])
    page.get_by_role("link", name="Avocado ships, and closed").first.click()
    page.get_by_text(re.compile(r"Its reports?, with")).first.click()
    page.get_by_role("link", name="why it belongs").first.click()
    expect(page.get_by_text("holds", exact=True).first).to_be_visible()
    page.get_by_role("searchbox", name="Search entries").fill("牛油果")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name=re.compile("牛油果")).first).to_be_visible()
    assert page.locator("time").first.inner_text() != ""
    context.close()


def test_a_page_can_be_used_by_keys_alone(page: Page, demo: Demo):
    base, paths = demo
    page.goto(base + paths["story"])
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the page")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox", name="Search entries")).to_be_focused()
    page.keyboard.type("qwen/")
    expect(page.get_by_role("searchbox", name="Search entries")).to_have_value("qwen/")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/search\?q=qwen"))


def test_times_are_relative_and_exact_in_the_reader_s_zone(page: Page, demo: Demo):
    base, paths = demo
    page.goto(base + paths["event"])
    time = page.locator("main time").first
    expect(time).to_have_text(re.compile(r"\d+ (month|week|day|hour)s? ago"))
    utc = page.evaluate("new Date(document.querySelector('main time').dateTime).getUTCHours()")
    assert f"{(utc + 9) % 24:02}:" in str(time.get_attribute("title"))


def test_the_search_answers_while_one_types(page: Page, demo: Demo):
    base, _ = demo
    page.goto(f"{base}/search")
    page.get_by_role("searchbox", name="Words that an entry must hold").press_sequentially("lecun")
    expect(page.get_by_role("link", name=re.compile("LeCun")).first).to_be_visible()


def test_nothing_moves_for_who_wants_it_still(context: BrowserContext, page: Page, demo: Demo):
    base, paths = demo
    page.emulate_media(reduced_motion="reduce")
    page.goto(base + paths["story"])
    assert page.evaluate("getComputedStyle(document.querySelector('main a')).transitionDuration") == "0s"
