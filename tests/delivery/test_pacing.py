"""What tries mean for their channel: pauses, its own rate, and its end."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.delivery.pacing import LONG_FAILURE, after_attempt, closes
from monitor.domain import ChannelState, Outcome
from tests.factories import NOON

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


def failed(*times: timedelta) -> ChannelState:
    """Where a channel stands after failures so long after noon."""
    state = ChannelState()
    for time in times:
        state = after_attempt(state, NOON + time, outcome=Outcome.RETRY)
    return state


def sent(gap: timedelta, seconds: int, tick: float = 1.0) -> int:
    """How many messages go out in that time to a channel that always takes them, looked at once a ``tick``."""
    state, count = ChannelState(), 0
    for step in range(int(seconds / tick)):
        now = NOON + step * timedelta(seconds=tick)
        while state.rests_until is None or state.rests_until <= now:
            state, count = after_attempt(state, now, outcome=Outcome.DELIVERED, least_gap=gap), count + 1
    return count


@pytest.mark.parametrize(
    ("gap", "expected"),
    [(timedelta(seconds=2), 30), (timedelta(seconds=1), 60), (timedelta(milliseconds=50), 20 * 60)],
    ids=["30/m", "1/s", "20/s"],
)
def test_a_channel_with_a_rate_gets_just_so_many_though_it_is_looked_at_once_a_second(gap: timedelta, expected: int):
    assert sent(gap, 60) == expected


@given(gap=st.floats(0.02, 120), seconds=st.integers(1, 300))
def test_a_rate_is_never_exceeded_by_more_than_a_second_s_worth(gap: float, seconds: int):
    at_once = max(1, 1 / gap)
    assert sent(timedelta(seconds=gap), seconds, tick=0.5) <= seconds / gap + at_once + 1


def test_a_channel_without_a_rate_never_rests_of_itself():
    assert after_attempt(ChannelState(), NOON, outcome=Outcome.DELIVERED) == ChannelState()
    assert after_attempt(ChannelState(), NOON, outcome=Outcome.RETRY).rests_until is None


def test_a_pause_that_was_asked_for_outlasts_failures_and_ends_with_a_success():
    minute = timedelta(minutes=1)
    state = after_attempt(ChannelState(), NOON, outcome=Outcome.THROTTLED, retry_after=minute)
    assert state.rests_until == NOON + minute
    assert after_attempt(state, NOON + SECOND, outcome=Outcome.RETRY).rests_until == NOON + minute
    assert after_attempt(state, NOON + SECOND, outcome=Outcome.DELIVERED).rests_until is None


def test_a_channel_that_failed_for_five_days_on_end_is_closed_and_says_since_when():
    state = failed(*(n * DAY for n in range(5)), LONG_FAILURE - SECOND)
    assert (state.failing_since, state.failed_at) == (NOON, NOON + LONG_FAILURE - SECOND)
    assert closes(state, Outcome.REJECTED) is None
    state = after_attempt(state, NOON + LONG_FAILURE, outcome=Outcome.RETRY)
    assert closes(state, Outcome.RETRY) == "every try since 2026-03-12 has failed"


def test_a_machine_that_slept_for_a_week_among_many_failures_closes_no_channel():
    state = failed(*(n * SECOND for n in range(50)), *(7 * DAY + n * SECOND for n in range(50)))
    assert closes(state, Outcome.RETRY) is None
    assert state.failing_for == DAY + 98 * SECOND


def test_a_clock_that_was_set_back_takes_nothing_away():
    assert failed(DAY, 0 * DAY, DAY).failing_for == DAY


def test_one_success_in_between_keeps_a_channel_open():
    state = failed(*(n * DAY for n in range(9)))
    assert closes(state, Outcome.RETRY)
    state = after_attempt(state, NOON + 9 * DAY, outcome=Outcome.DELIVERED)
    assert closes(state, Outcome.DELIVERED) is None
    assert state == ChannelState()


def test_gone_closes_at_once():
    assert closes(failed(0 * DAY), Outcome.GONE) == "the receiver answered 410 Gone"
