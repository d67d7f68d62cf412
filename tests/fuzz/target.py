"""The way of a stranger's bytes: document -> entries -> matches -> events -> digest -> every channel's words."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache

from monitor.domain import Document, Novelty, Story, Storyline, Topic
from monitor.errors import ParseError
from monitor.feeds.parse import read
from monitor.matching.matcher import Matcher
from monitor.stories.board import Board
from monitor.stories.events import place
from monitor.stories.likeness import Beat
from tests.digests.render.test_renderings import RENDERINGS
from tests.digests.samples import a_digest, a_told_event, an_item

NOW = datetime(2026, 3, 12, 12, tzinfo=UTC)
STORY = Story(
    story="fuzz",
    topics=(
        Topic(
            id="any", strong=("the", "of", "News"), aliases=("a", "Avocado", "牛油果"), anchors=("in", "Meta", "模型")
        ),
    ),
    storylines=(
        Storyline(id="all", title="All", topics=("any",), query="a OR the OR /[0-9]+/ OR title:news OR 新 OR -=X"),
    ),
)
#: Of each document; the rest is more of the same.
ENTRIES = 3


@cache
def matcher() -> Matcher:
    return Matcher(STORY)


def pass_through(body: bytes) -> int:
    """Let a body go the whole way; how many entries came of it. Nothing is raised, whatever it holds."""
    document = Document(url="https://news.test/feed", status=200, headers={"content-type": "text/xml"}, body=body)
    try:
        parsed = read(document, document.url, b"")
    except ParseError:
        return 0
    items = []
    for number, entry in enumerate(parsed.entries[:ENTRIES], start=1):
        match = matcher().match(entry)
        report = place(number, entry, match, Board(since=NOW), beat=Beat(lines=1), first_seen=NOW).report
        items.append(
            an_item(
                entry.title,
                id=number,
                url=entry.url,
                source=entry.source,
                published=entry.published,
                lang=entry.lang,
                novelty=report.novelty or Novelty.FIRST,
            )
        )
    if items:
        told = a_digest(a_told_event(*items, title=items[0].title, summary=parsed.entries[0].summary[:2_000]))
        for render, judge in RENDERINGS.values():
            for message in render(told):
                judge(message)
    return len(parsed.entries)
