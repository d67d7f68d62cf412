"""What the renderings for people say alike: labels, times, counts; and what they all refuse."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from monitor.domain import (
    BriefEvent,
    BriefReport,
    Coverage,
    Digest,
    DigestEntry,
    DigestEvent,
    DigestExpectation,
    DigestProposal,
    DigestQuiet,
    DigestStatement,
    ExpectationState,
    Novelty,
    Why,
)

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
#: What makes an event that was told before worth telling again.
NEWS = frozenset({Novelty.FIRST, Novelty.NEW_FACT})
#: Told in full; the others are folded into a count.
TELLING = frozenset({Novelty.FIRST, Novelty.NEW_FACT, Novelty.CORROBORATES})

#: Names in a row that people still read.
LISTED = 6

#: C0 and C1 controls, line separators, and what no XML may hold.
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff\ud800-\udfff]+")
#: Marks that turn the direction of what follows, so that a title could rewrite the line it stands in (Unicode TR 36),
#: and marks that nobody sees. The two joiners stay: Persian, Hindi and emoji are spelt with them.
_UNSEEN = re.compile(
    r"[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
#: No text that people are shown is longer; titles and summaries have been cut far below it before.
LONGEST = 2000
#: An address that is longer is not linked: chats refuse it.
LONGEST_URL = 1000
#: Our own addresses are short: what is longer comes of a strange ``web.public_url``, and limits do not count on it.
LONGEST_PAGE = 300
#: Gaps that are named in a chat; the others are counted.
SHOWN_GAPS = 5
_ENCODED = {ord(mark): f"%{ord(mark):02X}" for mark in '<>|"`\\^{}'}
_BARS = "▁▂▃▄▅▆▇█"
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def clean(text: str, most: int = LONGEST) -> str:
    """One line of at most ``most`` characters, without marks that would act on what stands around it.

    Feeds are cleaned when they are read; this is the second lock on the door, for a digest may come from an older
    database.
    """
    line = _UNSEEN.sub("", _CONTROLS.sub(" ", text[: 2 * most])).strip()
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"


def fitted(text: str, most: int, escape: Callable[[str], str]) -> str:
    """The text cleaned and escaped, and cut before that, so that it is at most ``most`` characters with its escapes."""
    kept = clean(text, most)
    while len(escaped := escape(kept)) > most:
        kept = clean(kept, len(kept) * 9 // 10)
    return escaped


def folded(lines: Sequence[str], most: int, *, one: str = "more entry", many: str = "more entries") -> list[str]:
    """As many of the lines as fit into ``most`` characters, line feeds included; then a line that counts the others."""
    if sum(len(line) + 1 for line in lines) <= most:
        return list(lines)
    kept: list[str] = []
    left = most - len(f"… and {count(len(lines), one, many)}\n")
    for line in lines:
        left -= len(line) + 1
        if left < 0:
            break
        kept.append(line)
    return [*kept, f"… and {count(len(lines) - len(kept), one, many)}"]


def chart(activity: Sequence[int]) -> str:
    """The weeks of a storyline as little bars, ``▁▁▂▁█▃``; empty where nothing was ever reported."""
    top = max(activity, default=0)
    return "".join(_BARS[-(-number * (len(_BARS) - 1) // top)] for number in activity) if top else ""


def numbered(digest: Digest) -> str:
    """``, part 2 of 3`` where the digest has several parts; else nothing."""
    return f", part {digest.part} of {digest.parts}" if digest.parts > 1 else ""


def label(event: DigestEvent) -> str:
    """What it is to the reader: ``New fact, update 2``."""
    return LABELS[event.novelty] + (f", update {event.revision}" if event.revision > 1 else "")


def web_url(url: str | None) -> str | None:
    """The address where it is http or https and in one piece; else None: what follows a click must be a page.

    Marks that no address holds as they are, and that would end a link early, are percent-encoded (RFC 3986 §2).
    """
    if not url or _CONTROLS.search(url) or " " in url:
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url.translate(_ENCODED) if parts.scheme.lower() in ("http", "https") and parts.netloc else None


def page_of(links: Mapping[str, str]) -> str | None:
    """Our own page of it; None where there is none, or where its address is too long for a chat."""
    url = web_url(links.get("web"))
    return url if url and len(url) <= LONGEST_PAGE else None


def link_name(name: str) -> str:
    """What a link of a digest is called for people."""
    return "This digest on the page" if name == "web" else clean(name)


def count(number: int, one: str, many: str = "") -> str:
    """``count(2, "entry", "entries")`` -> ``"2 entries"``."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def sources(event: DigestEvent) -> str:
    """``3 sources in 12 outlets``: who found it out, and how many told it."""
    found = count(event.origins, "source")
    return f"{found} in {count(event.outlets, 'outlet')}" if event.outlets > 1 else found


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
    events = [event for event in digest.events if not repeats(event)]
    if not events and digest.marks:
        return f"No new event in this time, but {count(len(digest.marks), 'thing')} to know."
    if not events:
        return "Nothing new in this time."
    entries = sum(len(event.entries) for event in events)
    return f"{count(len(events), 'event')} with something new, from {count(entries, 'entry', 'entries')}."


def in_full(events: Sequence[DigestEvent]) -> list[DigestEvent]:
    """The events to show one by one; of the others ``asides`` speaks."""
    return [event for event in events if not (event.muted or repeats(event))]


