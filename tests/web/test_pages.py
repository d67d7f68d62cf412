"""What each page says of the demo's week, on both databases; and that what is not there is told."""

from __future__ import annotations

import re

import pytest
from icalendar import Calendar
from lxml import etree
from markupsafe import escape
from prometheus_client.parser import text_string_to_metric_families

from monitor.domain import Event
from monitor.storage import entries, overview, stories
from monitor.stories.origins import count_origins
from monitor.web.words import places, slot, stands_at, weekday
from tests.seeding import STORY
from tests.web.conftest import Site

LAUNCH = "Meta launches Muse Spark, the closed AI model it called Avocado"
LINE = f"/stories/{STORY}/storylines/avocado-release"


def largest(site: Site) -> Event:
    """The event of the storyline that most reports are of: how they are grouped is for other tests to say."""
    with site.tools.store.read() as connection:
        found = overview.outlines(connection, STORY, storyline="avocado-release", limit=100)
        (event,) = stories.events(connection, [max(found, key=lambda event: event.reports).id])
    return event


def test_a_storyline_shows_its_events_by_day_each_with_its_reports_and_reasons(site: Site):
    page, event = site.page(LINE), largest(site)
    assert weekday(event.last_seen.date()) in page
    for report in event.reports:
        assert str(escape(report.entry.title)) in page
        assert str(escape(report.reason)) in page


def test_an_event_shows_who_reported_it_and_what_each_added(site: Site):
    event = largest(site)
    page = site.page(f"/events/{event.id}")
    assert f"{len(event.reports)} reports from {count_origins(event.reports)} origins" in page
    for report in event.reports:
        assert f"/entries/{report.entry_id}" in page
        assert report.entry.source in page
    assert "goes back to" in "".join(site.page(f"/events/{one}") for one in events(site))


def events(site: Site) -> list[str]:
    with site.tools.store.read() as connection:
        return [event.id for event in overview.outlines(connection, STORY, limit=100)]


def test_an_entry_shows_why_it_belongs_or_what_was_missing(site: Site):
    found = {title: site.page(f"/entries/{number}") for number, title in titles(site).items()}
    belongs = found[LAUNCH]
    assert "Belongs to" in belongs
    assert "Muse Spark" in belongs
    salad = found["Our ten best avocado salads"]
    assert "Does not belong to" in salad
    assert "Missing:" in found["Avocado Green Mattress owner weighs sale"]


def titles(site: Site) -> dict[int, str]:
    with site.tools.store.read() as connection:
        return {one.id: one.entry.title for one in entries.several(connection, range(1, 100))}


def test_a_search_finds_also_what_belongs_to_no_story(site: Site):
    assert "Our ten best avocado salads" in site.page("/search?q=salad")
    assert "牛油果正式亮相" in site.page("/search?q=牛油果")
    assert "No entry holds all of these words" in site.page("/search?q=zebra")
    assert "Every entry that was read is found here" in site.page("/search")


def test_feeds_are_listed_and_each_has_a_page(site: Site):
    page = site.page("/feeds")
    assert "Harbour Wire" in page
    handle = re.search(r'href="/feeds/([0-9a-f]{16})"', page)
    assert handle
    assert "What it brought last" in site.page(f"/feeds/{handle[1]}")
    assert "硅谷快讯" in site.page("/feeds?words=硅谷")
    assert "Harbour Wire" not in site.page("/feeds?words=硅谷")
    assert "All feeds are in order" in site.page("/feeds?troubled=true")


def test_topics_show_every_name_that_is_watched(site: Site):
    page = site.page(f"/stories/{STORY}/topics")
    for topic in site.tools.config.story(STORY).topics:
        for name in (*topic.strong, *topic.aliases):
            assert str(escape(name)) in page
    assert site.ask.get("/topics").headers["location"] == f"/stories/{STORY}/topics"


def test_each_page_says_where_it_belongs(site: Site):
    stories = site.tools.config.stories
    below = {"/topics": f"/stories/{STORY}/topics/avocado", f"/stories/{STORY}": LINE, "/feeds": "/feeds/add"}
    for place, path in below.items():
        assert [one for one, _ in places(stories) if stands_at(one, path)] == [place]


def test_a_slot_is_told_in_words():
    keys = ("2026-03-12T08:00", "requested-2026-03-12T08:00:01", "alert-2026-03-12T08:00:01", "every-5s-7")
    assert list(map(slot, keys)) == ["12 Mar 2026, 08:00", "asked for", "alert", "every-5s-7"]


def test_what_runs_is_told_without_a_secret(site: Site):
    page = site.page("/settings")
    assert "all is well" in page
    assert "archive (file)" in page


NOT_THERE = [
    "/stories/nothing", f"/stories/{STORY}/storylines/nothing", f"/stories/{STORY}/storylines/nothing.atom",
    "/stories/nothing/topics", "/stories/nothing/expectations.ics", "/events/nothing", "/entries/0", "/entries/99999",
    "/entries/99999999999999999999999", "/digests/nothing/preview", "/digests/nothing/preview/paper", "/deliveries/0",
    "/deliveries/99999999999999999999999/paper", "/feeds/nothing", f"{LINE}?before=x~y", "/static/../app.py",
]  # fmt: skip


@pytest.mark.parametrize("path", NOT_THERE)
def test_what_is_not_there_is_told(site: Site, path: str):
    assert "<h1>" in site.page(path, 404)


@pytest.mark.parametrize("path", ["/entries/x", "/deliveries/x", "/digests?before=x", "/search?before=x"])
def test_what_is_no_number_is_told(site: Site, path: str):
    assert "That cannot be read" in site.page(path, 422)


def test_a_storyline_is_an_atom_feed_of_its_events(site: Site):
    answer = site.ask.get(f"{LINE}.atom")
    assert answer.headers["content-type"] == "application/atom+xml"
    feed = etree.fromstring(answer.content)
    space = {"a": "http://www.w3.org/2005/Atom"}
    assert largest(site).reports[0].entry.title in feed.xpath("a:entry/a:title/text()", namespaces=space)
    ids = feed.xpath("//a:id/text()", namespaces=space)
    assert len(ids) == len(set(ids)) > 3
    assert feed.xpath("a:entry/a:link/@href", namespaces=space)[0].startswith("http://127.0.0.1")


def test_what_is_expected_is_a_calendar(site: Site):
    answer = site.ask.get(f"/stories/{STORY}/expectations.ics")
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    events = Calendar.from_ical(answer.content).walk("VEVENT")
    assert len(events) > 1
    for event in events:
        assert event["DTSTART"].dt < event["DTEND"].dt
        assert str(event["UID"]).endswith("@monitor")


def test_metrics_are_read_by_prometheus(site: Site):
    answer = site.ask.get("/metrics")
    families = {family.name: family for family in text_string_to_metric_families(answer.text)}
    assert families["monitor_feeds"].samples[0].value == 8
    assert families["monitor_entries"].samples[0].value == 44
    assert families["monitor_build_info"].samples[0].labels["version"]
    assert "monitor_delivery_attempts" in families


def test_readiness_says_that_the_database_answers(site: Site):
    assert site.ask.get("/readyz").json() == {"status": "ok", "reason": ""}
