"""A storyline: what it is about, what it waits for, and its events by day, each opening to its reports."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from fastapi import HTTPException, Request
from starlette.responses import HTMLResponse, Response

from monitor.digests.render import storyline as briefs
from monitor.domain import DigestExpectation, Event, Mute, Report, Story, Storyline
from monitor.pipeline import bounds, brief_of, expectations_of, lives_of
from monitor.storage import mutes, overview, stories
from monitor.stories.origins import count_origins, origin
from monitor.web.charts import weeks
from monitor.web.host import host_of
from monitor.web.pages.story import story_of
from monitor.web.rendering import page
from monitor.web.security import PAPER

#: Events on a page: each comes with all its reports.
EVENTS = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An event with all that is known of it."""

    event: Event
    #: Its first report: what it is called after.
    lead: Report
    #: Independent sources among its reports.
    origins: int
    #: Each report with the source that it goes back to.
    reports: tuple[tuple[Report, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    story: Story
    line: Storyline
    state: str
    reports: int
    weeks: tuple[int, ...]
    last: datetime | None
    expected: tuple[DigestExpectation, ...]
    days: tuple[tuple[date, tuple[Told, ...]], ...]
    #: Where the next page begins; None: there is none.
    older: str | None
    muted: Mute | None


def show(request: Request, story_id: str, line_id: str, before: str = "") -> Response:
    host = host_of(request)
    tools, now, story = host.tools(), host.clock(), story_of(request, story_id)
    line = line_of(story, line_id)
    with tools.store.read() as connection:
        listed = overview.outlines(
            connection, story.story, storyline=line.id, before=position(before), limit=EVENTS + 1
        )
        shown = {event.id: event for event in stories.events(connection, [one.id for one in listed[:EVENTS]])}
        alone = replace(story, storylines=(line,))
        known = stories.reported_days(connection, story.story, storyline=line.id)
        expected = expectations_of(connection, alone, now)
        life = lives_of(connection, alone, expected, bounds(known), now)[line.id]
        held_back = [mute for mute in mutes.of_story(connection, story.story) if mute.storyline == line.id]
    reported = known.get(line.id, [])
    told = [told_of(shown[one.id]) for one in listed[:EVENTS] if one.id in shown]
    view = View(
        story=story,
        line=line,
        state=life.state,
        reports=sum(day.reports for day in reported),
        weeks=weeks(reported, now),
        last=reported[-1].last if reported else None,
        expected=tuple(expected),
        days=tuple(
            (day, tuple(events))
            for day, events in groupby(told, key=lambda one: one.event.last_seen.astimezone(UTC).date())
        ),
        older=f"{listed[EVENTS - 1].last_seen.isoformat()}~{listed[EVENTS - 1].id}" if len(listed) > EVENTS else None,
        muted=held_back[0] if held_back else None,
    )
    return page(request, "storyline.html", view=view)


def brief(request: Request, story_id: str, line_id: str) -> Response:
    """All that is known of the storyline on one sheet, as `monitor storylines show` has it."""
    host, story = host_of(request), story_of(request, story_id)
    line = line_of(story, line_id)
    with host.tools().store.read() as connection:
        found = brief_of(connection, story, line, host.clock())
    return HTMLResponse(briefs.page(found, ZoneInfo("UTC")), headers=PAPER)


def line_of(story: Story, line_id: str) -> Storyline:
    """The storyline of that name; "not found" when there is none."""
    found = next((line for line in story.storylines if line.id == line_id), None)
    if found is None:
        raise HTTPException(404, f"{story.story} has no storyline {line_id!r}")
    return found


def told_of(event: Event) -> Told:
    return Told(
        event=event,
        lead=event.reports[0],
        origins=count_origins(event.reports),
        reports=tuple((report, origin(report.entry)) for report in event.reports),
    )


def position(text: str) -> tuple[datetime, str] | None:
    """Where a page begins, as ``show`` wrote it; None: at the newest. "Not found" where it is no place."""
    if not text:
        return None
    at, _, event = text.partition("~")
    try:
        return datetime.fromisoformat(at).astimezone(UTC), event
    except ValueError as error:
        raise HTTPException(404, "there is no such page of events") from error
