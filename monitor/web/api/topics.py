"""Topics: the names that are watched, what another choice of them would do, and writing it into the story's file."""

from __future__ import annotations

from typing import Annotated

from fastapi import HTTPException, Request
from pydantic import Field, StringConstraints

from monitor.config.naming import StoryFile
from monitor.domain import Topic
from monitor.errors import QueryError
from monitor.pipeline.previews import Preview, preview_topic, with_words
from monitor.web.api.operations import Operation
from monitor.web.api.shapes import Asked, Page, Shape
from monitor.web.host import host_of
from monitor.web.pages.story import story_of
from monitor.web.pages.topics import topic_of

Word = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^\w")]
Listed = Annotated[list[Word], Field(max_length=500)]


class Names(Asked):
    """The lists of a topic as they should be; one that is left out stays as it is."""

    strong: Listed | None = Field(None, description="Names that are certain by themselves.")
    aliases: Listed | None = Field(None, description="Names that are ambiguous: they need an anchor.")
    anchors: Listed | None = Field(None, description="Words that make an alias certain where they stand near it.")
    vetoes: Listed | None = Field(None, description="Words that speak against.")


class Written(Shape):
    topic: Topic
    said: str = Field(description="What people should know of it; empty: the running monitor has taken it up.")


def list_topics(request: Request, story_id: str) -> Page[Topic]:
    """What the story watches, with all names, anchors and vetoes."""
    return Page[Topic](items=list(story_of(request, story_id).topics))


def get_topic(request: Request, story_id: str, topic_id: str) -> Topic:
    """One thing with a name."""
    return topic_of(request, story_id, topic_id)


def preview_topic_names(request: Request, story_id: str, topic_id: str, names: Names) -> Preview:
    """What these names would do to the entries of the last 30 days. Nothing is written down."""
    host = host_of(request)
    wanted = _wanted(request, story_id, topic_id, names)
    try:
        return preview_topic(story_of(request, story_id), wanted, host.tools(), host.clock())
    except QueryError as error:
        raise HTTPException(409, str(error)) from error


def write_topic_names(request: Request, story_id: str, topic_id: str, names: Names) -> Written:
    """Write these names into the story's file, its comments kept, if `monitor check` then finds no mistake."""
    host = host_of(request)
    wanted = _wanted(request, story_id, topic_id, names)
    said = host.save(StoryFile.find(host.folder, story_id).with_topic(wanted))
    return Written(topic=topic_of(request, story_id, topic_id), said=said)


def _wanted(request: Request, story_id: str, topic_id: str, names: Names) -> Topic:
    topic = topic_of(request, story_id, topic_id)
    return with_words(topic, **names.model_dump())


_UNFIT = {409: "A word cannot be read, or the story's file cannot be edited so."}
OPERATIONS = (
    Operation("GET", "/stories/{story_id}/topics", list_topics),
    Operation("GET", "/stories/{story_id}/topics/{topic_id}", get_topic),
    Operation("PUT", "/stories/{story_id}/topics/{topic_id}", write_topic_names, errors=_UNFIT),
    Operation("POST", "/stories/{story_id}/topics/{topic_id}/preview", preview_topic_names, errors=_UNFIT),
)
