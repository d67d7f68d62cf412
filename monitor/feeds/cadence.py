"""How often a feed is worth asking: its own rhythm, as the polls have seen it. Pure.

Only what a poll brought counts. The dates that entries state do not: half of the feeds that would need slowing down
state none, or the time of the request.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from monitor.domain import FeedState, Validators

#: An interval below this is an experiment and kept to the letter: nothing slows it down but the server's own word.
#: It is the default of ``polling.min_interval``, so nobody gets there without writing it down.
EXPERIMENT = timedelta(minutes=15)
#: Slowed down by their rhythm, feeds are still asked this often.
SLOWEST = timedelta(hours=24)
#: A feed silent for ten hours is asked hourly, one silent for ten days daily: what comes is seen within a tenth of the
#: silence before it, and a feed that never changes costs 52 polls in its first month instead of 720.
SILENCE_SHARE = 10
#: Of the usual time between two that brought something: six polls a gap, so that it is seen within a sixth of it.
RHYTHM_SHARE = 6
#: After a long silence something came: more may follow soon, so the silence is forgotten down to this.
AWAKE = timedelta(hours=6)
#: Without validators each poll sends the whole document, so it should have something new: then the rhythm itself is
#: the wait, and a silent one is asked daily after five polls.
COSTLY_SHARE = 1
COSTLY_RHYTHM_SHARE = 2
#: Weight of the newest gap: after three gaps, two thirds of the rhythm are new.
LEARNING = 0.3


def learn(state: FeedState, now: datetime, *, new: bool) -> FeedState:
    """Take note of a poll that succeeded.

    new  it brought an entry that the feed had not shown before; of a first poll it says nothing
    """
    if state.last_new_at is None:
        return replace(state, last_new_at=now)
    if not new:
        return state
    gap = max(now - state.last_new_at, timedelta(0))
    rhythm = gap if state.rhythm is None else state.rhythm + (gap - state.rhythm) * LEARNING
    return replace(state, last_new_at=now, rhythm=rhythm)


def pace(state: FeedState, interval: timedelta, now: datetime) -> timedelta:
    """How long to wait by the feed's own rhythm: from ``interval`` up to SLOWEST, and never less than ``interval``."""
    if interval < EXPERIMENT:
        return interval
    silence = now - state.last_new_at if state.last_new_at else timedelta(0)
    rhythm = state.rhythm or timedelta(0)
    if state.validators == Validators():
        wait = max(silence / COSTLY_SHARE, rhythm / COSTLY_RHYTHM_SHARE)
    else:
        wait = max(silence / SILENCE_SHARE, min(rhythm / RHYTHM_SHARE, AWAKE))
    return max(interval, min(wait, SLOWEST))
