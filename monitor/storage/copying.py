"""A whole database moved into another: for backups, for restoring them, and from SQLite to PostgreSQL and back.

A backup is one SQLite file, whichever of the two databases it was made from. It holds what the database holds, the
secrets of WebSub subscriptions among it, so only its owner may read it.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, delete, func, insert, select, text

from monitor.errors import StorageError
from monitor.storage.schema import METADATA
from monitor.storage.store import Store

#: Rows that are in memory at once. An entry holds 64 kB at most, usually less than one.
CHUNK = 1_000
#: Fingerprints of rows are added up, so that they do not depend on an order: the databases sort text differently.
MODULUS = 2**256


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """One table that was copied, and found equal on the other side."""

    table: str
    rows: int
    #: Sum of the SHA-256 of its rows, in hex.
    fingerprint: str


def copy(source: Store, target: Store, *, replace: bool = False) -> list[Copied]:
    """Copy every row, in one transaction of the target, and read them back to compare: all of it is there, or nothing.

    The source may be in use: one moment of it is copied.

    replace  what the target holds is removed first; otherwise StorageError when it holds anything
    """
    with source.snapshot() as reading, target.write() as writing:
        if not replace and (full := _first_with_rows(writing)):
            raise StorageError(f"{target.name} is not empty, it has {full}; nothing was changed")
        for table in reversed(METADATA.sorted_tables):
            writing.execute(delete(table))
        copied = []
        for table in METADATA.sorted_tables:
            sent = _send(table, reading, writing)
            if sent != _seen(table, _rows(table, writing)):
                raise StorageError(f"{table.name} did not arrive in {target.name} as it was sent; nothing was changed")
            copied.append(sent)
        _count_on(writing)
    return copied


def backup(store: Store, file: Path) -> int:
    """Write one moment of the database into a file of its own while the monitor runs; its size in bytes.

    A file that stands there under this name is whole: it is renamed into place when it is finished and checked.
    StorageError: there is a file already, or it cannot be written.
    """
    if file.exists():
        raise StorageError(f"{file} is there already; nothing was changed")
    try:
        with tempfile.TemporaryDirectory(dir=file.parent, prefix=f".{file.name}.") as folder:
            made = Path(folder) / "backup.db"
            if store.engine.dialect.name == "sqlite":
                store.vacuum_into(made)
            else:
                with Store.open(f"sqlite:///{made}") as target:
                    copy(store, target)
            _check(made)
            made.chmod(0o600)
            with made.open("rb") as written:
                os.fsync(written.fileno())
            made.rename(file)
    except OSError as error:
        raise StorageError(f"cannot write {file}: {error.strerror}") from error
    return file.stat().st_size


def restore(file: Path, target: Store, *, replace: bool) -> list[Copied]:
    """Put a backup, of this schema or an older one, into a database in one transaction. The file is left as it is.

    StorageError: it is no backup of ours, it is damaged, it is of a newer release; the target is not empty.
    """
    if not file.is_file():
        raise StorageError(f"{file} is not there")
    with tempfile.TemporaryDirectory() as folder:
        own = Path(folder) / "backup.db"
        shutil.copyfile(file, own)
        _check(own, name=file)
        with Store.open(f"sqlite:///{own}") as source:
            return copy(source, target, replace=replace)


def _check(file: Path, name: Path | None = None) -> None:
    """StorageError where SQLite finds a file damaged, or where it holds no database of ours."""
    try:
        connection = sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)
        try:
            words = connection.execute("PRAGMA integrity_check").fetchone()[0]
            connection.execute("SELECT version_num FROM alembic_version")
        finally:
            connection.close()
    except sqlite3.DatabaseError as error:
        raise StorageError(f"{name or file} is no backup of a monitor: {error}") from error
    if words != "ok":
        raise StorageError(f"{name or file} is damaged: {words}")


def _first_with_rows(connection: Connection) -> str | None:
    for table in METADATA.sorted_tables:
        if connection.execute(select(1).select_from(table).limit(1)).first():
            return table.name
    return None


def _rows(table: Table, connection: Connection) -> Iterator[Sequence[Any]]:
    yield from connection.execute(select(table).execution_options(yield_per=CHUNK))


def _send(table: Table, reading: Connection, writing: Connection) -> Copied:
    """Copy a table; what was sent."""
    names = [column.name for column in table.columns]

    def passing() -> Iterator[Sequence[Any]]:
        for part in reading.execute(select(table).execution_options(yield_per=CHUNK)).partitions():
            writing.execute(insert(table), [dict(zip(names, row, strict=True)) for row in part])
            yield from part

    return _seen(table, passing())


def _seen(table: Table, rows: Iterator[Sequence[Any]]) -> Copied:
    """What these rows are, taken together."""
    count = total = 0
    for row in rows:
        digest = hashlib.sha256("\x1f".join(map(_word, row)).encode("utf-8", "surrogatepass")).digest()
        total = (total + int.from_bytes(digest)) % MODULUS
        count += 1
    return Copied(table=table.name, rows=count, fingerprint=f"{total:064x}")


def _word(value: object) -> str:
    """The same text for the same value from either database."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, list | dict):
        return json.dumps(value, sort_keys=True)
    return repr(value)


def _count_on(connection: Connection) -> None:
    """PostgreSQL numbers new rows by sequences of its own, which did not see the rows that came with their numbers."""
    if connection.dialect.name != "postgresql":
        return
    for table in METADATA.sorted_tables:
        column = table.autoincrement_column
        if column is None:
            continue
        highest = connection.execute(select(func.max(column))).scalar()
        sequence = connection.execute(select(func.pg_get_serial_sequence(table.name, column.name))).scalar()
        connection.execute(
            text("SELECT setval(CAST(:sequence AS regclass), :value, :called)"),
            {"sequence": sequence, "value": highest or 1, "called": highest is not None},
        )
