"""What reports say of what is expected, and whether the feeds that report on it are heard."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select

from monitor.domain import Report, Statement, StatementKind
from monitor.storage.schema import entries, feeds, report_storylines, reports, statements
from monitor.storage.stories import read_report, select_reports

#: The slowest feeds are polled once a day (``feeds.cadence``); one more may be missed.
LATELY = timedelta(days=2)


def retract_statements(connection: Connection, story: str, entry_ids: Collection[int]) -> None:
    """Forget what these entries said of the story's expectations before they were edited."""
    if entry_ids:
        these = (statements.c.story == story, statements.c.entry_id.in_(entry_ids))
        connection.execute(delete(statements).where(*these))


def save_statements(connection: Connection, story: str, entry_id: int, said: Iterable[Statement], at: datetime) -> None:
    """Keep what an entry, reported at ``at``, says of the story's expectations; after an edit, retract first."""
    rows = [
        {
            "story": story,
            "expectation": statement.expectation,
            "entry_id": entry_id,
            "kind": statement.kind.value,
            "said": statement.said,
            "earliest": statement.earliest,
            "latest": statement.latest,
            "hedged": statement.hedged,
            "trusted": statement.trusted,
            "at": at,
        }
        for statement in said
    ]
    if rows:
        connection.execute(insert(statements), rows)


def statements_of(connection: Connection, story: str, now: datetime) -> dict[str, list[tuple[Statement, Report]]]:
    """What was said of each expectation by the reports seen until ``now``, oldest first."""
    said = statements.c
    columns = (said.expectation, said.kind, said.said, said.earliest, said.latest, said.hedged, said.trusted)
    query = (
        select_reports(*columns)
        .join(statements, (said.entry_id == reports.c.entry_id) & (said.story == reports.c.story))
        .where(said.story == story, entries.c.first_seen <= now)
        .order_by(said.expectation, said.at, reports.c.entry_id)
    )
    rows = connection.execute(query)
    return {
        name: [(_statement(row), read_report(row)) for row in group]
        for name, group in groupby(rows, key=lambda row: row.expectation)
    }


def heard_by(connection: Connection, story: str, storyline: str, now: datetime) -> list[tuple[int, bool]]:
    """Of each feed that ever reported on a storyline and is still configured: how many reports, and whether it is well.

    Well is a feed whose last poll succeeded, and not long ago: while nobody polls, nothing is heard.
    """
    line = report_storylines.c
    brought = (
        select(entries.c.feed_url, func.count().label("reports"))
        .join(report_storylines, entries.c.id == line.entry_id)
        .where(line.story == story, line.storyline == storyline)
        .group_by(entries.c.feed_url)
        .subquery()
    )
    query = (
        select(brought.c.reports, feeds.c.failures, feeds.c.gone, feeds.c.last_success_at, feeds.c.interval_s)
        .join(feeds, feeds.c.url == brought.c.feed_url)
        .where(feeds.c.listed)
        .order_by(feeds.c.url)
    )
    found = []
    for count, failures, gone, success, interval_s in connection.execute(query):
        lately = success is not None and now - success <= max(LATELY, 2 * timedelta(seconds=interval_s))
        found.append((count, lately and not failures and not gone))
    return found


def _statement(row: Row[Any]) -> Statement:
    return Statement(
        expectation=row.expectation,
        kind=StatementKind(row.kind),
        said=row.said,
        earliest=row.earliest,
        latest=row.latest,
        hedged=row.hedged,
        trusted=row.trusted,
    )
