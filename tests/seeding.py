"""A database with the demo's week in it: what pages are looked at with."""

from __future__ import annotations

from datetime import datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from monitor.app import register, wire
from monitor.config.loading import load
from monitor.demo.week import DemoEntry, DemoFeed, load_week
from monitor.domain import Document, Entry, Feed, ParsedFeed
from monitor.feeds.isolation import Parser
from monitor.feeds.polling import succeeded
from monitor.pipeline import Tools, take_in
from monitor.storage import feeds
from monitor.storage.store import Store

STORY = "open-source-retreat"
BASE = "https://news.test"


def settings(week_feeds: tuple[DemoFeed, ...], folder: Path, **changes: Any) -> dict[str, Any]:
    """A monitor.yaml with the week's feeds and a channel of files."""
    values: dict[str, Any] = {
        "storage": {"url": f"sqlite:///{folder}/monitor.db"},
        "network": {"allow": ["127.0.0.1/32"]},
        "feeds": [{"url": address(feed.name), "title": feed.title, "tags": ["news"]} for feed in week_feeds],
        "channels": [{"id": "archive", "type": "file", "path": f"{folder}/digests"}],
        "digests": [{"id": "morning", "story": STORY, "channels": ["archive"], "schedule": "0 8 * * *"}],
    }
    return values | changes


def address(name: str) -> str:
    return f"{BASE}/{name}.feed"


def configured(folder: Path, now: datetime, **changes: Any) -> Path:
    """A folder with the demo's configuration in it."""
    (folder / "stories").mkdir(parents=True, exist_ok=True)
    values = settings(load_week(now).feeds, folder, **changes)
    (folder / "monitor.yaml").write_text(yaml.safe_dump(values, sort_keys=False), "utf-8")
    story = files("monitor.demo").joinpath("story.yaml").read_text("utf-8")
    (folder / f"stories/{STORY}.yaml").write_text(story, "utf-8")
    return folder


def seeded(folder: Path, store: Store, parser: Parser, now: datetime, *, stretch: int = 1, **changes: Any) -> Tools:
    """Live the demo's week up to ``now``, each of its days ``stretch`` days long; nothing is fetched."""
    week = load_week(now)
    began = now - timedelta(days=stretch * 8)
    tools = wire(load(configured(folder, now, **changes), {}), store, parser)
    register(tools, began)
    for feed in week.feeds:
        at = began + timedelta(minutes=1)
        take_in_day(feed, [entry for entry in week.entries if entry.feed == feed.name and entry.day == 0], tools, at)
    for entry in week.entries:
        if entry.day > 0:
            feed = next(feed for feed in week.feeds if feed.name == entry.feed)
            at = now - (now - entry.published) * stretch
            take_in_day(feed, [entry], tools, at + timedelta(minutes=5), at)
    return tools


def take_in_day(
    feed: DemoFeed, listed: list[DemoEntry], tools: Tools, now: datetime, published: datetime | None = None
) -> None:
    """As if a poll at ``now`` had brought these entries."""
    with tools.store.read() as connection:
        known: Feed | None = feeds.get(connection, address(feed.name))
    assert known is not None
    entries = tuple(
        Entry(
            feed_url=known.url,
            identity=entry.id,
            guid=entry.id,
            url=f"{BASE}/{feed.name}/{entry.id}",
            title=entry.title,
            summary=entry.summary,
            source=feed.title,
            lang=feed.lang,
            published=published or min(entry.published, now),
        )
        for entry in listed
    )
    document = Document(url=known.url, status=200, body=f"{feed.name} {now}".encode())
    parsed = ParsedFeed(title=feed.title, site_url=f"{BASE}/{feed.name}/", lang=feed.lang, entries=entries)
    take_in(succeeded(known, document, parsed, now), tools, now)
