"""What other programs read: Atom feeds of a storyline and of the digests, and a calendar of what is expected."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from fastapi import Request
from icalendar import Calendar, Event
from lxml import etree
from starlette.responses import Response

from monitor.digests.render import html
from monitor.digests.render import payload as digest_payload
from monitor.digests.render.words import clean, web_url
from monitor.domain import DigestExpectation
from monitor.pipeline import expectations_of
from monitor.storage import outbox, overview
from monitor.web.host import host_of
from monitor.web.pages.story import story_of
from monitor.web.pages.storyline import line_of
from monitor.web.words import STATES, due, iso

ATOM = "http://www.w3.org/2005/Atom"
#: Entries in a feed.
MOST = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An entry of a feed of ours. ``body`` is plain text, or a page where ``is_html``."""

    id: str
    title: str
    url: str
    at: datetime
    body: str
    is_html: bool = False


def storyline(request: Request, story_id: str, line_id: str) -> Response:
    """The storyline's events, each an entry that is renewed when the event grows."""
    tools, story = host_of(request).tools(), story_of(request, story_id)
    line = line_of(story, line_id)
    with tools.store.read() as connection:
        found = overview.outlines(connection, story.story, storyline=line.id, limit=MOST)
    base = _base(request)
    items = [
        Item(
            id=f"tag:monitor,2026:event:{event.id}",
            title=event.title,
            url=f"{base}/events/{event.id}",
            at=event.last_seen,
            body=f"{event.reports} reports from {', '.join(event.sources)}. First: {web_url(event.url) or event.title}",
        )
        for event in found
    ]
    page = f"{base}/stories/{story.story}/storylines/{line.id}"
    return _feed(f"tag:monitor,2026:storyline:{story.story}:{line.id}", line.title, page, items)


def digests(request: Request) -> Response:
    """The latest digests as they were sent, one for each channel that has them in the form of a digest."""
    tools = host_of(request).tools()
    with tools.store.read() as connection:
        found = outbox.list_deliveries(connection, limit=MOST)
    base, items = _base(request), []
    for delivery in found:
        try:
            digest = digest_payload.read(delivery.body)
        except (ValueError, KeyError, TypeError):
            continue
        items.append(
            Item(
                id=f"tag:monitor,2026:delivery:{delivery.webhook_id}",
                title=f"{digest.title}: digest {digest.sequence} for {delivery.channel}",
                url=f"{base}/deliveries/{delivery.id}/digest",
                at=delivery.created_at,
                body=html.render(digest, ZoneInfo("UTC")),
                is_html=True,
            )
        )
    return _feed("tag:monitor,2026:digests", "Digests of the monitor", f"{base}/digests", items)


def expectations(request: Request, story_id: str) -> Response:
    """What the story expects, each on the days that it was promised for; what has no day is left out."""
    host = host_of(request)
    story, now = story_of(request, story_id), host.clock()
    with host.tools().store.read() as connection:
        found = expectations_of(connection, story, now)
    calendar = Calendar()
    calendar.add("prodid", "-//monitor//expectations//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", clean(story.title or story.story))
    for one in found:
        if one.earliest and one.latest:
            calendar.add_component(_promised(one, story.story, f"{_base(request)}/stories/{story.story}", now))
    return Response(calendar.to_ical(), media_type="text/calendar; charset=utf-8")


def _promised(one: DigestExpectation, story: str, page: str, now: datetime) -> Event:
    assert one.earliest is not None
    assert one.latest is not None
    event = Event()
    event.add("uid", f"{story}.{one.id}@monitor")
    event.add("dtstamp", now)
    event.add("summary", f"{STATES[one.state]}: {clean(one.claim)}")
    event.add("dtstart", one.earliest)
    event.add("dtend", one.latest + timedelta(days=1))  # RFC 5545 §3.6.1: the day after the last one
    event.add("description", "\n".join(part for part in (due(one), clean(one.evidence)) if part))
    event.add("url", web_url(one.url) or page)
    event.add("transp", "TRANSPARENT")
    return event


def _feed(id_: str, title: str, page: str, items: Iterable[Item]) -> Response:
    listed = list(items)
    feed = etree.Element(f"{{{ATOM}}}feed", nsmap={None: ATOM})  # type: ignore[dict-item]  # lxml's name for the default
    _add(feed, "id", id_)
    _add(feed, "title", clean(title))
    _add(feed, "updated", iso(max((item.at for item in listed), default=datetime(1970, 1, 1, tzinfo=UTC))))
    _add(_add(feed, "author", ""), "name", "Monitor")
    _add(feed, "link", "", href=page)
    for item in listed:
        entry = _add(feed, "entry", "")
        _add(entry, "id", item.id)
        _add(entry, "title", clean(item.title))
        _add(entry, "updated", iso(item.at))
        _add(entry, "link", "", href=item.url)
        _add(entry, "content", item.body if item.is_html else clean(item.body), type="html" if item.is_html else "text")
    body = etree.tostring(feed, xml_declaration=True, encoding="utf-8")
    return Response(body, media_type="application/atom+xml")


def _add(parent: etree._Element, name: str, text: str, **attributes: str) -> etree._Element:
    child = etree.SubElement(parent, f"{{{ATOM}}}{name}", attrib=attributes)
    if text:
        child.text = text
    return child


def _base(request: Request) -> str:
    """Where readers reach us: as configured, else as they asked."""
    public = host_of(request).tools().config.web.public_url
    return public.rstrip("/") or str(request.base_url).rstrip("/")
