"""The database: opening it, transactions on it, and the lock that keeps a second monitor off it.

SQLite is used in WAL mode, one writer at a time; PostgreSQL through psycopg. What differs between the two is in this
file, in ``types.py``, in ``upsert.py``, in ``search.py`` and in ``stories.hold``, nowhere else.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from itertools import chain, count
from pathlib import Path
from typing import Any, Self

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    StaticPool,
    create_engine,
    event,
    insert,
    inspect,
    make_url,
    select,
)
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from monitor.errors import StorageError
from monitor.storage.locks import Held, locked
from monitor.storage.schema import HEAD, alembic_version, create_tables

#: How long a write waits for another process's write (SQLite), and a first connection for the server (PostgreSQL).
BUSY_TIMEOUT_S = 5
CONNECT_TIMEOUT_S = 10
#: Connections kept open, and how many more a burst may open: every polling thread may read at once.
POOL_SIZE, POOL_OVERFLOW = 8, 64
#: Another process may be bringing the schema up to date; this long we wait for it.
UPGRADE_TIMEOUT_S = 300

#: Options of a connection that is about to read only; the first is ours, see ``_begin``.
READS: dict[str, Any] = {"monitor_reads": True, "postgresql_readonly": True}

#: What a database says about its own state, as opposed to a mistake in our SQL. InternalError is how PostgreSQL says
#: that a transaction may only read; SQLite says it by OperationalError.
UNUSABLE = (OperationalError, InterfaceError, InternalError, PoolTimeoutError)


class Store:
    """An open database. Threads may share it; a transaction belongs to the thread that began it."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._ours: Held = lambda: True
        # SQLite lets one writer in, and the others ask again and again with growing pauses: 32 threads that queue here
        # instead wait their turn and no longer. In memory there is one connection, so readers take turns as well.
        queue = threading.RLock()
        sqlite, memory = engine.dialect.name == "sqlite", isinstance(engine.pool, StaticPool)
        self._write_turn: AbstractContextManager[object] = queue if sqlite else nullcontext()
        self._read_turn: AbstractContextManager[object] = queue if memory else nullcontext()

    @classmethod
    def open(cls, url: str) -> Store:
        """Open the database at ``sqlite:///path``, ``sqlite://`` (in memory) or ``postgresql://user@host/name``.

        A fresh or older one is brought up to date first. StorageError: no such server, no right to write, a newer
        schema, a file that is no database.
        """
        engine = engine_for(url)
        try:
            _bring_up_to_date(engine)
        except DBAPIError as error:
            engine.dispose()
            raise StorageError(f"cannot use the database at {_name(engine.url)}: {_line(error)}") from error
        except BaseException:
            engine.dispose()
            raise
        return cls(engine)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def name(self) -> str:
        """Which database this is, for people: no password."""
        return _name(self.engine.url)

    @contextmanager
    def write(self, *, durable: bool = False) -> Iterator[Connection]:
        """One transaction that may write: all of it is kept at the end, or after an exception nothing.

        durable   it outlives a power cut from its end on. Without, SQLite may lose the last transactions in one, whole:
                  a feed is then polled again and a message sent again. PostgreSQL loses none either way.

        Keep it short and never hold it across the network: on SQLite nobody else writes meanwhile. Do not nest.
        """
        with (
            self._write_turn,
            _stating(self.engine),
            self.engine.connect().execution_options(monitor_durable=durable) as connection,
            connection.begin(),
        ):
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One transaction that only reads, and that no writer holds up; the database refuses a write in it."""
        with (
            self._read_turn,
            _stating(self.engine),
            self.engine.connect().execution_options(**READS) as connection,
            connection.begin(),
        ):
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """Like ``read``, but every answer is of one moment, however long the reading takes and whoever writes."""
        level = {} if self.engine.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}
        with (
            self._read_turn,
            _stating(self.engine),
            self.engine.connect().execution_options(**READS, **level) as connection,
            connection.begin(),
        ):
            yield connection

    def vacuum_into(self, file: Path) -> None:
        """SQLite only: write one moment of the database into a new file, without the room that deleted rows left."""
        with _stating(self.engine), self.engine.connect() as connection:
            driver = connection.connection.driver_connection
            assert driver is not None
            try:
                driver.execute("PRAGMA query_only = 0")  # the last transaction on this connection may only have read
                connection.info["query_only"] = 0
                driver.execute("VACUUM INTO ?", (str(file),))
            except sqlite3.Error as error:
                raise StorageError(f"cannot copy the database at {self.name}: {error}") from error

    @contextmanager
    def lock_instance(self, *, shared: bool = False) -> Iterator[Held]:
        """Be the only monitor that works on this database, until the block ends or the process dies.

        shared  be one of several that share the work; then only one that wants to be alone is refused

        What it gives says whether the lock is still held: on PostgreSQL it goes with its connection, and is taken
        again if it is free. StorageError: there is one already.
        """
        with _stating(self.engine), locked(self.engine, "instance", shared=shared) as held:
            if not held():
                raise StorageError(
                    f"another monitor is running on this database ({self.name}); "
                    "stop it first, or give this one a database of its own"
                )
            self._ours = held
            yield held

    def is_ours(self) -> bool:
        """Whether the lock of ``lock_instance`` is still held. One that was lost with its connection is taken again."""
        return self._ours()

    @contextmanager
    def lock_upgrade(self) -> Iterator[None]:
        """Be the only one that changes the schema, or what is configured."""
        with _upgrading(self.engine):
            yield

    @contextmanager
    def lock_clock(self) -> Iterator[Held]:
        """Lead the clocks of this database, if none does; what it gives says whether we do, now."""
        with _stating(self.engine), locked(self.engine, "clock") as held:
            yield held

    def close(self) -> None:
        """Close every connection. The store is of no use after that."""
        self.engine.dispose()


# --- Engines ----------------------------------------------------------------------------------------------------------


def engine_for(url: str) -> Engine:
    """Connections to this database as we want them. StorageError: an address that we cannot use."""
    place = _parse(url)
    return _sqlite(place) if place.get_backend_name() == "sqlite" else _postgresql(place)


def _parse(url: str) -> URL:
    try:
        place = make_url(url)
    except ArgumentError as error:
        raise StorageError("the database's address cannot be read; write sqlite:///var/monitor.db") from error
    if place.drivername in {"postgres", "postgresql"}:
        place = place.set(drivername="postgresql+psycopg")
    if place.drivername not in {"sqlite", "postgresql+psycopg"}:
        raise StorageError(f"{place.drivername} is not supported; use sqlite:///path or postgresql://user@host/name")
    return place


def _name(place: URL) -> str:
    """What people may see of an address: no password, and no query, which can hold one as well."""
    if place.get_backend_name() == "sqlite":
        return place.database or "memory"
    host = place.host or str(place.query.get("host", "localhost"))
    return f"{host}:{place.port}/{place.database}" if place.port else f"{host}/{place.database}"


def _sqlite(place: URL) -> Engine:
    file = _file(place)
    pool: dict[str, Any] = {"poolclass": StaticPool}
    if file is not None:
        pool = {"pool_size": POOL_SIZE, "max_overflow": POOL_OVERFLOW}
        if file.is_dir():
            raise StorageError(f"{file} is a folder; name a file in it, as in sqlite:///{file}/monitor.db")
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(f"cannot make the folder {file.parent} for the database: {error.strerror}") from error
    engine = create_engine(
        place,
        connect_args={"timeout": BUSY_TIMEOUT_S, "check_same_thread": False},
        hide_parameters=True,  # they hold what people are told, and would end up in logs
        **pool,
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # BEGIN is ours: the driver's own would come late, and never before DDL
        connection.execute("PRAGMA journal_mode = WAL")  # readers and the writer do not wait for each other
        connection.execute("PRAGMA foreign_keys = ON")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A plain BEGIN takes the write lock at its first write, and fails at once if others wrote since its first
        # read: 600 of 800 such transactions, where IMMEDIATE failed in none.
        options = connection.get_execution_options()
        reads = options.get("monitor_reads", False)
        # FULL waits for the disk at each commit, 3.2 ms against 0.03 ms; a poll can do without.
        wanted = {"query_only": int(reads), "synchronous": "FULL" if options.get("monitor_durable") else "NORMAL"}
        for pragma, value in wanted.items():
            if connection.info.get(pragma) != value:
                connection.exec_driver_sql(f"PRAGMA {pragma} = {value}")
                connection.info[pragma] = value
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine


def _postgresql(place: URL) -> Engine:
    if "connect_timeout" not in place.query:
        place = place.update_query_dict({"connect_timeout": str(CONNECT_TIMEOUT_S)})
    try:
        return create_engine(
            place, pool_size=POOL_SIZE, max_overflow=POOL_OVERFLOW, pool_pre_ping=True, hide_parameters=True
        )
    except ModuleNotFoundError as error:
        raise StorageError("PostgreSQL needs psycopg: pip install 'storyline-monitor[postgres]'") from error


def _file(place: URL) -> Path | None:
    """The database's file; None in memory."""
    return Path(place.database) if place.database and place.database != ":memory:" else None


