"""What an answer means. Whether another try makes sense is decided here and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from monitor.domain import Outcome

#: The receiver is up and asks for less (Standard Webhooks 1.0, "status codes"; 503 is its usual companion).
THROTTLING = frozenset({429, 502, 503, 504})
#: The receiver objects to this very message, and its bytes will be the same next time: too large, wrong type, or
#: understood and refused. Other refusals (400 and 401 for a secret not yet set, 404 during a deployment) come to an end
#: when somebody mends the receiver, so they are tried again.
OBJECTIONS = frozenset({413, 415, 422})
#: A pause may be asked for in up to nine digits of seconds, which is 31 years; more is read as that.
LONGEST = timedelta(seconds=999_999_999)


def of_status(status: int) -> Outcome:
    """What an HTTP status means for the delivery. Only 2xx is success; a redirect is none (Standard Webhooks 1.0)."""
    if 200 <= status <= 299:
        return Outcome.DELIVERED
    if status == 410:
        return Outcome.GONE
    if status in THROTTLING:
        return Outcome.THROTTLED
    if status in OBJECTIONS:
        return Outcome.REJECTED
    return Outcome.RETRY


def retry_after(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """How long the receiver asks us to wait (RFC 9110 §10.2.3): seconds or a date; None when it asks nothing readable.

    headers   of the answer, looked up by lower-case name
    now       what a date is counted from
    """
    text = headers.get("retry-after", "").strip()
    if re.fullmatch(r"[0-9]+(\.[0-9]+)?", text):
        whole = text.partition(".")[0].lstrip("0")
        return timedelta(seconds=float(text)) if len(whole) <= 9 else LONGEST
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    if until.tzinfo is None:  # "-0000", which HTTP dates do not use
        until = until.replace(tzinfo=UTC)
    return max(until - now, timedelta(0))
