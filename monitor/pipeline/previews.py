"""What a change of a topic's names or of a storyline's query would do, tried on the entries of the last month."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monitor.domain import Match, Story, Storyline, StorylineMatch, Topic, TopicMatch
from monitor.matching.check import problems
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
    """An entry, and what speaks for and against the changed topic or storyline in it."""

    entry: int
    title: str
    source: str
    at: datetime
    topic: TopicMatch | None = None
    storyline: StorylineMatch | None = None

    @property
    def missing(self) -> tuple[str, ...]:
        seen = self.topic or self.storyline
        return seen.missing if seen else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    looked_at: int
    #: How many belong as it is, and as it would be.
    held_before: int
    held_after: int
    #: Those that belong by the change, and those that belong no longer; the newest first.
    gained: tuple[Sight, ...]
    lost: tuple[Sight, ...]
    #: Those that would nearly belong, the nearest first.
    near: tuple[Sight, ...]


def with_words(
    topic: Topic,
    *,
    name: str | None = None,
    strong: Iterable[str] | None = None,
    aliases: Iterable[str] | None = None,
    anchors: Iterable[str] | None = None,
    vetoes: Iterable[str] | None = None,
    passing: Iterable[str] | None = None,
) -> Topic:
    """The topic with this name and these lists, each word once; None: its own."""
    return replace(
        topic,
        name=topic.name if name is None else name,
        strong=topic.strong if strong is None else tuple(dict.fromkeys(strong)),
        aliases=topic.aliases if aliases is None else tuple(dict.fromkeys(aliases)),
        anchors=topic.anchors if anchors is None else tuple(dict.fromkeys(anchors)),
        vetoes=topic.vetoes if vetoes is None else tuple(dict.fromkeys(vetoes)),
        passing=topic.passing if passing is None else tuple(dict.fromkeys(passing)),
    )


def with_topic(story: Story, topic: Topic) -> Story:
    """The story with that topic in the place of the one of its name."""
    return replace(story, topics=tuple(topic if one.id == topic.id else one for one in story.topics))


def with_storyline(story: Story, line: Storyline) -> Story:
    """The story with that storyline in the place of the one of its name."""
    return replace(story, storylines=tuple(line if one.id == line.id else one for one in story.storylines))


def mistakes(story: Story) -> list[str]:
    """What is wrong with a changed story, each with its place and its mend; none: it can be tried, and saved."""
    said = []
    for place, message, hint in problems(story):
        *_, key, number = place if isinstance(place[-1], int) and len(place) > 2 else (*place, None)
        where = f"{key}, line {number + 1}" if isinstance(number, int) else str(key)
        said.append(f"{where}: {message}" + (f" ({hint})" if hint else ""))
    return said


def preview_topic(story: Story, topic: Topic, tools: Tools, now: datetime) -> Preview:
    """Try a topic in the place of the one of its name. The changed story must be without ``mistakes``."""

    def seen(match: Match) -> TopicMatch | None:
        return next((one for one in match.topics if one.topic == topic.id), None)

    return _tried(story, with_topic(story, topic), seen, tools, now)


def preview_storyline(story: Story, line: Storyline, tools: Tools, now: datetime) -> Preview:
    """Try a storyline in the place of the one of its name. The changed story must be without ``mistakes``."""

    def seen(match: Match) -> StorylineMatch | None:
        return next((one for one in match.storylines if one.storyline == line.id), None)

    return _tried(story, with_storyline(story, line), seen, tools, now)


def _tried(
    story: Story,
    changed: Story,
    seen: Callable[[Match], TopicMatch | StorylineMatch | None],
    tools: Tools,
    now: datetime,
) -> Preview:
    with tools.store.read() as connection:
        found = entries.since(connection, now - SPAN, limit=LOOKED_AT)
        tags: Mapping[str, Sequence[str]] = {feed.url: feed.tags for feed in feeds.listed(connection)}
    before, after = Matcher(story), Matcher(changed)
    held, gained, lost, near = [0, 0], [], [], []
    for stored in found:
        of_feed = tags.get(stored.entry.feed_url, ())
        was = seen(before.match(stored.entry, feed_tags=of_feed))
        will = seen(after.match(stored.entry, feed_tags=of_feed))
        holds = (was is not None and was.held, will is not None and will.held)
        held = [count + one for count, one in zip(held, holds, strict=True)]
        if holds == (False, True):
            gained.append(_sight(stored, will))
        elif holds == (True, False):
            lost.append(_sight(stored, will))
        elif will is not None and not will.held:
            near.append((will.score, _sight(stored, will)))
    near.sort(key=lambda one: -one[0])
    return Preview(
        looked_at=len(found),
        held_before=held[0],
        held_after=held[1],
        gained=tuple(gained),
        lost=tuple(lost),
        near=tuple(sight for _, sight in near[:NEAR]),
    )


def _sight(stored: StoredEntry, seen: TopicMatch | StorylineMatch | None) -> Sight:
    entry = stored.entry
    return Sight(
        entry=stored.id,
        title=entry.title,
        source=entry.source,
        at=entry.reported_at(stored.first_seen),
        topic=seen if isinstance(seen, TopicMatch) else None,
        storyline=seen if isinstance(seen, StorylineMatch) else None,
    )
