"""The digests: those that were sent, as they were sent; the next one as it would be now; and sending it at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from fastapi import HTTPException, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from monitor.config.models import DigestSettings
from monitor.digests.render import html
from monitor.digests.rules import waits
from monitor.digests.schedule import next_slot, parse_schedule
from monitor.pipeline import Edition, Occasion, Tools, edition, request_digest
from monitor.storage import digests, overview
from monitor.web.host import host_of
from monitor.web.rendering import page
from monitor.web.security import PAPER

#: Slots on a page.
SLOTS = 30
#: Slot of a digest that is only looked at.
PREVIEW = "preview"


@dataclass(frozen=True, slots=True, kw_only=True)
class Next:
    """A configured digest, and when it is due."""

    settings: DigestSettings
    at: datetime


def archive(request: Request, before: int = 0) -> Response:
    host = host_of(request)
    tools, now = host.tools(), host.clock()
    with tools.store.read() as connection:
        found = overview.archive(connection, before=before or None, limit=SLOTS + 1)
    coming = [
        Next(settings=one, at=next_slot(parse_schedule(one.schedule), ZoneInfo(one.zone), after=now))
        for one in tools.config.digests
    ]
    shown = found[:SLOTS]
    older = shown[-1].id if len(found) > SLOTS else None
    return page(request, "digests.html", coming=coming, archive=shown, older=older)


def preview(request: Request, digest_id: str, channel: str = "") -> Response:
    """What would be sent now, in its frame."""
    host = host_of(request)
    settings = settings_of(host.tools(), digest_id)
    to = channel if channel in settings.channels else settings.channels[0]
    now = host.clock()
    found = composed(host.tools(), settings, to, now)
    with host.tools().store.read() as connection:
        waiting = waits(host.tools().rules[settings.id], now, digests.last_sent(connection, settings.id))
    return page(request, "preview.html", settings=settings, channel=to, found=found, waiting=waiting)


def paper(request: Request, digest_id: str, channel: str = "") -> Response:
    """What would be sent now, alone."""
    host = host_of(request)
    settings = settings_of(host.tools(), digest_id)
    to = channel if channel in settings.channels else settings.channels[0]
    found = composed(host.tools(), settings, to, host.clock())
    return HTMLResponse(html.render(found.digest, ZoneInfo(settings.zone)), headers=PAPER)


def sent(request: Request, digest_id: str, slot: str, channel: str) -> Response:
    """Where a digest's own link leads: to what was sent, or to the preview that it stands in."""
    if slot == PREVIEW:
        return RedirectResponse(f"/digests/{digest_id}/preview?channel={channel}", 303)
    with host_of(request).tools().store.read() as connection:
        found = overview.sent_in(connection, digest_id, slot, channel)
    if found is None:
        raise HTTPException(404, "no such digest was sent")
    return RedirectResponse(f"/deliveries/{found}/digest", 303)


def send(request: Request, digest_id: str) -> Response:
    """Compose it now, whatever its schedule says; the daemon delivers it within a second."""
    host = host_of(request)
    owed = request_digest(settings_of(host.tools(), digest_id), host.tools(), host.clock())
    return RedirectResponse("/deliveries?said=composed" if owed else f"/digests/{digest_id}/preview?said=nothing", 303)


def composed(tools: Tools, settings: DigestSettings, channel: str, now: datetime) -> Edition:
    with tools.store.read() as connection:
        after = min(digests.start_of(connection, settings.id) or now, now)
        occasion = Occasion(settings=settings, slot=PREVIEW, after=after, now=now, reason="preview")
        return edition(connection, occasion, channel, tools)


def settings_of(tools: Tools, digest_id: str) -> DigestSettings:
    """The digest of that name; "not found" when there is none."""
    found = next((one for one in tools.config.digests if one.id == digest_id), None)
    if found is None:
        raise HTTPException(404, f"no digest is called {digest_id!r}")
    return found
