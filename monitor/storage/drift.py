"""Names that may be new ones of a topic: heard in entries, proposed, accepted or rejected."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, bindparam, delete, exists, func, insert, select, update

from monitor.domain import Match, Proposal, ProposalState
from monitor.errors import StorageError
from monitor.storage.entries import StoredEntry, read_entry
from monitor.storage.schema import asked, entries, heard, matches, proposals
from monitor.storage.stories import read_match
from monitor.storage.upsert import insert_new

#: Names are kept for so long. One that was silent for half a year may rise anew.
KEPT = timedelta(days=180)
#: The latest entries, of the story or not, in which mentions of a name are searched: at 100,000 entries a search of
#: them all takes a second, of these 10 ms.
LOOKED_AT = 2000
#: Mentions that are judged, the latest.
MOST_MENTIONS = 200


def keep_heard(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Keep what was heard in an entry, a row each of the columns of ``heard``."""
    if rows:
        connection.execute(insert_new(connection, heard), rows)


def forget(connection: Connection, now: datetime) -> None:
    """Forget the names that were kept long enough."""
    connection.execute(delete(heard).where(heard.c.at < now - KEPT))


def risen(
    connection: Connection,
    story: str,
    terms: Collection[str],
    since: datetime,
    *,
    source: str,
    origins: Collection[int],
) -> list[str]:
    """Of these names of an entry those that somebody tied to a topic since then, or that have just risen.

    source   the entry's origin, whose first use of the name it is
    origins  how many use it by now: one of these

    A name that was proposed before, whatever became of it, is not listed.
    """
    asked_for = {"of": story, "terms": list(terms), "since": since, "source": source, "origins": list(origins)}
    return list(connection.execute(_risen(), asked_for).scalars()) if terms else []


def tied(connection: Connection, story: str, since: datetime) -> dict[str, str]:
    """The names that entries have tied to a topic since then and that were never proposed: folded, to as written."""
    return dict(connection.execute(_tied(), {"of": story, "since": since}).all())


# Asked of every entry that belongs, or of every poll: building these statements anew costs ten times what they take.


@cache
def _risen() -> Select[Any]:
    return (
        select(heard.c.term)
        .where(
            heard.c.story == bindparam("of"),
            heard.c.term.in_(bindparam("terms", expanding=True)),
            heard.c.at > bindparam("since"),
            _never_proposed(),
        )
        .group_by(heard.c.story, heard.c.term)
        .having(
            (func.count(heard.c.link) > 0)
            | func.count(heard.c.origin.distinct()).in_(bindparam("origins", expanding=True))
            & (func.count().filter(heard.c.origin == bindparam("source")) == 1)
        )
    )


@cache
def _tied() -> Select[Any]:
    return (
        select(heard.c.term, heard.c.text)
        .where(
            heard.c.story == bindparam("of"),
            heard.c.at > bindparam("since"),
            heard.c.link.is_not(None),
            _never_proposed(),
        )
        .order_by(heard.c.at)
    )


def _never_proposed() -> ColumnElement[bool]:
    return ~exists().where(proposals.c.story == heard.c.story, proposals.c.term == heard.c.term)


def ties(connection: Connection, story: str, term: str, since: datetime) -> list[Row[Any]]:
    """Where a name was tied to a topic: ``entry_id, topic, link``, oldest first."""
    return list(connection.execute(_ties(), {"of": story, "term": term, "since": since}))


@cache
def _ties() -> Select[Any]:
    return (
        select(heard.c.entry_id, heard.c.topic, heard.c.link)
        .where(
            heard.c.story == bindparam("of"),
            heard.c.term == bindparam("term"),
            heard.c.link.is_not(None),
            heard.c.at > bindparam("since"),
        )
        .order_by(heard.c.entry_id)
    )


