"""What people change of events by hand: which reports they hold, and what ties are remembered."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import Connection, exists, select, update

from monitor.domain import Event, Report
from monitor.storage.schema import events as events_table
from monitor.storage.schema import reports, ties, told
from monitor.storage.stories import last_number
from monitor.storage.upsert import insert_new, insert_or_replace


def resolve(connection: Connection, event_id: str) -> str:
    """The event that an id stands for: its own, or the one that it was merged into."""
    query = select(events_table.c.merged_into).where(events_table.c.id == event_id)
    return connection.execute(query).scalar() or event_id


def begin(connection: Connection, event_id: str, story: str, first: Report) -> None:
    """Make sure of an event's row; one that was merged away is an event of its own again."""
    row = {"id": event_id, "story": story, "first_seen": first.first_seen, "last_seen": first.at}
    connection.execute(insert_new(connection, events_table), row)
    connection.execute(update(events_table).where(events_table.c.id == event_id).values(merged_into=None))


def move_reports(connection: Connection, story: str, entry_ids: Collection[int], event_id: str) -> None:
    """Let reports be in an event, for those who group and for the ledger alike."""
    for number, entry_id in enumerate(entry_ids, start=last_number(connection, story) + 1):
        this = (reports.c.story == story, reports.c.entry_id == entry_id)
        connection.execute(update(reports).where(*this).values(event_id=event_id, number=number))
    heard = (told.c.story == story, told.c.entry_id.in_(entry_ids))
    connection.execute(update(told).where(*heard).values(event_id=event_id))


def is_told(connection: Connection, event_id: str) -> bool:
    """True if some channel has been told of the event."""
    return bool(connection.execute(select(exists().where(told.c.event_id == event_id))).scalar())


def merge_away(connection: Connection, event_id: str, into: str) -> None:
    """Let an id without reports, and all ids that lead to it, lead to another event."""
    these = (events_table.c.id == event_id) | (events_table.c.merged_into == event_id)
    connection.execute(update(events_table).where(these).values(merged_into=into))


def span(connection: Connection, event: Event) -> None:
    """Let an event's row say when its reports were."""
    values = {"first_seen": event.first_seen, "last_seen": event.last_seen}
    connection.execute(update(events_table).where(events_table.c.id == event.id).values(values))


def rejudge(connection: Connection, report: Report) -> None:
    """Keep another novelty and reason of a report."""
    this = (reports.c.story == report.match.story, reports.c.entry_id == report.entry_id)
    values = {"novelty": report.novelty.value, "reason": report.reason}
    connection.execute(update(reports).where(*this).values(values))


def tie(connection: Connection, story: str, pairs: Iterable[tuple[int, int, bool]], at: datetime) -> None:
    """Remember of pairs of entries, the one that was put somewhere first, whether they tell of one event."""
    rows = [
        {"story": story, "entry_id": entry_id, "other_id": other_id, "together": together, "at": at}
        for entry_id, other_id, together in pairs
    ]
    if rows:
        connection.execute(insert_or_replace(connection, ties, "together", "at"), rows)


def steered(connection: Connection, story: str) -> set[int]:
    """Entries that somebody has put somewhere by hand."""
    return set(connection.execute(select(ties.c.entry_id).where(ties.c.story == story).distinct()).scalars())


def apart(connection: Connection, story: str) -> dict[int, set[int]]:
    """Entries of which somebody said that they tell of another event, each with the entries that tell of that one."""
    found: dict[int, set[int]] = defaultdict(set)
    query = select(ties.c.entry_id, ties.c.other_id).where(ties.c.story == story, ties.c.together.is_(False))
    for one, other in connection.execute(query):
        found[one].add(other)
        found[other].add(one)
    return found
