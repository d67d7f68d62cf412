"""Names that seem to have become names of a topic, for people to accept or reject."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ProposalState(StrEnum):
    PROPOSED = "proposed"
    ACCEPTED = "accepted"  # written into the story's file
    REJECTED = "rejected"  # never proposed again


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A name that seems to have become a name of a topic."""

    #: Number in the store; 0 before it is stored.
    id: int = 0
    #: As most texts write it.
    term: str
    story: str
    topic: str
    #: 0.5 to 1.
    score: float
    proposed_at: datetime
    #: Ids of stored entries: those that say so first, then those that use it, oldest first.
    evidence: tuple[int, ...]
    #: Independent sources that use the name.
    origins: int
    #: Why, in words, with a sentence that says so where there is one.
    reason: str
    state: ProposalState = ProposalState.PROPOSED
