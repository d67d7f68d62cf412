"""Stories: what each sees in the entries, and the events its reports form."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import groupby
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import (
    ColumnElement,
    Connection,
    Insert,
    Row,
    Select,
    bindparam,
    case,
    delete,
    exists,
    func,
    insert,
    select,
)

from monitor.domain import Event, Match, Novelty, Report
from monitor.storage.entries import read_entry
from monitor.storage.schema import entries, matches, report_storylines, reports
from monitor.storage.schema import events as events_table
from monitor.storage.upsert import insert_or_replace, upsert

#: Of our advisory locks on stories, "moni" in ASCII. PostgreSQL keeps locks of two numbers apart from those of one,
#: which ``store`` takes.
STORY_LOCKS = 0x6D6F6E69

# --- Matches ----------------------------------------------------------------------------------------------------------


def save_matches(connection: Connection, made: Iterable[tuple[int, Match]]) -> None:
    """Keep what stories see in entries, near misses included, by entry; a later look replaces an earlier one."""
    values = [
        {"entry_id": entry_id, "story": match.story, "held": match.held, "match": _codec().dump_json(match).decode()}
        for entry_id, match in made
    ]
    if values:  # in one go: a statement for each took three times as long
        connection.execute(insert_or_replace(connection, matches, "held", "match"), values)


def match_of(connection: Connection, entry_id: int, story: str) -> Match | None:
    """What a story saw in an entry; None when it never looked."""
    query = select(matches.c.match).where(matches.c.entry_id == entry_id, matches.c.story == story)
    text = connection.execute(query).scalar()
    return None if text is None else read_match(text)


def read_match(text: str) -> Match:
    """The match in a row of ``matches``."""
    return _codec().validate_json(text)


# --- Reports and events -----------------------------------------------------------------------------------------------


def hold(connection: Connection, stories: Iterable[str]) -> None:
    """Let no other transaction group entries of these stories until this one ends; waits for one that does.

    Two that group side by side do not see each other's events, and make two of one happening. Call it before anything
    is read or written. On SQLite there is nothing to do: its transactions that write stand in line from their start.
    """
    if connection.dialect.name != "postgresql":
        return
    for number in sorted({_lock_number(story) for story in stories}):  # one order for all: nobody waits in a ring
        connection.execute(select(func.pg_advisory_xact_lock(STORY_LOCKS, number)))


def _lock_number(story: str) -> int:
    """The same for the same story in every process. Two stories with one number would merely wait for each other."""
    return int.from_bytes(hashlib.blake2b(story.encode(), digest_size=4).digest(), signed=True)


def save_report(connection: Connection, report: Report, vector: bytes = b"") -> None:
    """Keep an entry as a report of its event, which begins with its first report and grows with the others.

    vector   what the entry means to a sentence encoder; empty where there is none

    The entry and its match must be stored. An entry reports one event of a story: a second report of it is refused.
    """
    story = report.match.story
    connection.execute(
        _begin_or_extend(connection.dialect.name),
        {"id": report.event, "story": story, "first_seen": report.first_seen, "last_seen": report.at},
    )
    connection.execute(
        _append(),
        {
            "entry_id": report.entry_id,
            "story": story,
            "event_id": report.event,
            "novelty": report.novelty.value,
            "reason": report.reason,
            "reported_at": report.at,
            "vector": vector,
            "of": story,
        },
    )
    _save_lines(connection, report.entry_id, report.match, report.at)


def refresh_report(connection: Connection, entry_id: int, match: Match, at: datetime) -> None:
    """Keep what a story sees in a report whose entry was edited; call it instead of ``save_matches``.

    at   when it was reported

    Where no storyline holds any more, all stays as it was: the entry is in its event, and is still told once, under
    the storyline that it was found for.
    """
    if not match.held:
        return
    save_matches(connection, [(entry_id, match)])
    of_report = (report_storylines.c.entry_id == entry_id, report_storylines.c.story == match.story)
    connection.execute(delete(report_storylines).where(*of_report))
    _save_lines(connection, entry_id, match, at)


def _save_lines(connection: Connection, entry_id: int, match: Match, at: datetime) -> None:
    lines = [
        {"entry_id": entry_id, "story": match.story, "storyline": line, "reported_at": at}
        for line in match.held_storylines
    ]
    if lines:
        connection.execute(insert(report_storylines), lines)


def report_of(connection: Connection, story: str, entry_id: int) -> Report | None:
    """An entry as a report of one of the story's events; None when it is none."""
    query = select_reports().where(reports.c.story == story, reports.c.entry_id == entry_id)
    row = connection.execute(query).one_or_none()
    return read_report(row) if row else None


