from __future__ import annotations

from datetime import timedelta

import pytest

from monitor.domain import FeedState, Validators
from monitor.feeds.cadence import SLOWEST, learn, pace
from tests.factories import NOON

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def state(*, silent: timedelta, rhythm: timedelta | None = None, validators: bool = True) -> FeedState:
    given = Validators(etag='"1"') if validators else Validators()
    return FeedState(validators=given, last_new_at=NOON - silent, rhythm=rhythm)


PACES = {
    "a silence shorter than ten intervals": (state(silent=9 * HOUR), HOUR),
    "a tenth of a longer silence": (state(silent=50 * HOUR), 5 * HOUR),
    "a silence of weeks": (state(silent=90 * DAY), SLOWEST),
    "busy": (state(silent=HOUR, rhythm=2 * HOUR), HOUR),
    "an entry a day": (state(silent=HOUR, rhythm=DAY), 4 * HOUR),
    "awake after a long silence": (state(silent=HOUR, rhythm=30 * DAY), 6 * HOUR),
    "without validators, silent": (state(silent=7 * HOUR, validators=False), 7 * HOUR),
    "without validators, silent for long": (state(silent=9 * DAY, validators=False), SLOWEST),
    "without validators, busy": (state(silent=HOUR, rhythm=2 * HOUR, validators=False), HOUR),
    "without validators, an entry a day": (state(silent=HOUR, rhythm=DAY, validators=False), 12 * HOUR),
    "never polled": (FeedState(), HOUR),
}


@pytest.mark.parametrize(("known", "wait"), PACES.values(), ids=PACES)
def test_the_wait_follows_the_rhythm(known: FeedState, wait: timedelta) -> None:
    assert pace(known, HOUR, NOON) == wait


def test_an_interval_longer_than_a_day_stays_and_one_of_seconds_too() -> None:
    silent = state(silent=90 * DAY, validators=False)
    assert pace(silent, 3 * DAY, NOON) == 3 * DAY
    assert pace(silent, timedelta(seconds=1), NOON) == timedelta(seconds=1)
    assert pace(silent, timedelta(minutes=15), NOON) == SLOWEST


def test_a_first_poll_says_nothing_of_the_rhythm() -> None:
    known = learn(FeedState(), NOON, new=True)
    assert (known.last_new_at, known.rhythm) == (NOON, None)


def test_the_rhythm_follows_what_the_polls_bring() -> None:
    known = learn(FeedState(), NOON, new=True)
    assert learn(known, NOON + HOUR, new=False) == known
    for _ in range(30):
        assert known.last_new_at is not None
        known = learn(known, known.last_new_at + 5 * HOUR, new=True)
    assert known.rhythm == 5 * HOUR
    assert known.last_new_at is not None
    known = learn(known, known.last_new_at + HOUR, new=True)
    assert known.rhythm == timedelta(hours=3.8)


def test_a_clock_that_was_put_back_does_no_harm() -> None:
    known = learn(state(silent=-3 * HOUR), NOON, new=True)
    assert known.rhythm == timedelta(0)
    assert pace(state(silent=-3 * HOUR), HOUR, NOON) == HOUR
