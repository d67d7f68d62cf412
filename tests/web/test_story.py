"""A story's page: its storylines, how alive each is, and what happened last."""

from __future__ import annotations

from markupsafe import escape

from tests.seeding import STORY
from tests.web.conftest import Site


def test_the_front_page_leads_to_the_only_story(site: Site):
    answer = site.ask.get("/")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/stories/{STORY}")


def test_a_story_shows_each_of_its_storylines(site: Site):
    page = site.page(f"/stories/{STORY}")
    for line in site.tools.config.story(STORY).storylines:
        assert escape(line.title) in page


def test_an_unknown_story_is_told_of(site: Site):
    assert "no story is called" in site.page("/stories/nothing", 404)
