"""Stories: storylines with their briefs, what is expected, and of what nobody is told for a while."""

from __future__ import annotations

from datetime import datetime

from fastapi import HTTPException, Request
from pydantic import Field

from monitor.domain import Brief, DigestExpectation, Mute, Story, Storyline
from monitor.pipeline import bounds, brief_of, expectations_of, lives_of
from monitor.storage import mutes, stories
from monitor.stories.lifecycle import LifeState
from monitor.web.api.operations import Operation
from monitor.web.api.shapes import Asked, Moment, Page, Shape
from monitor.web.host import host_of
from monitor.web.pages.story import story_of


class StoryShape(Shape):
    id: str
    title: str
    topics: int
    storylines: int


class StorylineShape(Shape):
    id: str
    title: str
    about: str
    topics: list[str]
    query: str
    state: LifeState
    since: datetime | None = Field(description="Since when it is in this state.")
    reason: str = Field(description="Why it is in this state.")
    reports: int
    last: datetime | None = Field(description="When it was last reported on.")
    muted_until: datetime | None


class Until(Asked):
    until: Moment = Field(examples=["2026-04-01T08:00:00Z"])


def list_stories(request: Request) -> Page[StoryShape]:
    """What is followed: one seed article each."""
    found = host_of(request).tools().config.stories
    shapes = [
        StoryShape(id=one.story, title=one.title, topics=len(one.topics), storylines=len(one.storylines))
        for one in found
    ]
    return Page[StoryShape](items=shapes)


def list_storylines(request: Request, story_id: str) -> Page[StorylineShape]:
    """The threads of the story, and how alive each is."""
    host, story = host_of(request), story_of(request, story_id)
    now = host.clock()
    with host.tools().store.read() as connection:
        days = stories.reported_days(connection, story.story)
        lives = lives_of(connection, story, expectations_of(connection, story, now), bounds(days), now)
        muted = {one.storyline: one.until for one in mutes.of_story(connection, story.story) if one.until > now}
    shapes = [
        StorylineShape(
            id=line.id,
            title=line.title,
            about=line.about,
            topics=list(line.topics),
            query=line.query,
            state=lives[line.id].state,
            since=lives[line.id].since,
            reason=lives[line.id].reason,
            reports=sum(day.reports for day in days.get(line.id, ())),
            last=lives[line.id].last,
            muted_until=muted.get(line.id),
        )
        for line in story.storylines
    ]
    return Page[StorylineShape](items=shapes)


def get_storyline(request: Request, story_id: str, line_id: str) -> Brief:
    """The brief of a storyline: state, last change, timeline with sources, what is open."""
    host = host_of(request)
    story = story_of(request, story_id)
    line = _line_of(story, line_id)
    with host.tools().store.read() as connection:
        return brief_of(connection, story, line, host.clock())


def list_expectations(request: Request, story_id: str) -> Page[DigestExpectation]:
    """What the story was promised, how it stands, and how it slipped."""
    host, story = host_of(request), story_of(request, story_id)
    with host.tools().store.read() as connection:
        return Page[DigestExpectation](items=expectations_of(connection, story, host.clock()))


def list_mutes(request: Request, story_id: str) -> Page[Mute]:
    """The storylines of which nobody is told now."""
    host, story = host_of(request), story_of(request, story_id)
    now = host.clock()
    with host.tools().store.read() as connection:
        found = mutes.of_story(connection, story.story)
    return Page[Mute](items=[one for one in found if one.until > now])


def mute_storyline(request: Request, story_id: str, line_id: str, wanted: Until) -> Mute:
    """Tell nobody of a storyline until then; what it brings is kept, and told in a line afterwards."""
    host, story = host_of(request), story_of(request, story_id)
    line, now = _line_of(story, line_id), host.clock()
    if wanted.until <= now:
        raise HTTPException(409, f"that is past: now it is {now:%Y-%m-%dT%H:%M:%SZ}")
    with host.tools().store.write() as connection:
        mutes.mute(connection, story.story, line.id, now=now, until=wanted.until)
        held_back = mutes.of_story(connection, story.story)
    return next(one for one in held_back if one.storyline == line.id)


def unmute_storyline(request: Request, story_id: str, line_id: str) -> None:
    """End a mute: what it held back comes with the next digest. One that is not muted stays as it is."""
    host, story = host_of(request), story_of(request, story_id)
    line = _line_of(story, line_id)
    with host.tools().store.write() as connection:
        mutes.unmute(connection, story.story, line.id, now=host.clock())


def _line_of(story: Story, line_id: str) -> Storyline:
    found = next((line for line in story.storylines if line.id == line_id), None)
    if found is None:
        raise HTTPException(404, f"{story.story} has no storyline {line_id!r}")
    return found


OPERATIONS = (
    Operation("GET", "/stories", list_stories),
    Operation("GET", "/stories/{story_id}/storylines", list_storylines),
    Operation("GET", "/stories/{story_id}/storylines/{line_id}", get_storyline),
    Operation("GET", "/stories/{story_id}/expectations", list_expectations),
    Operation("GET", "/stories/{story_id}/mutes", list_mutes),
    Operation("PUT", "/stories/{story_id}/mutes/{line_id}", mute_storyline, errors={409: "The time is past."}),
    Operation("DELETE", "/stories/{story_id}/mutes/{line_id}", unmute_storyline, 204),
)
