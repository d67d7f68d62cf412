"""What the renderings for people say alike: labels, times, counts; and what they all refuse."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from monitor.domain import Coverage, Digest, DigestEntry, DigestEvent, DigestExpectation, ExpectationState, Novelty, Why

LABELS = {
    Novelty.FIRST: "New",
    Novelty.NEW_FACT: "New fact",
    Novelty.CORROBORATES: "Confirmed",
    Novelty.REHASH: "Repeated",
    Novelty.DUPLICATE: "Copy",
}
STATES = {
    ExpectationState.OPEN: "Open",
    ExpectationState.MET: "Met",
    ExpectationState.SLIPPED: "Slipped",
    ExpectationState.OVERDUE: "Overdue",
    ExpectationState.DENIED: "Denied",
    ExpectationState.CANCELLED: "Cancelled",
}
#: Told in full; the others are folded into a count.
TELLING = frozenset({Novelty.FIRST, Novelty.NEW_FACT, Novelty.CORROBORATES})

#: C0 and C1 controls, and marks that turn the direction of what follows: a title could rewrite the line it stands in
#: (Unicode TR 36, "bidirectional text spoofing").
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_DIRECTION = re.compile(r"[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def clean(text: str) -> str:
    """One line without marks that would act on what stands around it. Feeds are cleaned when they are read; this is the
    second lock on the door, for a digest may come from an older database."""
    return _DIRECTION.sub("", _CONTROLS.sub(" ", text)).strip()


def web_url(url: str | None) -> str | None:
    """The address where it is http or https and in one piece; else None: what follows a click must be a page."""
    if not url or _CONTROLS.search(url) or " " in url:
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme.lower() in ("http", "https") and parts.netloc else None


def count(number: int, one: str, many: str = "") -> str:
    """``count(2, "entry", "entries")`` -> ``"2 entries"``."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def day(value: date) -> str:
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"


def moment(value: datetime, zone: ZoneInfo) -> str:
    """Local day and time without the year, as in ``12 Mar 09:30``; the page says the year and the zone once."""
    local = value.astimezone(zone)
    return f"{local.day} {_MONTHS[local.month - 1]} {local:%H:%M}"


def span(start: datetime, end: datetime, zone: ZoneInfo) -> str:
    """``Thursday 12 Mar 2026, 08:00 to Friday 13 Mar 2026, 08:00 (Europe/Berlin)``"""
    first, last = (
        f"{_WEEKDAYS[local.weekday()]} {day(local.date())}, {local:%H:%M}"
        for local in (start.astimezone(zone), end.astimezone(zone))
    )
    return f"{first} to {last} ({zone.key})"


def tally(digest: Digest) -> str:
    """What is in it, in a line; an empty edition says so."""
    events = digest.events
    if not events:
        return "Nothing new in this time."
    entries = sum(len(event.entries) for event in events)
    return f"{count(len(events), 'event')} with something new, from {count(entries, 'entry', 'entries')}."


def due(expectation: DigestExpectation) -> str:
    """When it was expected, as said and as read: ``spring 2026 (1 Mar 2026 to 31 May 2026)``."""
    first, last = expectation.earliest, expectation.latest
    if not first or not last:
        return clean(expectation.by) or "no date named"
    read = day(first) if first == last else f"{day(first)} to {day(last)}"
    return f"{clean(expectation.by)} ({read})"


def entries_told(event: DigestEvent) -> tuple[tuple[DigestEntry, ...], tuple[DigestEntry, ...]]:
    """The entries to show, and those to fold into a count. The lead is always shown."""
    shown = tuple(entry for entry in event.entries if entry.novelty in TELLING) or event.entries[:1]
    return shown, tuple(entry for entry in event.entries if entry not in shown)


def health(coverage: Coverage) -> str:
    """How far the digest can be trusted to be whole."""
    read = f"{count(coverage.feeds_ok, 'feed')} read without trouble"
    if not coverage.feeds_failing:
        return f"{read}."
    return f"{read}; {coverage.feeds_failing} failing, so something may be missing."


def remarks(coverage: Coverage, zone: ZoneInfo) -> list[str]:
    """What the digest does not tell although it is new, and who else is not told at all; a sentence each."""
    said = []
    for held in coverage.held:
        waiting = count(held.entries, "entry", "entries")
        match held.why:
            case Why.SETTLING:
                until = f" until {moment(held.until, zone)}" if held.until else ""
                said.append(f"Not told yet: {waiting}, so that reports can gather{until}.")
            case Why.BELOW_FLOOR:
                said.append(f"Not told: {waiting} below the score that this digest asks for.")
            case Why.MUTED:
                until = f" until {moment(held.until, zone)}" if held.until else ""
                kept = f"; {waiting} kept for then" if held.entries else ""
                said.append(f"Muted{until}: {clean(held.title or held.storyline or '')}{kept}.")
    for closed in coverage.closed:
        since = moment(closed.since, zone)
        said.append(f"Channel {clean(closed.channel)} gets nothing since {since}: {clean(closed.reason)}.")
    return said


def kept_through_mute(events: Sequence[DigestEvent]) -> str:
    """The events that came while their storyline was muted, in a line; empty where there are none."""
    muted = [event for event in events if event.muted]
    if not muted:
        return ""
    entries = sum(len(event.entries) for event in muted)
    titles = "; ".join(clean(event.title) for event in muted)
    return f"While this was muted: {count(len(muted), 'event')}, {count(entries, 'entry', 'entries')}. {titles}"
