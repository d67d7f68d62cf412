"""What is known of one storyline, on one page: every line an extract with its link."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from monitor.domain.digests import DigestExpectation


@dataclass(frozen=True, slots=True, kw_only=True)
class BriefReport:
    """One report as a brief quotes it."""

    title: str
    url: str | None
    source: str
    lang: str | None
    at: datetime
    #: What it added, in words; empty where it opened its event.
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BriefEvent:
    """A happening on the timeline."""

    id: str
    lead: BriefReport
    #: Start of the lead's summary, as it stands there; may be empty.
    summary: str
    #: Reports that brought a new fact later, oldest first.
    developments: tuple[BriefReport, ...]
    #: Outlets that reported it, in the order in which they did.
    outlets: tuple[str, ...]
    #: Independent sources behind them, by name.
    origins: tuple[str, ...]
    reports: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BriefQuestion:
    """Something that is open, with the report that raises it."""

    text: str
    source: str = ""
    title: str = ""
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """State, last change, timeline and open questions of a storyline at one moment."""

    story: str
    #: The story's title, for people.
    story_title: str
    id: str
    title: str
    about: str
    at: datetime
    state: str
    since: datetime | None
    #: Why it is in this state, in words.
    reason: str
    #: The event that was reported on last, with its newest fact; None: there is none.
    last: BriefEvent | None
    #: Oldest first.
    timeline: tuple[BriefEvent, ...]
    #: Older events that were left out of the timeline.
    omitted: int
    expectations: tuple[DigestExpectation, ...]
    questions: tuple[BriefQuestion, ...]
    events: int
    reports: int
    outlets: int
    origins: int
