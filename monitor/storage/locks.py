"""Locks between processes on one database: the operating system or the server lets go of them when a process dies."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy import Connection, Engine, NullPool, create_engine, func, select
from sqlalchemy.exc import DBAPIError, OperationalError

from monitor.errors import StorageError

#: Advisory locks are numbers that all programs on one PostgreSQL database share: "monitor" in ASCII, and ours.
NUMBERS = {"instance": 0x6D6F6E69746F7201, "upgrade": 0x6D6F6E69746F7202, "clock": 0x6D6F6E69746F7203}

#: A holder of the lock "clock" that does not ask for so long whether it is held stands still, and loses it.
STANDSTILL_S = 10

#: Answers whether the lock is held, now.
Held = Callable[[], bool]


@contextmanager
def locked(engine: Engine, purpose: str, *, wait_s: int = 0, shared: bool = False) -> Iterator[Held]:
    """Hold the lock of that name on this database, if nobody else has it for longer than ``wait_s``.

    shared  others that ask so may hold it as well; for PostgreSQL, where several processes work together
    """
    if engine.dialect.name == "postgresql":
        standstill_s = STANDSTILL_S if purpose == "clock" else 0
        lock = ServerLock(engine, NUMBERS[purpose], shared=shared, standstill_s=standstill_s)
        try:
            lock.take(wait_s)
            yield lock.held
        finally:
            lock.release()
        return
    file = engine.url.database
    if not file or file == ":memory:":
        yield lambda: True
        return
    with _file_lock(Path(file), purpose, wait_s) as got:
        yield lambda: got


class ServerLock:
    """A lock of the server's, on a connection of its own that nobody else uses or recycles. It goes with it.

    standstill_s  after so long without a question the server cuts the connection; 0: never
    """

    def __init__(self, engine: Engine, number: int, *, shared: bool, standstill_s: int = 0) -> None:
        self._engine = create_engine(engine.url, poolclass=NullPool, isolation_level="AUTOCOMMIT", hide_parameters=True)
        self._number = number
        self._standstill_s = standstill_s
        self._suffix = "_shared" if shared else ""
        self._connection: Connection | None = None
        self._turn = threading.Lock()

    def take(self, wait_s: int = 0) -> None:
        """Try to have it; ``held`` says whether that went well. DBAPIError: the server does not answer."""
        connection = self._engine.connect()
        try:
            if self._standstill_s:
                connection.exec_driver_sql(f"SET idle_session_timeout = '{self._standstill_s}s'")
            if self._got(connection, wait_s):
                self._connection = connection
        finally:
            if self._connection is not connection:
                connection.close()

    def held(self) -> bool:
        """Whether it is ours. One that was lost with its connection is taken again, if it is still free."""
        with self._turn:
            if self._connection is None:
                return False
            try:
                self._connection.execute(select(1))
            except DBAPIError:
                self.release()
                try:
                    self.take()
                except DBAPIError:
                    return False
            return self._connection is not None

    def release(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _got(self, connection: Connection, wait_s: int) -> bool:
        if not wait_s:
            attempt = getattr(func, f"pg_try_advisory_lock{self._suffix}")(self._number)
            return bool(connection.execute(select(attempt)).scalar())
        connection.exec_driver_sql(f"SET lock_timeout = '{wait_s}s'")
        try:
            connection.execute(select(getattr(func, f"pg_advisory_lock{self._suffix}")(self._number)))
        except OperationalError:
            return False
        return True


@contextmanager
def _file_lock(file: Path, purpose: str, wait_s: int) -> Iterator[bool]:
    lock = FileLock(file.with_name(f"{file.name}.{purpose}.lock"))
    try:
        lock.acquire(timeout=wait_s)
    except Timeout:
        yield False
        return
    except OSError as error:
        raise StorageError(f"cannot make the lock file {lock.lock_file}: {error.strerror}") from error
    try:
        yield True
    finally:
        lock.release()
