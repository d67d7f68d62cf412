"""Listen for new names of a topic in the entries that belong to a story, and propose them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import structlog
from sqlalchemy import Connection

from monitor.domain import Match, ProposalState
from monitor.storage import drift
from monitor.storage.entries import StoredEntry
from monitor.stories.drift import (
    RISING,
    WINDOW,
    Heard,
    Mention,
    Tie,
    Totals,
    Vocabulary,
    hear,
    is_covered,
    propose,
)
from monitor.stories.origins import origin
from monitor.stories.renaming import Link
from monitor.stories.vocabulary import fold

log = structlog.get_logger()


def listen(connection: Connection, known: Vocabulary, story: str, matches: Sequence[tuple[StoredEntry, Match]]) -> None:
    """Keep the possible names of these entries, and propose those for which enough speaks by now.

    An entry that does not belong to the story may be about a topic under its new name alone: of these only the names
    are looked for that others have tied to a topic.
    """
    if not matches:
        return
    earliest = min(stored.entry.reported_at(stored.first_seen) for stored, _ in matches)
    strangers = any(not (match.held or match.held_topics) for _, match in matches)
    open_names = drift.tied(connection, story, earliest - WINDOW) if strangers else {}
    for stored, match in matches:
        at = stored.entry.reported_at(stored.first_seen)
        if not (match.held or match.held_topics):
            text = fold(stored.entry.text) if open_names else ""  # of most stories at most times none is open
            for key, name in open_names.items():
                if fold(name) in text:
                    _judge(connection, story, Heard(key=key, text=name), at)
            continue
        found = {heard.key: heard for heard in hear(stored.entry, match, known)}
        source = origin(stored.entry)
        drift.keep_heard(connection, [_row(story, stored.id, source, heard, at) for heard in found.values()])
        open_names |= {key: heard.text for key, heard in found.items() if heard.link}
        for key in drift.risen(connection, story, found, at - WINDOW, source=source, origins=RISING):
            _judge(connection, story, found[key], at)


def _row(story: str, entry_id: int, source: str, heard: Heard, at: datetime) -> dict[str, object]:
    return {
        "story": story,
        "term": heard.key,
        "entry_id": entry_id,
        "at": at,
        "origin": source,
        "text": heard.text,
        "topic": heard.topic,
        "link": heard.link.name if heard.link else None,
    }


def _judge(connection: Connection, story: str, heard: Heard, at: datetime) -> None:
    mentions = [
        Mention(
            entry_id=stored.id,
            entry=stored.entry,
            at=stored.entry.reported_at(stored.first_seen),
            topics=match.held_topics if match else (),
        )
        for stored, match in drift.mentions(connection, story, heard.text)
    ]
    ties = [
        Tie(entry_id=row.entry_id, topic=row.topic, link=Link[row.link])
        for row in drift.ties(connection, story, heard.key, at - WINDOW)
    ]
    recent, before = drift.looked_at(connection, at - WINDOW)
    proposal = propose(heard, story, mentions, ties, Totals(recent=recent, before=before), at)
    if proposal is None or _stands_for(heard.key, drift.keys(connection, story, proposal.topic)):
        return
    drift.save(connection, heard.key, proposal)
    log.info("drift", story=story, topic=proposal.topic, term=proposal.term, score=proposal.score)


def _stands_for(key: str, others: Mapping[str, ProposalState]) -> bool:
    """Whether another proposal stands for this one: a shorter form, whatever became of it, or a longer not rejected."""
    return any(
        is_covered(key, other) or (state is not ProposalState.REJECTED and is_covered(other, key))
        for other, state in others.items()
    )
