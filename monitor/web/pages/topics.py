"""What is watched: topics with their names, which storylines follow them, and trying other names before they count."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, HTTPException, Request
from starlette.responses import RedirectResponse, Response

from monitor.config.naming import StoryFile
from monitor.domain import Topic
from monitor.errors import ConfigError, QueryError
from monitor.pipeline.previews import Preview, preview_topic, with_words
from monitor.web.host import host_of
from monitor.web.pages.story import story_of
from monitor.web.rendering import page


def front(request: Request) -> Response:
    """The topics of the only story, or a list of the stories."""
    found = host_of(request).tools().config.stories
    if len(found) == 1:
        return RedirectResponse(f"/stories/{found[0].story}/topics", 303)
    return page(request, "front.html", below="/topics")


def show(request: Request, story_id: str) -> Response:
    story = story_of(request, story_id)
    followed = {
        topic.id: [line for line in story.storylines if topic.id in line.topics or f"@{topic.id}" in line.query]
        for topic in story.topics
    }
    return page(request, "topics.html", story=story, followed=followed)


def edit(request: Request, story_id: str, topic_id: str) -> Response:
    """A topic's names in a form, a line each."""
    return _form(request, story_id, topic_of(request, story_id, topic_id))


def preview(
    request: Request,
    story_id: str,
    topic_id: str,
    strong: Annotated[str, Form()] = "",
    aliases: Annotated[str, Form()] = "",
    anchors: Annotated[str, Form()] = "",
    vetoes: Annotated[str, Form()] = "",
) -> Response:
    """What these names would do to the entries of the last month."""
    host = host_of(request)
    wanted = _written(topic_of(request, story_id, topic_id), strong, aliases, anchors, vetoes)
    try:
        found = preview_topic(story_of(request, story_id), wanted, host.tools(), host.clock())
    except QueryError as error:
        return _form(request, story_id, wanted, said=str(error), status=422)
    return _form(request, story_id, wanted, found=found)


def save(
    request: Request,
    story_id: str,
    topic_id: str,
    strong: Annotated[str, Form()] = "",
    aliases: Annotated[str, Form()] = "",
    anchors: Annotated[str, Form()] = "",
    vetoes: Annotated[str, Form()] = "",
) -> Response:
    """Write them into the story's file, its comments kept, if the whole is then without mistakes."""
    host = host_of(request)
    wanted = _written(topic_of(request, story_id, topic_id), strong, aliases, anchors, vetoes)
    try:
        said = host.save(StoryFile.find(host.folder, story_id).with_topic(wanted))
    except ConfigError as error:
        return _form(request, story_id, wanted, said=str(error), status=409)
    return RedirectResponse(f"/stories/{story_id}/topics?said={'later' if said else 'saved'}#topic-{topic_id}", 303)


def _written(topic: Topic, strong: str, aliases: str, anchors: str, vetoes: str) -> Topic:
    """As a form has it: a word or name on each line."""
    lists = [
        [word for line in text.splitlines() if (word := line.strip())] for text in (strong, aliases, anchors, vetoes)
    ]
    return with_words(topic, strong=lists[0], aliases=lists[1], anchors=lists[2], vetoes=lists[3])


def _form(
    request: Request, story_id: str, topic: Topic, *, found: Preview | None = None, said: str = "", status: int = 200
) -> Response:
    story = story_of(request, story_id)
    return page(request, "topic.html", status=status, story=story, topic=topic, found=found, said=said)


def topic_of(request: Request, story_id: str, topic_id: str) -> Topic:
    """The topic of that name; "not found" when there is none."""
    found = next((topic for topic in story_of(request, story_id).topics if topic.id == topic_id), None)
    if found is None:
        raise HTTPException(404, f"{story_id} has no topic {topic_id!r}")
    return found
