"""Deliveries: what is owed and what came of it, and sending it again."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import HTTPException, Query, Request
from pydantic import Field

from monitor.domain import Attempt, Delivery, DeliveryState
from monitor.storage import channels, outbox
from monitor.web.api.channels import channel_of
from monitor.web.api.operations import Operation
from monitor.web.api.shapes import Asked, Before, Id, Limit, Moment, Page, Shape, cut
from monitor.web.host import Host, host_of
from monitor.web.pages.deliveries import delivery_of


class DeliveryShape(Shape):
    id: int
    webhook_id: str = Field(description="The receiver's key against repeats: the same however often it is sent.")
    channel: str
    digest: str
    slot: str
    part: int
    parts: int
    content_type: str
    state: DeliveryState
    created_at: datetime
    attempts: int = Field(description="Made so far; counted anew when it is sent again.")
    next_attempt_at: datetime | None


class DeliveryDetail(DeliveryShape):
    tries: list[Attempt] = Field(description="Every attempt, the first one first.")
    body: str = Field(description="What is sent, byte for byte where it is text.")


class Since(Asked):
    since: Moment = Field(examples=["2026-04-01T08:00:00Z"])
    channel: str = Field("", description="Only what went to this one; empty: to any.")


class Again(Shape):
    deliveries: int = Field(description="How many are owed again.")


def list_deliveries(
    request: Request,
    limit: Limit = 50,
    before: Before = None,
    state: Annotated[DeliveryState | None, Query(description="Only those in this state.")] = None,
) -> Page[DeliveryShape]:
    """What is owed and what was delivered, the latest first."""
    with host_of(request).tools().store.read() as connection:
        found = outbox.list_deliveries(connection, state=state, before=before, limit=limit + 1)
    shown, following = cut(request, found, limit, "before", lambda one: one.id)
    return Page[DeliveryShape](items=[DeliveryShape.model_validate(_fields(one)) for one in shown], next=following)


def get_delivery(request: Request, delivery_id: Id) -> DeliveryDetail:
    """A delivery with its attempts and what is sent."""
    tools = host_of(request).tools()
    delivery = delivery_of(tools, delivery_id)
    with tools.store.read() as connection:
        tries = outbox.attempts_of(connection, delivery.id)
    more = {"tries": tries, "body": delivery.body.decode("utf-8", "replace")}
    return DeliveryDetail.model_validate(_fields(delivery) | more)


def retry_delivery(request: Request, delivery_id: Id) -> None:
    """Have a delivery that is owed or was given up tried now; id and bytes stay the same."""
    host = host_of(request)
    delivery = delivery_of(host.tools(), delivery_id)
    if delivery.state is DeliveryState.DELIVERED:
        raise HTTPException(409, f"delivery {delivery.id} was delivered; replay sends it again")
    _make_due(host, delivery)


def replay_delivery(request: Request, delivery_id: Id) -> None:
    """Have a delivery sent again, delivered or not; id and bytes stay the same, so a receiver that has it can tell."""
    host = host_of(request)
    _make_due(host, delivery_of(host.tools(), delivery_id))


def replay_deliveries(request: Request, wanted: Since) -> Again:
    """Have everything sent again that was composed since then."""
    host = host_of(request)
    channel = channel_of(host.tools(), wanted.channel).id if wanted.channel else None
    with host.tools().store.write() as connection:
        number = outbox.make_due_since(connection, wanted.since, host.clock(), channel=channel)
    return Again(deliveries=number)


def dismiss_delivery(request: Request, delivery_id: Id) -> None:
    """Say that a delivery that was given up has been seen: it is kept, and alarms nobody any more."""
    tools = host_of(request).tools()
    delivery = delivery_of(tools, delivery_id)
    with tools.store.write() as connection:
        if not outbox.dismiss(connection, delivery.id):
            raise HTTPException(409, f"delivery {delivery.id} was not given up: it is {delivery.state}")


def _make_due(host: Host, delivery: Delivery) -> None:
    """A channel that was closed is tried again with it: somebody has mended it."""
    with host.tools().store.write() as connection:
        channels.enable_channel(connection, delivery.channel)
        outbox.make_due(connection, delivery.id, host.clock())


def _fields(delivery: Delivery) -> dict[str, object]:
    return {name: getattr(delivery, name) for name in DeliveryShape.model_fields}


OPERATIONS = (
    Operation("GET", "/deliveries", list_deliveries),
    Operation("POST", "/replays", replay_deliveries, 202, {404: "No channel has that name."}),
    Operation("GET", "/deliveries/{delivery_id}", get_delivery),
    Operation("POST", "/deliveries/{delivery_id}/retry", retry_delivery, 202, {409: "It was delivered."}),
    Operation("POST", "/deliveries/{delivery_id}/replay", replay_delivery, 202),
    Operation("POST", "/deliveries/{delivery_id}/dismiss", dismiss_delivery, 204, {409: "It was not given up."}),
)
