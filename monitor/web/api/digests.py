"""Digests: those that are configured, the next edition of each as it would be now, and all that were composed."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import HTTPException, Query, Request
from pydantic import Field

from monitor.config.models import DigestSettings
from monitor.digests.render import payload
from monitor.digests.rules import waits
from monitor.digests.schedule import next_slot, parse_schedule
from monitor.domain import DeliveryState
from monitor.pipeline import request_digest
from monitor.storage import digests, overview
from monitor.storage.overview import Archived
from monitor.web.api.operations import Operation
from monitor.web.api.shapes import Before, Id, Limit, Page, Shape, cut
from monitor.web.host import host_of
from monitor.web.pages.digests import composed, settings_of


class DigestShape(Shape):
    id: str
    story: str
    channels: list[str]
    schedule: str
    zone: str
    next: datetime = Field(description="When its next slot is.")


class Preview(Shape):
    """What a channel would get now."""

    channel: str
    events: int = Field(description="0: there is nothing new.")
    held_back: int = Field(description="New entries that its rules keep out of it for now.")
    waits: str | None = Field(description="Why the schedule would not send it now; null: it would.")
    body: dict[str, Any] = Field(description="As a webhook gets it: docs/webhook.md.")


class Owed(Shape):
    deliveries: list[int] = Field(description="What is owed now, by number; none: there was nothing new.")


class OwedTo(Shape):
    id: int
    channel: str
    state: DeliveryState


class EditionShape(Shape):
    """A slot of a digest, with what it made."""

    id: int
    digest: str
    slot: str
    story: str
    composed_at: datetime
    withheld: bool = Field(description="Nothing was sent: there was nothing new.")
    deliveries: list[OwedTo]


def list_digests(request: Request) -> Page[DigestShape]:
    """The configured digests."""
    host = host_of(request)
    now = host.clock()
    return Page[DigestShape](items=[_digest(one, now) for one in host.tools().config.digests])


def get_digest(request: Request, digest_id: str) -> DigestShape:
    """A configured digest, and when it is due."""
    host = host_of(request)
    return _digest(settings_of(host.tools(), digest_id), host.clock())


def preview_digest(
    request: Request,
    digest_id: str,
    channel: Annotated[str, Query(description="One of its channels; left out: the first.")] = "",
) -> Preview:
    """What would be sent now, had a slot come. Nothing is written down."""
    host = host_of(request)
    tools, now = host.tools(), host.clock()
    settings = settings_of(tools, digest_id)
    if channel and channel not in settings.channels:
        raise HTTPException(404, f"{digest_id} does not go to {channel!r}; it goes to {', '.join(settings.channels)}")
    found = composed(tools, settings, channel or settings.channels[0], now)
    with tools.store.read() as connection:
        waiting = waits(tools.rules[settings.id], now, digests.last_sent(connection, settings.id))
    return Preview(
        channel=found.digest.channel,
        events=len(found.digest.events),
        held_back=sum(held.entries for held in found.digest.coverage.held),
        waits=waiting,
        body=json.loads(payload.render(found.digest)),
    )


def send_digest(request: Request, digest_id: str) -> Owed:
    """Compose it now, whatever its schedule says. The watch delivers it within a second."""
    host = host_of(request)
    owed = request_digest(settings_of(host.tools(), digest_id), host.tools(), host.clock())
    return Owed(deliveries=[delivery.id for delivery in owed])


def list_editions(request: Request, limit: Limit = 50, before: Before = None) -> Page[EditionShape]:
    """All that was composed, the latest first; each delivery holds what was sent."""
    with host_of(request).tools().store.read() as connection:
        found = overview.archive(connection, before=before, limit=limit + 1)
    shown, following = cut(request, found, limit, "before", lambda one: one.id)
    return Page[EditionShape](items=[_edition(one) for one in shown], next=following)


def get_edition(request: Request, edition_id: Id) -> EditionShape:
    """One slot of a digest, with what it made."""
    with host_of(request).tools().store.read() as connection:
        found = overview.archived(connection, edition_id)
    if found is None:
        raise HTTPException(404, "nothing was composed under that number")
    return _edition(found)


def _digest(settings: DigestSettings, now: datetime) -> DigestShape:
    return DigestShape(
        id=settings.id,
        story=settings.story,
        channels=list(settings.channels),
        schedule=settings.schedule,
        zone=settings.zone,
        next=next_slot(parse_schedule(settings.schedule), ZoneInfo(settings.zone), after=now),
    )


def _edition(one: Archived) -> EditionShape:
    return EditionShape(
        id=one.id,
        digest=one.digest,
        slot=one.slot,
        story=one.story,
        composed_at=one.composed_at,
        withheld=one.withheld,
        deliveries=[OwedTo(id=key, channel=channel, state=state) for key, channel, state in one.deliveries],
    )


OPERATIONS = (
    Operation("GET", "/digests", list_digests),
    Operation("GET", "/digests/{digest_id}", get_digest),
    Operation("GET", "/digests/{digest_id}/preview", preview_digest),
    Operation("POST", "/digests/{digest_id}/send", send_digest, 202),
    Operation("GET", "/editions", list_editions),
    Operation("GET", "/editions/{edition_id}", get_edition),
)
