"""How alive a storyline is."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from monitor.domain import DigestExpectation, ExpectationState
from monitor.stories.lifecycle import (
    FLOOR,
    SILENT,
    YOUNG,
    Hearing,
    LifeState,
    live,
    patience,
    rhythm_of,
    weekly_activity,
)
from tests.factories import NOON

DAY = timedelta(days=1)
ALL = Hearing(feeds=5, healthy=5, share=1.0)


def at(*ages: float) -> list[datetime]:
    """Times so many days ago, oldest first."""
    return sorted(NOON - age * DAY for age in ages)


def expected(state: ExpectationState, since: float | None = None) -> DigestExpectation:
    reached = None if since is None else NOON - since * DAY
    return DigestExpectation(id="e", storyline="s", claim="c", state=state, by="", since=reached)


def state(*ages: float, expectations: tuple[DigestExpectation, ...] = (), hearing: Hearing = ALL) -> str:
    return live(at(*ages), expectations, hearing, NOON).state


@pytest.mark.parametrize(
    ("ages", "expected"),
    [
        ((), "quiet"),
        ((0,), "emerging"),
        ((7, 1), "emerging"),
        ((7.001, 1), "active"),
        ((14,), "active"),
        ((14.001,), "quiet"),
    ],
    ids=["no report", "one just now", "all within a week", "an older one", "silent up to the limit", "beyond it"],
)
def test_where_the_rhythm_is_not_known_a_storyline_is_young_for_a_week_and_quiet_after_two(
    ages: tuple[float, ...], expected: str
):
    assert (YOUNG, SILENT) == (7 * DAY, 14 * DAY)
    assert state(*ages) == expected


def test_the_rhythm_is_the_median_gap_between_days_with_a_report():
    assert rhythm_of(at(0, 4, 8, 12)) is None  # four days are too few to say
    assert rhythm_of(at(0, 4, 8, 12, 16)) == 4 * DAY
    assert rhythm_of(at(0, 0, 0, 0.1, 4, 4, 8, 12, 16)) == 4 * DAY  # many reports of a day are one sign of life


def test_silence_is_four_gaps_and_longer_than_all_but_one_of_the_latest_and_never_less_than_a_week():
    assert patience(at(0, 4, 8, 12, 16)) == 16 * DAY
    assert patience(at(0, 1, 2, 3, 4)) == FLOOR
    assert patience(at(0, 2, 4, 6, 36, 38, 88)) == 30 * DAY
    assert patience(at(0)) == SILENT


def test_a_quiet_storyline_says_for_how_long_and_what_is_usual():
    life = live(at(23, 27, 31, 35, 39), (), ALL, NOON)
    assert (life.state, life.since) == (LifeState.QUIET, NOON - 7 * DAY)
    assert life.reason == "quiet for 23 days; usually a report each 4 days"
    assert live(at(20), (), ALL, NOON).reason == "quiet for 20 days; too few reports to know its rhythm"


def test_silence_that_failing_feeds_explain_is_none():
    life = live(at(23, 27, 31, 35, 39), (), Hearing(feeds=5, healthy=2, share=0.4), NOON)
    assert life.state is LifeState.ACTIVE
    assert "2 of the 5 feeds" in life.reason


def test_a_silent_storyline_whose_promises_are_all_settled_is_resolved():
    met, denied = expected(ExpectationState.MET, 30), expected(ExpectationState.DENIED, 25)
    ages = (23, 27, 31, 35, 39)
    assert state(*ages, expectations=(met, denied)) == "resolved"
    assert state(*ages, expectations=(met, expected(ExpectationState.OPEN))) == "quiet"
    assert state(*ages, expectations=(met, expected(ExpectationState.OVERDUE, 3))) == "quiet"
    assert state(1, 5, 9, 13, 17, expectations=(met, denied)) == "active"


def test_news_of_a_resolved_storyline_reopens_it_for_a_week():
    met = expected(ExpectationState.MET, 50)
    assert state(2, 40, 44, 48, 52, 56, expectations=(met,)) == "reopened"
    assert state(2, 4, 8, 40, 44, 48, 52, 56, expectations=(met,)) == "active"
    assert state(2, 40, 44, 48, 52, 56) == "active"  # nothing was settled


def test_activity_counts_the_reports_of_each_of_twelve_weeks_and_the_last_one_ends_now():
    counted = weekly_activity(at(-1, 0, 6, 7, 7, 83, 84), NOON)
    assert counted == (1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 3)
    assert weekly_activity([], NOON) == (0,) * 12
