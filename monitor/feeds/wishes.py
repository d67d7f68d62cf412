"""How a feed wants to be asked: ttl, sy:, skipHours, skipDays, and where it says that it has moved to. Pure.

Read with regular expressions, before and beside the parser: feedparser keeps only the last hour of a list, and what
stands in the channel's head is plain enough.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from monitor.domain import Wishes
from monitor.feeds.links import is_web_url

#: What a feed says of itself stands before its first entry, or after its last; entries are not looked at.
HEAD_CHARS = 20_000
_ENTRY = re.compile(r"</?(?:\w+:)?(?:item|entry)[\s>]", re.IGNORECASE)
_PERIOD = re.compile(
    r"<(?:\w+:)?updatePeriod[^<>]{0,200}>\s{0,50}(hourly|daily|weekly|monthly|yearly)\b", re.IGNORECASE
)
_FREQUENCY = re.compile(r"<(?:\w+:)?updateFrequency[^<>]{0,200}>\s{0,50}(\d{1,6})\b", re.IGNORECASE)
_HOURS = re.compile(r"<skipHours>(.{0,2000}?)</skipHours>", re.IGNORECASE | re.DOTALL)
_DAYS = re.compile(r"<skipDays>(.{0,2000}?)</skipDays>", re.IGNORECASE | re.DOTALL)
_HOUR = re.compile(r"<hour>\s{0,50}(\d{1,2})\s{0,50}</hour>", re.IGNORECASE)
_DAY = re.compile(r"<day>\s{0,50}([a-z]{6,9})\s{0,50}</day>", re.IGNORECASE)
_MOVED = re.compile(
    r"<(?:itunes:new-feed-url|newLocation)[^<>]{0,200}>\s{0,50}(?:<!\[CDATA\[)?\s{0,50}(https?://[^\s<>\]]{1,2000})",
    re.IGNORECASE,
)

PERIODS = {
    "hourly": timedelta(hours=1),
    "daily": timedelta(days=1),
    "weekly": timedelta(weeks=1),
    "monthly": timedelta(days=30),
    "yearly": timedelta(days=365),
}
#: What WordPress writes unless told otherwise: 72 of 396 feeds that were looked at say it, and it means nothing.
WORDPRESS_DEFAULT = timedelta(hours=1)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def read_wishes(text: str, ttl_minutes: int | None = None) -> Wishes:
    """Read a document's wishes.

    text         the document; no feed of XML: no wishes
    ttl_minutes  its <ttl>, as the parser has read it
    """
    head = _outside_entries(text)
    asked = [timedelta(minutes=ttl_minutes)] if ttl_minutes else []
    if period := _PERIOD.search(head):
        frequency = _FREQUENCY.search(head)
        every = PERIODS[period[1].lower()] / max(1, int(frequency[1]) if frequency else 1)
        if every != WORDPRESS_DEFAULT:
            asked.append(every)
    moved = _MOVED.search(head)
    return Wishes(
        interval=max(asked, default=None),
        skip_hours=tuple(
            sorted({int(hour) % 24 for hour in _listed(_HOURS, _HOUR, head) if int(hour) <= len(range(24))})
        ),
        skip_days=tuple(
            sorted({WEEKDAYS.index(day.lower()) for day in _listed(_DAYS, _DAY, head) if day.lower() in WEEKDAYS})
        ),
        moved_to=moved[1] if moved and is_web_url(moved[1]) else None,
    )


def open_hours(moment: datetime, wishes: Wishes) -> datetime:
    """The first moment from this one on that the feed does not ask to be left out; its minute is kept.

    A feed that leaves out everything is not taken at its word.
    """
    if not wishes.skip_hours and not wishes.skip_days:
        return moment
    hour = timedelta(hours=1)
    within_a_week = (moment + hour * ahead for ahead in range(7 * 24))
    fits = (at for at in within_a_week if at.hour not in wishes.skip_hours and at.weekday() not in wishes.skip_days)
    return next(fits, moment)


def _listed(block: re.Pattern[str], item: re.Pattern[str], head: str) -> list[str]:
    found = block.search(head)
    return item.findall(found[1]) if found else []


def _outside_entries(text: str) -> str:
    """The start up to the first entry and the end after the last one, each cut to HEAD_CHARS."""
    head, tail = text[:HEAD_CHARS], text[-HEAD_CHARS:] if len(text) > HEAD_CHARS else ""
    first = _ENTRY.search(head)
    if first is None:
        return head
    *_, last = [None, *_ENTRY.finditer(tail or text)]
    return head[: first.start()] + (text[-len(tail) :] if tail else text)[last.end() if last else 0 :]
