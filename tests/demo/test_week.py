"""The demo's week is what the README says, and its feeds read back as they were written."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from monitor.demo.week import DAYS, DemoFeed, document, load_week, url_of
from monitor.domain import Document
from monitor.feeds.parse import read

NOW = datetime(2026, 4, 13, 6, 0, tzinfo=UTC)
WEEK = load_week(NOW)
BASE = "http://127.0.0.1:1234"


def test_the_week_has_eight_feeds_with_forty_entries_and_more_in_three_languages_and_formats():
    assert len(WEEK.feeds) == 8
    assert len(WEEK.entries) >= 40
    assert {feed.lang for feed in WEEK.feeds} == {"en", "zh", "es"}
    assert {feed.format for feed in WEEK.feeds} == {"rss", "atom", "json"}


def test_every_entry_is_either_expected_or_unwanted():
    assert set(WEEK.expected) | set(WEEK.unwanted) == set(WEEK.entries)
    assert not set(WEEK.expected) & set(WEEK.unwanted)


@pytest.mark.parametrize("feed", WEEK.feeds, ids=lambda feed: feed.name)
def test_a_feed_reads_back_as_it_was_written(feed: DemoFeed):
    written = [entry for entry in reversed(WEEK.entries) if entry.feed == feed.name]
    content_type, body = document(feed, WEEK, DAYS, BASE)
    url = f"{BASE}/{feed.name}.feed"
    parsed = read(Document(url=url, status=200, headers={"content-type": content_type}, body=body), url)
    assert parsed.title == feed.title
    assert parsed.lang == feed.lang
    assert [(entry.title, entry.summary, entry.url, entry.published) for entry in parsed.entries] == [
        (entry.title, entry.summary, url_of(entry, BASE), entry.published) for entry in written
    ]


def test_no_entry_is_dated_ahead_and_each_day_comes_after_the_one_before():
    dates = [entry.published for entry in WEEK.entries]
    assert dates == sorted(dates)
    assert dates[-1] < NOW


def test_a_feed_grows_by_the_day():
    (wire,) = (feed for feed in WEEK.feeds if feed.name == "wire")
    sizes = [len(document(wire, WEEK, day, BASE)[1]) for day in range(DAYS + 1)]
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[DAYS]
