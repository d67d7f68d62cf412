"""What is watched: topics with their names, and which storylines follow them."""

from __future__ import annotations

from fastapi import Request
from starlette.responses import RedirectResponse, Response

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
