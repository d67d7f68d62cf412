"""What a change of a topic's names would do, tried on the entries of the last month."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monitor.domain import Match, Story, Topic, TopicMatch
from monitor.matching.matcher import Matcher
from monitor.pipeline.tools import Tools
from monitor.storage import entries, feeds
from monitor.storage.entries import StoredEntry

SPAN = timedelta(days=30)
#: The latest entries that are looked at: matching one twice takes about half a millisecond.
LOOKED_AT = 4000
#: Near misses that are shown, the nearest.
NEAR = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """An entry, and what speaks for and against the topic in it."""

    entry: int
    title: str
    source: str
    at: datetime
    topic: TopicMatch | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    looked_at: int
    #: How many are about the topic as it is, and as it would be.
    held_before: int
    held_after: int
    #: About the topic by the change, and no longer about it; the newest first.
    gained: tuple[Sight, ...]
    lost: tuple[Sight, ...]
    #: Those that would nearly be about it, the nearest first.
    near: tuple[Sight, ...]


def with_words(
    topic: Topic,
    *,
    strong: Iterable[str] | None = None,
    aliases: Iterable[str] | None = None,
    anchors: Iterable[str] | None = None,
    vetoes: Iterable[str] | None = None,
) -> Topic:
    """The topic with these lists, each word once; None: its own."""
    return replace(
        topic,
        strong=topic.strong if strong is None else tuple(dict.fromkeys(strong)),
        aliases=topic.aliases if aliases is None else tuple(dict.fromkeys(aliases)),
        anchors=topic.anchors if anchors is None else tuple(dict.fromkeys(anchors)),
        vetoes=topic.vetoes if vetoes is None else tuple(dict.fromkeys(vetoes)),
    )


def with_topic(story: Story, topic: Topic) -> Story:
    """The story with that topic in the place of the one of its name."""
    return replace(story, topics=tuple(topic if one.id == topic.id else one for one in story.topics))


def preview_topic(story: Story, topic: Topic, tools: Tools, now: datetime) -> Preview:
    """Try a topic in the place of the one of its name. QueryError where one of its words cannot be read."""
    with tools.store.read() as connection:
        found = entries.since(connection, now - SPAN, limit=LOOKED_AT)
        tags: Mapping[str, Sequence[str]] = {feed.url: feed.tags for feed in feeds.listed(connection)}
    before, after = Matcher(story), Matcher(with_topic(story, topic))
    held, gained, lost, near = [0, 0], [], [], []
    for stored in found:
        of_feed = tags.get(stored.entry.feed_url, ())
        was = _of(before.match(stored.entry, feed_tags=of_feed), topic.id)
        will = _of(after.match(stored.entry, feed_tags=of_feed), topic.id)
        holds = (was is not None and was.held, will is not None and will.held)
        held = [count + one for count, one in zip(held, holds, strict=True)]
        if holds == (False, True):
            gained.append(_sight(stored, will))
        elif holds == (True, False):
            lost.append(_sight(stored, will))
        elif will is not None and not will.held:
            near.append(_sight(stored, will))
    near.sort(key=lambda sight: -sight.topic.score if sight.topic else 0.0)
    return Preview(
        looked_at=len(found),
        held_before=held[0],
        held_after=held[1],
        gained=tuple(gained),
        lost=tuple(lost),
        near=tuple(near[:NEAR]),
    )


def _of(match: Match, topic_id: str) -> TopicMatch | None:
    return next((one for one in match.topics if one.topic == topic_id), None)


def _sight(stored: StoredEntry, topic: TopicMatch | None) -> Sight:
    entry = stored.entry
    at = entry.reported_at(stored.first_seen)
    return Sight(entry=stored.id, title=entry.title, source=entry.source, at=at, topic=topic)
