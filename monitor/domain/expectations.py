"""What reports say of what was promised."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class ExpectationState(StrEnum):
    OPEN = "open"
    MET = "met"
    SLIPPED = "slipped"
    OVERDUE = "overdue"
    DENIED = "denied"
    CANCELLED = "cancelled"


class StatementKind(StrEnum):
    """What a report says of an expectation."""

    MET = "met"  # it came
    SLIPPED = "slipped"  # it comes later
    DENIED = "denied"  # it never was to come, says somebody
    CANCELLED = "cancelled"  # it comes no more
    STANDS = "stands"  # it comes as promised; a delay is denied


@dataclass(frozen=True, slots=True, kw_only=True)
class Bearing:
    """How an entry bears on an expectation: which of its queries it answers, and how its subject is called there."""

    expectation: str
    #: Keys of the expectation whose query the entry answers: "when", "slipped", "denied", "cancelled".
    answers: frozenset[str] = frozenset()
    #: Names of its topics, as they stand in the text.
    names: frozenset[str] = frozenset()
    #: Names of the story's other topics there.
    others: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What one report says of one expectation; a fact about the report, judged when it is read."""

    expectation: str
    kind: StatementKind
    #: The time that it names, as it stands there; empty where it names none.
    said: str = ""
    #: First and last day of that time.
    earliest: date | None = None
    latest: date | None = None
    #: It says "could", asks, or passes on a rumour.
    hedged: bool = False
    #: Its feed is tagged as one that knows.
    trusted: bool = False
