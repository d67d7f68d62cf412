"""What is known of each channel: since when, whether it is open, and what the tries so far say of it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update

from monitor.domain import ChannelState
from monitor.storage.schema import channels
from monitor.storage.upsert import insert_new


def register(connection: Connection, names: Collection[str], now: datetime) -> None:
    """Make channels known. The first sight of each is its start, and stays so."""
    if names:
        connection.execute(insert_new(connection, channels), [{"id": name, "since": now} for name in names])


def known_since(connection: Connection, channel: str) -> datetime | None:
    """When a channel was first seen configured: what is older is told to it never. None: it is not known."""
    return connection.execute(select(channels.c.since).where(channels.c.id == channel)).scalar()


def channel_state(connection: Connection, channel: str) -> ChannelState:
    """What the tries so far say of a channel; one that was never registered is fresh."""
    known = channels.c
    fields = (known.rests_until, known.paced_to, known.failing_since, known.failed_at, known.failing_s)
    row = connection.execute(select(*fields).where(known.id == channel)).one_or_none()
    if row is None:
        return ChannelState()
    return ChannelState(
        rests_until=row.rests_until,
        paced_to=row.paced_to,
        failing_since=row.failing_since,
        failed_at=row.failed_at,
        failing_for=timedelta(seconds=row.failing_s),
    )


def save_channel_state(connection: Connection, channel: str, state: ChannelState) -> None:
    values = {
        "rests_until": state.rests_until,
        "paced_to": state.paced_to,
        "failing_since": state.failing_since,
        "failed_at": state.failed_at,
        "failing_s": state.failing_for.total_seconds(),
    }
    connection.execute(update(channels).where(channels.c.id == channel).values(values))


def disable_channel(connection: Connection, channel: str, now: datetime, reason: str) -> bool:
    """Send nothing more to a channel; what it is owed is kept. True if it was not disabled before."""
    statement = update(channels).where(channels.c.id == channel, channels.c.disabled_at.is_(None))
    return connection.execute(statement.values(disabled_at=now, disabled_reason=reason)).rowcount > 0


def enable_channel(connection: Connection, channel: str) -> bool:
    """Send to a channel again, beginning with what it is owed. True if it was disabled."""
    statement = update(channels).where(channels.c.id == channel, channels.c.disabled_at.is_not(None))
    anew = {"disabled_at": None, "disabled_reason": None, "rests_until": None, "failing_since": None, "failed_at": None}
    return connection.execute(statement.values(failing_s=0, **anew)).rowcount > 0


def closed_channels(connection: Connection) -> list[tuple[str, datetime, str]]:
    """Channels to which nothing more is sent, by name: since when each is disabled, and why."""
    closed = channels.c.disabled_at.is_not(None)
    query = select(channels.c.id, channels.c.disabled_at, channels.c.disabled_reason).where(closed)
    return [(channel, since, reason) for channel, since, reason in connection.execute(query.order_by("id"))]
