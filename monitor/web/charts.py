"""Numbers as shapes, worked out here and drawn by templates as SVG. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.storage.overview import Outline
from monitor.storage.stories import ReportedDay

#: Weeks in a sparkline: half a year.
WEEKS = 26
#: Of the timeline, in its own units: the page scales it.
WIDTH, ROW, TOP = 1000.0, 34.0, 26.0
#: A dot grows with the square root of its reports, so that its area tells their number.
DOT, MOST_DOT = 3.5, 11.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    x: float
    y: float
    radius: float
    event: Outline


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A line at the beginning of a week or month."""

    x: float
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    height: float
    #: Title of each storyline and the middle of its row.
    rows: tuple[tuple[str, str, float], ...]
    marks: tuple[Mark, ...]
    dots: tuple[Dot, ...]


def weeks(days: Sequence[ReportedDay], now: datetime) -> tuple[int, ...]:
    """Reports in each of the last WEEKS weeks of seven days (UTC), oldest first; the last week ends with today."""
    counts = [0] * WEEKS
    for day in days:
        back = (now.date() - day.first.date()).days // 7
        if 0 <= back < WEEKS:
            counts[WEEKS - 1 - back] += day.reports
    return tuple(counts)


def timeline(events: Sequence[Outline], lines: Sequence[tuple[str, str]], start: datetime, end: datetime) -> Timeline:
    """Events as dots in the rows of their storylines.

    lines  id and title of each storyline, in the order of the rows
    """
    rows = {line: TOP + ROW * (number + 0.5) for number, (line, _) in enumerate(lines)}
    span = (end - start).total_seconds()

    def x(at: datetime) -> float:
        return round(WIDTH * max(0.0, (at - start).total_seconds()) / span, 1)

    dots = [
        Dot(x=x(event.last_seen), y=rows[line], radius=_radius(event.reports), event=event)
        for event in reversed(events)  # the latest on top
        for line in event.storylines
        if line in rows
    ]
    return Timeline(
        height=TOP + ROW * len(rows),
        rows=tuple((line, title, rows[line]) for line, title in lines),
        marks=tuple(Mark(x=x(at), name=name) for at, name in _marks(start, end)),
        dots=tuple(dots),
    )


def _radius(reports: int) -> float:
    return round(min(MOST_DOT, DOT * math.sqrt(reports)), 1)


def _marks(start: datetime, end: datetime) -> list[tuple[datetime, str]]:
    """Mondays where the span is short, else firsts of months."""
    days = [start.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=n) for n in range(1, 367)]
    days = [day for day in days if day < end]
    if len(days) <= 35:
        return [(day, f"{day.day} {day:%b}") for day in days if day.weekday() == 0]
    return [(day, f"{day:%b}" if day.month > 1 else f"{day:%b %Y}") for day in days if day.day == 1]
