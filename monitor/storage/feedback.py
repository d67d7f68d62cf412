"""What readers said of entries: kept for good, read when a matcher is made."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from monitor.domain import Feedback
from monitor.storage.entries import read_entry
from monitor.storage.schema import entries, feedback
from monitor.storage.upsert import insert_or_replace

#: Answers that a matcher learns from, the latest: fitting them costs their number squared, at 500 about a second.
MOST = 500


def save(connection: Connection, story: str, entry_id: int, said: Feedback, *, now: datetime) -> None:
    """Keep an answer about a stored entry, instead of an earlier one to the same question."""
    values = {"story": story, "entry_id": entry_id, "kind": said.kind, "target": said.target}
    values |= {"belongs": said.belongs, "at": now}
    connection.execute(insert_or_replace(connection, feedback, "belongs", "at"), values)


def of_story(connection: Connection, story: str) -> list[Feedback]:
    """The latest answers about a story's entries, the oldest of them first."""
    query = (
        select(entries, feedback.c.kind, feedback.c.target, feedback.c.belongs)
        .join(feedback, feedback.c.entry_id == entries.c.id)
        .where(feedback.c.story == story)
        .order_by(feedback.c.at.desc(), feedback.c.entry_id.desc(), feedback.c.kind, feedback.c.target)
        .limit(MOST)
    )
    rows = connection.execute(query).all()
    return [
        Feedback(entry=read_entry(row), kind=row.kind, target=row.target, belongs=row.belongs) for row in reversed(rows)
    ]
