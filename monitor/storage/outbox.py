"""The outbox: the deliveries that are owed to each channel, and what came of every attempt."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Row, Select, func, insert, or_, select, true, update

from monitor.domain import Attempt, Delivery, DeliveryState, Digest, Outcome
from monitor.storage import ledger
from monitor.storage.schema import attempts, deliveries, digests
from monitor.storage.schema import channels as channels_table

# --- Writing down what is owed ----------------------------------------------------------------------------------------


def next_sequence(connection: Connection, channel: str) -> int:
    """The number of the channel's next digest, from 1. Two that take the same one cannot both be saved."""
    latest = select(func.max(deliveries.c.sequence)).where(deliveries.c.channel == channel)
    return (connection.execute(latest).scalar() or 0) + 1


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

    digest_key   from ``digests.save_digest``
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
    ledger.enter(connection, digest, delivery_id)
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


# --- Looking ----------------------------------------------------------------------------------------------------------


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


# --- Rows and values --------------------------------------------------------------------------------------------------


def _count(connection: Connection, state: DeliveryState) -> int:
    query = select(func.count()).select_from(deliveries).where(deliveries.c.state == state.value)
    return connection.execute(query).scalar_one()


def _select_deliveries() -> Select[Any]:
    digest = digests.c
    return select(deliveries, digest.digest, digest.slot).join(digests, digest.id == deliveries.c.digest_key)


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
