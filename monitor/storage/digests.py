"""The digests: where each begins, how far it has looked for alerts, and the slots that were composed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, not_, select, update

from monitor.domain import Window
from monitor.errors import StorageError
from monitor.storage.schema import deliveries, digest_starts, digests, entries, reports
from monitor.storage.upsert import insert_new


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


def register(connection: Connection, names: Collection[str], now: datetime) -> None:
    """Make digests known. The first sight of each is its start, and stays so."""
    if names:
        connection.execute(insert_new(connection, digest_starts), [{"digest": name, "since": now} for name in names])


def start_of(connection: Connection, digest: str) -> datetime | None:
    """Where a digest's next window begins: where its latest one ends, else at its start; None: never registered.

    An alert ends no window: the slots before it are still to be served.
    """
    of_slots = (digests.c.digest == digest, not_(digests.c.alert))
    latest = select(func.max(digests.c.window_to)).where(*of_slots)
    start = select(digest_starts.c.since).where(digest_starts.c.digest == digest)
    return connection.execute(latest).scalar() or connection.execute(start).scalar()


def last_sent(connection: Connection, digest: str, *, alerts_only: bool = False) -> datetime | None:
    """When a digest was last composed and not withheld, on whatever ground; None: never."""
    of_this = [digests.c.digest == digest, not_(digests.c.withheld)]
    if alerts_only:
        of_this.append(digests.c.alert)
    return connection.execute(select(func.max(digests.c.window_to)).where(*of_this)).scalar()


def slots_since(connection: Connection, digest: str, moment: datetime) -> int:
    """How many slots of a digest came since then, alerts not counted."""
    query = select(func.count()).where(digests.c.digest == digest, not_(digests.c.alert), digests.c.window_to > moment)
    return connection.execute(query).scalar_one()


def is_composed(connection: Connection, digest: str, slot: str) -> bool:
    """Whether this slot of a digest was taken before."""
    query = select(digests.c.id).where(digests.c.digest == digest, digests.c.slot == slot)
    return connection.execute(query).scalar() is not None


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
    key: int | None = connection.execute(insert_new(connection, digests, ("id",)), values).scalar()
    if key is None:
        raise StorageError(f"digest {digest_id} was composed for the slot {slot} before")
    return key


def list_digests(connection: Connection, *, limit: int) -> list[StoredDigest]:
    """Latest first."""
    latest = select(digests).order_by(digests.c.id.desc()).limit(limit)
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


def newest_report(connection: Connection, story: str, *, before: datetime | None = None) -> int:
    """The last entry that reports on a story, or the last one first seen before that time; 0: there is none."""
    query = select(reports.c.entry_id).where(reports.c.story == story)
    if before is not None:
        query = query.join(entries, entries.c.id == reports.c.entry_id).where(entries.c.first_seen < before)
    return connection.execute(query.order_by(reports.c.entry_id.desc()).limit(1)).scalar() or 0


def alerts_seen_to(connection: Connection, digest: str) -> int:
    """The last entry that was looked at for the digest's alerts; 0: none yet."""
    query = select(digest_starts.c.alerts_seen_to).where(digest_starts.c.digest == digest)
    return connection.execute(query).scalar() or 0


def see_alerts_to(connection: Connection, digest: str, entry_id: int) -> None:
    """Look at this entry and those before it no more for the digest's alerts."""
    connection.execute(update(digest_starts).where(digest_starts.c.digest == digest).values(alerts_seen_to=entry_id))
