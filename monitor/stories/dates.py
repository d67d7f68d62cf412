"""Loose times, "spring 2026", "by the end of the year", 2026年春, 上半年, 5月中旬, 올봄: each as first and last day.

English, German, French, Spanish, Portuguese, Italian, Chinese, Japanese and Korean. Seasons are those of the northern
hemisphere, by whole months as the weather services count them; winter runs into the next year.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from monitor.stories import calendars as words

Span = tuple[date, date]
#: May follow a time without saying more of it.
_TAIL = " .,季天份にの에頃"


@dataclass(frozen=True, slots=True, kw_only=True)
class Time:
    """A time that a text names."""

    #: As it stands there.
    said: str
    first: date
    last: date
    #: Where it stands in the text: first character, and the one after the last.
    start: int
    end: int


def read_range(text: str, said_on: date | None = None) -> Span | None:
    """Read a text that is a loose time and no more, as its first and last day; None when it cannot be read.

    said_on  the day it was said: "by the end of the year" is of that year, and a month without a year is the next one.
             None: a year must be there, for "by summer" is no date to be held to

    A leading "by", "in" or "until" says nothing more.
    """
    said = words.LEAD.sub("", " ".join(text.split()))
    for time in find_times(said.title() if said.islower() and said.isascii() else said, said_on):
        if not said[: time.start].strip() and not said[time.end :].strip(_TAIL):
            return time.first, time.last
    return None


def find_times(text: str, said_on: date | None) -> tuple[Time, ...]:
    """The times that a text names, in their order; where two readings overlap, the longer one.

    A month whose name is another word too needs its capital letter, "may" being a verb.
    """
    found: list[Time] = []
    for pattern, read in _READERS:
        for match in pattern.finditer(text):
            try:
                span = read(match, said_on)
            except ValueError:  # 31 June, month 13
                span = None
            if span:
                said = match[0].strip(" ,.-")
                found.append(Time(said=said, first=span[0], last=span[1], start=match.start(), end=match.end()))
    kept: list[Time] = []
    for time in sorted(found, key=lambda time: (time.start - time.end, time.start)):
        if all(time.end <= other.start or other.end <= time.start for other in kept):
            kept.append(time)
    return tuple(sorted(kept, key=lambda time: time.start))


# --- What the patterns found -----------------------------------------------------------------------------------------


def _iso(match: re.Match[str], _: date | None) -> Span:
    year, month = int(match["year"]), int(match["month"])
    if match["day"]:
        day = date(year, month, int(match["day"]))
        return day, day
    date(year, month, 1)
    return months(year, month, month)


def _month(match: re.Match[str], said_on: date | None) -> Span | None:
    """``mid-May``, ``14 May 2026``, ``fin mai``."""
    name = match["month"]
    if name.casefold() in words.CAPITALS and name[0].islower():
        return None
    part = match.groupdict().get("part")
    return _dated(words.MONTHS[name.casefold()], match["day"], _part(part), _year(match, said_on), said_on)


def _dated(month: int, day: str | None, part: str | None, year: int | None, said_on: date | None) -> Span | None:
    """A month, a part of it or a day; without a year the next one is meant."""
    if year is None and said_on is None:
        return None
    for tried in (year,) if year else (said_on.year, said_on.year + 1) if said_on else ():
        one = date(tried, month, int(day)) if day else None
        span = (one, one) if one else _third(months(tried, month, month), part)
        if year or (said_on and span[1] >= said_on):
            return span
    return None


def _third(month: Span, part: str | None) -> Span:
    """Early, mid or late in a month: its first ten days, the ten after, the rest."""
    first, last = month
    match part:
        case "early":
            return first, first.replace(day=10)
        case "mid":
            return first.replace(day=11), first.replace(day=20)
        case "late":
            return first.replace(day=21), last
    return month


def _unit(match: re.Match[str], said_on: date | None) -> Span | None:
    """A season, quarter or half of a year, or a part of one."""
    year = _year(match, said_on)
    if match["season"]:
        season = match["season"].casefold()
        if season in words.UNSURE and not (year or match["relative"]):
            return None
        first, last = words.SEASONS[season]
    elif match["quarter"]:
        quarter = _ordinal(match["quarter"])
        first, last = 3 * quarter - 2, 3 * quarter
    else:
        first, last = _half(_ordinal(match["half"]) == 1)
    return _of_year(first, last, _part(match["part"]), year, said_on)


def _half(is_first: bool) -> tuple[int, int]:
    return (1, 6) if is_first else (7, 12)


def _whole_year(match: re.Match[str], said_on: date | None) -> Span | None:
    if match["end"]:
        return _of_year(1, 12, "late", said_on.year, said_on) if said_on else None
    year = _year(match, said_on)
    return _of_year(1, 12, _part(match["part"]), year, said_on) if year else None


def _of_year(first: int, last: int, part: str | None, year: int | None, said_on: date | None) -> Span | None:
    """From month to month of a year; without one, where it ends next after it was said."""
    if (first, last) == (1, 12) and part:
        first, last = words.PARTS_OF_YEAR[part]
    elif part:
        third = (last - first + 1) // 3
        early, late = (first, first + third - 1), (last - third + 1, last)
        first, last = {"early": early, "mid": (early[1] + 1, late[0] - 1), "late": late}[part]
    if year:
        return months(year, first, last)
    # In January "this winter" is the one that began last year.
    tried = (months(said_on.year + more, first, last) for more in (-1, 0, 1)) if said_on else ()
    return next((span for span in tried if said_on and span[1] >= said_on), None)


def _eastern_month(match: re.Match[str], said_on: date | None) -> Span | None:
    part = words.EASTERN_PARTS.get(match["part"] or "")
    return _dated(_number(match["month"]), match["day"], part, _year(match, said_on), said_on)


def _eastern_season(match: re.Match[str], said_on: date | None) -> Span | None:
    season = match["season"] or match["korean"]
    return _of_year(*words.SEASONS[season], None, _year(match, said_on), said_on)


def _eastern_quarter(match: re.Match[str], said_on: date | None) -> Span | None:
    quarter = _number(match["quarter"])
    return _of_year(3 * quarter - 2, 3 * quarter, None, _year(match, said_on), said_on)


def _eastern_half(match: re.Match[str], said_on: date | None) -> Span | None:
    return _of_year(*_half(match["half"] in words.FIRST_HALVES), None, _year(match, said_on), said_on)


def _eastern_year(match: re.Match[str], said_on: date | None) -> Span | None:
    if match["only"]:
        return months(int(match["only"]), 1, 12)
    if match["whole"]:
        more = words.RELATIVE_YEARS.get(match["whole"], 0)
        return months(said_on.year + more, 1, 12) if said_on else None
    year = _year(match, said_on)
    return _of_year(1, 12, words.EASTERN_PARTS[match["part"]], year, said_on) if year else None


def _near(match: re.Match[str], said_on: date | None) -> Span | None:
    """``later this month``, ``next week``, 下个月: counted from the day it was said."""
    if said_on is None:
        return None
    monday = said_on - timedelta(days=said_on.weekday())
    match words.NEARBY["".join(match["near"].casefold().split())]:
        case "tomorrow":
            first = last = said_on + timedelta(days=1)
        case "week":
            first, last = monday, monday + timedelta(days=6)
        case "next week":
            first, last = monday + timedelta(days=7), monday + timedelta(days=13)
        case "month":
            first, last = months(said_on.year, said_on.month, said_on.month)
        case "next month":
            first, last = months(said_on.year, said_on.month + 1, said_on.month + 1)
        case _:
            first, last = months(said_on.year, 1, 12)
    return (max(first, said_on), last) if match["later"] else (first, last)


def _ahead(match: re.Match[str], said_on: date | None) -> Span | None:
    """``in two weeks``, ``dans 3 mois``, 3个月后."""
    if said_on is None:
        return None
    number = (match["number"] or match["eastern"]).casefold()
    count = words.NUMBERS.get(number) or int(number)
    match words.LENGTHS[(match["length"] or match["span"]).casefold()]:
        case "day":
            day = said_on + timedelta(days=count)
            return day, day
        case "week":
            monday = said_on - timedelta(days=said_on.weekday()) + timedelta(weeks=count)
            return monday, monday + timedelta(days=6)
    return months(said_on.year, said_on.month + count, said_on.month + count)


def _part(said: str | None) -> str | None:
    return words.PARTS[said.casefold()] if said else None


def _number(said: str) -> int:
    return words.EASTERN_NUMBERS.get(said) or int(said)


def _ordinal(said: str) -> int:
    digit = re.search(r"[1-4]", said)
    return int(digit[0]) if digit else words.ORDINALS[said.split(maxsplit=1)[0].casefold()]


def _year(match: re.Match[str], said_on: date | None) -> int | None:
    """The year that is stated, or meant by "this year" or "next year"; None when neither is there.

    "Next spring" is no year: it is the next one that comes.
    """
    groups = match.groupdict()
    if stated := groups.get("year") or groups.get("before"):
        return int(stated)
    said = groups.get("relative_after") or groups.get("relative_before")
    if not said and (eastern := groups.get("relative")) and not eastern.isascii() and ord(eastern[0]) > 0x2E80:
        said = eastern
    return said_on.year + words.RELATIVE_YEARS[said.casefold()] if said and said_on else None


def months(year: int, first: int, last: int) -> Span:
    """From the first day of a month to the last day of another; a month above 12 is one of the next year."""
    end_year, end_month = year + (last - 1) // 12, (last - 1) % 12 + 1
    start = date(year + (first - 1) // 12, (first - 1) % 12 + 1, 1)
    return start, date(end_year, end_month, monthrange(end_year, end_month)[1])


_READERS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], date | None], Span | None]], ...] = (
    (words.ISO, _iso),
    (words.MONTH, _month),
    (words.MONTH_FIRST, _month),
    (words.UNIT, _unit),
    (words.YEAR, _whole_year),
    (words.EASTERN_MONTH, _eastern_month),
    (words.EASTERN_SEASON, _eastern_season),
    (words.EASTERN_SEASON_ALONE, _eastern_season),
    (words.EASTERN_QUARTER, _eastern_quarter),
    (words.EASTERN_HALF, _eastern_half),
    (words.EASTERN_YEAR, _eastern_year),
    (words.NEAR, _near),
    (words.AHEAD, _ahead),
)
