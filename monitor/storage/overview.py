"""What a page shows many of: events in outline, without opening a match, and signs that something has changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, exists, func, select, tuple_

from monitor.domain import DeliveryState, Novelty
from monitor.storage.schema import attempts, deliveries, digests, entries, events, report_storylines, reports


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """An event, as a line of a list."""

    id: str
    story: str
    first_seen: datetime
    last_seen: datetime
    #: Of its first report.
    title: str
    url: str | None
    lang: str | None
    #: Where its reports stand, each once, in the order in which they came.
    sources: tuple[str, ...]
    reports: int
    #: It has more than copies and repeats since its first report.
    grown: bool
    #: In the order of their names.
    storylines: tuple[str, ...]


def outlines(
    connection: Connection,
    story: str,
    *,
    storyline: str | None = None,
    since: datetime | None = None,
    before: tuple[datetime, str] | None = None,
    limit: int,
) -> list[Outline]:
    """The story's events, or one storyline's, the latest reported first.

    since   last reported then or later
    before  (last_seen, id) of the last one shown: those that follow it
    """
    query = select(events.c.id, events.c.first_seen, events.c.last_seen).where(events.c.story == story)
    if storyline is not None:
        query = query.where(
            exists().where(
                reports.c.event_id == events.c.id,
                report_storylines.c.entry_id == reports.c.entry_id,
                report_storylines.c.story == story,
                report_storylines.c.storyline == storyline,
            )
        )
    if since is not None:
        query = query.where(events.c.last_seen >= since)
    if before is not None:
        query = query.where(tuple_(events.c.last_seen, events.c.id) < tuple_(*before))
    found = connection.execute(query.order_by(events.c.last_seen.desc(), events.c.id.desc()).limit(limit)).all()
    ids = [row.id for row in found]
    lines = _storylines(connection, ids)
    told = defaultdict(list)
    columns = (entries.c.title, entries.c.url, entries.c.lang, entries.c.source)
    of_them = (
        select(reports.c.event_id, reports.c.novelty, *columns)
        .join(entries, entries.c.id == reports.c.entry_id)
        .where(reports.c.event_id.in_(ids))
        .order_by(reports.c.event_id, reports.c.entry_id)
    )
    for row in connection.execute(of_them):
        told[row.event_id].append(row)
    return [
        Outline(
            id=row.id,
            story=story,
            first_seen=row.first_seen,
            last_seen=row.last_seen,
            title=told[row.id][0].title,
            url=told[row.id][0].url,
            lang=told[row.id][0].lang,
            sources=tuple(dict.fromkeys(report.source for report in told[row.id])),
            reports=len(told[row.id]),
            grown=any(report.novelty == Novelty.NEW_FACT for report in told[row.id][1:]),
            storylines=lines[row.id],
        )
        for row in found
        if told[row.id]
    ]


def _storylines(connection: Connection, event_ids: Collection[str]) -> dict[str, tuple[str, ...]]:
    query = (
        select(reports.c.event_id, report_storylines.c.storyline)
        .join(
            report_storylines,
            (report_storylines.c.entry_id == reports.c.entry_id) & (report_storylines.c.story == reports.c.story),
        )
        .where(reports.c.event_id.in_(event_ids))
        .distinct()
        .order_by(report_storylines.c.storyline)
    )
    lines: dict[str, tuple[str, ...]] = dict.fromkeys(event_ids, ())
    for event, line in connection.execute(query):
        lines[event] += (line,)
    return lines


@dataclass(frozen=True, slots=True, kw_only=True)
class Archived:
    """A slot of a digest, with what it made."""

    id: int
    digest: str
    slot: str
    story: str
    composed_at: datetime
    withheld: bool
    #: Id, channel and state of each delivery, by channel.
    deliveries: tuple[tuple[int, str, DeliveryState], ...]


def archive(connection: Connection, *, before: int | None = None, limit: int) -> list[Archived]:
    """Composed digests, latest first; ``before`` is the id of the last one shown."""
    query = select(digests).order_by(digests.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(digests.c.id < before)
    return _archived(connection, query)


def archived(connection: Connection, digest_key: int) -> Archived | None:
    """One slot of a digest; None: nothing was composed under that number."""
    found = _archived(connection, select(digests).where(digests.c.id == digest_key))
    return found[0] if found else None


def _archived(connection: Connection, query: Select[Any]) -> list[Archived]:
    rows = connection.execute(query).all()
    owed = select(deliveries.c.digest_key, deliveries.c.id, deliveries.c.channel, deliveries.c.state)
    owed = owed.where(deliveries.c.digest_key.in_([row.id for row in rows])).order_by(deliveries.c.channel)
    made = defaultdict(list)
    for key, delivery, channel, state in connection.execute(owed):
        made[key].append((delivery, channel, DeliveryState(state)))
    return [
        Archived(
            id=row.id,
            digest=row.digest,
            slot=row.slot,
            story=row.story,
            composed_at=row.composed_at,
            withheld=row.withheld,
            deliveries=tuple(made[row.id]),
        )
        for row in rows
    ]


def sent_in(connection: Connection, digest: str, slot: str, channel: str) -> int | None:
    """The delivery, its first part, that a slot of a digest owed to a channel; None: there is none."""
    query = (
        select(deliveries.c.id)
        .join(digests, digests.c.id == deliveries.c.digest_key)
        .where(digests.c.digest == digest, digests.c.slot == slot, deliveries.c.channel == channel)
        .order_by(deliveries.c.part)
        .limit(1)
    )
    return connection.execute(query).scalar()


def pulse(connection: Connection) -> tuple[int, ...]:
    """Differs when there is something new to show: an entry, a digest, a delivery, an attempt."""
    newest = [select(func.max(table.c.id)).scalar_subquery() for table in (entries, digests, deliveries, attempts)]
    return tuple(value or 0 for value in connection.execute(select(*newest)).one())


def size(connection: Connection) -> dict[str, int]:
    """How much is stored, by the name of the table."""
    counted = (entries, reports, events, digests, deliveries)
    counts = [select(func.count()).select_from(table).scalar_subquery().label(table.name) for table in counted]
    return dict(connection.execute(select(*counts)).mappings().one())


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedEntry:
    """An entry as a line of its feed's list."""

    id: int
    title: str
    lang: str | None
    published: datetime | None
    first_seen: datetime
    #: It belongs to a story.
    held: bool


