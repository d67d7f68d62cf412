from __future__ import annotations

from datetime import timedelta

import pytest

from monitor.http import http_date, retry_after
from tests.factories import NOON

SENT = "Thu, 12 Mar 2026 11:00:00 GMT"  # the server's clock is an hour behind ours
LATER = "Thu, 12 Mar 2026 11:10:00 GMT"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("120", timedelta(seconds=120), id="seconds"),
        pytest.param(" 0 ", timedelta(0), id="zero"),
        pytest.param("1.5", timedelta(seconds=1.5), id="a fraction, as Discord sends it"),
        pytest.param("Thu, 12 Mar 2026 12:00:30 GMT", timedelta(seconds=30), id="a date"),
        pytest.param("Thu, 12 Mar 2026 13:00:30 +0100", timedelta(seconds=30), id="a date in another zone"),
        pytest.param("Thu, 12 Mar 2026 12:00:30 -0000", timedelta(seconds=30), id="a date of no zone"),
        pytest.param("Thu, 12 Mar 2026 11:00:00 GMT", timedelta(0), id="a date in the past"),
        pytest.param("9" * 400, timedelta(seconds=999_999_999), id="an absurd number"),
        pytest.param("soon", None, id="a word"),
        pytest.param("-5", None, id="a negative number"),
        pytest.param("١٢", None, id="digits of another script"),
        pytest.param("Thu, 99 Mar 2026 12:00:30 GMT", None, id="an impossible date"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_retry_after_reads_both_forms_and_ignores_what_is_neither(value: str, expected: timedelta | None):
    assert retry_after({"retry-after": value}, NOON) == expected


def test_without_the_header_nothing_is_asked():
    assert retry_after({}, NOON) is None


DATED = {
    "by the clock of whoever sent it": ({"retry-after": LATER, "date": SENT}, timedelta(minutes=10)),
    "in the past": ({"retry-after": SENT, "date": LATER}, timedelta(0)),
    "without a clock to read it by": ({"retry-after": LATER}, None),
}


@pytest.mark.parametrize(("headers", "wait"), DATED.values(), ids=DATED)
def test_a_date_to_come_back_at_is_read_by_the_right_clock(headers: dict[str, str], wait: timedelta | None):
    assert retry_after(headers) == wait
    assert retry_after({"date": SENT} | headers, NOON) == (timedelta(minutes=10) if wait is None else wait)


@pytest.mark.parametrize("text", [None, "", "yesterday", "Thu, 99 Mar 2026 11:00:00 GMT", "\x00"])
def test_a_date_that_is_none_is_none(text: str | None):
    assert http_date(text) is None
