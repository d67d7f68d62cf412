"""What one channel gets for one slot. The fields of these classes are the keys of the payload (docs/webhook.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from monitor.domain.events import Novelty
from monitor.domain.expectations import ExpectationState


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestEntry:
    #: Key of the stored entry, as ``monitor explain`` takes it.
    id: int
    title: str
    url: str | None
    source: str
    published: datetime | None
    lang: str | None
    novelty: Novelty


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestEvent:
    id: str
    #: 1 when this channel hears of it for the first time, one more each time it comes back.
    revision: int
    title: str
    summary: str
    #: The best of its new entries.
    novelty: Novelty
    #: Why it is in this digest, in words.
    reason: str
    first_seen: datetime
    #: Independent sources so far, as far as can be told.
    origins: int
    #: What this channel has not been told before, lead entry first.
    entries: tuple[DigestEntry, ...]
    #: Terms and topics that matched, for "why am I seeing this?".
    matched: tuple[str, ...]
    score: float
    #: Other storylines that it also belongs to.
    also: tuple[str, ...] = ()
    #: All of it came while its storylines were muted: told for completeness, folded into a line for people.
    muted: bool = False
    #: How many published it so far, whomever they had it from.
    outlets: int = 1
    #: Why its first entry leads, and gives it its title, in words.
    lead_reason: str = ""
    #: "web": its page, where that can be reached.
    links: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestStoryline:
    id: str
    title: str
    state: str
    events: tuple[DigestEvent, ...]
    #: Reports in each of the last weeks, oldest first; the last one ends with the window.
    activity: tuple[int, ...] = ()
    #: "web": its page, where that can be reached.
    links: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestStatement:
    """A step in the life of an expectation, with the report that stands for it."""

    #: What it made of the expectation, or would make; "open": it was promised, or stands as promised.
    state: ExpectationState
    #: The time it names, as it was said; empty where it names none.
    said: str = ""
    earliest: date | None = None
    latest: date | None = None
    #: When it was reported; None: by the story's own article, undated.
    reported: datetime | None = None
    source: str = ""
    title: str = ""
    url: str | None = None
    #: Independent sources that say so.
    origins: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestExpectation:
    id: str
    storyline: str
    claim: str
    state: ExpectationState
    #: As the source said it.
    by: str
    #: The range it was read as; None when it could not be read.
    earliest: date | None = None
    latest: date | None = None
    #: What decided the state: a headline and its link.
    evidence: str = ""
    url: str | None = None
    #: Since when it stands so; None: from the start.
    since: datetime | None = None
    #: A trusted feed, or two independent sources, stand behind the state; always true of "open" and "overdue".
    confirmed: bool = True
    #: What was promised, then each new time, then the end: all that is sure, oldest first.
    history: tuple[DigestStatement, ...] = ()
    #: What is said and not sure: by one source alone, or with "could".
    possible: tuple[DigestStatement, ...] = ()
    #: Days to the last day, where that is near enough to remind of it.
    remind: int | None = None
    #: This channel is told of the state, or reminded, for the first time. Before a channel is asked: it is news at all.
    news: bool = False

    @property
    def current(self) -> DigestStatement | None:
        """The promise as it stands: the last one that was made; None where no time was ever named."""
        promises = [step for step in self.history if step.state in (ExpectationState.OPEN, ExpectationState.SLIPPED)]
        return promises[-1] if promises else None

    @property
    def mark(self) -> str:
        """What the ledger knows this state by."""
        until = self.current.latest if self.current else None
        return f"expectation {self.id}: {self.state} {until or ''}{' soon' if self.remind is not None else ''}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestQuiet:
    """A storyline that has fallen silent, told once."""

    id: str
    title: str
    #: When it was last reported on.
    since: datetime
    #: Silent for so many days.
    days: int
    #: Usual days between two days with a report.
    rhythm_days: float

    @property
    def mark(self) -> str:
        """What the ledger knows this silence by."""
        return f"quiet {self.id}: {self.since:%Y-%m-%d}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestProposal:
    """A question to the reader: is this a new name of that topic?"""

    #: As ``monitor drift accept`` takes it.
    id: int
    term: str
    topic: str
    #: What the topic is called, for people.
    name: str
    #: Independent sources that use the name.
    origins: int
    score: float
    #: Why, in words.
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Something that this digest may lack, and why."""

    feed: str
    reason: str


class Why(StrEnum):
    """Why something new is not told yet."""

    SETTLING = "settling"  # its event has had no time yet to gather its reports
    BELOW_FLOOR = "below-floor"  # its event fits no storyline well enough for this digest
    NO_NEWS = "no-news"  # it repeats what was told, and waits for a digest that has news
    MUTED = "muted"  # the reader has asked to hear nothing of its storylines for a while


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldBack:
    """New entries that the rules keep out of this digest, for one reason. They stay untold, and may still be told."""

    why: Why
    #: 0 only for a storyline that is muted and has brought nothing.
    entries: int
    #: The muted one: its id and title; None for the other reasons.
    storyline: str | None = None
    title: str | None = None
    #: When the mute ends, or the last of them has settled; None: when its event scores higher.
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """Another channel to which nothing more is sent, until somebody opens it again."""

    channel: str
    since: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    feeds_ok: int
    feeds_failing: int
    gaps: tuple[Gap, ...] = ()
    held: tuple[HeldBack, ...] = ()
    closed: tuple[Closed, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """``from`` is a word of Python's: the payload says ``from`` and ``to``."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """What one channel gets for one slot, composed once and rendered as the channel needs it."""

    schema_version: int
    #: The configured digest and its slot, as in ``morning-2026-03-12T08:00``: the same for all channels and parts.
    digest_id: str
    #: Counts the digests of this channel from 1 without a gap; the parts of one share its number.
    sequence: int
    channel: str
    story: str
    #: The story's title, for people.
    title: str
    window: Window
    #: Why it is sent: "schedule", "requested", "alert"; in words where slots were missed or held, and what set it off.
    reason: str
    storylines: tuple[DigestStoryline, ...]
    expectations: tuple[DigestExpectation, ...]
    coverage: Coverage
    #: Each stands in one digest of the channel.
    proposals: tuple[DigestProposal, ...] = ()
    truncated: bool = False
    #: Where it is too large for one message of its channel: this is part 2 of 3, counted from 1.
    part: int = 1
    parts: int = 1
    #: "web": the digest as it was sent, where the page can be reached.
    links: Mapping[str, str] = field(default_factory=dict)
    #: Storylines that have fallen silent since this channel was last told.
    quiet: tuple[DigestQuiet, ...] = ()

    @property
    def marks(self) -> tuple[str, ...]:
        """What it tells beside events, as the ledger knows it: changed expectations, reminders, silences."""
        changed = tuple(expected.mark for expected in self.expectations if expected.news)
        return changed + tuple(fallen.mark for fallen in self.quiet)

    @property
    def events(self) -> tuple[DigestEvent, ...]:
        return tuple(event for line in self.storylines for event in line.events)