@contextmanager
def _stating(engine: Engine) -> Iterator[None]:
    """Say what is wrong with the database in our own words."""
    try:
        yield
    except IntegrityError as error:
        raise StorageError(f"nothing was stored, another transaction came first: {_line(error)}") from error
    except UNUSABLE as error:
        raise StorageError(f"cannot use the database at {_name(engine.url)}: {_line(error)}") from error


def _line(error: Exception) -> str:
    """The driver's own words, on one line."""
    return " ".join(str(getattr(error, "orig", None) or error).split())


# --- Schema -----------------------------------------------------------------------------------------------------------


def _bring_up_to_date(engine: Engine) -> None:
    """Make the tables of a fresh database, take the missing steps of an older one, refuse a newer one.

    One process at a time, from the first look on: SQLite goes over to WAL then, and that fails beside a reader.
    """
    with _upgrading(engine):
        revision = _revision(engine)
        if revision is None:
            with engine.begin() as connection:
                create_tables(connection)
                alembic_version.create(connection, checkfirst=True)
                connection.execute(insert(alembic_version).values(version_num=HEAD))
        elif revision > HEAD:
            raise StorageError(
                f"the database at {_name(engine.url)} has schema {revision}, and this release knows up to {HEAD}: "
                "install the newer release that made it, or restore the backup from before the upgrade"
            )
        elif revision < HEAD:
            from monitor.storage.migrations import upgrade

            if file := _file(engine.url):  # PostgreSQL's owner makes a backup with the release that is going
                Store(engine).vacuum_into(_free(file.with_name(f"{file.name}.before-{HEAD}")))
            with engine.connect() as connection:
                upgrade(connection)


def _free(file: Path) -> Path:
    """This name, or with a number after it where it is taken: an earlier try may have been cut short."""
    names = (file.with_name(f"{file.name}{suffix}") for suffix in chain([""], (f".{n}" for n in count(1))))
    return next(name for name in names if not name.exists())


@contextmanager
def _upgrading(engine: Engine) -> Iterator[None]:
    with _stating(engine), locked(engine, "upgrade", wait_s=UPGRADE_TIMEOUT_S) as held:
        if not held():
            raise StorageError("another process has been upgrading this database for too long; stop it and try again")
        yield


def _revision(engine: Engine) -> str | None:
    """The last step taken, as stored; None in a fresh database."""
    with engine.connect().execution_options(**READS) as connection:
        if not inspect(connection).has_table(alembic_version.name):
            return None
        return connection.execute(select(alembic_version.c.version_num)).scalar()
