"""What the story promised, whether it came, and how alive a storyline is."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from monitor.domain import DigestExpectation, Expectation, ExpectationState, Report

_NAMED_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan januar janvier enero",
            "february feb februar février febrero",
            "march mar märz mars marzo",
            "april apr avril abril",
            "may mai mayo",
            "june jun juni juin junio",
            "july jul juli juillet julio",
            "august aug août agosto",
            "september sep sept septembre septiembre",
            "october oct oktober okt octobre octubre",
            "november nov novembre noviembre",
            "december dec dezember dez décembre diciembre",
        ),
        start=1,
    )
    for name in names.split()
}
#: First and last month of each part of a year. Seasons are those of the northern hemisphere, by whole months as the
#: weather services count them; winter runs into the next year.
_PARTS = {
    **dict.fromkeys(("spring", "frühjahr", "frühling", "printemps", "primavera"), (3, 5)),
    **dict.fromkeys(("summer", "sommer", "été", "verano"), (6, 8)),
    **dict.fromkeys(("autumn", "fall", "herbst", "automne", "otoño"), (9, 11)),
    **dict.fromkeys(("winter", "hiver", "invierno"), (12, 14)),
    **{f"q{quarter}": (3 * quarter - 2, 3 * quarter) for quarter in (1, 2, 3, 4)},
    **dict.fromkeys(("h1", "first half of", "first half"), (1, 6)),
    **dict.fromkeys(("h2", "second half of", "second half"), (7, 12)),
    **dict.fromkeys(("early", "start of", "beginning of"), (1, 3)),
    **dict.fromkeys(("mid", "mid-", "middle of"), (5, 8)),
    **dict.fromkeys(("late", "end of", "the end of", "end"), (10, 12)),
    "": (1, 12),
}
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_MONTH = re.compile(r"(\d{4})-(\d{1,2})")
_DAY_FIRST = re.compile(rf"(?P<day>\d{{1,2}})\.?\s+(?P<month>[^\W\d_]+)\.?,?\s+{_YEAR}")
_MONTH_FIRST = re.compile(rf"(?P<month>[^\W\d_]+)\.?\s+(?:(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+)?{_YEAR}")
_PART = re.compile(rf"(?P<part>.*?)\s*{_YEAR}(?:[-\s]?(?P<after>q[1-4]|h[12]))?")
_LEAD = re.compile(r"^(?:by|in|until|before|the|around|about)\s+")

#: A storyline is emerging while its first report is this young, and quiet when the last one is older.
YOUNG = timedelta(days=7)
SILENT = timedelta(days=14)
WEEK = timedelta(days=7)
#: As far back as the little charts of activity go: a season.
WEEKS = 12


def read_range(text: str) -> tuple[date, date] | None:
    """Read a loose date as its first and last day; None when it cannot be read.

    ``2026-06-30``, ``30 June 2026``, ``2026-05``, ``May 2026``, ``spring 2026``, ``H1 2026``, ``Q2 2026``,
    ``early|mid|end of 2026``, ``2026``; a leading "by" or "in" says nothing more. Months and seasons also in German,
    French and Spanish. A year must be there: "by summer" is no date to be held to.
    """
    words = " ".join(text.casefold().split())
    while words != (words := _LEAD.sub("", words)):
        pass
    try:
        return _read_day(words) or _read_part(words)
    except ValueError:  # 31 June, month 13
        return None


def _read_day(words: str) -> tuple[date, date] | None:
    if found := _DAY.fullmatch(words):
        day = date(*map(int, found.groups()))
        return day, day
    if found := _MONTH.fullmatch(words):
        return _months(int(found[1]), int(found[2]), int(found[2]))
    found = _DAY_FIRST.fullmatch(words) or _MONTH_FIRST.fullmatch(words)
    month = _NAMED_MONTHS.get(found["month"]) if found else None
    if not found or not month:
        return None
    if found["day"]:
        day = date(int(found["year"]), month, int(found["day"]))
        return day, day
    return _months(int(found["year"]), month, month)


def _read_part(words: str) -> tuple[date, date] | None:
    found = _PART.fullmatch(words)
    part = _PARTS.get(found["part"] or found["after"] or "") if found else None
    return _months(int(found["year"]), *part) if found and part else None


def _months(year: int, first: int, last: int) -> tuple[date, date]:
    """From the first day of a month to the last day of another; a month above 12 is one of the next year."""
    end_year, end_month = year + (last - 1) // 12, (last - 1) % 12 + 1
    return date(year, first, 1), date(end_year, end_month, monthrange(end_year, end_month)[1])


def judge(
    expectation: Expectation, storyline_id: str, answered_by: Sequence[Report], now: datetime
) -> DigestExpectation:
    """Say how an expectation stands.

    answered_by  the reports that answer its ``when``, in any order; the earliest one is the evidence, primed or not:
                 what was there before we watched happened all the same

    Met as soon as there is one; overdue from the day (UTC) after the range ends; open otherwise, for good where ``by``
    cannot be read.
    """
    span = read_range(expectation.by)
    earliest, latest = span or (None, None)
    first = min(answered_by, key=lambda report: (report.at, report.entry_id), default=None)
    if first:
        state = ExpectationState.MET
    elif latest and now.astimezone(UTC).date() > latest:
        state = ExpectationState.OVERDUE
    else:
        state = ExpectationState.OPEN
    return DigestExpectation(
        id=expectation.id,
        storyline=storyline_id,
        claim=expectation.claim,
        state=state,
        by=expectation.by,
        earliest=earliest,
        latest=latest,
        evidence=first.entry.title if first else "",
        url=first.entry.url if first else None,
    )


def weekly_activity(report_times: Sequence[datetime], now: datetime) -> tuple[int, ...]:
    """Reports in each of the last ``WEEKS`` weeks, oldest first; the last week ends now and has what is later, too."""
    ages = [max(0, (now - at) // WEEK) for at in report_times]
    return tuple(ages.count(age) for age in reversed(range(WEEKS)))


def storyline_state(report_times: Sequence[datetime], now: datetime) -> str:
    """How alive a storyline is, from the times of all its reports: "emerging", "active" or "quiet".

    Emerging while all reports lie within the last ``YOUNG``; quiet when none lies within the last ``SILENT``, or there
    is none at all; else active.
    """
    if not report_times or now - max(report_times) > SILENT:
        return "quiet"
    return "emerging" if now - min(report_times) <= YOUNG else "active"
