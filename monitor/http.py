"""What the polls and the deliveries read of HTTP alike. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

#: Key of ``httpx.Request.extensions``: the ``time.monotonic()`` by which the answer must have been read to its end.
#: ``feeds.guard`` keeps to it.
DEADLINE = "deadline"
#: A pause may be asked for in up to nine digits of seconds, which is 31 years; more is read as that.
LONGEST = timedelta(seconds=999_999_999)
_SECONDS = re.compile(r"[0-9]+(?:\.[0-9]+)?")


def retry_after(headers: Mapping[str, str], now: datetime | None = None) -> timedelta | None:
    """How long the other side asks to be left alone (RFC 9110 §10.2.3): seconds or a date; None if it does not say.

    headers   names in lower case
    now       what a date is counted from where the answer has no Date: our clock is not theirs. None: it is not read

    A date that is past is no wait at all. Callers cap what is absurd.
    """
    value = headers.get("retry-after", "").strip()
    if _SECONDS.fullmatch(value):
        whole = value.partition(".")[0].lstrip("0")
        return timedelta(seconds=float(value)) if len(whole) <= 9 else LONGEST
    then, sent = http_date(value), http_date(headers.get("date")) or now
    return max(then - sent, timedelta(0)) if then and sent else None


def http_date(value: str | None) -> datetime | None:
    """The moment that a header states (RFC 9110 §5.6.7), in any form that mail knows; None for what is no date."""
    try:
        moment = parsedate_to_datetime(value or "")
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
