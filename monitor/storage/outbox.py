"""The outbox: what each channel has been told, what it is owed, and what came of every attempt."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Row, Select, exists, func, insert, not_, or_, select, true, update

from monitor.domain import Attempt, ChannelState, Delivery, DeliveryState, Digest, Outcome, Report, Window
from monitor.errors import StorageError
from monitor.storage.schema import (
    asked,
    attempts,
    deliveries,
    digest_starts,
    entries,
    matches,
    reports,
    told,
    told_marks,
)
from monitor.storage.schema import channels as channels_table
from monitor.storage.schema import digests as digests_table
from monitor.storage.stories import read_report, select_reports
from monitor.storage.upsert import insert_new

# --- What is new to a channel -----------------------------------------------------------------------------------------


def register(connection: Connection, *, channels: Collection[str], digests: Collection[str], now: datetime) -> None:
    """Make channels and digests known. The first sight of each is its start, and stays so."""
    channel_rows = [{"id": name, "since": now} for name in channels]
    digest_rows = [{"digest": name, "since": now} for name in digests]
    for table, rows in ((channels_table, channel_rows), (digest_starts, digest_rows)):
        if rows:
            connection.execute(insert_new(connection, table), rows)


def start_of(connection: Connection, digest: str) -> datetime | None:
    """Where a digest's next window begins: where its latest one ends, else at its start; None: never registered.

    An alert ends no window: the slots before it are still to be served.
    """
    of_slots = (digests_table.c.digest == digest, not_(digests_table.c.alert))
    latest = select(func.max(digests_table.c.window_to)).where(*of_slots)
    start = select(digest_starts.c.since).where(digest_starts.c.digest == digest)
    return connection.execute(latest).scalar() or connection.execute(start).scalar()


def known_since(connection: Connection, channel: str) -> datetime | None:
    """When a channel was first seen configured: what is older is told to it never. None: it is not known."""
    return connection.execute(select(channels_table.c.since).where(channels_table.c.id == channel)).scalar()


def last_sent(connection: Connection, digest: str, *, alerts_only: bool = False) -> datetime | None:
    """When a digest was last composed and not withheld, on whatever ground; None: never."""
    of_this = [digests_table.c.digest == digest, not_(digests_table.c.withheld)]
    if alerts_only:
        of_this.append(digests_table.c.alert)
    return connection.execute(select(func.max(digests_table.c.window_to)).where(*of_this)).scalar()


def slots_since(connection: Connection, digest: str, moment: datetime) -> int:
    """How many slots of a digest came since then, alerts not counted."""
    query = select(func.count()).where(
        digests_table.c.digest == digest, not_(digests_table.c.alert), digests_table.c.window_to > moment
    )
    return connection.execute(query).scalar_one()


def is_composed(connection: Connection, digest: str, slot: str) -> bool:
    """Whether this slot of a digest was taken before."""
    query = select(digests_table.c.id).where(digests_table.c.digest == digest, digests_table.c.slot == slot)
    return connection.execute(query).scalar() is not None


def alerts_seen_to(connection: Connection, digest: str) -> int:
    """The last entry that was looked at for the digest's alerts; 0: none yet."""
    query = select(digest_starts.c.alerts_seen_to).where(digest_starts.c.digest == digest)
    return connection.execute(query).scalar() or 0


def see_alerts_to(connection: Connection, digest: str, entry_id: int) -> None:
    """Look at this entry and those before it no more for the digest's alerts."""
    connection.execute(update(digest_starts).where(digest_starts.c.digest == digest).values(alerts_seen_to=entry_id))


