"""A person edits what is watched: a new name is taken up, names and queries are tried and saved."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from benchmarks.screenshots import demo_site
from tests.seeding import STORY

pytestmark = pytest.mark.browser


@pytest.fixture
def own(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A site of this test alone: its address, and the story's file."""
    with demo_site(tmp_path) as (base, _):
        yield base, tmp_path / f"stories/{STORY}.yaml"


def test_a_new_name_is_asked_about_with_its_evidence_and_taken_up(page: Page, own: tuple[str, Path]):
    base, file = own
    before = file.read_text("utf-8")
    page.goto(base)
    question = page.get_by_role("listitem").filter(has=page.get_by_role("heading", name="Is “Guac One” a new name"))
    question.get_by_role("link", name=re.compile("Guac One, formerly Avocado")).click()
    expect(page.get_by_role("heading", name=re.compile("Belongs to"))).to_be_visible()
    page.go_back()
    question.get_by_role("button", name="Yes, certain by itself").press("Enter")
    expect(page.get_by_role("status").filter(has_text="Written into the story's file")).to_be_visible()
    expect(page.get_by_role("heading", name="New names?")).to_have_count(0)
    page.get_by_role("link", name="Topics").click()
    expect(page.locator("#topic-avocado").get_by_text("Guac One", exact=True)).to_be_visible()
    added = set(file.read_text("utf-8").splitlines()) - set(before.splitlines())
    assert len(added) == 1
    assert "Guac One" in added.pop()


def test_a_topic_is_edited_with_the_last_month_in_view_and_saved_with_its_comments(page: Page, own: tuple[str, Path]):
    base, file = own
    comments = [line for line in file.read_text("utf-8").splitlines() if "#" in line]
    page.goto(base)
    page.get_by_role("link", name="Topics").click()
    page.get_by_role("link", name="Avocado, Meta's model").click()
    preview = page.get_by_role("region", name="What would change")
    certain = page.get_by_role("textbox", name="Certain by themselves")
    ambiguous = page.get_by_role("textbox", name="Ambiguous with an anchor near")

    # What one types is tried at once: what is lost, what comes near and what it lacks.
    page.get_by_role("textbox", name="Anchors make").fill("Zebra")
    ambiguous.fill("Qwen")
    certain.fill("Zebra Nine")
    expect(preview.get_by_role("heading", name=re.compile("Would be no longer [1-9]"))).to_be_visible()
    expect(preview.get_by_role("link", name=re.compile("formerly Avocado"))).to_be_visible()
    expect(preview.get_by_role("heading", name=re.compile("Nearly [1-9]"))).to_be_visible()

    # A mistake is told with its place and its mend, and goes when it is put right.
    certain.fill("Muse Spark\n@supperlab")
    expect(preview.get_by_text(re.compile("strong, line 2: .*did you mean .superlab"))).to_be_visible()
    certain.fill("Muse Spark\nMeta Avocado\nBig Guac")
    ambiguous.fill("Avocado\n牛油果")
    expect(preview.get_by_text(re.compile("strong, line 2"))).to_have_count(0)

    page.get_by_role("textbox", name="Name for people").fill("Avocado, or Guac One")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status").filter(has_text="Written into the story's file")).to_be_visible()
    shown = page.locator("#topic-avocado")
    expect(shown.get_by_role("heading", name="Avocado, or Guac One")).to_be_visible()
    expect(shown.get_by_text("Big Guac", exact=True)).to_be_visible()
    assert [line for line in file.read_text("utf-8").splitlines() if "#" in line] == comments


def test_a_query_is_edited_and_saved_without_a_script_too(browser: Browser, own: tuple[str, Path]):
    base, file = own
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{base}/stories/{STORY}/storylines/avocado-release")
    page.get_by_role("link", name="Edit its query").click()
    page.get_by_label("Query", exact=True).fill("@avocado (launch*")
    page.get_by_role("button", name="Try it").click()
    expect(page.get_by_text(re.compile("query: .* at character"))).to_be_visible()
    page.get_by_label("Query", exact=True).fill("@avocado\n(launch* OR called)")
    page.get_by_role("button", name="Try it").click()
    expect(page.get_by_role("heading", name=re.compile("Would be in it"))).to_be_visible()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Written into the story's file")).to_be_visible()
    assert "    query: >\n      @avocado\n      (launch* OR called)\n    examples:" in file.read_text("utf-8")
    context.close()
