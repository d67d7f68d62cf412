"""For how long an answer stays fresh. Pure; its times are read against the server's own clock, the Date header."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from monitor.http import http_date

_SECONDS = re.compile(r"\d{1,12}")
_MAX_AGE = re.compile(r"(?<![\w-])max-age\s*=\s*\"?(\d{1,12})", re.IGNORECASE)
_NOT_KEPT = re.compile(r"(?<![\w-])(?:no-cache|no-store)(?![\w-])", re.IGNORECASE)


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


def _positive(seconds: float) -> timedelta | None:
    """Absurdly large values end at a year: callers cap lower, and a timedelta must not overflow."""
    return timedelta(seconds=min(seconds, 365 * 86_400)) if seconds > 0 else None