def newest_report(connection: Connection, story: str, *, before: datetime | None = None) -> int:
    """The last entry that reports on a story, or the last one first seen before that time; 0: there is none."""
    query = select(reports.c.entry_id).where(reports.c.story == story)
    if before is not None:
        query = query.join(entries, entries.c.id == reports.c.entry_id).where(entries.c.first_seen < before)
    return connection.execute(query.order_by(reports.c.entry_id.desc()).limit(1)).scalar() or 0


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
        .join(channels_table, channels_table.c.id == channel)
        .where(
            reports.c.story == story,
            reports.c.entry_id > after,
            matches.c.held,
            ~entries.c.primed,
            entries.c.first_seen >= channels_table.c.since,
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


def next_sequence(connection: Connection, channel: str) -> int:
    """The number of the channel's next digest, from 1. Two that take the same one cannot both be saved."""
    latest = select(func.max(deliveries.c.sequence)).where(deliveries.c.channel == channel)
    return (connection.execute(latest).scalar() or 0) + 1


# --- Writing down what is owed: digest, deliveries and ledger in one transaction --------------------------------------


def save_digest(
    connection: Connection,
    digest_id: str,
    slot: str,
    story: str,
    *,
    window: tuple[datetime, datetime],
    now: datetime,
    withheld: bool,
    alert: bool = False,
) -> int:
    """Take a slot of a digest, for good; the key that its deliveries refer to.

    withheld   nothing is sent: there was nothing new
    alert      it did not wait for a slot of the schedule, and serves none

    StorageError: this slot was composed before.
    """
    values: dict[str, Any] = {
        "window_from": window[0],
        "window_to": window[1],
        "composed_at": now,
        "withheld": withheld,
        "alert": alert,
    }
    values |= {"digest": digest_id, "slot": slot, "story": story}
    key: int | None = connection.execute(insert_new(connection, digests_table, ("id",)), values).scalar()
    if key is None:
        raise StorageError(f"digest {digest_id} was composed for the slot {slot} before")
    return key


def save_delivery(
    connection: Connection,
    *,
    digest_key: int,
    digest: Digest,
    content_type: str,
    body: bytes,
    now: datetime,
) -> Delivery:
    """Owe a digest, or a part of one, to its channel, due at once, and enter into the ledger the entries that it lists.

    digest_key   from ``save_digest``
    """
    statement = insert(deliveries).values(
        webhook_id=f"msg_{uuid4().hex}",
        digest_key=digest_key,
        channel=digest.channel,
        sequence=digest.sequence,
        part=digest.part,
        parts=digest.parts,
        content_type=content_type,
        body=body,
        state=DeliveryState.PENDING.value,
        created_at=now,
        attempts=0,
        next_attempt_at=now,
    )
    delivery_id = connection.execute(statement.returning(deliveries.c.id)).scalar_one()
    ledger = [
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
    if ledger:
        connection.execute(insert(told), ledger)
    questions = [
        {"channel": digest.channel, "proposal_id": one.id, "delivery_id": delivery_id} for one in digest.proposals
    ]
    if questions:
        connection.execute(insert(asked), questions)
    marks = [
        {"channel": digest.channel, "story": digest.story, "mark": mark, "delivery_id": delivery_id}
        for mark in digest.marks
    ]
    if marks:
        connection.execute(insert(told_marks), marks)
    return _delivery(connection.execute(_select_deliveries().where(deliveries.c.id == delivery_id)).one())


# --- Sending ----------------------------------------------------------------------------------------------------------


def due_deliveries(
    connection: Connection,
    now: datetime,
    *,
    channels: Collection[str],
    exclude: Collection[int] = (),
    limit: int = 100,
) -> list[Delivery]:
    """Of each channel the delivery whose next attempt is longest due; the longest due of all first.

    channels   the ones that are configured; a disabled or resting one is passed over
    exclude    ids of what is under way; their channels are passed over as well, since each is sent to one at a time

    So a channel that is owed thousands, or hangs, holds up no other, and the cost grows with the channels alone.
    """
    other = deliveries.alias()
    longest_due = (
        select(other.c.id)
        .where(
            other.c.state == DeliveryState.PENDING.value,
            other.c.channel == channels_table.c.id,
            other.c.next_attempt_at <= now,
        )
        .order_by(other.c.next_attempt_at, other.c.id)
        .limit(1)
        .correlate(channels_table)
        .scalar_subquery()
    )
    busy = select(other.c.channel).where(other.c.id.in_(exclude))
    query = (
        _select_deliveries()
        .join(channels_table, deliveries.c.id == longest_due)
        .where(
            channels_table.c.id.in_(channels),
            channels_table.c.id.not_in(busy),
            channels_table.c.disabled_at.is_(None),
            or_(channels_table.c.rests_until.is_(None), channels_table.c.rests_until <= now),
        )
        .order_by(deliveries.c.next_attempt_at, deliveries.c.id)
        .limit(limit)
    )
    return [_delivery(row) for row in connection.execute(query)]


def claim(connection: Connection, channel: str, now: datetime, *, until: datetime) -> Delivery | None:
    """Take the delivery of a channel that is longest due, so that no other worker sends it before ``until``."""
    due = due_deliveries(connection, now, channels=[channel])
    this = deliveries.c.id == (due[0].id if due else None)
    free = select(deliveries.c.id).where(this, deliveries.c.next_attempt_at <= now).with_for_update(skip_locked=True)
    if connection.execute(free).first() is None:
        return None
    connection.execute(update(deliveries).where(this).values(next_attempt_at=until))
    return due[0]


def record(
    connection: Connection,
    attempt: Attempt,
    *,
    state: DeliveryState,
    next_attempt_at: datetime | None,
) -> None:
    """Keep an attempt, and where its delivery stands after it."""
    values = {"state": state.value, "next_attempt_at": next_attempt_at, "attempts": deliveries.c.attempts + 1}
    this = deliveries.c.id == attempt.delivery_id
    # A worker that slept through its lease may come late: what another has settled stays, unless it did arrive.
    open_still = true() if attempt.outcome is Outcome.DELIVERED else deliveries.c.state == DeliveryState.PENDING.value
    connection.execute(update(deliveries).where(this, open_still).values(values))
    connection.execute(
        insert(attempts).values(
            delivery_id=attempt.delivery_id,
            at=attempt.at,
            outcome=attempt.outcome.value,
            status=attempt.status,
            duration_ms=attempt.duration_ms,
            detail=attempt.detail,
        )
    )


def channel_state(connection: Connection, channel: str) -> ChannelState:
    """What the tries so far say of a channel; one that was never registered is fresh."""
    known = channels_table.c
    query = select(known.rests_until, known.paced_to, known.failing_since, known.failures).where(known.id == channel)
    row = connection.execute(query).one_or_none()
    if row is None:
        return ChannelState()
    return ChannelState(
        rests_until=row.rests_until, paced_to=row.paced_to, failing_since=row.failing_since, failures=row.failures
    )


def save_channel_state(connection: Connection, channel: str, state: ChannelState) -> None:
    values = {
        "rests_until": state.rests_until,
        "paced_to": state.paced_to,
        "failing_since": state.failing_since,
        "failures": state.failures,
    }
    connection.execute(update(channels_table).where(channels_table.c.id == channel).values(values))


def make_due(connection: Connection, delivery_id: int, now: datetime) -> Delivery | None:
    """Have a delivery sent again, whatever came of it, by a fresh schedule; None: there is no such delivery.

    Its id and bytes stay the same, so a receiver that has it can tell.
    """
    values = {"state": DeliveryState.PENDING.value, "next_attempt_at": now, "attempts": 0}
    connection.execute(update(deliveries).where(deliveries.c.id == delivery_id).values(values))
    return delivery(connection, delivery_id)


def make_due_since(connection: Connection, since: datetime, now: datetime, *, channel: str | None = None) -> int:
    """Have everything sent again that was composed at ``since`` or later and is not owed already; how many that are.

    channel   only what went to this one
    """
    wanted = [deliveries.c.created_at >= since, deliveries.c.state != DeliveryState.PENDING.value]
    if channel is not None:
        wanted.append(deliveries.c.channel == channel)
    values = {"state": DeliveryState.PENDING.value, "next_attempt_at": now, "attempts": 0}
    return connection.execute(update(deliveries).where(*wanted).values(values)).rowcount


def dismiss(connection: Connection, delivery_id: int | None = None) -> int:
    """Take failed deliveries, or the one of that number, off what people should look at; how many were."""
    wanted = [deliveries.c.state == DeliveryState.FAILED.value]
    if delivery_id is not None:
        wanted.append(deliveries.c.id == delivery_id)
    statement = update(deliveries).where(*wanted).values(state=DeliveryState.DISMISSED.value)
    return connection.execute(statement).rowcount


def disable_channel(connection: Connection, channel: str, now: datetime, reason: str) -> bool:
    """Send nothing more to a channel; what it is owed is kept. True if it was not disabled before."""
    statement = update(channels_table).where(channels_table.c.id == channel, channels_table.c.disabled_at.is_(None))
    return connection.execute(statement.values(disabled_at=now, disabled_reason=reason)).rowcount > 0


def enable_channel(connection: Connection, channel: str) -> bool:
    """Send to a channel again, beginning with what it is owed. True if it was disabled."""
    statement = update(channels_table).where(channels_table.c.id == channel, channels_table.c.disabled_at.is_not(None))
    anew = {"disabled_at": None, "disabled_reason": None, "rests_until": None, "failing_since": None}
    return connection.execute(statement.values(failures=0, **anew)).rowcount > 0


# --- Looking ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDigest:
    """A slot of a digest that was composed."""

    digest: str
    slot: str
    story: str
    window: Window
    composed_at: datetime
    withheld: bool
    #: Channels it was owed to, in the order of their names.
    channels: tuple[str, ...]


def delivery(connection: Connection, delivery_id: int) -> Delivery | None:
    row = connection.execute(_select_deliveries().where(deliveries.c.id == delivery_id)).one_or_none()
    return _delivery(row) if row else None


def list_deliveries(
    connection: Connection, *, state: DeliveryState | None = None, before: int | None = None, limit: int
) -> list[Delivery]:
    """Latest first; ``before`` is the id of the last one shown."""
    wanted = select(deliveries.c.id).order_by(deliveries.c.id.desc()).limit(limit)  # to sort bodies would take long
    if before is not None:
        wanted = wanted.where(deliveries.c.id < before)
    if state is not None:
        wanted = wanted.where(deliveries.c.state == state.value)
    query = _select_deliveries().where(deliveries.c.id.in_(wanted)).order_by(deliveries.c.id.desc())
    return [_delivery(row) for row in connection.execute(query)]


def attempts_of(connection: Connection, delivery_id: int) -> list[Attempt]:
    """Every attempt at a delivery, in order; those before a ``make_due`` included."""
    query = select(attempts).where(attempts.c.delivery_id == delivery_id).order_by(attempts.c.id)
    return [
        Attempt(
            delivery_id=row.delivery_id,
            at=row.at,
            outcome=Outcome(row.outcome),
            duration_ms=row.duration_ms,
            status=row.status,
            detail=row.detail,
        )
        for row in connection.execute(query)
    ]


def closed_channels(connection: Connection) -> list[tuple[str, datetime, str]]:
    """Channels to which nothing more is sent, by name: since when each is disabled, and why."""
    closed = channels_table.c.disabled_at.is_not(None)
    query = select(channels_table.c.id, channels_table.c.disabled_at, channels_table.c.disabled_reason).where(closed)
    return [(channel, since, reason) for channel, since, reason in connection.execute(query.order_by("id"))]


def owed_by_channel(connection: Connection) -> dict[str, int]:
    """Deliveries still to be sent; a channel that is owed none is not listed."""
    pending = deliveries.c.state == DeliveryState.PENDING.value
    query = select(deliveries.c.channel, func.count()).where(pending).group_by(deliveries.c.channel)
    return dict(connection.execute(query).all())


def count_owed(connection: Connection) -> int:
    """Deliveries still to be sent."""
    return _count(connection, DeliveryState.PENDING)


def count_failed(connection: Connection) -> int:
    """Deliveries that were given up, and that nobody has dismissed since."""
    return _count(connection, DeliveryState.FAILED)


def list_digests(connection: Connection, *, limit: int) -> list[StoredDigest]:
    """Latest first."""
    latest = select(digests_table).order_by(digests_table.c.id.desc()).limit(limit)
    rows = connection.execute(latest).all()
    owed = select(deliveries.c.digest_key, deliveries.c.channel).where(
        deliveries.c.digest_key.in_([row.id for row in rows])
    )
    channels: dict[int, list[str]] = {row.id: [] for row in rows}
    for key, channel in connection.execute(owed.order_by(deliveries.c.channel)):
        channels[key].append(channel)
    return [
        StoredDigest(
            digest=row.digest,
            slot=row.slot,
            story=row.story,
            window=Window(start=row.window_from, end=row.window_to),
            composed_at=row.composed_at,
            withheld=row.withheld,
            channels=tuple(channels[row.id]),
        )
        for row in rows
    ]


# --- Rows and values --------------------------------------------------------------------------------------------------


def _count(connection: Connection, state: DeliveryState) -> int:
    query = select(func.count()).select_from(deliveries).where(deliveries.c.state == state.value)
    return connection.execute(query).scalar_one()


def _select_deliveries() -> Select[Any]:
    digest = digests_table.c
    return select(deliveries, digest.digest, digest.slot).join(digests_table, digest.id == deliveries.c.digest_key)


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(
        id=row.id,
        webhook_id=row.webhook_id,
        channel=row.channel,
        digest=row.digest,
        slot=row.slot,
        part=row.part,
        parts=row.parts,
        content_type=row.content_type,
        body=row.body,
        state=DeliveryState(row.state),
        created_at=row.created_at,
        attempts=row.attempts,
        next_attempt_at=row.next_attempt_at,
    )
