"""A disk that is full, and free again: nothing is taken for stored that was not, and the watch goes on by itself."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event

from monitor.app import register, wire
from monitor.config.models import Config
from monitor.feeds.isolation import Parser
from monitor.pipeline import Tools
from monitor.scheduling import compose_due, deliver_due, poll_safely
from monitor.storage import feeds
from monitor.storage.store import Store
from tests.servers import SECRET, Desk, Site, rss
from tests.test_pipeline import NOON, STORY


@pytest.fixture
def tools(tmp_path: Path, site: Site, desk: Desk) -> Iterator[Tools]:
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
    with Store.open(f"sqlite:///{tmp_path}/monitor.db") as store, Parser() as parser:
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


def test_a_full_disk_stops_nothing_and_loses_nothing(tools: Tools, site: Site, desk: Desk):
    site.documents["/feed.xml"] = rss("Cats")
    ticks(tools, 0)
    limit(tools.store, pages=0)
    long = "and much more of it, as on every page that fills a disk " * 500
    site.documents["/feed.xml"] = rss("Arden bridge delayed", *(f"Dogs {n} {long}" for n in range(40)), "Cats")
    ticks(tools, 2)
    assert desk.received == []
    limit(tools.store, pages=100_000)
    ticks(tools, 4)
    ticks(tools, 5)
    assert desk.titles == ["Arden bridge delayed"]
    with tools.store.read() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
