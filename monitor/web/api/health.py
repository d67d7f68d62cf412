"""How the watch is, for programs that look after it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from fastapi import Request
from pydantic import Field

from monitor.domain import Closed, Coverage
from monitor.storage import channels, feeds, outbox
from monitor.web import health
from monitor.web.api.operations import Operation
from monitor.web.api.shapes import Shape
from monitor.web.host import host_of


class HealthShape(Shape):
    status: Literal["ok", "failing"] = Field(description="Whether the ticks are alive; `/healthz` says it by status.")
    reason: str
    ticks: Mapping[str, datetime] = Field(description="Last sign of life of each; none where the watch runs elsewhere.")
    feeds: Coverage = Field(description="How their last polls went, with the longest failing ones.")
    deliveries_owed: int
    deliveries_given_up: int = Field(description="And not dismissed.")
    channels_closed: list[Closed]


def get_health(request: Request) -> HealthShape:
    """What people should look at: ticks that are silent, feeds that fail, deliveries given up, channels closed."""
    host = host_of(request)
    tools, ticks = host.tools(), host.ticks()
    found = health.health(tools, ticks, host.clock())
    with tools.store.read() as connection:
        return HealthShape(
            status=found["status"],
            reason=found["reason"],
            ticks=ticks,
            feeds=feeds.coverage(connection),
            deliveries_owed=outbox.count_owed(connection),
            deliveries_given_up=outbox.count_failed(connection),
            channels_closed=[
                Closed(channel=name, since=since, reason=reason)
                for name, since, reason in channels.closed_channels(connection)
            ],
        )


OPERATIONS = (Operation("GET", "/health", get_health),)
