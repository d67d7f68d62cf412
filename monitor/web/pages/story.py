"""The front page, and the page of a story: its storylines, when things happened, what is still expected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi import HTTPException, Request
from starlette.responses import RedirectResponse, Response

from monitor.domain import DigestExpectation, Story, Storyline
from monitor.pipeline import bounds, expectations_of, lives_of
from monitor.storage import overview, stories
from monitor.storage.overview import Outline
from monitor.storage.stories import ReportedDay
from monitor.web.charts import Timeline, timeline, weeks
from monitor.web.host import host_of
from monitor.web.pages.proposals import Question, questions
from monitor.web.rendering import page

#: How far back the timeline can look; a year is as far as most promises of a story reach.
SPANS = {"4w": timedelta(weeks=4), "13w": timedelta(weeks=13), "26w": timedelta(weeks=26), "1y": timedelta(weeks=52)}
SPAN_NAMES = {"4w": "4 weeks", "13w": "3 months", "26w": "6 months", "1y": "a year"}
#: Events on a timeline: more would be one blot, and a megabyte of page.
MOST = 150
#: Events in the list below it.
LATEST = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A storyline as the story page shows it."""

    storyline: Storyline
    state: str
    reports: int
    #: Reports in each of the last weeks, oldest first.
    weeks: tuple[int, ...]
    last: datetime | None
    latest: Outline | None


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    story: Story
    lines: tuple[Line, ...]
    #: Names that may be new ones of a topic.
    questions: tuple[Question, ...]
    span: str
    timeline: Timeline
    latest: tuple[Outline, ...]
    expected: tuple[DigestExpectation, ...]
    #: There were more events than the timeline shows.
    cut: bool


def front(request: Request) -> Response:
    """The only story, or a list of them."""
    found = host_of(request).tools().config.stories
    if len(found) == 1:
        return RedirectResponse(f"/stories/{found[0].story}", 303)
    return page(request, "front.html")


def show(request: Request, story_id: str, span: str = "13w") -> Response:
    host = host_of(request)
    tools, now, story = host.tools(), host.clock(), story_of(request, story_id)
    span = span if span in SPANS else "13w"
    with tools.store.read() as connection:
        days = stories.reported_days(connection, story.story)
        shown = overview.outlines(connection, story.story, since=now - SPANS[span], limit=MOST)
        latest = {
            line.id: [event for event in shown if line.id in event.storylines][:1]
            or overview.outlines(connection, story.story, storyline=line.id, limit=1)
            for line in story.storylines
        }
        expected = expectations_of(connection, story, now)
        lives = lives_of(connection, story, expected, bounds(days), now)
    view = View(
        story=story,
        lines=tuple(
            _line(line, lives[line.id].state, days.get(line.id, ()), latest[line.id], now) for line in story.storylines
        ),
        questions=questions(tools, story),
        span=span,
        timeline=timeline(shown, [(line.id, line.title) for line in story.storylines], now - SPANS[span], now),
        latest=tuple(shown[:LATEST]),
        expected=tuple(expected),
        cut=len(shown) == MOST,
    )
    return page(request, "story.html", view=view, spans=SPAN_NAMES)


def _line(line: Storyline, state: str, days: Sequence[ReportedDay], latest: Sequence[Outline], now: datetime) -> Line:
    return Line(
        storyline=line,
        state=state,
        reports=sum(day.reports for day in days),
        weeks=weeks(days, now),
        last=days[-1].last if days else None,
        latest=latest[0] if latest else None,
    )


def story_of(request: Request, story_id: str) -> Story:
    """The story of that name; "not found" when there is none."""
    try:
        return host_of(request).tools().config.story(story_id)
    except KeyError as error:
        raise HTTPException(404, f"no story is called {story_id!r}") from error