def mentions(connection: Connection, story: str, text: str) -> list[tuple[StoredEntry, Match | None]]:
    """The latest entries that have this text in title or summary, whatever its capitals, in order of arrival.

    With each, what the story sees in it.
    """
    query = (
        select(entries, matches.c.match)
        .outerjoin(matches, (matches.c.entry_id == entries.c.id) & (matches.c.story == story))
        .where(
            entries.c.id > _newest() - LOOKED_AT,
            entries.c.title.icontains(text, autoescape=True) | entries.c.summary.icontains(text, autoescape=True),
        )
        .order_by(entries.c.id.desc())
        .limit(MOST_MENTIONS)
    )
    found = [
        (
            StoredEntry(id=row.id, entry=read_entry(row), first_seen=row.first_seen, primed=row.primed),
            read_match(row.match) if row.match else None,
        )
        for row in connection.execute(query)
    ]
    return found[::-1]


def looked_at(connection: Connection, since: datetime) -> tuple[int, int]:
    """How many entries ``mentions`` looks at: reported since then, and before."""
    recent, total = connection.execute(_looked_at(), {"since": since}).one()
    return recent, total - recent


@cache
def _looked_at() -> Select[int, int]:
    at = func.coalesce(entries.c.published, entries.c.first_seen)
    recent = func.count().filter(at > bindparam("since", type_=at.type))
    return select(recent, func.count()).where(entries.c.id > _newest() - LOOKED_AT)


def _newest() -> Any:
    return select(func.coalesce(func.max(entries.c.id), 0)).scalar_subquery()


# --- Proposals --------------------------------------------------------------------------------------------------------


def save(connection: Connection, term: str, proposal: Proposal) -> None:
    """Keep a new proposal under its folded name."""
    values: dict[str, Any] = {"story": proposal.story, "term": term, "text": proposal.term, "topic": proposal.topic}
    values |= {"state": proposal.state.value, "score": proposal.score, "proposed_at": proposal.proposed_at}
    values |= {"evidence": list(proposal.evidence), "origins": proposal.origins, "reason": proposal.reason}
    connection.execute(insert(proposals), values)


def listed(connection: Connection, story: str, *, state: ProposalState | None = None) -> list[Proposal]:
    """The story's proposals, oldest first."""
    query = select(proposals).where(proposals.c.story == story).order_by(proposals.c.id)
    if state is not None:
        query = query.where(proposals.c.state == state.value)
    return [_read(row) for row in connection.execute(query)]


def keys(connection: Connection, story: str, topic: str) -> dict[str, ProposalState]:
    """The folded names ever proposed for a topic, with what became of each."""
    query = select(proposals.c.term, proposals.c.state).where(proposals.c.story == story, proposals.c.topic == topic)
    return {term: ProposalState(state) for term, state in connection.execute(query)}


def get(connection: Connection, proposal_id: int) -> Proposal | None:
    row = connection.execute(select(proposals).where(proposals.c.id == proposal_id)).one_or_none()
    return _read(row) if row else None


def decide(connection: Connection, proposal_id: int, state: ProposalState) -> None:
    """Write down what people made of a proposal. StorageError: there is none of that number."""
    changed = connection.execute(update(proposals).where(proposals.c.id == proposal_id).values(state=state.value))
    if not changed.rowcount:
        raise StorageError(f"there is no proposal {proposal_id}")


def unasked(connection: Connection, channel: str, story: str) -> list[Proposal]:
    """Open proposals about which a channel has not been asked yet, oldest first."""
    told = exists().where(asked.c.channel == channel, asked.c.proposal_id == proposals.c.id)
    query = select(proposals).where(
        proposals.c.story == story, proposals.c.state == ProposalState.PROPOSED.value, ~told
    )
    return [_read(row) for row in connection.execute(query.order_by(proposals.c.id))]


def _read(row: Row[Any]) -> Proposal:
    return Proposal(
        id=row.id,
        term=row.text,
        story=row.story,
        topic=row.topic,
        score=row.score,
        proposed_at=row.proposed_at,
        evidence=tuple(row.evidence),
        origins=row.origins,
        reason=row.reason,
        state=ProposalState(row.state),
    )
