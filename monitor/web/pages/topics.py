"""What is watched: topics with their names, which storylines follow them, and trying other names before they count."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import Form, HTTPException, Request
from pydantic import BaseModel
from starlette.responses import RedirectResponse, Response

from monitor.config.naming import StoryFile
from monitor.domain import Topic
from monitor.errors import ConfigError
from monitor.pipeline.previews import Preview, mistakes, preview_topic, with_topic, with_words
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


#: A topic's lists as its form has them, with what each is for.
LISTS = (
    ("strong", "Certain", "by themselves"),
    ("aliases", "Ambiguous", "with an anchor near"),
    ("anchors", "Anchors", "make an ambiguous name certain"),
    ("vetoes", "Speaks against", "where nothing certain stands"),
    ("passing", "Mentions only", "phrases around a name that count in the title alone"),
)


class Lists(BaseModel):
    """The form: a word or name on each line. What it does not hold stays as it is."""

    name: str | None = None
    strong: str | None = None
    aliases: str | None = None
    anchors: str | None = None
    vetoes: str | None = None
    passing: str | None = None

    def of(self, topic: Topic) -> Topic:
        """The topic as it is written here."""
        return with_words(
            topic,
            name=None if self.name is None else " ".join(self.name.split()),
            strong=_lines(self.strong),
            aliases=_lines(self.aliases),
            anchors=_lines(self.anchors),
            vetoes=_lines(self.vetoes),
            passing=_lines(self.passing),
        )


def _lines(text: str | None) -> list[str] | None:
    return None if text is None else [line for line in map(str.strip, text.splitlines()) if line]


def edit(request: Request, story_id: str, topic_id: str) -> Response:
    """A topic's names in a form, a line each."""
    return _form(request, story_id, topic_of(request, story_id, topic_id))


def preview(request: Request, story_id: str, topic_id: str, lists: Annotated[Lists, Form()]) -> Response:
    """What these names would do to the entries of the last month."""
    host, story = host_of(request), story_of(request, story_id)
    wanted = lists.of(topic_of(request, story_id, topic_id))
    wrong = mistakes(with_topic(story, wanted))
    if wrong:
        return _form(request, story_id, wanted, wrong=wrong, status=422)
    return _form(request, story_id, wanted, found=preview_topic(story, wanted, host.tools(), host.clock()))


def save(request: Request, story_id: str, topic_id: str, lists: Annotated[Lists, Form()]) -> Response:
    """Write them into the story's file, its comments kept, if the whole is then without mistakes."""
    host = host_of(request)
    wanted = lists.of(topic_of(request, story_id, topic_id))
    wrong = mistakes(with_topic(story_of(request, story_id), wanted))
    if wrong:
        return _form(request, story_id, wanted, wrong=wrong, status=422)
    try:
        said = host.save(StoryFile.find(host.folder, story_id).with_topic(wanted))
    except ConfigError as error:
        return _form(request, story_id, wanted, wrong=[str(error)], status=409)
    return RedirectResponse(f"/stories/{story_id}/topics?said={'later' if said else 'saved'}#topic-{topic_id}", 303)


def _form(
    request: Request,
    story_id: str,
    topic: Topic,
    *,
    found: Preview | None = None,
    wrong: Sequence[str] = (),
    status: int = 200,
) -> Response:
    story = story_of(request, story_id)
    return page(request, "topic.html", status=status, story=story, topic=topic, lists=LISTS, found=found, wrong=wrong)


def topic_of(request: Request, story_id: str, topic_id: str) -> Topic:
    """The topic of that name; "not found" when there is none."""
    found = next((topic for topic in story_of(request, story_id).topics if topic.id == topic_id), None)
    if found is None:
        raise HTTPException(404, f"{story_id} has no topic {topic_id!r}")
    return found