def reported(connection: Connection, story: str, entry_ids: Collection[int]) -> set[int]:
    """Of these entries the ones that are reports of an event of the story already."""
    if not entry_ids:
        return set()
    query = select(reports.c.entry_id).where(reports.c.story == story, reports.c.entry_id.in_(entry_ids))
    return set(connection.execute(query).scalars())


def last_number(connection: Connection, story: str) -> int:
    """The highest number of the story's reports; 0 where there is none. See ``reports_after``."""
    return connection.execute(select(func.max(reports.c.number)).where(reports.c.story == story)).scalar() or 0


def numbers_after(connection: Connection, story: str, number: int) -> list[tuple[int, int, str]]:
    """Number, entry and event of the story's reports that were stored or moved since, oldest first."""
    return [(row[0], row[1], row[2]) for row in connection.execute(_numbers_after(), {"of": story, "last": number})]


def reports_after(connection: Connection, story: str, number: int) -> Iterator[tuple[Report, bytes]]:
    """The story's reports that were stored or moved since, in that order, each with its vector."""
    query = select_reports(reports.c.vector).where(reports.c.story == story, reports.c.number > number)
    for row in connection.execute(query.order_by(reports.c.number)):
        yield read_report(row), row.vector


def reports_since(
    connection: Connection, story: str, since: datetime, until: datetime | None = None
) -> Iterator[tuple[Report, bytes]]:
    """All reports of the story's events that had one at ``since`` or later, each with its vector, oldest first.

    until   and that had begun by then
    """
    query = (
        select_reports(reports.c.vector)
        .join(events_table, events_table.c.id == reports.c.event_id)
        .where(events_table.c.story == story, events_table.c.last_seen >= since)
        .order_by(reports.c.entry_id)
    )
    if until is not None:
        query = query.where(events_table.c.first_seen <= until)
    for row in connection.execute(query):
        yield read_report(row), row.vector


def events(connection: Connection, event_ids: Collection[str]) -> list[Event]:
    """These events, each with all its reports; an unknown one is left out."""
    return _events(connection, events_table.c.id.in_(event_ids)) if event_ids else []


def list_events(connection: Connection, story: str, *, storyline: str | None = None, limit: int) -> list[Event]:
    """The story's events, or one storyline's, the latest reported first."""
    wanted = (events_table.c.story == story) & events_table.c.merged_into.is_(None)
    if storyline is not None:
        wanted &= exists().where(
            reports.c.event_id == events_table.c.id,
            report_storylines.c.entry_id == reports.c.entry_id,
            report_storylines.c.story == story,
            report_storylines.c.storyline == storyline,
        )
    latest = (
        select(events_table.c.id)
        .where(wanted)
        .order_by(events_table.c.last_seen.desc(), events_table.c.id)
        .limit(limit)
    )
    found = {event.id: event for event in _events(connection, events_table.c.id.in_(latest.scalar_subquery()))}
    return [found[id_] for id_ in connection.execute(latest).scalars() if id_ in found]


def report_times(connection: Connection, story: str, *, storyline: str | None = None) -> dict[str, list[datetime]]:
    """When each storyline was reported on, oldest first; a storyline without a report is not listed; or one's alone."""
    line, at = report_storylines.c.storyline, report_storylines.c.reported_at
    query = select(line, at).where(report_storylines.c.story == story).order_by(line, at)
    if storyline is not None:
        query = query.where(line == storyline)
    return {name: [at for _, at in rows] for name, rows in groupby(connection.execute(query), key=lambda row: row[0])}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedDay:
    """A day (UTC) on which a storyline was reported on."""

    first: datetime
    last: datetime
    reports: int


