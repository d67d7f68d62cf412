"""What a try means for its channel as a whole: when it is sent to again, and when nothing more is."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from monitor.delivery.retry import rests_until
from monitor.domain import ChannelState, Outcome

#: A channel at which every try has failed for so long is closed (Svix: 120 h).
LONG_FAILURE = timedelta(hours=120)
#: Of a silence between two tries this much counts, as much as between the last two tries of a delivery: a machine that
#: slept for a week has seen nothing.
MOST_SILENCE = timedelta(days=1)
#: How far a channel may run ahead of its rate. The deliveries that are due are looked for once a second, so a rate of
#: several a second must allow for those of one second at once.
AHEAD = timedelta(seconds=1)


def after_attempt(
    state: ChannelState,
    now: datetime,
    *,
    outcome: Outcome,
    retry_after: timedelta | None = None,
    least_gap: timedelta = timedelta(0),
) -> ChannelState:
    """Where a channel stands after a try that came out as ``outcome``.

    least_gap   between two tries by the channel's own rate; 0: it has none

    A message that was taken ends every pause that the receiver asked for; its own rate it keeps all the same.
    """
    paced_to = max(state.paced_to or now, now) + least_gap if least_gap else None
    ahead = max(AHEAD - least_gap, timedelta(0))
    rests = [rests_until(now, outcome=outcome, retry_after=retry_after)]
    if paced_to is not None and paced_to - ahead > now:
        rests.append(paced_to - ahead)
    if outcome is not Outcome.DELIVERED:
        rests.append(state.rests_until)
    rested = ChannelState(
        rests_until=max((rest for rest in rests if rest is not None), default=None), paced_to=paced_to
    )
    if outcome is Outcome.DELIVERED:
        return rested
    silence = min(max(now - (state.failed_at or now), timedelta(0)), MOST_SILENCE)
    return replace(
        rested,
        failing_since=state.failing_since or now,
        failed_at=now,
        failing_for=state.failing_for + silence,
    )


def closes(state: ChannelState, outcome: Outcome) -> str | None:
    """Why nothing more is sent to a channel that stands so after a try; None: it stays open."""
    if outcome is Outcome.GONE:
        return "the receiver answered 410 Gone"
    if state.failing_since is None or state.failing_for < LONG_FAILURE:
        return None
    return f"every try since {state.failing_since:%Y-%m-%d} has failed"
