"""When a digest is due: slots, counted in the reader's own wall clock.

A cron schedule names wall times; each wall time is one slot, whatever the clocks do that day. A wall time that daylight
saving skips comes right after the gap; one that comes twice comes the first time. ``every 15m`` is for trials and for
readers who want intervals: its slots are counted in UTC from the epoch and know no daylight saving.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby, islice, takewhile
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

#: Missed slots are counted up to this; a schedule of every minute reaches it after a week, in 0.1 s.
MOST_MISSED = 10_000

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)
_EVERY = re.compile(r"every\s+(\d{1,6})\s*([smhd])", re.IGNORECASE)
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_FIELDS = {
    "minute": "0-59",
    "hour": "0-23",
    "day-of-month": "1-31",
    "month": "1-12 or JAN-DEC",
    "day-of-week": "0-7 or SUN-SAT, where 0 and 7 are Sunday",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """What ``parse_schedule`` read."""

    #: Five cron fields, or ``every`` and a duration.
    text: str
    #: Whole seconds, > 0; None for cron.
    every: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One point of a schedule."""

    #: Unique within a digest and for good: wall time ``2026-03-29T08:00`` for cron, the UTC instant for ``every``.
    key: str
    #: Aware UTC.
    at: datetime
    #: Earlier slots since the last one that was served, for which this one stands; at most ``MOST_MISSED``.
    missed: int = 0


def parse_schedule(text: str) -> Schedule:
    """Read five cron fields (minute, hour, day of month, month, day of week), or ``every 5s|15m|1h|1d``.

    Cron as Debian's: where both days are given, either will do; 0 and 7 are Sunday. ValueError says what is wrong and
    how to mend it; an expression that never comes true (30 February) is wrong too.
    """
    words = text.split()
    if words and words[0].casefold() == "every":
        found = _EVERY.fullmatch(" ".join(words))
        seconds = int(found[1]) * _UNITS[found[2].casefold()] if found else 0
        if not seconds:
            raise ValueError(f"{text!r} is no interval (write `every 15m`, with s, m, h or d and a number above 0)")
        return Schedule(text=" ".join(words), every=timedelta(seconds=seconds))
    if len(words) != 5:
        raise ValueError(
            f"{text!r} is no schedule: it has {len(words)} fields, cron has five "
            "(minute hour day month weekday, as in `0 8 * * 1-5`; or write `every 15m`)"
        )
    try:
        possible = next(CronSim(" ".join(words), datetime(2024, 1, 1)), None)  # noqa: DTZ001 - wall time has no zone
    except CronSimError as error:
        name = str(error).removeprefix("Bad ")
        allowed = _FIELDS.get(name, "numbers")
        raise ValueError(
            f"the {name} of the schedule {text!r} cannot be read (it takes {allowed}, *, lists, ranges)"
        ) from error
    if possible is None:
        raise ValueError(f"the schedule {text!r} never comes true (is the day in the month?)")
    return Schedule(text=" ".join(words))


def due_slot(schedule: Schedule, zone: ZoneInfo, *, after: datetime, now: datetime) -> Slot | None:
    """The latest slot in ``(after, now]``, which stands for all of them; None when there is none.

    after   the slot last served, or the moment the digest was set up; aware
    now     aware; when it lies before ``after`` (a clock set back) nothing is due
    """
    if schedule.every:
        last, previous = (now - _EPOCH) // schedule.every, (after - _EPOCH) // schedule.every
        at = _EPOCH + last * schedule.every
        missed = min(last - previous - 1, MOST_MISSED)
        return Slot(key=f"{at:%Y-%m-%dT%H:%M:%SZ}", at=at, missed=missed) if at > after else None
    past = _slots_back(schedule, zone, now)
    wall, at = next(past, (now, after))
    if at <= after:
        return None
    # Wall times that a gap swallowed share the moment of its end: one slot, told by the last of them.
    moments = takewhile(lambda moment: moment > after, (moment for _, moment in past))
    earlier = (moment for moment, _ in groupby(moments) if moment < at)
    return Slot(key=f"{wall:%Y-%m-%dT%H:%M}", at=at, missed=sum(1 for _ in islice(earlier, MOST_MISSED)))


def next_slot(schedule: Schedule, zone: ZoneInfo, after: datetime) -> datetime:
    """The first slot later than ``after``, aware UTC."""
    if schedule.every:
        return _EPOCH + ((after - _EPOCH) // schedule.every + 1) * schedule.every
    wall = after.astimezone(zone).replace(tzinfo=None)
    return next(at for slot in CronSim(schedule.text, wall) if (at := instant(slot, zone)) > after)


def _slots_back(schedule: Schedule, zone: ZoneInfo, now: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Wall time and instant of each slot up to ``now``, latest first.

    In an hour that comes a second time, wall times yet to be shown are already past: the search starts that much later.
    """
    set_back = _offset(now - _DAY, zone) - _offset(now, zone)
    wall = now.astimezone(zone).replace(tzinfo=None, microsecond=0) + max(set_back, timedelta(0)) + _SECOND
    for slot in CronSim(schedule.text, wall, reverse=True):
        at = instant(slot, zone)
        if at <= now:
            yield slot, at


def instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """The moment of a naive wall time, aware UTC: the first of two, or the end of the gap that swallows it."""
    first = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if first.astimezone(zone).replace(tzinfo=None) == wall:
        return first
    # In a gap, fold=1 takes the offset that holds after it and so lands before it (PEP 495): its end is in between.
    start = int(wall.replace(tzinfo=zone, fold=1).timestamp())
    before = _offset(datetime.fromtimestamp(start, UTC), zone)
    seconds = range(start, int(first.timestamp()))
    end = bisect_left(seconds, True, key=lambda second: _offset(datetime.fromtimestamp(second, UTC), zone) != before)
    return datetime.fromtimestamp(start + end, UTC)


def _offset(moment: datetime, zone: ZoneInfo) -> timedelta:
    offset = moment.astimezone(zone).utcoffset()
    assert offset is not None  # a ZoneInfo always knows
    return offset
