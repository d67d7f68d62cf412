"""A feed's dates as aware UTC, or None. Pure: what is missing in a date is never filled in from today's."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_tz
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dateparser.date import DateDataParser

#: No feed is older than the web; a year beyond is a mistake in the publishing program.
FIRST_YEAR, LAST_YEAR = 1990, 2200
MAX_CHARS = 100
EARLIEST_OFFSET, LATEST_OFFSET = timedelta(hours=-12), timedelta(hours=14)
MONTHS = 12
#: Fixed, so that a date reads the same on every machine; the order settles what a short month's name belongs to.
LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "nl", "pl", "sv", "da", "cs", "tr", "ru", "uk", "ja", "ko", "zh")
SETTINGS = {
    "PARSERS": ["absolute-time"],
    "REQUIRE_PARTS": ["day", "month", "year"],
    "RETURN_AS_TIMEZONE_AWARE": True,
    "TIMEZONE": "UTC",
    "TO_TIMEZONE": "UTC",
}

_DIGITS = re.compile(r"\d{9,13}(?:\.\d+)?")
_COMPACT = re.compile(r"(?:19|20)\d{6}(?:\d{6})?")
#: RFC 3339 and its neighbours: blank for T, short offsets, "Z" behind an offset, more digits than a microsecond has.
_ISO = re.compile(
    r"(?P<date>\d{4}-\d\d-\d\d)"
    r"(?:[Tt ]\s*(?P<time>\d\d:\d\d(?::\d\d)?)(?:[.,](?P<part>\d+))?\s*(?:(?P<zone>[+-]\d\d(?::?\d\d)?)?[Zz]?))?"
)
#: RFC 5322 §3.3 as most feeds have it: zones that the standard defines, or offsets.
_MAIL = re.compile(
    r"(?:[A-Z][a-z]{2}, )?\d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d(?::\d\d)? (?:[+-]\d{4}|GMT|UTC?|Z|[ECMP][SD]T)"
)
_YEAR_FIRST = re.compile(r"(\d{4})\s?[/.年]\s?(\d{1,2})\s?[/.月]\s?(\d{1,2})日?(?=\D|$)")
#: With dots the day comes first wherever dates are written so.
_DOTTED = re.compile(r"(?<!\d)(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4}|\d{2})(?!\d)")
#: 03/04/2020 is April in Europe and March in America.
_EITHER_ORDER = re.compile(r"(?<![\d-])(\d{1,2})[/-](\d{1,2})[/-](?:\d{4}|\d{2})(?!\d)")
#: It says nothing that the date does not, and dateparser knows few ways to shorten it (Thurs, Weds).
_WEEKDAY = re.compile(r"^(?:(?:Thurs?|Tues|Weds)\b\.?,?\s?|[^\W\d_]+\.?,\s?(?=\d{1,2}[ .-]\s?[^\W\d_]))")
_CHINESE_CLOCK = re.compile(r"(\d{1,2})时(\d{1,2})分(?:\d{1,2}秒)?")
#: ``(Coordinated Universal Time)`` behind an offset that says it already.
_COMMENT = re.compile(r"(?<=[+-]\d{4})\s?\([^()]*\)$")
_ZONE_NAME = re.compile(r"\s([A-Z][A-Za-z]+/[A-Za-z_/]+)$")


def read_date(text: str) -> datetime | None:
    """Read one date as a feed states it: RFC 3339, RFC 5322, Unix seconds, or as people write it in LANGUAGES.

    None for what cannot be read, lies outside FIRST_YEAR to LAST_YEAR, lacks day, month or year, or could mean two
    days. A time without a zone is UTC. Never raises.
    """
    text = " ".join(text.split())
    if not text or len(text) > MAX_CHARS:
        return None
    try:
        moment = _stamp(text) or _iso(text) or _mail(text) or _written(text)
        return moment.astimezone(UTC) if moment and FIRST_YEAR <= moment.year <= LAST_YEAR else None
    except (ValueError, OverflowError, TypeError, AttributeError, RecursionError):
        return None  # dateparser raises what it likes on odd text


def _stamp(text: str) -> datetime | None:
    """Unix seconds or milliseconds, else 20260210 or 20260210093000."""
    if _COMPACT.fullmatch(text):
        return datetime.strptime(text, "%Y%m%d%H%M%S" if len(text) > len("20260210") else "%Y%m%d").replace(tzinfo=UTC)
    if not _DIGITS.fullmatch(text):
        return None
    seconds = float(text)
    return datetime.fromtimestamp(seconds / 1000 if seconds >= 1e11 else seconds, UTC)


def _iso(text: str) -> datetime | None:
    found = _ISO.fullmatch(text)
    if not found:
        return None
    time = found["time"] or "00:00"
    day = timedelta(days=1) if time.startswith("24:00") else timedelta()
    time = "00:00" if day else time
    part = f".{found['part'][:6]:0<6}" if found["part"] and time.count(":") == len("::") else ""
    moment = datetime.fromisoformat(f"{found['date']}T{time}{part}").replace(tzinfo=UTC) + day
    return moment - _offset(found["zone"])


def _offset(zone: str | None) -> timedelta:
    digits = (zone or "").replace(":", "")[1:].ljust(4, "0")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return _possible(-offset if (zone or "").startswith("-") else offset)


def _possible(offset: timedelta) -> timedelta:
    """Beyond these no place on earth keeps such a time: read as UTC."""
    return offset if EARLIEST_OFFSET <= offset <= LATEST_OFFSET else timedelta()


def _mail(text: str) -> datetime | None:
    if not _MAIL.fullmatch(text):
        return None
    fields = parsedate_tz(text)
    if not fields:
        return None
    return datetime(*fields[:6], tzinfo=UTC) - _possible(timedelta(seconds=fields[9] or 0))


def _written(text: str) -> datetime | None:
    """As people write it; 2 ms each, so the last resort."""
    if any(_two_readings(int(a), int(b)) for a, b in _EITHER_ORDER.findall(text)):
        return None
    text = _YEAR_FIRST.sub(r"\1-\2-\3", text)
    text = _DOTTED.sub(_year_first, text)
    text = _COMMENT.sub("", _CHINESE_CLOCK.sub(r" \1:\2", _WEEKDAY.sub("", text)))
    # India's, which newspapers there write so; dateparser takes it for Israel's.
    text = re.sub(r" IST$", " +0530", text)
    if named := _ZONE_NAME.search(text):
        moment = _reader().get_date_data(text[: named.start()]).date_obj
        return moment.replace(tzinfo=_zone(named[1])) if moment else None
    moment = _reader().get_date_data(text).date_obj
    assert moment is None or isinstance(moment, datetime)
    return moment


def _year_first(dotted: re.Match[str]) -> str:
    day, month, year = dotted.groups()
    return f"{year if len(year) > len('26') else f'20{year}'}-{month}-{day}"


def _two_readings(first: int, second: int) -> bool:
    return first != second and max(first, second) <= MONTHS


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except ZoneInfoNotFoundError:
        return ZoneInfo("UTC")


@cache
def _reader() -> DateDataParser:
    return DateDataParser(languages=list(LANGUAGES), settings=SETTINGS)
