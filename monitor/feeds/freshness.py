"""How long a server asks to be left alone. Pure; its times are read against its own clock, the Date header."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

_SECONDS = re.compile(r"\d{1,12}")
_MAX_AGE = re.compile(r"(?<![\w-])max-age\s*=\s*\"?(\d{1,12})", re.IGNORECASE)
_NOT_KEPT = re.compile(r"(?<![\w-])(?:no-cache|no-store)(?![\w-])", re.IGNORECASE)


def retry_after(headers: Mapping[str, str]) -> timedelta | None:
    """Read Retry-After (RFC 9110 §10.2.3), seconds or a date; None if absent, unreadable or past.

    A date is taken relative to the Date header; without one it is not read, as we know only our own clock.
    """
    value = headers.get("retry-after", "").strip()
    if _SECONDS.fullmatch(value):
        return _positive(int(value))
    then, sent = http_date(value), http_date(headers.get("date"))
    return _positive((then - sent).total_seconds()) if then and sent else None


def fresh_for(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """For how long the answer says it stays fresh: max-age, else Expires (RFC 9111 §4.2.1); None if it does not say."""
    cache_control = headers.get("cache-control", "")
    if _NOT_KEPT.search(cache_control):
        return None
    if stated := _MAX_AGE.search(cache_control):
        age = headers.get("age", "").strip()
        return _positive(int(stated[1]) - (int(age) if _SECONDS.fullmatch(age) else 0))
    expires = http_date(headers.get("expires"))
    return _positive((expires - (http_date(headers.get("date")) or now)).total_seconds()) if expires else None


def http_date(value: str | None) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value or "")
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _positive(seconds: float) -> timedelta | None:
    """Absurdly large values end at a year: callers cap lower, and a timedelta must not overflow."""
    return timedelta(seconds=min(seconds, 365 * 86_400)) if seconds > 0 else None
