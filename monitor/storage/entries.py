"""Entries: what the feeds have shown, each once, with what it said before it was edited."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Connection, Row, bindparam, insert, select, update

from monitor.domain import Enclosure, Entry
from monitor.storage import search
from monitor.storage.schema import entries, forgotten, revisions
from monitor.storage.upsert import insert_new

#: Row ids beyond this are no ids of ours: both databases count in 64 bits.
MAX_ID = 2**63 - 1
#: A page that says "3 minutes ago" or counts its comments is another one at each poll; no article was edited so often.
MAX_REVISIONS = 25

# Asked at each poll that brings something: building these statements anew costs more than what they take.
_KEYS: BindParameter[bytes] = bindparam("keys", expanding=True)
_KNOWN = select(entries.c.key, entries.c.content_hash).where(entries.c.key.in_(_KEYS))
_FORGOTTEN = select(forgotten.c.key).where(forgotten.c.key.in_(_KEYS))
_FAMILIAR = select(entries.c.look, entries.c.url, entries.c.title).where(
    entries.c.look.in_(bindparam("looks", expanding=True))
    | (
        entries.c.url.in_(bindparam("urls", expanding=True))
        & entries.c.title.in_(bindparam("titles", expanding=True))
        & (entries.c.feed_url == bindparam("feed"))
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """What an entry said before it was edited."""

    title: str
    summary: str
    url: str | None
    replaced_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEntry:
    """An entry, and what its row adds to it."""

    id: int
    entry: Entry
    first_seen: datetime
    #: It stood in the feed before we began to watch it.
    primed: bool


def content_hash(entry: Entry) -> str:
    """What tells an edit from a repeat: SHA-256 of title, summary and link, in hex. Dates change without meaning."""
    said = "\0".join((entry.title, entry.summary, entry.url or ""))
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()


def known(connection: Connection, feed_url: str, identities: Iterable[str]) -> dict[str, str]:
    """Of these identities the ones that were seen before, each with its content hash; "" where it is forgotten."""
    keys = {entry_key(feed_url, identity): identity for identity in identities}
    found = {keys[key]: digest for key, digest in connection.execute(_KNOWN, {"keys": list(keys)})}
    if unknown := [key for key, name in keys.items() if name not in found]:
        gone = connection.execute(_FORGOTTEN, {"keys": unknown}).scalars()
        found |= dict.fromkeys((keys[key] for key in gone), "")
    return found


def add(connection: Connection, new: Sequence[Entry], *, now: datetime, primed: bool) -> list[StoredEntry]:
    """Store the entries that are not stored yet; these alone come back, in the order given, each once."""
    rows: dict[bytes, Entry] = {}
    for entry in new:
        rows.setdefault(entry_key(entry.feed_url, entry.identity), entry)
    if not rows:
        return []
    first = {"first_seen": now, "primed": primed, "revision": 1}
    values = [
        _columns(entry) | first | {"key": key, "content_hash": content_hash(entry)} for key, entry in rows.items()
    ]
    added = connection.execute(insert_new(connection, entries, ("key", "id")), values)
    ids: dict[bytes, int] = dict(added.all())
    search.put(connection, [(ids[key], entry) for key, entry in rows.items() if key in ids])
    return [
        StoredEntry(id=ids[key], entry=entry, first_seen=now, primed=primed)
        for key, entry in rows.items()
        if key in ids
    ]


def familiar(connection: Connection, feed_url: str, fresh: Sequence[Entry]) -> set[str]:
    """Identities of those entries whose face the feed has shown: the title with the same link or the same date."""
    looks = {entry.identity: look(entry) for entry in fresh}
    alike = {
        "looks": list(looks.values()),
        "urls": [entry.url for entry in fresh if entry.url],
        "titles": [entry.title for entry in fresh],
        "feed": feed_url,
    }
    found = connection.execute(_FAMILIAR, alike).all()
    faces = {row.look for row in found} | {(row.url, row.title) for row in found if row.url}
    return {entry.identity for entry in fresh if looks[entry.identity] in faces or (entry.url, entry.title) in faces}


def revise(connection: Connection, entry: Entry, now: datetime) -> StoredEntry | None:
    """Let a stored entry say what it says now; where text or link changed, what it said before is kept.

    None: it was edited MAX_REVISIONS times already, and stays as it is. KeyError: it was never stored.
    """
    this = entries.c.key == entry_key(entry.feed_url, entry.identity)
    old = connection.execute(select(entries).where(this).with_for_update()).one_or_none()
    if old is None:
        raise KeyError(entry.identity)
    digest = content_hash(entry)
    if old.content_hash != digest and old.revision >= MAX_REVISIONS:
        return None
    if old.content_hash != digest:
        earlier = {"title": old.title, "summary": old.summary, "url": old.url}
        connection.execute(insert(revisions).values(entry_id=old.id, revision=old.revision, replaced_at=now, **earlier))
        changed = {"content_hash": digest, "revision": old.revision + 1}
        connection.execute(update(entries).where(this).values(_columns(entry) | changed))
        search.put(connection, [(old.id, entry)])
    return StoredEntry(id=old.id, entry=entry, first_seen=old.first_seen, primed=old.primed)


def get(connection: Connection, entry_id: int) -> StoredEntry | None:
    return _one(connection, entries.c.id == entry_id)


def several(connection: Connection, entry_ids: Sequence[int]) -> list[StoredEntry]:
    """These entries, in the order given; an unknown one is left out."""
    rows = connection.execute(select(entries).where(entries.c.id.in_(entry_ids))).all()
    found = {row.id: row for row in rows}
    return [_stored(found[entry_id]) for entry_id in entry_ids if entry_id in found]


def latest(connection: Connection, *, before: int | None = None, limit: int) -> list[StoredEntry]:
    """All entries, the newest first; ``before`` is the key of the last one shown."""
    query = select(entries).order_by(entries.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(entries.c.id < before)
    return [_stored(row) for row in connection.execute(query)]


def since(connection: Connection, moment: datetime, *, limit: int) -> list[StoredEntry]:
    """Entries that were first seen then or later, the newest first."""
    query = select(entries).where(entries.c.first_seen >= moment)
    rows = connection.execute(query.order_by(entries.c.first_seen.desc(), entries.c.id.desc()).limit(limit))
    return [_stored(row) for row in rows]


def revisions_of(connection: Connection, entry_id: int) -> list[Revision]:
    """What an entry said before each edit, the first version first."""
    query = select(revisions).where(revisions.c.entry_id == entry_id).order_by(revisions.c.revision)
    return [
        Revision(title=row.title, summary=row.summary, url=row.url, replaced_at=row.replaced_at)
        for row in connection.execute(query)
    ]


def find(connection: Connection, text: str) -> StoredEntry | None:
    """The entry that a person means: by number, else by link, else by identity; the newest where several fit."""
    if text.isascii() and text.isdigit() and int(text) <= MAX_ID:
        stored = get(connection, int(text))
        if stored:
            return stored
    return _one(connection, entries.c.url == text) or _one(connection, entries.c.identity == text)


def texts_since(connection: Connection, since: datetime, *, most: int) -> list[tuple[str, str]]:
    """Title and summary of what was first seen since then, newest first, at most so many."""
    query = select(entries.c.title, entries.c.summary).where(entries.c.first_seen >= since)
    return [(row.title, row.summary) for row in connection.execute(query.order_by(entries.c.id.desc()).limit(most))]


def _one(connection: Connection, where: ColumnElement[bool]) -> StoredEntry | None:
    row = connection.execute(select(entries).where(where).order_by(entries.c.id.desc()).limit(1)).one_or_none()
    return _stored(row) if row else None


def _stored(row: Row[Any]) -> StoredEntry:
    return StoredEntry(id=row.id, entry=read_entry(row), first_seen=row.first_seen, primed=row.primed)


# --- Rows and values --------------------------------------------------------------------------------------------------


def entry_key(feed_url: str, identity: str) -> bytes:
    """What is unique of an entry. No address holds a NUL, so no two pairs run together."""
    pair = f"{feed_url}\0{identity}".encode("utf-8", "replace")
    return hashlib.blake2b(pair, digest_size=16).digest()


def look(entry: Entry) -> bytes:
    """What an entry looks like within its feed, whatever its guid and link: its title and date, or else its text."""
    date = entry.published.isoformat() if entry.published else f"undated {entry.summary}"
    face = f"{entry.feed_url}\0{entry.title}\0{date}".encode("utf-8", "replace")
    return hashlib.blake2b(face, digest_size=16).digest()


def _columns(entry: Entry) -> dict[str, Any]:
    return {
        "look": look(entry),
        "feed_url": entry.feed_url,
        "identity": entry.identity,
        "guid": entry.guid,
        "url": entry.url,
        "title": entry.title,
        "summary": entry.summary,
        "source": entry.source,
        "authors": list(entry.authors),
        "tags": list(entry.tags),
        "lang": entry.lang,
        "published": entry.published,
        "updated": entry.updated,
        "enclosures": [{"url": file.url, "type": file.type, "length": file.length} for file in entry.enclosures],
    }


def read_entry(row: Row[Any]) -> Entry:
    """The entry in a row that has the columns of ``entries``."""
    return Entry(
        feed_url=row.feed_url,
        identity=row.identity,
        guid=row.guid,
        url=row.url,
        title=row.title,
        summary=row.summary,
        source=row.source,
        authors=tuple(row.authors),
        tags=tuple(row.tags),
        lang=row.lang,
        published=row.published,
        updated=row.updated,
        enclosures=tuple(Enclosure(**file) for file in row.enclosures),
    )
