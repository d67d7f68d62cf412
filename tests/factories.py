"""Values for tests: each has sensible defaults, and a test states only what it is about."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from monitor.domain import Entry, Event, Feed, Match, Novelty, Report, StorylineMatch, TopicMatch

NOON = datetime(2026, 3, 12, 12, 0, tzinfo=UTC)


def a_feed(**changes: Any) -> Feed:
    return replace(Feed(url="https://news.test/feed.xml", title="News"), **changes)


def an_entry(title: str = "Meta delays Avocado to May", **changes: Any) -> Entry:
    fields: dict[str, Any] = {
        "feed_url": "https://news.test/feed.xml",
        "identity": f"id:{title}",
        "guid": f"id:{title}",
        "url": "https://news.test/1",
        "title": title,
        "summary": "",
        "source": "News",
        "lang": "en",
        "published": NOON,
    }
    return Entry(**(fields | changes))


def a_match(*storylines: str, topics: tuple[str, ...] = ("avocado",), score: float = 0.9) -> Match:
    """A match that holds for these topics and storylines (by default ``avocado-release``)."""
    return Match(
        story="open-source-retreat",
        topics=tuple(TopicMatch(topic=topic, held=True, score=0.9) for topic in topics),
        storylines=tuple(
            StorylineMatch(storyline=line, held=True, score=score) for line in storylines or ("avocado-release",)
        ),
    )


def a_report(entry: Entry | None = None, **changes: Any) -> Report:
    entry = entry or an_entry()
    fields: dict[str, Any] = {
        "entry_id": 1,
        "entry": entry,
        "match": a_match(),
        "first_seen": entry.published or NOON,
        "event": "e1",
        "novelty": Novelty.FIRST,
        "reason": "first report",
    }
    return Report(**(fields | changes))


def an_event(*reports: Report, **changes: Any) -> Event:
    fields: dict[str, Any] = {"id": "e1", "story": "open-source-retreat", "reports": reports or (a_report(),)}
    return Event(**(fields | changes))
