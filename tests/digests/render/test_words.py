"""What the renderings for people say alike."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from monitor.digests.render import words
from monitor.domain import ExpectationState, Novelty
from tests.digests.samples import a_told_event, an_expectation, an_item


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        pytest.param("https://news.test/a?b=c#d", True, id="https"),
        pytest.param("HTTP://news.test/", True, id="capitals"),
        pytest.param("javascript:alert(1)", False, id="javascript"),
        pytest.param("java\nscript:alert(1)", False, id="javascript over two lines"),
        pytest.param(" https://news.test/", False, id="a space before"),
        pytest.param("data:text/html,x", False, id="data"),
        pytest.param("//news.test/", False, id="no scheme"),
        pytest.param("https:news.test", False, id="no host"),
        pytest.param("https://[news.test/", False, id="broken"),
        pytest.param("", False, id="empty"),
        pytest.param(None, False, id="none"),
    ],
)
def test_only_pages_of_the_web_are_linked(url: str | None, kept: bool):
    assert words.web_url(url) == (url if kept else None)


def test_a_cleaned_text_is_one_line_without_marks_that_act():
    assert words.clean(" one\r\n\x1b[2J two\u202e three\u2028four ") == "one [2J two three four"


def test_a_span_names_its_zone_and_both_days():
    start, end = datetime(2026, 3, 28, 23, 30, tzinfo=UTC), datetime(2026, 3, 29, 6, 0, tzinfo=UTC)
    shown = words.span(start, end, ZoneInfo("Europe/Berlin"))
    assert shown == "Sunday 29 Mar 2026, 00:30 to Sunday 29 Mar 2026, 08:00 (Europe/Berlin)"


def test_a_single_day_is_named_once():
    one = date(2026, 6, 30)
    expectation = an_expectation(ExpectationState.OPEN, by="2026-06-30", earliest=one, latest=one)
    assert words.due(expectation) == "2026-06-30 (30 Jun 2026)"


def test_an_expectation_without_a_date_says_so():
    expectation = an_expectation(ExpectationState.OPEN, by="", earliest=None, latest=None)
    assert words.due(expectation) == "no date named"


def test_where_all_is_repeated_the_lead_is_still_shown():
    event = a_told_event(an_item(novelty=Novelty.REHASH), an_item("Again", novelty=Novelty.REHASH))
    assert words.entries_told(event) == (event.entries[:1], event.entries[1:])


def test_every_grade_and_state_has_a_label():
    assert set(words.LABELS) == set(Novelty)
    assert set(words.STATES) == set(ExpectationState)
