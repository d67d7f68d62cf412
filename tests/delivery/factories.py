"""A delivery for tests of the channels."""

from __future__ import annotations

from typing import Any

from monitor.domain import Delivery, DeliveryState
from tests.factories import NOON

BODY = '{"type": "digest.created", "data": {"title": "Avocado 牛油果"}}'.encode()


def a_delivery(**changes: Any) -> Delivery:
    fields: dict[str, Any] = {
        "id": 7,
        "webhook_id": "msg_1",
        "channel": "desk",
        "digest": "morning",
        "slot": "2026-03-12T08:00",
        "content_type": "application/json",
        "body": BODY,
        "state": DeliveryState.PENDING,
        "created_at": NOON,
    }
    return Delivery(**(fields | changes))
