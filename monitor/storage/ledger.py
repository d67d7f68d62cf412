"""The ledger: what each channel has been told, in which revision, and what it is still to be told."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, exists, func, insert, select

from monitor.domain import Digest, Report
from monitor.storage.schema import asked, channels, entries, matches, reports, told, told_marks
from monitor.storage.stories import read_report, select_reports


def untold(
    connection: Connection, *, channel: str, story: str, after: int = 0, events: Collection[str] | None = None
) -> list[Report]:
    """What a channel has still to be told of a story, oldest first by arrival.

    after    only entries whose id is greater
    events   only reports of these

    That is every report that was first seen since we know the channel, was not there before we watched its feed, and
    is in no delivery to the channel.
    """
    query = (
        select_reports()
        .join(channels, channels.c.id == channel)
        .where(
            reports.c.story == story,
            reports.c.entry_id > after,
            matches.c.held,
            ~entries.c.primed,
            entries.c.first_seen >= channels.c.since,
            ~exists().where(
                told.c.channel == channel, told.c.story == reports.c.story, told.c.entry_id == reports.c.entry_id
            ),
        )
        .order_by(reports.c.entry_id)
    )
    if events is not None:
        query = query.where(reports.c.event_id.in_(events))
    return [read_report(row) for row in connection.execute(query)]


def last_revisions(connection: Connection, channel: str, event_ids: Collection[str]) -> dict[str, int]:
    """The revision in which a channel last heard of each of these events; one it never heard of is not listed."""
    query = (
        select(told.c.event_id, func.max(told.c.revision))
        .where(told.c.channel == channel, told.c.event_id.in_(event_ids))
        .group_by(told.c.event_id)
    )
    return dict(connection.execute(query).all())


def marks(connection: Connection, channel: str, story: str) -> set[str]:
    """The marks of what a channel has been told beside events."""
    query = select(told_marks.c.mark).where(told_marks.c.channel == channel, told_marks.c.story == story)
    return set(connection.execute(query).scalars())


def enter(connection: Connection, digest: Digest, delivery_id: int) -> None:
    """Enter what a delivery tells its channel: the entries that the digest lists, its questions and its marks."""
    listed = [
        {
            "channel": digest.channel,
            "story": digest.story,
            "entry_id": entry.id,
            "event_id": event.id,
            "revision": event.revision,
            "delivery_id": delivery_id,
        }
        for event in digest.events
        for entry in event.entries
    ]
    if listed:
        connection.execute(insert(told), listed)
    questions = [
        {"channel": digest.channel, "proposal_id": one.id, "delivery_id": delivery_id} for one in digest.proposals
    ]
    if questions:
        connection.execute(insert(asked), questions)
    reached = [
        {"channel": digest.channel, "story": digest.story, "mark": mark, "delivery_id": delivery_id}
        for mark in digest.marks
    ]
    if reached:
        connection.execute(insert(told_marks), reached)
