"""Forgetting: entries that belong to no story are kept for a while, then only a mark that we have seen them.

The mark is what keeps an entry that a feed still lists from coming back as new. It is 16 bytes, so it is kept for good:
200 feeds of 10 entries a day leave 17 MB of marks a year, and no poll has to write down what it saw again.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, ColumnElement, Connection, delete, exists, insert, or_, select

from monitor.storage.schema import METADATA, entries, entry_words, forgotten, heard, matches, revisions

#: What goes with an entry. Whatever else points at one keeps it: a report, a reader's answer.
PARTS = (matches, revisions, heard, entry_words)


def prune(connection: Connection, before: datetime, *, limit: int) -> int:
    """Forget entries that were first seen before this, oldest first; how many. Fewer than ``limit``: none are left."""
    old = select(entries.c.id, entries.c.key).where(entries.c.first_seen < before, ~_is_needed())
    found = connection.execute(old.order_by(entries.c.first_seen).limit(limit)).all()
    if not found:
        return 0
    ids = [row.id for row in found]
    connection.execute(insert(forgotten), [{"key": row.key} for row in found])
    for part in PARTS:
        connection.execute(delete(part).where(part.c.entry_id.in_(ids)))
    connection.execute(delete(entries).where(entries.c.id.in_(ids)))
    return len(found)


def _is_needed() -> ColumnElement[bool]:
    """Something that is kept speaks of the entry."""
    return or_(*(exists().where(column == entries.c.id) for column in pointers() if column.table not in PARTS))


def pointers() -> list[Column[int]]:
    """The columns that point at an entry, of all tables."""
    columns = (column for table in METADATA.sorted_tables for column in table.columns)
    return [column for column in columns if any(key.column is entries.c.id for key in column.foreign_keys)]