def latest_of_feed(connection: Connection, feed_url: str, *, limit: int) -> list[FeedEntry]:
    """What a feed brought last, the newest first."""
    columns = (entries.c.id, entries.c.title, entries.c.lang, entries.c.published, entries.c.first_seen)
    held = exists().where(reports.c.entry_id == entries.c.id)
    query = select(*columns, held.label("held")).where(entries.c.feed_url == feed_url)
    rows = connection.execute(query.order_by(entries.c.id.desc()).limit(limit))
    return [FeedEntry(**row) for row in rows.mappings()]


def attempts_by_outcome(connection: Connection) -> dict[tuple[str, str], int]:
    """How many attempts had each outcome, by channel and outcome."""
    query = (
        select(deliveries.c.channel, attempts.c.outcome, func.count())
        .join(deliveries, deliveries.c.id == attempts.c.delivery_id)
        .group_by(deliveries.c.channel, attempts.c.outcome)
        .order_by(deliveries.c.channel, attempts.c.outcome)
    )
    return {(channel, outcome): number for channel, outcome, number in connection.execute(query)}


def last_digests(connection: Connection) -> dict[str, datetime]:
    """When each digest was last composed."""
    query = select(digests.c.digest, func.max(digests.c.composed_at)).group_by(digests.c.digest)
    return dict(connection.execute(query.order_by(digests.c.digest)).all())
