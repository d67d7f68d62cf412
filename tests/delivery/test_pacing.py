"""What tries mean for their channel: pauses, its own rate, and its end."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.delivery.pacing import LONG_FAILURE, MIN_FAILURES, after_attempt, closes
from monitor.domain import ChannelState, Outcome
from tests.factories import NOON

SECOND = timedelta(seconds=1)


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
    state = ChannelState()
    for n in range(MIN_FAILURES - 1):
        state = after_attempt(state, NOON + n * SECOND, outcome=Outcome.RETRY)
    state = after_attempt(state, NOON + LONG_FAILURE - SECOND, outcome=Outcome.REJECTED)
    assert (state.failing_since, state.failures) == (NOON, MIN_FAILURES)
    assert closes(state, NOON + LONG_FAILURE - SECOND, Outcome.REJECTED) is None
    assert closes(state, NOON + LONG_FAILURE, Outcome.RETRY) == "every try since 2026-03-12 has failed"


def test_a_machine_that_slept_for_a_week_between_two_failures_closes_no_channel():
    state = after_attempt(ChannelState(), NOON, outcome=Outcome.RETRY)
    state = after_attempt(state, NOON + 2 * LONG_FAILURE, outcome=Outcome.RETRY)
    assert closes(state, NOON + 2 * LONG_FAILURE, Outcome.RETRY) is None


def test_one_success_in_between_keeps_a_channel_open():
    state = after_attempt(ChannelState(failing_since=NOON, failures=99), NOON + LONG_FAILURE, outcome=Outcome.DELIVERED)
    assert closes(state, NOON + LONG_FAILURE, Outcome.DELIVERED) is None
    state = after_attempt(state, NOON + LONG_FAILURE + SECOND, outcome=Outcome.RETRY)
    assert closes(state, NOON + LONG_FAILURE + SECOND, Outcome.RETRY) is None


def test_gone_closes_at_once():
    state = after_attempt(ChannelState(), NOON, outcome=Outcome.GONE)
    assert closes(state, NOON, Outcome.GONE) == "the receiver answered 410 Gone"