def reported_days(connection: Connection, story: str, *, storyline: str | None = None) -> dict[str, list[ReportedDay]]:
    """As ``report_times``, by the day: of 13,000 reports the times take 45 ms to read, their days 20."""
    line, at = report_storylines.c.storyline, report_storylines.c.reported_at
    day = func.date(at if connection.dialect.name == "sqlite" else func.timezone("UTC", at))
    first = func.min(at).label("first")
    query = (
        select(line, first, func.max(at).label("last"), func.count().label("reports"))
        .where(report_storylines.c.story == story)
        .group_by(line, day)
        .order_by(line, first)
    )
    if storyline is not None:
        query = query.where(line == storyline)
    return {
        name: [ReportedDay(first=row.first, last=row.last, reports=row.reports) for row in rows]
        for name, rows in groupby(connection.execute(query), key=lambda row: row[0])
    }


# --- Rows and values --------------------------------------------------------------------------------------------------


@cache
def _codec() -> TypeAdapter[Match]:
    """Matches as JSON. Read at 14 us where json and our own loops took 42; a field added later reads as its default."""
    return TypeAdapter(Match)


# Asked for each report, or at each poll that brings one: building these statements anew costs more than they take.


@cache
def _numbers_after() -> Select[Any]:
    columns = select(reports.c.number, reports.c.entry_id, reports.c.event_id)
    later = columns.where(reports.c.story == bindparam("of"), reports.c.number > bindparam("last"))
    return later.order_by(reports.c.number)


@cache
def _append() -> Insert:
    """A report's row, with a number one higher than any of its story (``of``)."""
    last = select(func.coalesce(func.max(reports.c.number), 0)).where(reports.c.story == bindparam("of"))
    return insert(reports).values(number=last.scalar_subquery() + 1)


@cache
def _begin_or_extend(dialect: str) -> Insert:
    """An event's row: made with its first report; later ones can only move its end."""
    statement = upsert(dialect, events_table)
    end, stored = statement.excluded.last_seen, events_table.c.last_seen
    return statement.on_conflict_do_update(
        index_elements=["id"], set_={"last_seen": case((end > stored, end), else_=stored)}
    )


def select_reports(*more: ColumnElement[Any]) -> Select[Any]:
    """A query of reports, each row with its entry and match, as ``read_report`` reads them."""
    light = [column for column in reports.c if column.name not in {"vector", "number"}]
    columns = [column for column in entries.c if column.name not in {"id", "key", "content_hash", "revision"}]
    return (
        select(*light, *columns, matches.c.match, *more)
        .select_from(reports)
        .join(entries, entries.c.id == reports.c.entry_id)
        .join(matches, (matches.c.entry_id == reports.c.entry_id) & (matches.c.story == reports.c.story))
    )


def read_report(row: Row[Any]) -> Report:
    return Report(
        entry_id=row.entry_id,
        entry=read_entry(row),
        match=read_match(row.match),
        first_seen=row.first_seen,
        event=row.event_id,
        novelty=Novelty(row.novelty),
        reason=row.reason,
        primed=row.primed,
    )


def _events(connection: Connection, where: ColumnElement[bool]) -> list[Event]:
    """Events with all their reports, oldest first by arrival, in one query; the events in the order they began."""
    query = (
        select_reports(events_table.c.story.label("event_story"))
        .join(events_table, events_table.c.id == reports.c.event_id)
        .where(where)
        .order_by(events_table.c.first_seen, events_table.c.id, reports.c.entry_id)
    )
    return [_event(list(rows)) for _, rows in groupby(connection.execute(query), key=lambda row: row.event_id)]


def _event(rows: Sequence[Row[Any]]) -> Event:
    return Event(id=rows[0].event_id, story=rows[0].event_story, reports=tuple(map(read_report, rows)))
