from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from monitor.delivery.retry import SCHEDULE, next_attempt, rests_until, state_after
from monitor.domain import DeliveryState, Outcome
from tests.factories import NOON


def wait(made: int, **options: object) -> timedelta | None:
    defaults = {"outcome": Outcome.RETRY, "jitter": 0.0}
    due = next_attempt(made, NOON, **(defaults | options))  # type: ignore[arg-type]
    return None if due is None else due - NOON


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (0, timedelta(0)),
        (1, timedelta(seconds=5)),
        (2, timedelta(minutes=5)),
        (3, timedelta(minutes=30)),
        (4, timedelta(hours=2)),
        (5, timedelta(hours=5)),
        (6, timedelta(hours=10)),
        (7, timedelta(hours=14)),
        (8, timedelta(hours=20)),
        (9, timedelta(hours=24)),
        (10, None),
        (11, None),
    ],
)
def test_after_so_many_tries_the_next_one_is_due_as_the_standard_says(made: int, expected: timedelta | None):
    assert wait(made) == expected


def test_the_whole_schedule_takes_three_days():
    assert sum(SCHEDULE, timedelta()) == timedelta(hours=75, minutes=35, seconds=5)


@pytest.mark.parametrize(("jitter", "expected"), [(-1.0, 240), (0.0, 300), (0.5, 330), (1.0, 360)])
def test_jitter_stretches_or_shortens_a_wait_by_a_fifth(jitter: float, expected: int):
    assert wait(2, jitter=jitter) == timedelta(seconds=expected)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        pytest.param(timedelta(seconds=2), timedelta(seconds=5), id="less than the step"),
        pytest.param(timedelta(minutes=7), timedelta(minutes=7), id="more than the step"),
        pytest.param(timedelta(days=365), timedelta(hours=24), id="more than a day"),
    ],
)
def test_retry_after_is_the_least_wait_up_to_a_day(asked: timedelta, expected: timedelta):
    assert wait(1, outcome=Outcome.THROTTLED, retry_after=asked) == expected


def test_a_receiver_that_throttles_and_does_not_say_for_how_long_gets_a_minute():
    assert wait(1, outcome=Outcome.THROTTLED) == timedelta(minutes=1)
    assert wait(4, outcome=Outcome.THROTTLED) == timedelta(hours=2)


def test_jitter_never_undercuts_retry_after():
    assert wait(2, retry_after=timedelta(minutes=5), jitter=-1.0) == timedelta(minutes=5)


@pytest.mark.parametrize("outcome", [Outcome.DELIVERED, Outcome.REJECTED, Outcome.GONE])
def test_what_is_settled_is_not_tried_again(outcome: Outcome):
    assert wait(1, outcome=outcome) is None


@pytest.mark.parametrize(
    ("outcome", "again", "expected"),
    [
        (Outcome.DELIVERED, None, DeliveryState.DELIVERED),
        (Outcome.RETRY, NOON, DeliveryState.PENDING),
        (Outcome.THROTTLED, NOON, DeliveryState.PENDING),
        (Outcome.RETRY, None, DeliveryState.FAILED),
        (Outcome.REJECTED, None, DeliveryState.FAILED),
        (Outcome.GONE, None, DeliveryState.FAILED),
    ],
)
def test_a_delivery_is_delivered_still_owed_or_given_up(
    outcome: Outcome, again: datetime | None, expected: DeliveryState
):
    assert state_after(outcome, again) is expected


@pytest.mark.parametrize(
    ("outcome", "asked", "expected"),
    [
        pytest.param(Outcome.THROTTLED, timedelta(minutes=2), timedelta(minutes=2), id="as long as it asked"),
        pytest.param(Outcome.THROTTLED, None, timedelta(minutes=1), id="a minute where it did not say"),
        pytest.param(Outcome.THROTTLED, timedelta(days=9), timedelta(hours=24), id="a day at most"),
        pytest.param(Outcome.RETRY, timedelta(minutes=2), None, id="not for a single failure"),
    ],
)
def test_a_channel_that_throttles_is_left_alone(outcome: Outcome, asked: timedelta | None, expected: timedelta | None):
    rest = rests_until(NOON, outcome=outcome, retry_after=asked)
    assert rest == (None if expected is None else NOON + expected)
