"""A database that cannot be written for a while: nothing is taken for stored that was not, and it goes on by itself."""

from __future__ import annotations

import resource
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event

from monitor.app import register, wire
from monitor.config.models import Config
from monitor.feeds.isolation import Parser
from monitor.logs import configure
from monitor.pipeline import Tools
from monitor.scheduling import compose_due, deliver_due, poll_safely
from monitor.storage import feeds
from monitor.storage.store import Store
from tests.servers import SECRET, Desk, Site, rss
from tests.test_pipeline import NOON, STORY


@pytest.fixture
def tools(tmp_path: Path, site: Site, desk: Desk, parser: Parser) -> Iterator[Tools]:
    config = Config.model_validate(
        {
            "network": {"allow": ["127.0.0.1/32"]},
            "polling": {"interval": "1h"},
            "feeds": [{"url": f"{site.base}/feed.xml"}],
            "channels": [{"id": "desk", "type": "webhook", "url": f"{desk.base}/hook", "secret": SECRET}],
            "digests": [{"id": "hourly", "story": "bridge", "channels": ["desk"], "schedule": "0 * * * *"}],
            "stories": [STORY],
        }
    )
    with Store.open(f"sqlite:///{tmp_path}/monitor.db") as store:
        tools = wire(config, store, parser)
        register(tools, NOON)
        yield tools


def limit(store: Store, pages: int) -> None:
    """Let the file grow by so many pages at most, on every connection that is open or comes."""
    store.engine.dispose()

    @event.listens_for(store.engine, "connect")
    def _limit(connection, _record) -> None:
        size = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {size + pages}")


def ticks(tools: Tools, hours: int) -> None:
    stop, now = threading.Event(), NOON + timedelta(hours=hours)
    with tools.store.read() as connection:
        (feed,) = feeds.listed(connection)
    stopped = threading.Event()
    stopped.set()  # a full disk is waited for, but not in a test
    poll_safely(feed, tools, now, stopped)
    compose_due(tools, lambda: now)
    deliver_due(tools, lambda: now, stop)


LONG = "and much more of it, as on every page that fills a disk " * 500


@contextmanager
def full(tools: Tools) -> Iterator[None]:
    """The file may not grow."""
    limit(tools.store, pages=0)
    yield
    limit(tools.store, pages=100_000)


@contextmanager
def failing(tools: Tools) -> Iterator[None]:
    """Whoever writes beyond the first page of a file gets an error from the system, as from a broken disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@contextmanager
def locked(tools: Tools) -> Iterator[None]:
    """Somebody else holds the write lock, longer than anybody waits for it."""

    @event.listens_for(tools.store.engine, "connect")
    def _impatient(connection, _record) -> None:
        connection.execute("PRAGMA busy_timeout = 50")

    tools.store.engine.dispose()
    other = sqlite3.connect(str(tools.store.engine.url.database), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    yield
    other.execute("ROLLBACK")
    other.close()


@pytest.mark.parametrize("sick", [full, failing, locked])
def test_a_database_that_takes_nothing_stops_nothing_and_loses_nothing(
    sick: Callable[[Tools], AbstractContextManager[None]],
    tools: Tools,
    site: Site,
    desk: Desk,
):
    configure(sys.stderr, level="CRITICAL", fmt="text")  # what goes wrong would be told at length
    site.documents["/feed.xml"] = rss("Cats")
    ticks(tools, 0)
    with sick(tools):
        site.documents["/feed.xml"] = rss("Arden bridge delayed", *(f"Dogs {n} {LONG}" for n in range(40)), "Cats")
        ticks(tools, 2)
        with tools.store.read() as connection:
            (feed,) = feeds.listed(connection)
        assert feed.state.last_poll_at == NOON
    assert desk.received == []
    ticks(tools, 4)
    ticks(tools, 5)
    assert desk.titles == ["Arden bridge delayed"]
    with tools.store.read() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
