"""When a delivery is tried again: the schedule of Standard Webhooks 1.0, ten tries over three days."""

from __future__ import annotations

from datetime import datetime, timedelta

from monitor.domain import DeliveryState, Outcome

#: Wait before each try, after the one before it: 75 h 35 min in all.
SCHEDULE = (
    timedelta(0),
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
#: Each wait is stretched or shortened by up to this share, so that deliveries that failed together return apart.
JITTER = 0.2
#: A receiver that is up and asks for less, or is too slow to answer, gets so long to breathe where it does not say
#: itself (Svix: a minute).
BREATH = timedelta(minutes=1)
#: No receiver makes us wait longer than this, whatever its Retry-After says.
LONGEST_PAUSE = timedelta(hours=24)


def next_attempt(
    made: int, now: datetime, *, outcome: Outcome, retry_after: timedelta | None = None, jitter: float
) -> datetime | None:
    """When the next try is due; None: there will be none, since it is settled or out of tries.

    made          tries made so far, the one that came out as ``outcome`` included, >= 0
    retry_after   the least wait that the receiver asked for; heeded up to LONGEST_PAUSE
    jitter        -1 to 1: where in its band the wait falls
    """
    if outcome not in {Outcome.RETRY, Outcome.THROTTLED} or made >= len(SCHEDULE):
        return None
    wait = SCHEDULE[made] * (1 + JITTER * jitter)
    return now + max(wait, _pause(outcome, retry_after))


def rests_until(now: datetime, *, outcome: Outcome, retry_after: timedelta | None = None) -> datetime | None:
    """Until when the whole channel is left alone, for everything owed to it; None: it asked for no pause.

    A receiver that throttles without saying for how long gets BREATH.
    """
    if outcome is not Outcome.THROTTLED:
        return None
    return now + max(_pause(outcome, retry_after), SCHEDULE[1])


def state_after(outcome: Outcome, next_attempt_at: datetime | None) -> DeliveryState:
    """Where a delivery stands after a try; with no next try planned, what was not delivered has failed."""
    if outcome is Outcome.DELIVERED:
        return DeliveryState.DELIVERED
    return DeliveryState.FAILED if next_attempt_at is None else DeliveryState.PENDING


def _pause(outcome: Outcome, retry_after: timedelta | None) -> timedelta:
    unsaid = BREATH if outcome is Outcome.THROTTLED else timedelta(0)
    return min(unsaid if retry_after is None else retry_after, LONGEST_PAUSE)
