"""Events, the reports that they are made of, and what each report adds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from monitor.domain.feeds import Entry
from monitor.domain.matching import Match


class Novelty(StrEnum):
    """What an entry adds to what its storyline has already told."""

    FIRST = "first"  # opens an event
    NEW_FACT = "new-fact"  # adds a number, date, name or kind of happening that the event lacked
    CORROBORATES = "corroborates"  # another origin for what was known
    REHASH = "rehash"  # nothing new, from an origin already heard
    DUPLICATE = "duplicate"  # the same text again


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One matched entry as a report of an event."""

    #: Key of the stored entry; 0 before it is stored.
    entry_id: int
    entry: Entry
    match: Match
    #: When we first saw it; for dated work ``published`` clamped to this is used.
    first_seen: datetime
    event: str
    novelty: Novelty
    #: Why it joined its event, and what is new in it, in words.
    reason: str
    #: Of an entry that was there before we began to watch the feed: known, and told to nobody.
    primed: bool = False

    @property
    def at(self) -> datetime:
        return self.entry.reported_at(self.first_seen)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A happening that one or more entries report."""

    #: Made from the first report; stays for good.
    id: str
    story: str
    #: Oldest first by arrival; never empty.
    reports: tuple[Report, ...]

    @property
    def first_seen(self) -> datetime:
        return self.reports[0].first_seen

    @property
    def last_seen(self) -> datetime:
        return max(report.at for report in self.reports)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mute:
    """A storyline of which nobody is told for a while. What it brings is kept, and told afterwards."""

    storyline: str
    since: datetime
    #: > since; a mute that is over stays known, so that what it held is told as such.
    until: datetime
