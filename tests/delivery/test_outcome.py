from __future__ import annotations

from datetime import timedelta

import pytest

from monitor.delivery.outcome import of_status, retry_after
from monitor.domain import Outcome
from tests.factories import NOON

#: Every status that is not RETRY, by outcome.
SETTLED = {
    Outcome.DELIVERED: set(range(200, 300)),
    Outcome.GONE: {410},
    Outcome.THROTTLED: {429, 502, 503, 504},
    Outcome.REJECTED: {413, 415, 422},
}


def test_every_status_has_the_outcome_that_the_table_says():
    expected = dict.fromkeys(range(100, 600), Outcome.RETRY)
    expected |= {status: outcome for outcome, statuses in SETTLED.items() for status in statuses}
    assert {status: of_status(status) for status in range(100, 600)} == expected


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_no_success(status: int):
    assert of_status(status) is Outcome.RETRY


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
