"""Entries: what was read, what each story sees in it and why, and a reader's word on it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from fastapi import HTTPException, Query, Request
from pydantic import Field, StrictBool

from monitor.domain import Enclosure, Feed, Feedback, Match, Novelty, Story
from monitor.pipeline import Tools
from monitor.storage import entries, feeds, search, stories
from monitor.storage.entries import Revision, StoredEntry
from monitor.web.api.operations import Operation
from monitor.web.api.shapes import Asked, Before, Id, Limit, Page, Shape, cut
from monitor.web.host import host_of
from monitor.web.pages.entry import learn, stored_of
from monitor.web.pages.story import story_of


class EntryShape(Shape):
    id: int
    feed: str = Field(description="Handle of the feed that brought it.")
    url: str | None
    title: str
    summary: str
    source: str
    authors: list[str]
    tags: list[str]
    lang: str | None
    published: datetime | None = Field(description="Null: the feed states no date that can be true.")
    updated: datetime | None
    first_seen: datetime
    primed: bool = Field(description="It stood in the feed before the watch began, and is told to nobody.")
    enclosures: list[Enclosure]


class Placed(Shape):
    """The entry as a report of an event."""

    event: str
    novelty: Novelty
    reason: str


class Seen(Shape):
    """What a story sees in the entry."""

    story: str
    held: bool = Field(description="It belongs to the story: at least one storyline holds.")
    match: Match = Field(description="As it is judged now, with reasons and near misses.")
    before: Match | None = Field(description="As it was judged when it came; null: it was not.")
    report: Placed | None


class EntryDetail(EntryShape):
    stories: list[Seen]
    revisions: list[Revision] = Field(description="What it said before each edit, the first version first.")


class Answer(Asked):
    story: str
    storyline: str
    belongs: StrictBool


def list_entries(
    request: Request,
    limit: Limit = 50,
    before: Before = None,
    q: Annotated[str, Query(description='All of these words stand in it; `"several words"` stand together.')] = "",
) -> Page[EntryShape]:
    """All entries, also those that belong to no story, the newest first."""
    with host_of(request).tools().store.read() as connection:
        if q.strip():
            found = entries.several(connection, search.find(connection, q, before=before, limit=limit + 1))
        else:
            found = entries.latest(connection, before=before, limit=limit + 1)
    shown, following = cut(request, found, limit, "before", lambda stored: stored.id)
    return Page[EntryShape](items=[EntryShape.model_validate(_fields(stored)) for stored in shown], next=following)


def get_entry(request: Request, entry_id: Id) -> EntryDetail:
    """An entry: why it belongs or not, where it was put, what it said before."""
    tools = host_of(request).tools()
    stored = stored_of(tools, entry_id)
    with tools.store.read() as connection:
        revisions = entries.revisions_of(connection, stored.id)
    more = {"stories": _seen(tools, stored, tools.config.stories), "revisions": revisions}
    return EntryDetail.model_validate(_fields(stored) | more)


def answer_entry(request: Request, entry_id: Id, answer: Answer) -> Seen:
    """Say that an entry belongs to a storyline, or does not; like entries are judged anew at once."""
    host, story = host_of(request), story_of(request, answer.story)
    stored = stored_of(host.tools(), entry_id)
    if answer.storyline not in [line.id for line in story.storylines]:
        raise HTTPException(404, f"{story.story} has no storyline {answer.storyline!r}")
    said = Feedback(entry=stored.entry, kind="storyline", target=answer.storyline, belongs=answer.belongs)
    learn(host, story, stored.id, said)
    (seen,) = _seen(host.tools(), stored, [story])
    return seen


def _seen(tools: Tools, stored: StoredEntry, told_of: Sequence[Story]) -> list[Seen]:
    with tools.store.read() as connection:
        feed = feeds.get(connection, stored.entry.feed_url)
        kept = [
            (
                story.story,
                stories.match_of(connection, stored.id, story.story),
                stories.report_of(connection, story.story, stored.id),
            )
            for story in told_of
        ]
    found = []
    for story, before, report in kept:
        match = tools.matchers[story].match(stored.entry, feed_tags=feed.tags if feed else ())
        placed = Placed(event=report.event, novelty=report.novelty, reason=report.reason) if report else None
        found.append(Seen(story=story, held=match.held, match=match, before=before, report=placed))
    return found


def _fields(stored: StoredEntry) -> dict[str, object]:
    entry = stored.entry
    shown = ("url", "title", "summary", "source", "authors", "tags", "lang", "published", "updated", "enclosures")
    fields: dict[str, object] = {name: getattr(entry, name) for name in shown}
    own = {"id": stored.id, "feed": Feed(url=entry.feed_url).handle}
    return fields | own | {"first_seen": stored.first_seen, "primed": stored.primed}


OPERATIONS = (
    Operation("GET", "/entries", list_entries),
    Operation("GET", "/entries/{entry_id}", get_entry),
    Operation("POST", "/entries/{entry_id}/feedback", answer_entry),
)
