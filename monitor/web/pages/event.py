"""An event: everything that was reported of it, and what each report added."""

from __future__ import annotations

from fastapi import HTTPException, Request
from starlette.responses import Response

from monitor.storage import stories
from monitor.web.host import host_of
from monitor.web.pages.storyline import told_of
from monitor.web.rendering import page


def show(request: Request, event_id: str) -> Response:
    tools = host_of(request).tools()
    with tools.store.read() as connection:
        found = stories.events(connection, [event_id])
    if not found:
        raise HTTPException(404, f"there is no event {event_id!r}; it may have become part of another")
    (event,) = found
    story = next((one for one in tools.config.stories if one.story == event.story), None)
    titles = {line.id: line.title for line in story.storylines} if story else {}
    lines = dict.fromkeys(line for report in event.reports for line in report.match.held_storylines)
    named = [(line, titles.get(line, line)) for line in lines]
    return page(request, "event.html", told=told_of(event), lines=named, story=story)
