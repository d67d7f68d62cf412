"""The demo's week as data, and its feeds as documents: RSS, Atom or JSON Feed, growing day by day."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from importlib.resources import files
from xml.sax.saxutils import escape

import yaml

DAYS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoFeed:
    name: str
    title: str
    format: str
    lang: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoEntry:
    id: str
    day: int
    feed: str
    title: str
    summary: str
    published: datetime
    #: Reports of one event share it; None for what must be left out.
    event: str | None
    #: What it is instead; None for what belongs.
    left_out: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    feeds: tuple[DemoFeed, ...]
    entries: tuple[DemoEntry, ...]

    @property
    def expected(self) -> tuple[DemoEntry, ...]:
        """What must be told, each once."""
        return tuple(entry for entry in self.entries if entry.event and entry.day > 0)

    @property
    def unwanted(self) -> tuple[DemoEntry, ...]:
        """What must be left out: other things of the same name, and what was there before the watch began."""
        return tuple(entry for entry in self.entries if entry.left_out or entry.day == 0)


def load_week(now: datetime) -> Week:
    """The week as if it ended today: its last day is the one before ``now``."""
    raw = yaml.safe_load(files("monitor.demo").joinpath("week.yaml").read_text("utf-8"))
    entries = tuple(
        DemoEntry(
            id=f"demo-{number:02}",
            day=item["day"],
            feed=item["feed"],
            title=item["title"],
            summary=item["summary"],
            published=(now - timedelta(days=DAYS - item["day"], hours=11, minutes=-7 * number)).replace(microsecond=0),
            event=item.get("event"),
            left_out=item.get("left_out"),
        )
        for number, item in enumerate(raw["entries"], 1)
    )
    return Week(feeds=tuple(DemoFeed(name=name, **feed) for name, feed in raw["feeds"].items()), entries=entries)


def document(feed: DemoFeed, week: Week, day: int, base: str) -> tuple[str, bytes]:
    """The feed as it stands on a day: content type and bytes, newest entry first."""
    entries = [entry for entry in reversed(week.entries) if entry.feed == feed.name and entry.day <= day]
    if feed.format == "json":
        return "application/feed+json", _json_feed(feed, entries, base)
    if feed.format == "atom":
        return "application/atom+xml", _atom(feed, entries, base, week.entries[0].published)
    return "application/rss+xml", _rss(feed, entries, base)


def url_of(entry: DemoEntry, base: str) -> str:
    return f"{base}/{entry.feed}/{entry.id}"


def _rss(feed: DemoFeed, entries: list[DemoEntry], base: str) -> bytes:
    items = "".join(
        f"<item><guid isPermaLink='false'>{entry.id}</guid><title>{escape(entry.title)}</title>"
        f"<link>{url_of(entry, base)}</link><description>{escape(entry.summary)}</description>"
        f"<pubDate>{format_datetime(entry.published)}</pubDate></item>"
        for entry in entries
    )
    head = f"<title>{escape(feed.title)}</title><link>{base}/</link><language>{feed.lang}</language>"
    return f"<?xml version='1.0'?><rss version='2.0'><channel>{head}{items}</channel></rss>".encode()


def _atom(feed: DemoFeed, entries: list[DemoEntry], base: str, updated: datetime) -> bytes:
    items = "".join(
        f"<entry><id>{entry.id}</id><title>{escape(entry.title)}</title><link href='{url_of(entry, base)}'/>"
        f"<summary>{escape(entry.summary)}</summary><updated>{entry.published.isoformat()}</updated>"
        f"<published>{entry.published.isoformat()}</published></entry>"
        for entry in entries
    )
    head = f"<id>{base}/{feed.name}</id><title>{escape(feed.title)}</title><updated>{updated.isoformat()}</updated>"
    return (
        f"<?xml version='1.0'?><feed xmlns='http://www.w3.org/2005/Atom' xml:lang='{feed.lang}'>{head}{items}</feed>"
    ).encode()


def _json_feed(feed: DemoFeed, entries: list[DemoEntry], base: str) -> bytes:
    items = [
        {
            "id": entry.id,
            "url": url_of(entry, base),
            "title": entry.title,
            "content_text": entry.summary,
            "date_published": entry.published.isoformat(),
        }
        for entry in entries
    ]
    head = {"version": "https://jsonfeed.org/version/1.1", "title": feed.title, "language": feed.lang}
    return json.dumps(head | {"items": items}, ensure_ascii=False).encode()
