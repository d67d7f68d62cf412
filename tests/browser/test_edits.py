"""A person edits what is watched: a new name is taken up, names and queries are tried and saved."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

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