def asides(events: Sequence[DigestEvent]) -> list[str]:
    """A line for the events that only repeat what was told, one for those that came while they were muted."""
    return list(filter(None, (told_again(events), kept_through_mute(events))))


def repeats(event: DigestEvent) -> bool:
    """Whether the reader has heard of it, and nothing in it is new: shown folded, after the news."""
    return event.revision > 1 and event.novelty not in NEWS and not event.muted


def told_again(events: Sequence[DigestEvent]) -> str:
    """The events that bring nothing new, in a line; empty where there are none."""
    again = list(filter(repeats, events))
    if not again:
        return ""
    more = count(sum(len(event.entries) for event in again), "more report")
    return f"Nothing new, but {more} of what was told before: {'; '.join(clean(event.title) for event in again)}"


def question(proposal: DigestProposal) -> str:
    """``Is “Muse Spark” a new name of Avocado, Meta's model? 5 sources use it: monitor drift accept 3``"""
    asked = f"Is “{clean(proposal.term)}” a new name of {clean(proposal.name)}?"
    return f"{asked} {count(proposal.origins, 'source')} use it. Yes: monitor drift accept {proposal.id}"


def due(expectation: DigestExpectation) -> str:
    """When it was expected, and what became of it: ``spring 2026 (1 Mar 2026 to 31 May 2026) → May 2026 → denied``."""
    return " → ".join([promised(expectation), *course(expectation)[1:]])


def promised(expectation: DigestExpectation) -> str:
    """When it was expected at first, as said and as read: ``spring 2026 (1 Mar 2026 to 31 May 2026)``."""
    first, last = expectation.earliest, expectation.latest
    if not first or not last:
        return clean(expectation.by) or "no date named"
    read = day(first) if first == last else f"{day(first)} to {day(last)}"
    return f"{clean(expectation.by)} ({read})"


def standing(expectation: DigestExpectation) -> str:
    """The state, with how sure it is and how long is left: ``Open, 5 days left``, ``Met, by one source so far``."""
    said = STATES[expectation.state]
    if not expectation.confirmed:
        return f"{said}, by one source so far"
    if expectation.remind is None:
        return said
    return f"{said}, {count(expectation.remind, 'day')} left" if expectation.remind else f"{said}, due today"


def course(expectation: DigestExpectation) -> list[str]:
    """What became of the promise, in steps: "spring 2026", "May 2026", "overdue since 31 May 2026"."""
    steps = [step_said(step) for step in expectation.history]
    current = expectation.current
    if expectation.state is ExpectationState.OVERDUE and current and current.latest:
        steps.append(f"overdue since {day(current.latest)}")
    return steps


def step_said(step: DigestStatement) -> str:
    """``May 2026``, ``later, no date named``, ``met 8 Apr 2026``."""
    match step.state:
        case ExpectationState.OPEN:
            return clean(step.said) or "no date named"
        case ExpectationState.SLIPPED:
            return clean(step.said) or "later, no date named"
    return f"{step.state}{f' {day(step.reported.date())}' if step.reported else ''}"


def doubt(step: DigestStatement) -> str:
    """What is said and not sure, in a line."""
    what = {
        ExpectationState.OPEN: "it stands as promised",
        ExpectationState.SLIPPED: f"later: {clean(step.said)}" if step.said else "later",
        ExpectationState.DENIED: "denied",
        ExpectationState.CANCELLED: "cancelled",
    }
    return f"Possible, not sure: {what.get(step.state, step.state)} ({count(step.origins, 'source')})"


def listed(names: Sequence[str]) -> str:
    """The first names, and how many more there are."""
    shown = ", ".join(map(clean, names[:LISTED]))
    return f"{shown} and {len(names) - LISTED} more" if len(names) > LISTED else shown


def newest(event: BriefEvent) -> BriefReport:
    """What was last said of an event: its latest new fact, else the report that opened it."""
    return event.developments[-1] if event.developments else event.lead


def silence(quiet: DigestQuiet) -> str:
    """``quiet for 23 days; usually a report each 4 days``"""
    usual = "day" if quiet.rhythm_days == 1 else f"{quiet.rhythm_days:g} days"
    return f"quiet for {count(quiet.days, 'day')}; usually a report each {usual}"


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


def foot(digest: Digest, zone: ZoneInfo) -> list[str]:
    """What is asked, what fell silent, and how whole the digest is, in short lines: feeds, gaps, what is cut."""
    quiet = [f"{clean(one.title, 100)}: {silence(one)}." for one in digest.quiet]
    gaps = [f"{clean(gap.feed, 80)}: {clean(gap.reason, 120)}" for gap in digest.coverage.gaps]
    if len(gaps) > SHOWN_GAPS:
        gaps[SHOWN_GAPS:] = [f"… and {len(gaps) - SHOWN_GAPS} more"]
    cut = ["Some of it was cut to fit."] if digest.truncated else []
    return [
        *map(question, digest.proposals),
        *quiet,
        health(digest.coverage),
        *gaps,
        *remarks(digest.coverage, zone),
        *cut,
    ]


def kept_through_mute(events: Sequence[DigestEvent]) -> str:
    """The events that came while their storyline was muted, in a line; empty where there are none."""
    muted = [event for event in events if event.muted]
    if not muted:
        return ""
    entries = sum(len(event.entries) for event in muted)
    titles = "; ".join(clean(event.title) for event in muted)
    return f"While this was muted: {count(len(muted), 'event')}, {count(entries, 'entry', 'entries')}. {titles}"
