"""Send one delivery, and record the attempt."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from monitor.delivery.channels import Answer
from monitor.delivery.pacing import after_attempt, closes
from monitor.delivery.retry import next_attempt, state_after
from monitor.domain import (
    Attempt,
    Delivery,
    Outcome,
)
from monitor.errors import DeliveryError, StorageError
from monitor.feeds.polling import OUR_NETWORK
from monitor.pipeline.tools import Tools
from monitor.storage import channels, feeds, outbox

log = structlog.get_logger()


def send_delivery(
    delivery: Delivery, tools: Tools, now: datetime, *, jitter: float, again: Callable[[], bool] = lambda: False
) -> Attempt:
    """Send one delivery and record the attempt. A failure is a result, not an exception.

    jitter  -1 to 1: where in its band the next try falls, so that many do not return at once
    again   asked when the attempt could not be stored: True to try that once more, after a pause of its own. What the
            receiver said stands, so it is never sent again for it; False raises StorageError
    """
    answer, elapsed = hand_over(delivery, tools, now)
    while True:
        try:
            return record_attempt(delivery, answer, tools, now, jitter=jitter, elapsed=elapsed)
        except StorageError:
            log.exception("delivery", webhook_id=delivery.webhook_id, status="not-recorded")
            if not again():
                raise


def hand_over(delivery: Delivery, tools: Tools, now: datetime) -> tuple[Answer | DeliveryError, timedelta]:
    """Try once to send a delivery: what came of it, and how long it took. Nothing is written down."""
    began = time.monotonic()
    try:
        answer: Answer | DeliveryError = tools.channels[delivery.channel].send(delivery, now)
    except DeliveryError as error:
        answer = error
    except Exception as error:  # a bug of this channel: recorded with its delivery, and the others go on
        log.exception("delivery", webhook_id=delivery.webhook_id, channel=delivery.channel, status="crashed")
        answer = DeliveryError(f"unexpected {type(error).__name__}", Outcome.RETRY)
    return answer, timedelta(seconds=time.monotonic() - began)


def record_attempt(
    delivery: Delivery,
    answer: Answer | DeliveryError,
    tools: Tools,
    now: datetime,
    *,
    jitter: float,
    elapsed: timedelta = timedelta(),
) -> Attempt:
    """Write down what came of one try at a delivery, and when the next one is due."""
    if isinstance(answer, DeliveryError):
        outcome, wait, detail = answer.outcome, answer.retry_after, f"{answer} {answer.answer}".strip()
    else:
        outcome, wait, detail = Outcome.DELIVERED, None, answer.detail
    attempt = Attempt(
        delivery_id=delivery.id,
        at=now,
        outcome=outcome,
        duration_ms=round(elapsed.total_seconds() * 1000),
        status=answer.status,
        detail=detail,
    )
    again = next_attempt(delivery.attempts + 1, now, outcome=outcome, retry_after=wait, jitter=jitter)
    with tools.store.write() as connection:
        outbox.record(connection, attempt, state=state_after(outcome, again), next_attempt_at=again)
        reason = None
        unreached = outcome is Outcome.RETRY and answer.status is None
        # While feeds cannot be reached either, that says nothing of the channel.
        if not (unreached and any(feed.state.error == OUR_NETWORK for feed in feeds.unheard(connection))):
            state = after_attempt(
                channels.channel_state(connection, delivery.channel),
                now,
                outcome=outcome,
                retry_after=wait,
                least_gap=tools.paces.get(delivery.channel, timedelta(0)),
            )
            channels.save_channel_state(connection, delivery.channel, state)
            reason = closes(state, outcome)
        closed = reason is not None and channels.disable_channel(connection, delivery.channel, now, reason)
    log.info(
        "delivery",
        digest=delivery.digest,
        channel=delivery.channel,
        webhook_id=delivery.webhook_id,
        attempt=delivery.attempts + 1,
        status=outcome.value,
        ms=attempt.duration_ms,
        **({"detail": detail[:200]} if outcome is not Outcome.DELIVERED else {}),
        **({"next": f"{again:%Y-%m-%dT%H:%M:%SZ}"} if again else {}),
    )
    if closed:
        log.warning("channel", channel=delivery.channel, status="closed", reason=reason)
    return attempt
