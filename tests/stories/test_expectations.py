"""Loose dates, and whether what was promised came."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from monitor.domain import Expectation, ExpectationState
from monitor.stories.expectations import SILENT, YOUNG, judge, read_range, storyline_state, weekly_activity
from tests.factories import NOON, a_report, an_entry

SHIPS = Expectation(id="ships", claim="Avocado is released", when="avocado AND launch*", by="spring 2026")


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("spring 2026", "2026-03-01", "2026-05-31"),
        ("summer 2026", "2026-06-01", "2026-08-31"),
        ("fall of 2026", None, None),
        ("Autumn 2026", "2026-09-01", "2026-11-30"),
        ("winter 2027", "2027-12-01", "2028-02-29"),
        ("2026-05", "2026-05-01", "2026-05-31"),
        ("2026-06-30", "2026-06-30", "2026-06-30"),
        ("May 2026", "2026-05-01", "2026-05-31"),
        ("Feb 2028", "2028-02-01", "2028-02-29"),
        ("30 June 2026", "2026-06-30", "2026-06-30"),
        ("June 30th, 2026", "2026-06-30", "2026-06-30"),
        ("1. Mai 2026", "2026-05-01", "2026-05-01"),
        ("Frühjahr 2026", "2026-03-01", "2026-05-31"),
        ("H1 2026", "2026-01-01", "2026-06-30"),
        ("2026 H2", "2026-07-01", "2026-12-31"),
        ("Q2 2026", "2026-04-01", "2026-06-30"),
        ("2026-Q4", "2026-10-01", "2026-12-31"),
        ("second half of 2026", "2026-07-01", "2026-12-31"),
        ("2026", "2026-01-01", "2026-12-31"),
        ("early 2026", "2026-01-01", "2026-03-31"),
        ("mid-2026", "2026-05-01", "2026-08-31"),
        ("end of 2026", "2026-10-01", "2026-12-31"),
        ("by the end of 2026", "2026-10-01", "2026-12-31"),
        ("", None, None),
        ("soon", None, None),
        ("by summer", None, None),
        ("31 June 2026", None, None),
        ("2026-13", None, None),
        ("Q5 2026", None, None),
        ("the year 20266", None, None),
    ],
)
def test_a_loose_date_has_a_first_and_a_last_day(text: str, first: str | None, last: str | None):
    expected = (date.fromisoformat(first), date.fromisoformat(last)) if first and last else None
    assert read_range(text) == expected


@pytest.mark.parametrize(
    ("now", "state"),
    [
        pytest.param(datetime(2025, 12, 12, tzinfo=UTC), ExpectationState.OPEN, id="before the range"),
        pytest.param(datetime(2026, 5, 31, 23, 59, tzinfo=UTC), ExpectationState.OPEN, id="on its last day"),
        pytest.param(datetime(2026, 6, 1, tzinfo=UTC), ExpectationState.OVERDUE, id="the day after"),
    ],
)
def test_an_unanswered_expectation_is_overdue_when_its_range_has_ended(now: datetime, state: ExpectationState):
    judged = judge(SHIPS, "avocado-release", (), now)
    assert (judged.state, judged.earliest, judged.latest) == (state, date(2026, 3, 1), date(2026, 5, 31))
    assert (judged.id, judged.storyline, judged.claim, judged.by) == (
        "ships",
        "avocado-release",
        "Avocado is released",
        "spring 2026",
    )


def test_the_earliest_answer_is_the_evidence_whenever_it_was_read():
    late = a_report(an_entry("Muse Spark launches", published=NOON + timedelta(days=2)))
    early = a_report(an_entry("Avocado launches", url="https://news.test/early"), primed=True)
    judged = judge(SHIPS, "avocado-release", [late, early], NOON + timedelta(days=400))
    assert (judged.state, judged.evidence, judged.url) == (
        ExpectationState.MET,
        "Avocado launches",
        "https://news.test/early",
    )


def test_without_a_date_that_can_be_read_nothing_is_overdue():
    soon = Expectation(id="x", claim="It comes", when="it", by="soon")
    judged = judge(soon, "line", (), NOON + timedelta(days=4000))
    assert (judged.state, judged.earliest, judged.latest) == (ExpectationState.OPEN, None, None)


@pytest.mark.parametrize(
    ("ages", "state"),
    [
        ([], "quiet"),
        ([timedelta(0)], "emerging"),
        ([YOUNG, timedelta(days=1)], "emerging"),
        ([YOUNG + timedelta(seconds=1), timedelta(days=1)], "active"),
        ([SILENT], "active"),
        ([SILENT + timedelta(seconds=1)], "quiet"),
    ],
    ids=[
        "no report",
        "one just now",
        "all within a week",
        "an older one",
        "silent up to the limit",
        "silent beyond it",
    ],
)
def test_a_storyline_is_emerging_active_or_quiet(ages: list[timedelta], state: str):
    assert storyline_state([NOON - age for age in ages], NOON) == state


def test_activity_counts_the_reports_of_each_of_twelve_weeks_and_the_last_one_ends_now():
    days = (-1, 0, 6, 7, 7, 83, 84)
    counted = weekly_activity([NOON - timedelta(days=day) for day in days], NOON)
    assert counted == (1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 3)
    assert weekly_activity([], NOON) == (0,) * 12
