"""An event: everything that was reported of it, what each report added, and putting right what grouping got wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import Form, HTTPException, Request
from starlette.responses import RedirectResponse, Response

from monitor.errors import StoryError
from monitor.pipeline import edits
from monitor.pipeline.edits import Edit
from monitor.storage import overview, stories
from monitor.storage.edits import resolve
from monitor.web.host import host_of
from monitor.web.pages.storyline import told_of
from monitor.web.rendering import page

#: Other events that are offered: the latest ones.
OFFERED = 60

Chosen = Annotated[list[int], Form(default_factory=list)]


def show(request: Request, event_id: str) -> Response:
    tools = host_of(request).tools()
    with tools.store.read() as connection:
        own_id = resolve(connection, event_id)
        found = stories.events(connection, [own_id])
        others = overview.outlines(connection, found[0].story, limit=OFFERED) if found else []
    if not found:
        raise HTTPException(404, f"there is no event {event_id!r}")
    if own_id != event_id:
        return RedirectResponse(f"/events/{own_id}", 303)
    (event,) = found
    story = next((one for one in tools.config.stories if one.story == event.story), None)
    titles = {line.id: line.title for line in story.storylines} if story else {}
    lines = dict.fromkeys(line for report in event.reports for line in report.match.held_storylines)
    return page(
        request,
        "event.html",
        told=told_of(event),
        lines=[(line, titles.get(line, line)) for line in lines],
        story=story,
        others=[one for one in others if one.id != event.id],
    )


def merge(request: Request, event_id: str, other: Annotated[str, Form()] = "") -> Response:
    """The other event becomes part of this one; its address leads here."""
    host = host_of(request)
    return _done(lambda: edits.merge(host.tools().store, event_id, other, host.clock()))


def split(request: Request, event_id: str, entry: Chosen) -> Response:
    """The chosen reports become an event of their own."""
    if not entry:
        raise HTTPException(422, "choose the reports that are to be an event of their own")
    host = host_of(request)
    return _done(lambda: edits.split(host.tools().store, event_id, entry, host.clock()))


def move(request: Request, entry: Chosen, other: Annotated[str, Form()] = "") -> Response:
    """The chosen reports become reports of the other event."""
    if not entry:
        raise HTTPException(422, "choose the reports that are to be moved")
    host = host_of(request)
    return _done(lambda: [edits.move(host.tools().store, one, other, host.clock()) for one in entry][-1])


def _done(edit: Callable[[], Edit]) -> Response:
    try:
        made = edit()
    except StoryError as error:
        raise HTTPException(409, str(error)) from error
    return RedirectResponse(f"/events/{made.event.id}?said=done", 303)
