"""One message owed to one channel, and each try at it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Outcome(StrEnum):
    """What came of one attempt. The one place where "try again?" is answered."""

    DELIVERED = "delivered"  # 2xx
    RETRY = "retry"  # no answer, 5xx, 408 ...: the next step of the schedule
    THROTTLED = "throttled"  # 429, 502, 503, 504: the whole endpoint waits
    REJECTED = "rejected"  # the receiver will not take it; trying again is for people to decide
    GONE = "gone"  # 410: the endpoint is closed for good


class DeliveryState(StrEnum):
    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"  # out of tries, or rejected: kept, shown, can be replayed
    DISMISSED = "dismissed"  # failed, and somebody has seen it: kept, and no reason for alarm


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One digest, or a part of it, owed to one channel. Id and bytes never change, however often it is tried."""

    id: int
    #: The receiver's key against repeats; holds no dot (Standard Webhooks 1.0).
    webhook_id: str
    channel: str
    digest: str
    slot: str
    #: Which part of the digest it is, from 1, and how many there are.
    part: int = 1
    parts: int = 1
    content_type: str
    body: bytes
    state: DeliveryState
    created_at: datetime
    #: Attempts made so far; counted anew when people have it sent again.
    attempts: int = 0
    #: None when no further try is planned.
    next_attempt_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelState:
    """What is known of a channel from the tries at it."""

    #: Nothing is due to it before; None: it does not rest.
    rests_until: datetime | None = None
    #: How far its own rate is used up; None: it has none, or is fresh.
    paced_to: datetime | None = None
    #: The first failure since its last success; None: the last try succeeded, or there was none.
    failing_since: datetime | None = None
    #: The last failure since then.
    failed_at: datetime | None = None
    #: How long it has failed since then, each silence counted as a day at most.
    failing_for: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try at a delivery, with what came of it."""

    delivery_id: int
    at: datetime
    outcome: Outcome
    duration_ms: int
    status: int | None = None
    #: The error in words, or the first kilobyte of the answer.
    detail: str = ""
