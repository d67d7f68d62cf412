"""What is owed and what was delivered, every attempt at it, and sending it again."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from fastapi import HTTPException, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from monitor.digests.render import html, payload
from monitor.domain import Delivery, DeliveryState
from monitor.pipeline import Tools
from monitor.storage import channels, outbox
from monitor.web.host import host_of
from monitor.web.rendering import page
from monitor.web.security import PAPER

#: On a page.
DELIVERIES = 50


def listed(request: Request, state: str = "", before: int = 0) -> Response:
    tools = host_of(request).tools()
    wanted = next((known for known in DeliveryState if known == state), None)
    with tools.store.read() as connection:
        found = outbox.list_deliveries(connection, state=wanted, before=before or None, limit=DELIVERIES + 1)
        counts = {"pending": outbox.count_owed(connection), "failed": outbox.count_failed(connection)}
        closed = channels.closed_channels(connection)
    shown = found[:DELIVERIES]
    older = shown[-1].id if len(found) > DELIVERIES else None
    return page(request, "deliveries.html", deliveries=shown, state=state, counts=counts, closed=closed, older=older)


def show(request: Request, delivery_id: int) -> Response:
    tools = host_of(request).tools()
    delivery = delivery_of(tools, delivery_id)
    with tools.store.read() as connection:
        attempts = outbox.attempts_of(connection, delivery.id)
    body = delivery.body.decode("utf-8", "replace")
    return page(
        request, "delivery.html", delivery=delivery, attempts=attempts, body=body, is_digest=read(delivery) is not None
    )


def digest(request: Request, delivery_id: int) -> Response:
    """The digest as it was sent, in its frame."""
    delivery = delivery_of(host_of(request).tools(), delivery_id)
    return page(request, "digest.html", delivery=delivery, is_digest=read(delivery) is not None)


def paper(request: Request, delivery_id: int) -> Response:
    """The digest alone, as mail and files have it."""
    tools = host_of(request).tools()
    text = read(delivery_of(tools, delivery_id))
    if text is None:
        raise HTTPException(404, "this channel was sent a form of its own, which is no page")
    return HTMLResponse(text, headers=PAPER)


def again(request: Request, delivery_id: int) -> Response:
    """Have it sent again, whatever came of it; a channel that was closed is tried again with it."""
    host = host_of(request)
    tools = host.tools()
    delivery = delivery_of(tools, delivery_id)
    with tools.store.write() as connection:
        channels.enable_channel(connection, delivery.channel)
        outbox.make_due(connection, delivery.id, host.clock())
    return RedirectResponse(f"/deliveries/{delivery.id}", 303)


def delivery_of(tools: Tools, delivery_id: int) -> Delivery:
    """The delivery of that number; "not found" when there is none."""
    with tools.store.read() as connection:
        found = outbox.delivery(connection, delivery_id) if 0 < delivery_id < 2**63 else None
    if found is None:
        raise HTTPException(404, "there is no such delivery")
    return found


def read(delivery: Delivery) -> str | None:
    """A delivery's digest as a page; None where its channel has a form of its own."""
    try:
        return html.render(payload.read(delivery.body), ZoneInfo("UTC"))
    except (ValueError, KeyError, TypeError):
        return None
