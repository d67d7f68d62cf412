"""Topics and queries: what is watched, what another choice of it would do, and writing it into the story's file."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import HTTPException, Request
from pydantic import Field, StringConstraints

from monitor.config.naming import StoryFile
from monitor.domain import Story, Topic
from monitor.pipeline.previews import (
    Preview,
    mistakes,
    preview_storyline,
    preview_topic,
    with_storyline,
    with_topic,
    with_words,
)
from monitor.web.api.operations import Operation
from monitor.web.api.shapes import Asked, Page, Shape
from monitor.web.host import host_of
from monitor.web.pages.story import story_of
from monitor.web.pages.storyline import line_of
from monitor.web.pages.topics import topic_of

Word = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^\w")]
Line = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^\w[^\x00-\x1f\x7f-\x9f]*$")]
Listed = Annotated[list[Word], Field(max_length=500)]


class Names(Asked):
    """A topic as it should be; what is left out stays as it is."""

    name: Line | None = Field(None, description="What it is called, for people.")
    strong: Listed | None = Field(None, description="Names that are certain by themselves.")
    aliases: Listed | None = Field(None, description="Names that are ambiguous: they need an anchor.")
    anchors: Listed | None = Field(None, description="Words that make an alias certain where they stand near it.")
    vetoes: Listed | None = Field(None, description="Words that speak against.")
    passing: Listed | None = Field(None, description="Phrases around a name that count in the title alone.")


class Marks(Asked):
    query: str = Field(
        max_length=20_000,
        description="Words that mark the thread, in the query language; may be empty.",
        examples=["@avocado (delay* OR launch*)"],
    )


class Written(Shape):
    topic: Topic
    said: str = Field(description="What people should know of it; empty: the running monitor has taken it up.")


class Asking(Shape):
    query: str = Field(description="As it stands in the file now.")
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
    story, wanted = story_of(request, story_id), _wanted(request, story_id, topic_id, names)
    _without_mistakes(with_topic(story, wanted))
    return preview_topic(story, wanted, host.tools(), host.clock())


def write_topic_names(request: Request, story_id: str, topic_id: str, names: Names) -> Written:
    """Write these names into the story's file, its comments kept, if `monitor check` then finds no mistake."""
    host = host_of(request)
    wanted = _wanted(request, story_id, topic_id, names)
    said = host.save(StoryFile.find(host.folder, story_id).with_topic(wanted))
    return Written(topic=topic_of(request, story_id, topic_id), said=said)


def preview_storyline_query(request: Request, story_id: str, line_id: str, marks: Marks) -> Preview:
    """What this query would do to the entries of the last 30 days. Nothing is written down."""
    host, story = host_of(request), story_of(request, story_id)
    wanted = replace(line_of(story, line_id), query=marks.query)
    _without_mistakes(with_storyline(story, wanted))
    return preview_storyline(story, wanted, host.tools(), host.clock())


def write_storyline_query(request: Request, story_id: str, line_id: str, marks: Marks) -> Asking:
    """Write this query into the story's file, its comments kept, if `monitor check` then finds no mistake."""
    host = host_of(request)
    line_of(story_of(request, story_id), line_id)
    said = host.save(StoryFile.find(host.folder, story_id).with_text("storylines", line_id, "query", marks.query))
    return Asking(query=line_of(story_of(request, story_id), line_id).query, said=said)


def _without_mistakes(story: Story) -> None:
    wrong = mistakes(story)
    if wrong:
        raise HTTPException(409, "; ".join(wrong))


def _wanted(request: Request, story_id: str, topic_id: str, names: Names) -> Topic:
    topic = topic_of(request, story_id, topic_id)
    return with_words(topic, **names.model_dump())


_UNFIT = {409: "A word cannot be read, or the story's file cannot be edited so."}
OPERATIONS = (
    Operation("GET", "/stories/{story_id}/topics", list_topics),
    Operation("GET", "/stories/{story_id}/topics/{topic_id}", get_topic),
    Operation("PUT", "/stories/{story_id}/topics/{topic_id}", write_topic_names, errors=_UNFIT),
    Operation("POST", "/stories/{story_id}/topics/{topic_id}/preview", preview_topic_names, errors=_UNFIT),
    Operation("PUT", "/stories/{story_id}/storylines/{line_id}/query", write_storyline_query, errors=_UNFIT),
    Operation("POST", "/stories/{story_id}/storylines/{line_id}/query/preview", preview_storyline_query, errors=_UNFIT),
)
