from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.feeds.dates import read_date

MORNING = datetime(2026, 2, 10, 9, 30, tzinfo=UTC)
MIDNIGHT = datetime(2026, 2, 10, tzinfo=UTC)

READ = {
    "2026-02-10T09:30:00Z": MORNING,
    "2026-02-10t09:30:00z": MORNING,
    "2026-02-10 09:30": MORNING,
    "2026-02-10T10:30:00+01:00": MORNING,
    "2026-02-10T10:30:00+0100": MORNING,
    "2026-02-10T10:30+01": MORNING,
    "2026-02-10T04:30:00-05:00Z": MORNING,
    "2026-02-10T09:30:00.500Z": MORNING + timedelta(milliseconds=500),
    "2026-02-10T09:30:00.123456789Z": MORNING + timedelta(microseconds=123456),
    "2026-02-09T24:00:00Z": MIDNIGHT,
    "2026-02-10": MIDNIGHT,
    "20260210": MIDNIGHT,
    "20260210093000": MORNING,
    "1770715800": MORNING,
    "1770715800000": MORNING,
    "Tue, 10 Feb 2026 09:30:00 GMT": MORNING,
    "Tue, 10 Feb 2026 09:30:00 UT": MORNING,
    "10 Feb 2026 09:30 Z": MORNING,
    "Tue, 10 Feb 2026 04:30:00 EST": MORNING,
    "Tue, 10 Feb 2026 10:30:00 CET": MORNING,
    "Tue, 10 Feb 2026 19:30:00 AEST": MORNING,
    "Tue, 10 Feb 2026 15:00:00 +0530": MORNING,
    "Tue, 10 Feb 2026 15:00:00 +05:30": MORNING,
    "Tue, 10 Feb 2026 09:30:00 +9900": MORNING,
    "Fri, 10 Feb 2026 09:30:00 GMT": MORNING,
    "Tue, 10 Feb 2026 10:30:00 Europe/Berlin": MORNING,
    "Tue, 10 Feb 26 09:30:00 GMT": MORNING,
    "Di, 10 Feb 2026 10:30:00 +0100": MORNING,
    "mar., 10 févr. 2026 09:30:00 +0000": MORNING,
    "martes, 10 de febrero de 2026 09:30": MORNING,
    "February 10th, 2026 at 9:30 am": MORNING,
    "10. Februar 2026": MIDNIGHT,
    "2026年2月10日": MIDNIGHT,
    "2026年2月10日 09:30": MORNING,
    "2026/2/10 09:30": MORNING,
    "Tue, 10 Feb 2026 15:00:00 IST": MORNING,
    "Tues, 10 Feb 2026 09:30:00 GMT": MORNING,
    "Weds, 10 Feb 2026 09:30:00 GMT": MORNING,
    "Thurs, Feb 10 2026 09:30 GMT": MORNING,
    "Thurs 10 Feb 2026 09:30 GMT": MORNING,
    "Tue, 10 Feb 2026 10:30:00 (CET)": MORNING,
    "Tue Feb 10 2026 10:30:00 GMT+0100 (Mitteleuropäische Normalzeit)": MORNING,
    "2026年2月10日 9时30分": MORNING,
    "2026-02-10 09时30分05秒": MORNING,
    "22-02-2026 09:30": datetime(2026, 2, 22, 9, 30, tzinfo=UTC),
    "10.02.26": MIDNIGHT,
    "02/22/2026": datetime(2026, 2, 22, tzinfo=UTC),
    "22/02/2026": datetime(2026, 2, 22, tzinfo=UTC),
    "  Tue,\n 10 Feb 2026\t09:30:00 GMT ": MORNING,
}


@pytest.mark.parametrize(("text", "moment"), READ.items(), ids=READ)
def test_a_date_is_read_as_the_moment_it_means(text: str, moment: datetime) -> None:
    assert read_date(text) == moment


@pytest.mark.parametrize(
    "text",
    ["", "3", "yesterday", "5 minutes ago", "09:30", "February 2026", "Tuesday", "not a date", "0000-00-00T00:00:00Z",
     "2026-02-30", "1970-01-01T00:00:00Z", "0", "3026-02-10", "99999999999999999999", "03/04/2026", "03-04-2026 09:30",
     "x" * 500],
)  # fmt: skip
def test_what_states_no_day_is_no_date(text: str) -> None:
    assert read_date(text) is None


@pytest.fixture(scope="module")
def loaded() -> None:
    """The last of the readers takes a second to load, and hypothesis gives an example a fifth of that."""
    read_date("10 février 2026")


@pytest.mark.usefixtures("loaded")
@given(st.text(max_size=60))
def test_no_text_raises(text: str) -> None:
    moment = read_date(text)
    assert moment is None or moment.tzinfo is UTC


@given(st.datetimes(datetime(1990, 1, 2), datetime(2199, 1, 1)), st.integers(-12 * 60, 14 * 60))  # noqa: DTZ001 - drawn naive, made aware below
def test_every_rfc3339_date_is_read_exactly(naive: datetime, offset: int) -> None:
    sign, minutes = ("-", -offset) if offset < 0 else ("+", offset)
    text = f"{naive.isoformat()}{sign}{minutes // 60:02}:{minutes % 60:02}"
    assert read_date(text) == naive.replace(tzinfo=UTC) - timedelta(minutes=offset)
