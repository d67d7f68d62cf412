"""New names that are proposed: accepted into the story's file, or rejected for good. Command, page and API call it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from monitor.config.naming import Kind, StoryFile
from monitor.domain import Proposal, ProposalState
from monitor.errors import StoryError
from monitor.storage import drift
from monitor.storage.store import Store
from monitor.stories.drift import is_certain


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    proposal: Proposal
    #: The list it was put into.
    kind: Kind
    #: The story's file.
    path: Path
    #: What ``save`` said of it.
    said: str


def usual_kind(term: str) -> Kind:
    """The list that a name goes into unless people say otherwise: a single word needs an anchor, other names do not."""
    return "strong" if is_certain(term) else "aliases"


def accept(
    store: Store, folder: Path, number: int, *, kind: Kind | None = None, save: Callable[[StoryFile], str]
) -> Accepted:
    """Write a proposed name into the story's file, comments and all kept.

    kind   None: ``usual_kind``
    save   writes the file, and says what people should know of it

    StoryError: there is no such proposal, or it was decided before. ConfigError: the file cannot be edited so.
    """
    found = _open(store, number)
    chosen = kind or usual_kind(found.term)
    file = StoryFile.find(folder, found.story).with_name(found.topic, found.term, chosen)
    said = save(file)
    return Accepted(proposal=_decide(store, found, ProposalState.ACCEPTED), kind=chosen, path=file.path, said=said)


def reject(store: Store, number: int) -> Proposal:
    """Never propose this name again. StoryError: there is no such proposal, or it was decided before."""
    return _decide(store, _open(store, number), ProposalState.REJECTED)


def _open(store: Store, number: int) -> Proposal:
    with store.read() as connection:
        found = drift.get(connection, number)
    if found is None:
        raise StoryError(f"there is no proposal {number}; `monitor drift list` shows them")
    if found.state is not ProposalState.PROPOSED:
        raise StoryError(f"proposal {number} was {found.state} before")
    return found


def _decide(store: Store, proposal: Proposal, state: ProposalState) -> Proposal:
    with store.write() as connection:
        drift.decide(connection, proposal.id, state)
    return replace(proposal, state=state)
