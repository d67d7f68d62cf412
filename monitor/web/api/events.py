"""Events: what has happened, as its reports tell it, and putting right by hand what grouping got wrong."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import HTTPException, Query, Request
from pydantic import Field

from monitor.domain import Event, Novelty, Report
from monitor.errors import StoryError
from monitor.pipeline import Tools, edits
from monitor.pipeline.edits import Edit
from monitor.storage import overview, stories
from monitor.storage.edits import resolve
from monitor.storage.overview import Outline
from monitor.stories.lead import choose_lead
from monitor.stories.origins import count_origins, count_outlets, origin
from monitor.web.api.operations import Operation
from monitor.web.api.shapes import Asked, Id, Limit, Number, Page, Shape, cut
from monitor.web.host import host_of
from monitor.web.pages.entry import stored_of
from monitor.web.pages.story import story_of

#: Where a page begins: microseconds since 1970 and an event's id. Times of so many digits are all real.
PLACE = r"^[0-9]{1,17}~[A-Za-z0-9]{1,40}$"


class ReportShape(Shape):
    entry: int
    title: str
    url: str | None
    source: str
    origin: str = Field(description="Whom it goes back to, as far as can be told.")
    lang: str | None
    at: datetime
    novelty: Novelty
    reason: str = Field(description="What is new in it, and why it joined the event.")
    storylines: list[str]
    primed: bool


class EventShape(Shape):
    id: str
    story: str
    first_seen: datetime
    last_seen: datetime
    lead: int = Field(description="The entry after which it is called.")
    lead_reason: str
    origins: int = Field(description="Independent sources behind its reports.")
    outlets: int
    reports: list[ReportShape] = Field(description="Oldest first by arrival.")


class EditShape(Shape):
    """What an edit did."""

    event: EventShape = Field(description="The event that took the entries in.")
    moved: list[int] = Field(description="The entries that are in it now and were not before.")
    gone: list[str] = Field(description="Events that have no report left; their ids lead to `event`.")


class Other(Asked):
    event: str = Field(max_length=100, examples=["e3f1c0de9a7b2"])


class Apart(Asked):
    entries: list[Number] = Field(min_length=1, max_length=1000)


def list_events(
    request: Request,
    story_id: str,
    limit: Limit = 50,
    storyline: Annotated[str, Query(description="Of this storyline only.")] = "",
    before: Annotated[str | None, Query(pattern=PLACE, description="Only older ones; `next` says it.")] = None,
) -> Page[Outline]:
    """What has happened, the latest reported first."""
    tools, story = host_of(request).tools(), story_of(request, story_id)
    place = _read_place(before) if before else None
    with tools.store.read() as connection:
        found = overview.outlines(connection, story.story, storyline=storyline or None, before=place, limit=limit + 1)
    shown, following = cut(request, found, limit, "before", _place)
    return Page[Outline](items=list(shown), next=following)


def get_event(request: Request, event_id: str) -> EventShape:
    """An event with its reports. The id of one that was merged away leads to the one that took it in."""
    return _shape(event_of(host_of(request).tools(), event_id))


def merge_event(request: Request, event_id: str, other: Other) -> EditShape:
    """Let another event be part of this one; its id leads here from then on."""
    host = host_of(request)
    event = event_of(host.tools(), event_id)
    try:
        return _edited(edits.merge(host.tools().store, event.id, other.event, host.clock()))
    except StoryError as error:
        raise HTTPException(409, str(error)) from error


def split_event(request: Request, event_id: str, apart: Apart) -> EditShape:
    """Let some entries of an event be an event of their own."""
    host = host_of(request)
    event = event_of(host.tools(), event_id)
    try:
        return _edited(edits.split(host.tools().store, event.id, apart.entries, host.clock()))
    except StoryError as error:
        raise HTTPException(409, str(error)) from error


def move_entry(request: Request, entry_id: Id, to: Other) -> EditShape:
    """Let an entry report another event."""
    host = host_of(request)
    stored = stored_of(host.tools(), entry_id)
    try:
        return _edited(edits.move(host.tools().store, stored.id, to.event, host.clock()))
    except StoryError as error:
        raise HTTPException(409, str(error)) from error


def event_of(tools: Tools, event_id: str) -> Event:
    """The event that an id leads to; "not found" when there is none."""
    with tools.store.read() as connection:
        found = stories.events(connection, [resolve(connection, event_id)])
    if not found:
        raise HTTPException(404, f"there is no event {event_id!r}; the list of a story's events has their ids")
    return found[0]


def _edited(edit: Edit) -> EditShape:
    moved = [report.entry_id for report in edit.moved]
    return EditShape(event=_shape(edit.event), moved=moved, gone=list(edit.gone))


def _shape(event: Event) -> EventShape:
    lead = choose_lead(event.reports, event.reports)
    return EventShape(
        id=event.id,
        story=event.story,
        first_seen=event.first_seen,
        last_seen=event.last_seen,
        lead=lead.entry_id,
        lead_reason=lead.reason,
        origins=count_origins(event.reports),
        outlets=count_outlets(event.reports),
        reports=[_report(report) for report in event.reports],
    )


def _report(report: Report) -> ReportShape:
    return ReportShape(
        entry=report.entry_id,
        title=report.entry.title,
        url=report.entry.url,
        source=report.entry.source,
        origin=origin(report.entry),
        lang=report.entry.lang,
        at=report.at,
        novelty=report.novelty,
        reason=report.reason,
        storylines=list(report.match.held_storylines),
        primed=report.primed,
    )


def _place(event: Outline) -> str:
    return f"{round(event.last_seen.timestamp() * 1_000_000)}~{event.id}"


def _read_place(text: str) -> tuple[datetime, str]:
    micros, _, event = text.partition("~")
    seconds, rest = divmod(int(micros), 1_000_000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest), event


_UNFIT = {409: "An event or entry that was named is not there, or not so."}
OPERATIONS = (
    Operation("GET", "/stories/{story_id}/events", list_events),
    Operation("GET", "/events/{event_id}", get_event),
    Operation("POST", "/events/{event_id}/merge", merge_event, errors=_UNFIT),
    Operation("POST", "/events/{event_id}/split", split_event, errors=_UNFIT),
    Operation("POST", "/entries/{entry_id}/move", move_entry, errors=_UNFIT),
)
