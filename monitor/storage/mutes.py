"""Storylines of which nobody is told for a while."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select, update

from monitor.domain import Mute
from monitor.storage.schema import mutes
from monitor.storage.upsert import insert_or_replace


def mute(connection: Connection, story: str, storyline: str, *, now: datetime, until: datetime) -> None:
    """Mute a storyline from now on. One that is muted already keeps its beginning."""
    since = next(
        (one.since for one in of_story(connection, story) if one.storyline == storyline and one.until > now), now
    )
    values = {"story": story, "storyline": storyline, "since": since, "until": until}
    connection.execute(insert_or_replace(connection, mutes, "since", "until"), values)


def unmute(connection: Connection, story: str, storyline: str, *, now: datetime) -> bool:
    """End a mute. True if the storyline was muted."""
    active = (mutes.c.story == story, mutes.c.storyline == storyline, mutes.c.until > now)
    return connection.execute(update(mutes).where(*active).values(until=now)).rowcount > 0


def of_story(connection: Connection, story: str) -> Sequence[Mute]:
    """The last mute of each storyline, by its name, those that are over included."""
    rows = connection.execute(select(mutes).where(mutes.c.story == story).order_by(mutes.c.storyline))
    return [Mute(storyline=row.storyline, since=row.since, until=row.until) for row in rows]
