"""The front page, and the page of a story: its storylines, and what happened last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi import HTTPException, Request
from starlette.responses import RedirectResponse, Response

from monitor.domain import DigestExpectation, Event, Story, Storyline
from monitor.pipeline import expectations_of
from monitor.storage import stories
from monitor.stories.expectations import storyline_state
from monitor.web.host import host_of
from monitor.web.rendering import page

#: Weeks in a sparkline: half a year, as far as a story's promises usually reach.
WEEKS = 26


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A storyline as the story page shows it."""

    storyline: Storyline
    state: str
    #: Reports in each of the last WEEKS weeks, oldest first.
    weeks: tuple[int, ...]
    last: datetime | None
    latest: Event | None


def front(request: Request) -> Response:
    """The only story, or a list of them."""
    found = host_of(request).tools().config.stories
    if len(found) == 1:
        return RedirectResponse(f"/stories/{found[0].story}", 303)
    return page(request, "front.html")


def show(request: Request, story_id: str) -> Response:
    host = host_of(request)
    tools, now = host.tools(), host.clock()
    story = story_of(request, story_id)
    with tools.store.read() as connection:
        times = stories.report_times(connection, story.story)
        latest = {
            line.id: stories.list_events(connection, story.story, storyline=line.id, limit=1)
            for line in story.storylines
        }
        expected: list[DigestExpectation] = expectations_of(connection, story, now)
    lines = [
        Line(
            storyline=line,
            state=storyline_state(times.get(line.id, ()), now),
            weeks=weeks(times.get(line.id, ()), now),
            last=max(times.get(line.id, ()), default=None),
            latest=next(iter(latest[line.id]), None),
        )
        for line in story.storylines
    ]
    return page(request, "story.html", story=story, lines=lines, expected=expected)


def story_of(request: Request, story_id: str) -> Story:
    try:
        return host_of(request).tools().config.story(story_id)
    except KeyError as error:
        raise HTTPException(404, f"no story is called {story_id!r}") from error


def weeks(times: list[datetime] | tuple[datetime, ...], now: datetime) -> tuple[int, ...]:
    counts = [0] * WEEKS
    for at in times:
        back = (now - at) // timedelta(weeks=1)
        if 0 <= back < WEEKS:
            counts[WEEKS - 1 - back] += 1
    return tuple(counts)
