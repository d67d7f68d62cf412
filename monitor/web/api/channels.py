"""Channels: where they lead, whether they work, and opening one that was closed."""

from __future__ import annotations

from datetime import datetime

from fastapi import HTTPException, Request
from pydantic import Field

from monitor.config.models import ChannelSettings
from monitor.domain import Outcome
from monitor.errors import DeliveryError
from monitor.pipeline import Tools
from monitor.pipeline.trials import try_channel
from monitor.storage import channels, outbox
from monitor.web.api.operations import Operation
from monitor.web.api.shapes import Page, Shape
from monitor.web.host import host_of


class ChannelShape(Shape):
    id: str
    type: str
    leads_to: str = Field(description="Without what is secret of its address.")
    owed: int = Field(description="Deliveries still to be sent.")
    closed_since: datetime | None = Field(description="Null: it is open.")
    reason: str | None = Field(description="Why it is closed.")


class Trial(Shape):
    """What came of a test."""

    outcome: Outcome
    status: int | None = Field(description="Of the receiver's answer, where it speaks HTTP.")
    detail: str
    duration_ms: int


def list_channels(request: Request) -> Page[ChannelShape]:
    """The configured ways to reach people, and how each is."""
    tools = host_of(request).tools()
    with tools.store.read() as connection:
        closed = {name: (since, reason) for name, since, reason in channels.closed_channels(connection)}
        owed = outbox.owed_by_channel(connection)
    shapes = []
    for settings in tools.config.channels:
        since, reason = closed.get(settings.id, (None, None))
        shapes.append(
            ChannelShape(
                id=settings.id,
                type=settings.type,
                leads_to=tools.channels[settings.id].place,
                owed=owed.get(settings.id, 0),
                closed_since=since,
                reason=reason,
            )
        )
    return Page[ChannelShape](items=shapes)


def test_channel(request: Request, channel_id: str) -> Trial:
    """Send a message that says it is a test, and say what came of it. Nothing is written down."""
    host = host_of(request)
    answer, elapsed = try_channel(channel_of(host.tools(), channel_id).id, host.tools(), host.clock())
    return Trial(
        outcome=answer.outcome if isinstance(answer, DeliveryError) else Outcome.DELIVERED,
        status=answer.status,
        detail=str(answer) if isinstance(answer, DeliveryError) else answer.detail,
        duration_ms=round(elapsed.total_seconds() * 1000),
    )


def open_channel(request: Request, channel_id: str) -> None:
    """Send to a channel again that was closed, beginning with what it is owed. An open one stays as it is."""
    tools = host_of(request).tools()
    channel = channel_of(tools, channel_id)
    with tools.store.write() as connection:
        channels.enable_channel(connection, channel.id)


def channel_of(tools: Tools, channel_id: str) -> ChannelSettings:
    """The channel of that name; "not found" when there is none."""
    found = next((one for one in tools.config.channels if one.id == channel_id), None)
    if found is None:
        raise HTTPException(404, f"no channel is called {channel_id!r}")
    return found


OPERATIONS = (
    Operation("GET", "/channels", list_channels),
    Operation("POST", "/channels/{channel_id}/test", test_channel),
    Operation("POST", "/channels/{channel_id}/open", open_channel, 204),
)
