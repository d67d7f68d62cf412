"""Try a channel with a message that says it is a test."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

from monitor.delivery.channels import Answer
from monitor.digests.trial import trial
from monitor.domain import Delivery, DeliveryState
from monitor.errors import DeliveryError
from monitor.pipeline.deliveries import hand_over
from monitor.pipeline.tools import Tools


def try_channel(channel: str, tools: Tools, now: datetime) -> tuple[Answer | DeliveryError, timedelta]:
    """Send it once: what came of it, and how long it took. Nothing is written down."""
    found = tools.channels[channel]
    ((digest, body),) = found.render(trial(channel, now))
    delivery = Delivery(
        id=0,
        webhook_id=f"msg_{uuid4().hex}",
        channel=channel,
        digest="test",
        slot=digest.digest_id.removeprefix("test-"),
        content_type=found.content_type,
        body=body,
        state=DeliveryState.PENDING,
        created_at=now,
    )
    return hand_over(delivery, tools, now)
